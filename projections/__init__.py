"""The read side: one file per question, and this list of them.

A file holds the question in its docstring, the row, the declaration (key, evolve) and the queries.
May import the domain; connections come in as arguments.
"""
