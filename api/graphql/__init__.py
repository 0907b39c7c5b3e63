"""The GraphQL door: one module per capability, assembled in schema.py.

Documents are parsed, checked against the limits and against the caller's permissions before any
resolver runs.
"""
