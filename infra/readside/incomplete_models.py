"""Which read models lack something that was recorded, for whoever shows what they say."""

from collections.abc import Collection
from contextlib import suppress
from time import monotonic
from uuid import UUID

from domain.kernel.errors import Refusal
from infra.database.db import Database
from infra.database.retries import DATABASE_ERRORS
from infra.readside.checkpoints import list_parked, list_skips
from projections import PROJECTIONS

LASTS = 1.0
"""Seconds between two looks. The first request after them waits for the next one; those that come
meanwhile are told what was read before."""


class IncompleteModels:
    """Those of all tenants that are parked or pass over a command, as they were read last: longer
    ago than a second where nobody has asked, or the database fails."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._looked_at = -LASTS
        self._found: Collection[tuple[UUID, str]] = ()

    async def warning(self, tenant_id: UUID) -> Refusal | None:
        """`read_model_incomplete` with the tenant's `models`, if there are any."""
        if monotonic() - self._looked_at >= LASTS:
            self._looked_at = monotonic()
            with suppress(*DATABASE_ERRORS):
                await self.look()
        if not self._found:
            return None
        lacking = (one for one in PROJECTIONS if (tenant_id, one.checkpoint) in self._found)
        models = [f"read_model.{one.name}" for one in lacking]
        return Refusal("read_model_incomplete", models=models) if models else None

    async def look(self) -> None:
        """Reads which there are."""
        parked, skips = await list_parked(self._db), await list_skips(self._db)
        self._found = {(one.tenant_id, one.consumer) for one in parked} | {
            (one.tenant_id, one.consumer) for one in skips
        }
