"""One-time codes on PostgreSQL, their secret wrapped with the secret key (services' CodeRows)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from infra.access.accounts import principal_of_user
from infra.database.db import Database, TenantConnection
from infra.database.retries import answered
from infra.log.sealing import WrappedKey
from infra.log.secret_keys import SecretKeys
from services.people.access import Login, LoginSession
from services.people.second_factor import CodeSecret, CodeState, CodeStep, Spent

_STATE = """
    select exists (select from totps
                   where tenant_id = $1 and user_id = $2 and last_step is not null) as is_on,
        (select count(*) from recovery_codes where tenant_id = $1 and user_id = $2) as left
"""
_GET = "select wrapped, key_id, last_step from totps where tenant_id = $1 and user_id = $2"
_PUT = """
    insert into totps (tenant_id, user_id, wrapped, key_id) values ($1, $2, $3, $4)
    on conflict (user_id) do update set wrapped = excluded.wrapped, key_id = excluded.key_id
    where totps.last_step is null
    returning user_id
"""
_CONFIRM = """
    update totps set last_step = $3 where tenant_id = $1 and user_id = $2 and last_step is null
    returning user_id
"""
_END_OTHERS = """
    delete from sessions where tenant_id = $1 and user_id = $2 and session_id <> $3
"""
_SPEND_STEP = """
    update totps set last_step = $3 where tenant_id = $1 and user_id = $2 and last_step < $3
    returning user_id
"""
_SPEND_RECOVERY = """
    delete from recovery_codes where tenant_id = $1 and user_id = $2 and hash = $3
    returning user_id
"""
_CLEAR = "delete from recovery_codes where tenant_id = $1 and user_id = $2"
_ADD = "insert into recovery_codes (tenant_id, user_id, hash) values ($1, $2, $3)"
_REMOVE = """
    delete from totps where tenant_id = $1 and user_id = $2 returning last_step is not null
"""
_FIND_STEP = "select * from find_step($1, $2)"
_OPEN = "select begin_session_by_code($1, $2, $3, $4, $5, $6, $7, $8)"


class PostgresCodes:
    """The rows."""

    def __init__(self, db: Database, secret_keys: SecretKeys) -> None:
        self._db, self._secret_keys = db, secret_keys

    async def state(self, tenant_id: UUID, user_id: UUID) -> CodeState:
        async with self._db.tenant(tenant_id) as tenant:
            return CodeState(*await tenant.fetchrow(_STATE, user_id))

    async def put(self, tenant_id: UUID, user_id: UUID, secret: bytes) -> bool:
        async def kept() -> bool:
            wrapped = self._secret_keys.ring.wrap(secret, tenant_id, str(user_id))
            return await self._done(tenant_id, _PUT, user_id, *wrapped)

        return await self._secret_keys.wrapping(kept)

    async def get(self, tenant_id: UUID, user_id: UUID) -> CodeSecret | None:
        async with self._db.tenant(tenant_id) as tenant:
            row = await tenant.fetchrow(_GET, user_id)
        if row is None:
            return None
        *key, last_step = row
        ring = self._secret_keys.ring
        return CodeSecret(ring.bare_key(WrappedKey(*key), tenant_id, str(user_id)), last_step)

    async def confirm(
        self, tenant_id: UUID, user_id: UUID, kept: UUID, step: int, recovery: Sequence[bytes]
    ) -> bool:
        async with self._db.tenant(tenant_id) as tenant:
            if await tenant.fetchval(_CONFIRM, user_id, step) is None:
                return False
            await _replace(tenant, user_id, recovery)
            await tenant.execute(_END_OTHERS, user_id, kept)
            return True

    async def spend(self, tenant_id: UUID, user_id: UUID, code: Spent) -> bool:
        if code.recovery is None:
            return await self._done(tenant_id, _SPEND_STEP, user_id, code.step)
        return await self._done(tenant_id, _SPEND_RECOVERY, user_id, code.recovery)

    async def replace_recovery(
        self, tenant_id: UUID, user_id: UUID, recovery: Sequence[bytes]
    ) -> None:
        async with self._db.tenant(tenant_id) as tenant:
            await _replace(tenant, user_id, recovery)

    async def remove(self, tenant_id: UUID, user_id: UUID) -> bool:
        async with self._db.tenant(tenant_id) as tenant:
            await tenant.execute(_CLEAR, user_id)
            return bool(await tenant.fetchval(_REMOVE, user_id))

    async def step(self, hashed: bytes, now: datetime) -> CodeStep | None:
        async def ask() -> Any:
            async with self._db.untenanted() as connection:
                return await connection.fetchrow(_FIND_STEP, hashed, now)

        row = await answered(ask)
        if row is None:
            return None
        return CodeStep(Login(principal_of_user(row), row["user_id"]), row["email"])

    async def open_session(
        self, begun: bytes, code: Spent, hashed: bytes, session: LoginSession, agent: str
    ) -> bool:
        about = (session.session_id, agent, session.seen_at, session.expires_at)
        async with self._db.untenanted() as connection:
            is_open: bool = await connection.fetchval(_OPEN, begun, *code, hashed, *about)
        return is_open

    async def _done(self, tenant_id: UUID, statement: str, *values: Any) -> bool:
        """Whether a statement found what it writes."""
        async with self._db.tenant(tenant_id) as tenant:
            return await tenant.fetchval(statement, *values) is not None


async def _replace(tenant: TenantConnection, user_id: UUID, recovery: Sequence[bytes]) -> None:
    await tenant.execute(_CLEAR, user_id)
    await tenant.executemany(_ADD, [(user_id, one) for one in recovery])
