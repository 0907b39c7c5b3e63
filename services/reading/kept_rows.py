"""Rows that are named again and again, each read once."""

from collections.abc import Collection, Mapping
from typing import Any

MOST_KEPT = 1_000
"""Rows that are kept: an export names everybody there is, page by page."""


class KeptRows:
    """Rows by their ids, so many and no more."""

    def __init__(self) -> None:
        self._rows: dict[str, Any] = {}

    def among(self, ids: Collection[str]) -> dict[str, Any]:
        """Those that are kept of these ids."""
        return {one: self._rows[one] for one in ids if one in self._rows}

    def keep(self, rows: Mapping[str, Any]) -> None:
        """Keeps these by their ids, unless all together are too many."""
        if len(self._rows.keys() | rows.keys()) <= MOST_KEPT:
            self._rows |= rows
