"""Doors beside GraphQL and the pages: health, metrics, the feed, the schema, imports and files."""
