"""The partner (渠道商), which is the tenant."""
