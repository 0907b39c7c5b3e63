"""Issued tokens on PostgreSQL, through the owner's connection (services' TokenRows)."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from infra.database.db import connection_to
from services.kernel.context import Role
from services.kernel.permissions import Permission
from services.people.tokens import KnownToken

_COLUMNS = ", ".join(KnownToken.__struct_fields__)
_LIST = f"""
    select {_COLUMNS} from tokens where tenant_id = $1
    order by created_at desc, token_id desc
"""  # noqa: S608 - our own text
_REVOKE = """
    update tokens set revoked_at = coalesce(revoked_at, $2) where token_id = $1 returning token_id
"""
_END = """
    update tokens set expires_at = least(expires_at, $3)
    where token_id = $1 and revoked_at is null and expires_at > $2 returning token_id
"""
_LIKE = f"""
    insert into tokens (token_id, tenant_id, hash, label, role, scopes, created_at, expires_at)
    select $2, tenant_id, $3, label, role, scopes, $4, $5 from tokens where token_id = $1
    returning {_COLUMNS}
"""  # noqa: S608


class PostgresTokens:
    """The rows. owner_dsn answers the owner's address when an operator acts, not before."""

    def __init__(self, owner_dsn: Callable[[], str]) -> None:
        self._owner_dsn = owner_dsn

    async def list_tokens(self, tenant_id: UUID) -> Sequence[KnownToken]:
        async with connection_to(self._owner_dsn()) as connection:
            return [_known(row) for row in await connection.fetch(_LIST, tenant_id)]

    async def revoke_token(self, token_id: UUID, now: datetime) -> bool:
        async with connection_to(self._owner_dsn()) as connection:
            return await connection.fetchval(_REVOKE, token_id, now) is not None

    async def replace_token(
        self, old: UUID, new: UUID, hashed: bytes, now: datetime, ends: datetime, expires: datetime
    ) -> KnownToken | None:
        async with connection_to(self._owner_dsn()) as connection, connection.transaction():
            if await connection.fetchval(_END, old, now, ends) is None:
                return None
            return _known(await connection.fetchrow(_LIKE, old, new, hashed, now, expires))


def _known(row: asyncpg.Record) -> KnownToken:
    scopes = None if row["scopes"] is None else tuple(map(Permission, row["scopes"]))
    return KnownToken(**{**row, "role": Role(row["role"]), "scopes": scopes})
