"""Folding entries of the feed into a projection's rows: in memory, pure, the same for the tables,
for a rebuild and for time travel.
"""

from collections.abc import Iterable
from typing import Any, Generic, TypeVar, cast

import msgspec

from domain.kernel.aggregate import Recorded
from domain.kernel.errors import Refusal
from infra.log.feed import Entry, Unreadable
from projections.kernel.projection import Key, Projection

R = TypeVar("R", bound=msgspec.Struct)

Rows = dict[Key, R | None]
"""Rows by key; None: no such row (any more)."""

Past = dict[Key, R]
"""Rows as they stood up to a multiple of the projection's `past_every`, by it and their key."""


class Stop(msgspec.Struct, frozen=True):
    """Where a consumer could not go on, and the error, which may hold business data."""

    position: int
    error: Exception

    @property
    def kind(self) -> str:
        """A refusal's code, else the name of the error's class: no business data."""
        return self.error.code if isinstance(self.error, Refusal) else type(self.error).__name__


class ProjectionFold(Generic[R]):
    """The fold of a stretch of the feed into one projection's rows."""

    def __init__(self, projection: Projection[R], entries: Iterable[Entry]) -> None:
        self.projection = projection
        self.stop: Stop | None = None
        self._steps: list[tuple[Key, Recorded]] = []
        self._choose(entries)

    @property
    def keys(self) -> set[Key]:
        """The rows that change."""
        return {key for key, _ in self._steps}

    def apply(self, rows: Rows[R]) -> None:
        """Evolves the rows, given as they were before, up to the first failure."""
        evolve = self.projection.evolve
        get = rows.get
        for key, recorded in self._steps:
            try:
                rows[key] = evolve(get(key), recorded)
            except Exception as error:
                self.stop = Stop(recorded.position, error)
                return

    def _choose(self, entries: Iterable[Entry]) -> None:
        topics, key_of, steps = self.projection.topics, self.projection.key, self._steps
        for entry in entries:
            if isinstance(entry, Unreadable):
                if entry.topic in topics:
                    self.stop = Stop(entry.position, entry.error)
                    return
            elif entry.event.TOPIC in topics:
                try:
                    key = key_of(entry)
                except Exception as error:
                    self.stop = Stop(entry.position, error)
                    return
                if key is not None:
                    steps.append((key, entry))


def overwritten(before: Rows[R], rows: Rows[R], as_of: int) -> dict[Key, R]:
    """The rows of `before` that a fold changed for the first time since a position."""
    return {
        key: was
        for key, was in before.items()
        if was is not None and rows[key] is not was and cast(Any, was).position <= as_of
    }
