"""Accounts, tokens and sessions on PostgreSQL."""
