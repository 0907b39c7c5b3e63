"""The content of a report: the partner's log, folded up to the position that it is pinned to.

The tables of projections may be ahead of that position or behind it; the log reads the same each
time.
"""

import asyncio
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from domain.kernel.errors import NotFoundError
from domain.reporting.report import Report
from domain.trainees.trainee import Trainee
from infra.app import App
from infra.log.tenant_log import TenantLog
from services.reading.evidence import evidence_at
from services.reporting.workbook.content import (
    Content,
    Record,
    ReportBasis,
    completed,
    month_content,
)

_REQUEST = """
    select position, recorded_at from events
    where tenant_id = $1 and stream_id = $2 and version = 1
"""
_RECORDS = """
    select position, topic, recorded_at, actor, source::text as source from events
    where tenant_id = $1 and position = any($2::bigint[]) order by position
"""


async def read_content(app: App, tenant_id: UUID, report: Report) -> Content:
    """Raises NotFoundError `report_unknown`, and what a projection raises for an event that it
    cannot digest."""
    async with app.db.tenant(tenant_id) as connection:
        request = await connection.fetchrow(_REQUEST, tenant_id, report.id)
    if request is None:
        raise NotFoundError("report_unknown")
    partner = await app.accounts.partner_of(tenant_id)
    position: int = request["position"]
    recorded_at: datetime = request["recorded_at"]
    evidence = await evidence_at(app.time_travel, tenant_id, position, partner.zone)
    pinned = ReportBasis(
        partner=partner.name,
        month=report.month,
        happened_by=report.happened_by,
        position=position,
        requested_at=recorded_at,
        zone=partner.zone,
    )
    content = await asyncio.to_thread(month_content, pinned, evidence)
    async with app.db.tenant(tenant_id) as connection:
        records = await connection.fetch(_RECORDS, tenant_id, content.explanation.positions)
    names = await app.accounts.names_of(tenant_id, list({row["actor"] for row in records}))
    people = await _names(app.log, tenant_id, content.explanation.people, recorded_at)
    return completed(content, people, [_record(row, names) for row in records])


async def _names(
    log: TenantLog, tenant_id: UUID, trainee_ids: list[str], known_by: datetime
) -> dict[str, str]:
    """Trainees' names by id, as corrected by then; erased ones are left out."""
    streams = await asyncio.gather(*(log.load(tenant_id, one) for one in trainee_ids))
    return {
        event.originator_id: event.name
        for stream in streams
        for event in stream
        if isinstance(event, Trainee.Enrolled | Trainee.EnrolmentCorrected)
        and event.name
        and event.timestamp <= known_by
    }


def _record(row: asyncpg.Record, names: dict[str, str]) -> Record:
    source = msgspec.json.decode(row["source"])
    actor = names.get(row["actor"], row["actor"])
    return Record(row["position"], row["topic"], row["recorded_at"], actor, source)
