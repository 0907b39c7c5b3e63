"""All that a partner's figures are made of, as its log knew it at a position."""

from collections.abc import Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.kpi.evidence import Evidence
from projections.figures.evidence import SOURCES, evidence_of
from projections.figures.newcomers import NEWCOMERS, NewcomerRow
from services.reading.ports import Travel


async def evidence_at(
    travel: Travel,
    tenant_id: UUID,
    position: int,
    zone: str,
    *,
    newcomers: Sequence[NewcomerRow] | None = None,
    from_log: bool = False,
) -> Evidence:
    """The evidence of a partner at a position: the same whenever and however it is read.

    newcomers: where theirs are at hand. from_log: trusts no read model. Raises what a projection
    raises for an event that it cannot digest.
    """
    rows_of = travel.fold if from_log else travel.state
    rows = {}
    for source in SOURCES:
        if source is NEWCOMERS and newcomers is not None:
            rows[source.name] = list(newcomers)
        else:
            rows[source.name], _ = await rows_of(tenant_id, source, position)
    return evidence_of(rows, ZoneInfo(zone))
