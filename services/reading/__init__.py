"""Answering questions from read models: figures, people, classes, lists; now and at any moment.

The only part of services that may import projections; GraphQL, pages, command line and workers ask
here. What reaches the tables and the log's past is handed in (ports.py).
"""
