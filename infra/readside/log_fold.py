"""A projection's rows in memory while its log goes by, in stretches of any length."""

from typing import Generic, TypeVar
from uuid import UUID

import asyncpg
import msgspec

from infra.log.feed import Feed
from infra.readside.folding import Past, ProjectionFold, Rows, overwritten
from projections.kernel.projection import Projection

R = TypeVar("R", bound=msgspec.Struct)

STRETCH = 10_000
"""Positions that are read at a time."""


class LogFold(Generic[R]):
    """rows, position: what there is and where it stands, to begin with and after each advance.

    past: what the projection's past keeps of the way that was gone.
    """

    def __init__(
        self,
        feed: Feed,
        tenant_id: UUID,
        projection: Projection[R],
        rows: Rows[R] | None = None,
        position: int = 0,
    ) -> None:
        self._feed, self._tenant_id, self._projection = feed, tenant_id, projection
        self.rows: Rows[R] = {} if rows is None else rows
        self.past: Past[R] = {}
        self.position = position

    def list_rows(self) -> list[R]:
        """The rows that there are."""
        return [row for row in self.rows.values() if row is not None]

    async def advance(self, connection: asyncpg.Connection, until: int) -> None:
        """Folds up to a position; raises what the projection raises."""
        projection = self._projection
        while self.position < until:
            upto = projection.reach(self.position, min(self.position + STRETCH, until))
            entries = await self._feed.read(
                connection,
                self._tenant_id,
                after=self.position,
                until=upto,
                topics=projection.topics,
                personal=projection.personal,
                envelope=projection.envelope,
            )
            self._fold(ProjectionFold(projection, entries))
            self.position = upto

    def _fold(self, folding: ProjectionFold[R]) -> None:
        as_of = self._projection.state_before(self.position)
        before = {key: self.rows.get(key) for key in folding.keys} if as_of else {}
        folding.apply(self.rows)
        if folding.stop:
            raise folding.stop.error
        for key, row in overwritten(before, self.rows, as_of).items():
            self.past[(as_of, *key)] = row
