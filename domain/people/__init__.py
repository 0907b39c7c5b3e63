"""Who takes part: the partner (渠道商), which is the tenant."""
