"""From the outbox to the jobs: a command's effect becomes a job, exactly once."""

from uuid import UUID

import asyncpg
import msgspec

from infra.database.db import Database
from infra.work.jobs import insert_job

MOST = 500
"""Rows of one transaction."""

WAITING = "select distinct tenant_id from outbox limit $1"
_TAKE = """
    delete from outbox where tenant_id = $1 and id in (
        select id from outbox where tenant_id = $1 order by id limit $2)
    returning id, kind, payload::text as payload
"""


async def list_waiting(across: asyncpg.Connection) -> list[UUID]:
    """The tenants that have something in the outbox; across: of Database.across."""
    rows = await across.fetch(WAITING, MOST)
    return [row["tenant_id"] for row in rows]


async def hand_over(db: Database, tenant_id: UUID) -> int:
    """Turns the tenant's oldest effects into jobs, in one transaction; answers how many.

    An effect's `job_id` is the job's id, where it has one: then it could be named beforehand.
    """
    async with db.tenant(tenant_id) as connection:
        rows = await connection.fetch(_TAKE, tenant_id, MOST)
        for row in rows:
            payload = msgspec.json.decode(row["payload"])
            job_id = UUID(payload["job_id"]) if "job_id" in payload else row["id"]
            await insert_job(connection, tenant_id, job_id, row["kind"], payload)
    return len(rows)
