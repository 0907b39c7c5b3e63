"""All that the figures of a partner are made of, as its read models have it."""

from uuid import UUID
from zoneinfo import ZoneInfo

from domain.kernel.values import Month
from domain.kpi.evaluation import Evidence
from projections.figures.newcomers import NEWCOMERS, list_newcomers
from projections.figures.schemes import SCHEMES, get_scheme
from projections.kernel.projection import Connection
from projections.teaching.cohorts import COHORTS, list_handovers
from projections.teaching.sessions import SESSIONS, list_classes

SOURCES = (NEWCOMERS, SESSIONS, SCHEMES, COHORTS)
"""Where all of it stands: of one state while they all show the same position."""


async def get_evidence(
    connection: Connection,
    tenant_id: UUID,
    zone: ZoneInfo,
    *,
    cohort: str | None = None,
    month: Month | None = None,
) -> Evidence:
    """Whole batches, with a cohort (its code) or month all that may belong to it."""
    return Evidence(
        await list_newcomers(connection, tenant_id, cohort=cohort, month=month),
        await list_classes(connection, tenant_id, cohort=cohort, month=month),
        await get_scheme(connection, tenant_id),
        await list_handovers(connection, tenant_id),
        zone,
    )
