"""Texts that several tests read."""

DAYS_BY_FOLDING = ["2026-06-1²", "2026-06-①", "2026-0⑥-12", "2026年㋅12日", "2026-06-𝟏2"]
"""Days that nobody wrote: the folding of compatibility forms makes their digits."""
