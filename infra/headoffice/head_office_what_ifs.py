"""Head office's what-ifs: kept once, and brought as jobs to the partners, a few at one time."""

from contextlib import suppress
from datetime import date
from typing import Any
from uuid import UUID, uuid5

import asyncpg
import msgspec
from msgspec.structs import asdict
from uuid_utils.compat import uuid7

from domain.kernel.errors import Refusal
from domain.people.partner import HEAD_OFFICE_ID
from infra.database.db import Database
from infra.work.jobs import insert_job
from services.jobs.behalf import Behalf
from services.jobs.jobs import JobQueue
from services.scheme.head_office import FOR_HEAD_OFFICE, PartnerAnswer, PartOrder, WhatIfForAll
from services.scheme.whatif import Chosen

AT_ONCE = 4
"""Partners whose parts are under way; else a thousand jobs would stand before everybody's own."""

NAMESPACE = UUID("3f0b7c52-9a6e-5d0e-8a53-2b1d6f0f6b6d")
"""Of the ids that follow from idempotency keys."""

Partners = list[tuple[UUID, int]]
"""Tenants and the positions that their answers are pinned to."""

HEADS = f"""
    select tenant_id, position from heads
    where position > 0 and tenant_id <> '{HEAD_OFFICE_ID}' order by tenant_id
"""  # noqa: S608 - an id of ours
_INSERT = """
    insert into head_office_what_ifs (id, asked, happened_by, partners, asked_by)
    values ($1, $2, $3, $4, $5) on conflict (id) do nothing
"""
_ASKED = "select asked, asked_by from head_office_what_ifs where id = $1"
_SELECT = """
    select id, asked, happened_by, asked_by ->> 'actor' as actor, requested_at,
        cancelled_at is not null as is_cancelled, jsonb_array_length(partners) as partners
    from head_office_what_ifs where id = $1
"""
PROGRESS = """
    select count(*) as begun,
        count(*) filter (where months is not null or error is not null) as answered,
        coalesce(sum(done), 0)::bigint as done
    from hq_what_ifs where what_if_id = $1
"""
ANSWERS = """
    select code, name, done, months, error
    from hq_what_ifs join tenants using (tenant_id)
    where what_if_id = $1 order by code limit $2 offset $3
"""
_CANCEL = """
    update head_office_what_ifs set cancelled_at = now() where id = $1 and cancelled_at is null
"""
UNANSWERED = """
    select tenant_id from hq_what_ifs where what_if_id = $1 and months is null and error is null
"""
_OPEN = """
    select id, partners, spread from head_office_what_ifs
    where cancelled_at is null and spread < jsonb_array_length(partners)
    order by requested_at limit 1
"""
UNDER_WAY = "select count(*) from jobs where due_at is not null and id = any($1::uuid[])"
_STILL_OPEN = """
    select asked, happened_by, asked_by, spread from head_office_what_ifs
    where id = $1 and cancelled_at is null for update
"""
_SPREAD = "update head_office_what_ifs set spread = $2 where id = $1"
_BEGIN = """
    insert into hq_what_ifs (tenant_id, what_if_id) values ($1, $2)
    on conflict (tenant_id, what_if_id) do nothing
"""
_TELL = """
    update hq_what_ifs set done = $3, months = coalesce($4, months), error = $5
    where tenant_id = $1 and what_if_id = $2
"""


class HeadOfficeWhatIfs:
    """The rows of services.scheme.head_office.WhatIfsForAll."""

    def __init__(self, db: Database, jobs: JobQueue) -> None:
        self._db = db
        self._jobs = jobs

    async def add(
        self, asked: Chosen, happened_by: date, asked_by: Behalf, key: str | None
    ) -> UUID:
        what_if_id = uuid7() if key is None else uuid5(NAMESPACE, key)
        async with self._db.across() as across:
            partners = [tuple(row) for row in await across.fetch(HEADS)]
        async with self._db.head_office() as connection:
            await connection.execute(_INSERT, what_if_id, asked, happened_by, partners, asked_by)
            first = await connection.fetchrow(_ASKED, what_if_id)
        by = msgspec.convert(first["asked_by"], Behalf)
        if (msgspec.convert(first["asked"], Chosen), by.actor) != (asked, asked_by.actor):
            raise Refusal("idempotency_key_reused", field="idempotency_key")
        return what_if_id

    async def get(self, what_if_id: UUID) -> WhatIfForAll | None:
        async with self._db.head_office() as connection:
            row = await connection.fetchrow(_SELECT, what_if_id)
            progress = await connection.fetchrow(PROGRESS, what_if_id)
        if row is None:
            return None
        return WhatIfForAll(**{**row, **progress, "asked": msgspec.convert(row["asked"], Chosen)})

    async def list_answers(
        self, what_if_id: UUID, *, first: int, after: int
    ) -> list[PartnerAnswer]:
        async with self._db.head_office() as connection:
            rows = await connection.fetch(ANSWERS, what_if_id, first, after)
        return [PartnerAnswer(**row) for row in rows]

    async def cancel(self, what_if_id: UUID) -> None:
        # Waits for parts that are being begun; afterwards none is.
        async with self._db.head_office() as connection:
            await connection.execute(_CANCEL, what_if_id)
        async with self._db.head_office() as connection:
            unanswered = await connection.fetch(UNANSWERED, what_if_id)
        for row in unanswered:
            with suppress(Refusal):  # It was faster.
                tenant_id = row["tenant_id"]
                await self._jobs.cancel_job(tenant_id, part_of(what_if_id, tenant_id))


async def dispatch_what_ifs(db: Database, across: asyncpg.Connection) -> int:
    """Begins the oldest what-if with so many partners that AT_ONCE are under way, and answers
    with how many; several may do so at once.

    across: of Database.across.
    """
    row = await across.fetchrow(_OPEN)
    if row is None:
        return 0
    what_if_id = row["id"]
    partners = msgspec.convert(row["partners"], Partners)
    begun = [part_of(what_if_id, tenant_id) for tenant_id, _ in partners[: row["spread"]]]
    room = AT_ONCE - await across.fetchval(UNDER_WAY, begun)
    if room < 1:
        return 0
    async with db.head_office() as connection:
        row = await connection.fetchrow(_STILL_OPEN, what_if_id)
        if row is None:
            return 0
        spread = row["spread"]
        next_ones = partners[spread : spread + room]
        for tenant_id, position in next_ones:
            await _begin(db, tenant_id, position, what_if_id, row)
        await connection.execute(_SPREAD, what_if_id, spread + len(next_ones))
    return len(next_ones)


async def _begin(
    db: Database, tenant_id: UUID, position: int, what_if_id: UUID, row: asyncpg.Record
) -> None:
    asked = msgspec.convert(row["asked"], Chosen)
    async with db.tenant(tenant_id) as tenant:
        order = PartOrder(
            **asdict(asked),
            happened_by=row["happened_by"],
            position=position,
            zone=await tenant.zone(),
            what_if_id=what_if_id,
            asked_by=msgspec.convert(row["asked_by"], Behalf),
        )
        await tenant.execute(_BEGIN, what_if_id)
        job_id = part_of(what_if_id, tenant_id)
        payload = msgspec.to_builtins(order)
        await insert_job(tenant, job_id, FOR_HEAD_OFFICE, payload)


async def report_part(
    db: Database,
    tenant_id: UUID,
    what_if_id: UUID,
    *,
    done: int,
    months: list[dict[str, Any]] | None = None,
    error: str | None = None,
) -> None:
    """How far a partner's part is, and how it ended. months: nobody is in them."""
    async with db.tenant(tenant_id) as tenant:
        await tenant.execute(_TELL, what_if_id, done, months, error)


def part_of(what_if_id: UUID, tenant_id: UUID) -> UUID:
    """The job of a partner's part."""
    return uuid5(what_if_id, str(tenant_id))
