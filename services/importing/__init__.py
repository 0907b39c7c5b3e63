"""Sheets to commands: reading headings and values, mapping files, the dry run, the import."""
