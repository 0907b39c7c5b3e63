"""The accounts of an organisation on PostgreSQL (services' HolderRows)."""

from collections.abc import Sequence
from uuid import UUID

from infra.database.db import Database
from services.people.holders import NamedAccount

_ACCOUNTS = """
    select user_id, name from users where tenant_id = $1 and active order by name, user_id limit $2
"""


class PostgresHolders:
    """The rows."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def accounts(self, tenant_id: UUID, most: int) -> Sequence[NamedAccount]:
        async with self._db.tenant(tenant_id) as tenant:
            return [NamedAccount(**row) for row in await tenant.fetch(_ACCOUNTS, most)]
