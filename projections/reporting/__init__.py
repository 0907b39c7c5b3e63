"""Read models of what was submitted."""
