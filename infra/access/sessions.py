"""People's sessions on PostgreSQL (services' SessionRows)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from infra.database.db import Database
from services.people.sessions import KnownSession

_USER = "select user_id from users where tenant_id = $1 and email = $2 and active"
_LIST = f"""
    select {", ".join(KnownSession.__struct_fields__)} from sessions
    where tenant_id = $1 and user_id = $2 and expires_at > $3 and seen_at > $4
    order by seen_at desc, session_id
"""  # noqa: S608 - our own text
_END = """
    delete from sessions where tenant_id = $1 and user_id = $2 and session_id = any($3)
    returning session_id
"""


class PostgresSessions:
    """The rows."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def user_of(self, tenant_id: UUID, email: str) -> UUID | None:
        async with self._db.tenant(tenant_id) as tenant:
            user_id: UUID | None = await tenant.fetchval(_USER, email)
        return user_id

    async def list_sessions(
        self, tenant_id: UUID, user_id: UUID, now: datetime, unused_since: datetime
    ) -> Sequence[KnownSession]:
        async with self._db.tenant(tenant_id) as tenant:
            rows = await tenant.fetch(_LIST, user_id, now, unused_since)
        return [KnownSession(**row) for row in rows]

    async def end_sessions(self, tenant_id: UUID, user_id: UUID, ids: Sequence[UUID]) -> int:
        async with self._db.tenant(tenant_id) as tenant:
            return len(await tenant.fetch(_END, user_id, ids))
