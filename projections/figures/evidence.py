"""The evidence of a partner's figures, as its read models have it."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from domain.kernel.values import Month
from domain.kpi.evidence import Evidence
from domain.kpi.scheme.versions import Scheme
from projections.figures.newcomers import NEWCOMERS, KnownFacts, list_newcomers
from projections.figures.schemes import SCHEMES, get_scheme
from projections.kernel.projection import Projection, TenantTables
from projections.people.joinings import JOININGS, joined_of, list_joined
from projections.reporting.submissions import SUBMISSIONS, list_submitted
from projections.teaching.cohorts import COHORTS, handovers_of, list_handovers
from projections.teaching.sessions import SESSIONS, list_classes

SOURCES: tuple[Projection[Any], ...] = (
    NEWCOMERS,
    SESSIONS,
    SCHEMES,
    COHORTS,
    SUBMISSIONS,
    JOININGS,
)
"""Where all of it stands: of one state while they all show the same position."""


async def get_evidence(
    tenant: TenantTables,
    zone: ZoneInfo,
    *,
    cohort: str | None = None,
    month: Month | None = None,
    known: KnownFacts | None = None,
) -> Evidence:
    """The evidence of whole batches; of a cohort (its code) or month all that may belong to it.
    known: facts that were read before."""
    joined = await list_joined(tenant)
    return Evidence(
        newcomers=await list_newcomers(
            tenant, cohort=cohort, month=month, known=known, joined=joined
        ),
        classes=await list_classes(tenant, cohort=cohort, month=month),
        scheme=await get_scheme(tenant),
        handovers=await list_handovers(tenant, joined),
        zone=zone,
        submissions=await list_submitted(tenant),
        joined=joined,
    )


def evidence_of(rows: Mapping[str, Sequence[Any]], zone: ZoneInfo) -> Evidence:
    """The evidence of rows in memory. rows: of every source, by its name."""
    joined = joined_of(rows[JOININGS.name])
    return Evidence(
        newcomers=[row.facts.joined(joined) for row in rows[NEWCOMERS.name]],
        classes=[row.facts for row in rows[SESSIONS.name]],
        scheme=Scheme(tuple(row.version for row in rows[SCHEMES.name])),
        handovers=handovers_of(rows[COHORTS.name], joined),
        zone=zone,
        submissions=[row.submitted for row in rows[SUBMISSIONS.name]],
        joined=joined,
    )
