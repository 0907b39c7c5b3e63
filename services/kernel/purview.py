"""The purview of a right: the ids by which it is known whether it holds of a thing.

The scopes of a right (scopes.py) are said of whoever has it; a purview is asked of rows, statements
and figures (services/reading/purviews.py).
"""

from collections.abc import Iterable
from functools import reduce

import msgspec

from services.kernel.scopes import Ids


class Purview(msgspec.Struct, frozen=True):
    """What is within: whatever belongs to any of these.

    persons: it is about them. managers: they are in charge of whom it is about. cohorts, sessions:
    it is of them. plans: it is one of these batches, or a class of one, and nobody in it. That of a
    right over everything is None.
    """

    persons: Ids = frozenset()
    managers: Ids = frozenset()
    cohorts: Ids = frozenset()
    sessions: Ids = frozenset()
    plans: Ids = frozenset()

    def within(self, of: "Purview") -> bool:
        """Whether a thing is within. of: what it belongs to."""
        return any(not mine.isdisjoint(its) for mine, its in zip(self._all, of._all, strict=True))

    @property
    def _all(self) -> tuple[Ids, ...]:
        return msgspec.structs.astuple(self)


NOTHING = Purview()


def merged(purviews: Iterable[Purview | None]) -> Purview | None:
    """What is within any of these; everything where one of them is None."""

    def either(one: Purview | None, other: Purview | None) -> Purview | None:
        if one is None or other is None:
            return None
        return Purview(*(mine | its for mine, its in zip(one._all, other._all, strict=True)))

    nothing: Purview | None = NOTHING
    return reduce(either, purviews, nothing)
