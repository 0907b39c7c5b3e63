"""The servers and processes of one installation, and what may be wrong with them."""
