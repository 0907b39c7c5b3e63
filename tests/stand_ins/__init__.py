"""Servers of others, as their documentation describes them, on this machine."""
