"""What all pages are made of: rendering, reader, cookies, charts, words."""
