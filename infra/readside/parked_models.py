"""Which read models are parked, for whoever shows what they say."""

from collections.abc import Collection
from contextlib import suppress
from time import monotonic
from uuid import UUID

from domain.kernel.errors import Refusal
from infra.database.db import Database
from infra.database.retries import DATABASE_ERRORS
from infra.readside.checkpoints import list_parked
from projections import PROJECTIONS

LASTS = 1.0
"""Seconds for which is believed what was read: no request waits for a look of its own."""


class ParkedModels:
    """Of all tenants, as it was a second ago at most."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._read_at = -LASTS
        self._parked: Collection[tuple[UUID, str]] = ()

    async def warning(self, tenant_id: UUID) -> Refusal | None:
        """`read_model_parked` with the tenant's `models`, if there are any."""
        if monotonic() - self._read_at >= LASTS:
            self._read_at = monotonic()
            with suppress(*DATABASE_ERRORS):
                await self.look()
        if not self._parked:
            return None
        parked = (one for one in PROJECTIONS if (tenant_id, one.checkpoint) in self._parked)
        models = [f"read_model.{one.name}" for one in parked]
        return Refusal("read_model_parked", models=models) if models else None

    async def look(self) -> None:
        """Reads which there are."""
        self._parked = {(one.tenant_id, one.consumer) for one in await list_parked(self._db)}
