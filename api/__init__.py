"""The doors: HTTP, GraphQL, pages, command line. Nothing is decided here.

Of infra only the composition root (bootstrap) and the settings are known.
"""
