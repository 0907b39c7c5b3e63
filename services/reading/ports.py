"""The ports of reading, as protocols; the adapters are in infra/."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

import msgspec

from projections.kernel.projection import Projection, TenantTables

R = TypeVar("R", bound=msgspec.Struct)

KnownBy = datetime | int | None
"""By when something was recorded: an instant, or a position in the tenant's log; None: by now."""


class Tables(Protocol):
    """The read models as they are stored. Implemented by infra/database/db.py."""

    def tenant(self, tenant_id: UUID) -> AbstractAsyncContextManager[TenantTables]:
        """A transaction that sees one tenant's rows."""

    def snapshot(self, tenant_id: UUID) -> AbstractAsyncContextManager[TenantTables]:
        """A tenant's transaction in which every statement sees the rows of one instant."""

    def across(self) -> AbstractAsyncContextManager[Any]:
        """A transaction that sees the positions of every tenant's read models, and no data."""

    def head_office(self) -> AbstractAsyncContextManager[Any]:
        """A transaction that sees what head office may see of all partners."""


class Travel(Protocol):
    """Read models as they were known earlier. Implemented by infra/readside/time_travel.py.

    Each way answers the rows and the position that they show, and raises what the projection raises
    for an event that it cannot digest.
    """

    async def position(self, tenant_id: UUID, known_by: KnownBy = None) -> int:
        """The last position that was known by then."""

    async def end_of(self, tenant_id: UUID, position: int) -> int:
        """The position where the command ends whose event is at a position."""

    async def recorded_at(self, tenant_id: UUID, position: int) -> datetime | None:
        """When the last event up to a position was recorded; None where there is none."""

    async def fold(
        self, tenant_id: UUID, projection: Projection[R], known_by: KnownBy = None
    ) -> tuple[list[R], int]:
        """From the log alone, in the order in which the rows first came."""

    async def state(
        self, tenant_id: UUID, projection: Projection[R], known_by: KnownBy = None
    ) -> tuple[list[R], int]:
        """The rows in the order of their keys, from the nearest state that is kept."""

    async def fold_streams(
        self,
        tenant_id: UUID,
        projection: Projection[R],
        stream_ids: Sequence[str],
        known_by: KnownBy = None,
        *,
        shown_by: Projection[Any] | None = None,
    ) -> tuple[list[R], int]:
        """The rows of these streams, for a projection that makes each row of one stream. shown_by:
        the read model that has come to the position, where known_by does not say it."""
