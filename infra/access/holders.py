"""The accounts of an organisation on PostgreSQL (services' HolderRows)."""

from collections.abc import Sequence
from uuid import UUID

from infra.database.db import Database

_ACCOUNTS = """
    select user_id from users where tenant_id = $1 and active order by created_at, user_id limit $2
"""


class PostgresHolders:
    """The rows."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def accounts(self, tenant_id: UUID, most: int) -> Sequence[UUID]:
        async with self._db.tenant(tenant_id) as tenant:
            return [user_id for (user_id,) in await tenant.fetch(_ACCOUNTS, most)]
