"""Backups and exports: one sealed file, written and read in bounded memory."""
