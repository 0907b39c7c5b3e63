"""The schema's types, queries and mutations, by capability."""
