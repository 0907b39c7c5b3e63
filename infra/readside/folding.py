"""Folding the log into a projection's rows in memory: the same for the tables, for a rebuild and
for time travel.
"""

import gc
import re
from collections.abc import Iterable
from typing import Any, Generic, Self, cast

import msgspec

from domain.kernel.aggregate import Recorded
from domain.kernel.errors import Refusal
from infra.database.db import TenantConnection
from infra.log.feed import Feed, FeedEntry, Unreadable
from infra.readside.skipped import Stretches, read_skipped, without
from projections.kernel.projection import Key, Projection, R

POSITIONS_AT_A_TIME = 1_000
"""How many a LogFold reads and folds before others get their turn: 11 to 18 ms of the processor,
and 40 once (decisions/0038)."""

Rows = dict[Key, R | None]
"""Rows by key; None: no such row (any more)."""

Past = dict[Key, R]
"""Rows as they stood up to a multiple of the projection's `past_every`, by it and their key."""


_FIELD = re.compile(r" - at `(\$[\w.\[\]]*)`$")
"""How msgspec ends what it says of a field; what it says before may hold the value."""


class Stop(msgspec.Struct, frozen=True):
    """Where a consumer could not go on, and the error, which may hold business data. topic: of the
    event there, where it is known."""

    position: int
    error: Exception
    topic: str = ""

    @property
    def kind(self) -> str:
        """A refusal's code, else the name of the error's class, with the event's topic and the
        field that cannot be read, where they are known: no business data."""
        error = self.error
        kind = error.code if isinstance(error, Refusal) else type(error).__name__
        field = isinstance(error, msgspec.ValidationError) and _FIELD.search(str(error))
        where = [part for part in (self.topic, field and field[1]) if part]
        return f"{kind} ({' '.join(where)})" if where else kind


class ProjectionFold(Generic[R]):
    """The fold of a stretch of the feed into one projection's rows. skipped: what it leaves out."""

    def __init__(
        self, projection: Projection[R], entries: Iterable[FeedEntry], skipped: Stretches
    ) -> None:
        self.projection = projection
        self.stop: Stop | None = None
        self._steps: list[tuple[Key, Recorded]] = []
        self._choose(without(entries, skipped))

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
                self.stop = Stop(recorded.position, error, recorded.event.TOPIC)
                return

    def _choose(self, entries: Iterable[FeedEntry]) -> None:
        topics, key_of, steps = self.projection.topics, self.projection.key, self._steps
        for entry in entries:
            if type(entry) is Unreadable:
                if entry.topic in topics:
                    self.stop = Stop(entry.position, entry.error, entry.topic)
                    return
            elif entry.event.TOPIC in topics:
                try:
                    key = key_of(entry)
                except Exception as error:
                    self.stop = Stop(entry.position, error, entry.event.TOPIC)
                    return
                if key is not None:
                    steps.append((key, entry))


class LogFold(Generic[R]):
    """A projection's rows in memory while a tenant's log goes by, in stretches of any length.

    Made by `begin`.

    skipped: what it passes over. rows, position: to begin with, and after each advance. past: the
    rows that were overwritten on the way, for the projection's past. stop: where an event stopped
    it, if one did.
    """

    def __init__(
        self,
        feed: Feed,
        projection: Projection[R],
        skipped: Stretches,
        rows: Rows[R] | None = None,
        position: int = 0,
    ) -> None:
        self._feed, self._projection = feed, projection
        self.skipped = skipped
        self.rows: Rows[R] = {} if rows is None else rows
        self.past: Past[R] = {}
        self.position = position
        self.stop: Stop | None = None

    @classmethod
    async def begin(
        cls,
        tenant: TenantConnection,
        feed: Feed,
        projection: Projection[R],
        rows: Rows[R] | None = None,
        position: int = 0,
    ) -> Self:
        """Begins from nothing, or from the rows of a position."""
        skipped = await read_skipped(tenant, projection.checkpoint)
        return cls(feed, projection, skipped, rows, position)

    def list_rows(self) -> list[R]:
        """The rows that there are."""
        return [row for row in self.rows.values() if row is not None]

    async def advance(self, tenant: TenantConnection, until: int) -> None:
        """Folds up to a position; raises what the projection raises."""
        projection = self._projection
        while self.position < until:
            upto = projection.reach(self.position, min(self.position + POSITIONS_AT_A_TIME, until))
            entries = await self._feed.read(
                tenant, projection.selection, after=self.position, until=upto
            )
            self.add(entries)
            self.position = upto

    def add(self, entries: Iterable[FeedEntry]) -> None:
        """Folds some entries; raises what the projection raises."""
        folding = ProjectionFold(self._projection, entries, self.skipped)
        as_of = self._projection.state_before(self.position)
        before = {key: self.rows.get(key) for key in folding.keys} if as_of else {}
        folding.apply(self.rows)
        self.stop = folding.stop
        if folding.stop:
            raise folding.stop.error
        for key, row in overwritten(before, self.rows, as_of).items():
            self.past[(as_of, *key)] = row


def overwritten(before: Rows[R], rows: Rows[R], as_of: int) -> dict[Key, R]:
    """The rows of `before` that a fold changed for the first time since a position."""
    return {
        key: was
        for key, was in before.items()
        if was is not None and rows[key] is not was and cast(Any, was).position <= as_of
    }


def tune_garbage_collector() -> None:
    """Collects cycles seldom, and never again among the objects of now.

    For processes that project, import, or answer from the past: their rows and events make no
    cycles, and looking for them cost a third of the time.
    """
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)
