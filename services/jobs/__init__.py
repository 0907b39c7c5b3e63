"""Work under way and the files that come of it."""
