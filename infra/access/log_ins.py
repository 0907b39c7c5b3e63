"""The accounts of an organisation's persons on PostgreSQL (services' LogInRows)."""

from collections.abc import Collection, Sequence
from uuid import UUID

from infra.database.db import Database
from services.people.log_ins import LogIn

_OF_PEOPLE = "select * from log_ins_of($1, $2::text[])"
_IS_ELSEWHERE = """
    select exists (select from find_login($1)
                   where tenant_id is distinct from $2 and password_hash is not null)
"""


class PostgresLogIns:
    """The rows."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def of_people(self, tenant_id: UUID, ids: Collection[str]) -> Sequence[LogIn]:
        async with self._db.tenant(tenant_id) as tenant:
            return [LogIn(**row) for row in await tenant.fetch(_OF_PEOPLE, list(ids))]

    async def is_elsewhere(self, tenant_id: UUID, email: str) -> bool:
        async with self._db.untenanted() as connection:
            found: bool = await connection.fetchval(_IS_ELSEWHERE, email, tenant_id)
        return found
