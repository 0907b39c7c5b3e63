"""All that the figures of a partner are made of, as its read models have it."""

from zoneinfo import ZoneInfo

from domain.kpi.evaluation import Evidence
from domain.values import Month
from projections.cohorts import COHORTS, list_handovers
from projections.newcomers import NEWCOMERS, list_newcomers
from projections.projection import Connection
from projections.schemes import SCHEMES, get_scheme
from projections.sessions import SESSIONS, list_classes

SOURCES = (NEWCOMERS, SESSIONS, SCHEMES, COHORTS)
"""Where all of it stands: of one state while they all show the same position."""


async def get_evidence(
    connection: Connection,
    zone: ZoneInfo,
    *,
    cohort: str | None = None,
    month: Month | None = None,
) -> Evidence:
    """Whole batches, with a cohort (its code) or month all that may belong to it."""
    return Evidence(
        await list_newcomers(connection, cohort=cohort, month=month),
        await list_classes(connection, cohort=cohort, month=month),
        await get_scheme(connection),
        await list_handovers(connection),
        zone,
    )
