"""The servers and processes of one installation, and their examination."""
