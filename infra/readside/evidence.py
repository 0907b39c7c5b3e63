"""All that the figures of a partner are made of, as its log knew it at a position."""

from uuid import UUID
from zoneinfo import ZoneInfo

from domain.kpi.evaluation import Evidence
from domain.kpi.scheme.versions import Scheme
from infra.readside.time_travel import TimeTravel
from projections.figures.newcomers import NEWCOMERS
from projections.figures.schemes import SCHEMES
from projections.teaching.cohorts import COHORTS
from projections.teaching.sessions import SESSIONS


async def read_evidence(
    travel: TimeTravel, tenant_id: UUID, position: int, zone: str, *, from_log: bool = False
) -> Evidence:
    """The same whenever it is read, and however: from_log trusts no read model.

    Raises what a projection raises for an event that it cannot digest.
    """
    rows_of = travel.fold if from_log else travel.state
    newcomers, _ = await rows_of(tenant_id, NEWCOMERS, position)
    classes, _ = await rows_of(tenant_id, SESSIONS, position)
    schemes, _ = await rows_of(tenant_id, SCHEMES, position)
    cohorts, _ = await rows_of(tenant_id, COHORTS, position)
    return Evidence(
        newcomers=[row.facts for row in newcomers],
        classes=[row.facts for row in classes],
        scheme=Scheme(tuple(row.version for row in schemes)),
        handovers={row.code: row.handovers for row in cohorts},
        zone=ZoneInfo(zone),
    )
