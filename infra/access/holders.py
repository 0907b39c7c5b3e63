"""Accounts by their roles on PostgreSQL (services' HolderRows)."""

from collections.abc import Collection, Sequence
from uuid import UUID

from infra.database.db import Database
from services.kernel.context import Role

_NAMES = """
    select name from users where tenant_id = $1 and active and role = any($2::text[])
    order by name, user_id limit $3
"""
_COUNT = """
    select count(*) from (
        select 1 from users where tenant_id = $1 and active limit $2
    ) as counted
"""


class PostgresHolders:
    """The rows."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def names(self, tenant_id: UUID, roles: Collection[Role], most: int) -> Sequence[str]:
        async with self._db.tenant(tenant_id) as tenant:
            rows = await tenant.fetch(_NAMES, [str(role) for role in roles], most)
        return [row[0] for row in rows]

    async def count(self, tenant_id: UUID, most: int) -> int:
        async with self._db.tenant(tenant_id) as tenant:
            found: int = await tenant.fetchval(_COUNT, most)
        return found
