"""Partners and who may get in."""
