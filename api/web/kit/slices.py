"""A page of a list that is at hand as a whole: its rows, and where the next and the one before
begin."""

from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from msgspec import Struct

from api.web.kit.addresses import number_in

R = TypeVar("R")
PAGE = 50


class Slice(Struct, Generic[R], frozen=True):
    """Rows from `start` on, out of `total`; size: how many a page has."""

    rows: Sequence[R]
    start: int
    total: int
    size: int

    @property
    def stop(self) -> int:
        return self.start + len(self.rows)

    @property
    def before(self) -> int | None:
        """Where the page before begins; None on the first."""
        return max(0, self.start - self.size) if self.start else None

    @property
    def after(self) -> int | None:
        """Where the next page begins; None on the last."""
        return self.stop if self.stop < self.total else None


def slice_of(rows: Sequence[R], start: int = 0, size: int = PAGE) -> Slice[R]:
    """A page; a start beyond the end is the last page's."""
    last = max(0, len(rows) - 1) // size * size
    begin = min(start, last)
    return Slice(rows[begin : begin + size], begin, len(rows), size)


def start_of(query: Mapping[str, str]) -> int:
    """Where an address asks a page to begin: `from=50`."""
    return number_in(query.get("from") or "") or 0
