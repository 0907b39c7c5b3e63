"""Accounts, tokens, sessions and identities on PostgreSQL, and who vouches for the last."""
