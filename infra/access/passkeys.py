"""Passkeys on PostgreSQL (services' PasskeyRows)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from infra.access.accounts import principal_of_user
from infra.database.db import Database
from infra.database.retries import answered
from services.people.access import Login, LoginSession
from services.people.passkeys import (
    Challenge,
    FoundPasskey,
    KnownPasskey,
    NewPasskey,
    PasskeyAnswer,
)
from services.people.ways_in import WaysIn

_LIST = """
    select credential_id, rp_id, name, created_at, last_used_at from passkeys
    where tenant_id = $1 and user_id = $2 order by created_at, credential_id
"""
_SPEND = """
    insert into spent_challenges (hash, expires_at) values ($1, $2) on conflict do nothing
    returning hash
"""
_ADD = """
    insert into passkeys
        (tenant_id, user_id, credential_id, rp_id, public_key, sign_count, name, created_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing
    returning credential_id
"""
_REMOVE = "select remove_passkey($1, $2, $3, $4)"
_REMOVE_ALL = """
    delete from passkeys where tenant_id = $1 and user_id = $2 returning credential_id
"""
_OPEN = "select begin_session_by_passkey($1, $2, $3, $4, $5, $6, $7, $8, $9)"


class PostgresPasskeys:
    """The rows."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def list_passkeys(self, tenant_id: UUID, user_id: UUID) -> Sequence[KnownPasskey]:
        async with self._db.tenant(tenant_id) as tenant:
            return [KnownPasskey(*row) for row in await tenant.fetch(_LIST, user_id)]

    async def add(
        self, tenant_id: UUID, user_id: UUID, passkey: NewPasskey, challenge: Challenge
    ) -> bool:
        async with self._db.tenant(tenant_id) as tenant:
            if await tenant.plain.fetchval(_SPEND, *challenge) is None:
                return False
            return await tenant.fetchval(_ADD, user_id, *passkey) is not None

    async def remove(self, user_id: UUID, credential_id: bytes, offered: WaysIn) -> bool:
        its = (user_id, credential_id, list(offered.providers), offered.host)
        async with self._db.untenanted() as connection:
            is_gone: bool = await connection.fetchval(_REMOVE, *its)
        return is_gone

    async def remove_all(self, tenant_id: UUID, user_id: UUID) -> int:
        async with self._db.tenant(tenant_id) as tenant:
            return len(await tenant.fetch(_REMOVE_ALL, user_id))

    async def find(self, credential_id: bytes) -> FoundPasskey | None:
        async def ask() -> Any:
            async with self._db.untenanted() as connection:
                return await connection.fetchrow("select * from find_passkey($1)", credential_id)

        row = await answered(ask)
        if row is None:
            return None
        login = Login(principal_of_user(row), row["user_id"])
        return FoundPasskey(login, row["email"], row["public_key"], row["sign_count"])

    async def enter(
        self, answer: PasskeyAnswer, hashed: bytes, session: LoginSession, agent: str
    ) -> bool:
        about = (session.session_id, agent, session.seen_at, session.expires_at)
        async with self._db.untenanted() as connection:
            is_open: bool = await connection.fetchval(
                _OPEN, *answer[:2], *answer.challenge, hashed, *about
            )
        return is_open
