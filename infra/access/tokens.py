"""Bearer tokens on PostgreSQL (services' TokenRows): the application reads, the owner writes."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from infra.database.db import Database, connection_to
from services.kernel.context import Role
from services.kernel.permissions import Permission
from services.people.tokens import Issued, KnownToken

_COLUMNS = ", ".join(KnownToken.__struct_fields__)
_ADD = f"""
    insert into tokens ({_COLUMNS}, hash)
    values ({", ".join(f"${n}" for n in range(1, len(KnownToken.__struct_fields__) + 2))})
"""  # noqa: S608 - our own text
_LIST = f"""
    select {_COLUMNS} from tokens where tenant_id = $1
    order by created_at desc, token_id desc
"""  # noqa: S608 - our own text
_REVOKE = """
    update tokens set revoked_at = coalesce(revoked_at, $2) where token_id = $1 returning token_id
"""
_END = """
    update tokens set expires_at = least(expires_at, $4)
    where token_id = $1 and revoked_at is null and expires_at > $3
        and (role is not null or made_by = $2)
    returning token_id
"""
_LIKE = """
    insert into tokens
        (token_id, hash, created_at, expires_at, tenant_id, label, role, scopes, made_by)
    select $2, $3, $4, $5, tenant_id, label, role, scopes, $6 from tokens where token_id = $1
"""


class PostgresTokens:
    """The rows. owner_dsn answers the owner's address when one is written, not before."""

    def __init__(self, db: Database, owner_dsn: Callable[[], str]) -> None:
        self._db, self._owner_dsn = db, owner_dsn

    async def add_token(self, new: KnownToken, hashed: bytes) -> None:
        async with connection_to(self._owner_dsn()) as connection:
            await connection.execute(_ADD, *msgspec.structs.astuple(new), hashed)

    async def list_tokens(self, tenant_id: UUID) -> Sequence[KnownToken]:
        async with self._db.tenant(tenant_id) as tenant:
            return [_known(row) for row in await tenant.fetch(_LIST)]

    async def revoke_token(self, token_id: UUID, now: datetime) -> bool:
        async with connection_to(self._owner_dsn()) as connection:
            return await connection.fetchval(_REVOKE, token_id, now) is not None

    async def replace_token(
        self, old: UUID, new: Issued, hashed: bytes, by: UUID | None, now: datetime, ends: datetime
    ) -> bool:
        async with connection_to(self._owner_dsn()) as connection, connection.transaction():
            if await connection.fetchval(_END, old, by, now, ends) is None:
                return False
            about = (new.token_id, hashed, now, new.expires_at, by)
            await connection.execute(_LIKE, old, *about)
            return True


def _known(row: asyncpg.Record) -> KnownToken:
    scopes = None if row["scopes"] is None else tuple(map(Permission, row["scopes"]))
    role = None if row["role"] is None else Role(row["role"])
    return KnownToken(**{**row, "role": role, "scopes": scopes})
