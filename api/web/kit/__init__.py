"""The parts that all pages share: rendering, the current user, cookies, charts, words."""
