"""The one door to PostgreSQL, and its migrations."""
