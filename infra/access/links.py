"""One-time links on PostgreSQL (services' LinkRows)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from domain.kernel.errors import NotFoundError, Refusal, TakenError
from infra.database.db import Database, connection_to
from infra.database.retries import answered
from services.kernel.ports import Log
from services.people.called import names_of
from services.people.links import LinkedAccount

_PUT = """
    insert into one_time_links (hash, tenant_id, user_id, expires_at)
    select $1, u.tenant_id, u.user_id, $4 from users u
    where u.tenant_id = $2 and u.email = $3 and u.active
    on conflict (user_id) do update set hash = excluded.hash, expires_at = excluded.expires_at
    returning hash
"""
_WHOSE = "select user_id, person_id from users where tenant_id = $1 and email = $2 and active"
_VOID = "delete from one_time_links where tenant_id = $1 and user_id = $2"
_READDRESS = """
    update users u set email = $4 from log_ins_of($1, array[$3]) l
    where u.tenant_id = $1 and u.user_id = $2 and l.user_id = $2 and not l.is_accepted
    returning u.user_id
"""
_FIND = "select * from find_link($1, $2)"


class PostgresLinks:
    """The rows. owner_dsn answers the owner's address when an operator acts, not before. log:
    where it stands what people are called."""

    def __init__(self, db: Database, owner_dsn: Callable[[], str], log: Log) -> None:
        self._db = db
        self._owner_dsn = owner_dsn
        self._log = log

    async def put_link(
        self, hashed: bytes, tenant_id: UUID, email: str, now: datetime, until: datetime
    ) -> LinkedAccount | None:
        async with connection_to(self._owner_dsn()) as connection:
            if await connection.fetchval(_PUT, hashed, tenant_id, email, until) is None:
                return None
        return await self.find_link(hashed, now)

    async def readdress(self, tenant_id: UUID, email: str, to: str) -> None:
        async with connection_to(self._owner_dsn()) as connection, connection.transaction():
            await connection.execute(f"set local app.tenant = '{tenant_id}'")
            its = await connection.fetchrow(_WHOSE, tenant_id, email)
            if its is None:
                raise NotFoundError("account_unknown", field="email")
            # The link first, as who uses it does: whoever did meanwhile has accepted.
            await connection.execute(_VOID, tenant_id, its["user_id"])
            try:
                is_done = await connection.fetchval(_READDRESS, tenant_id, *its, to)
            except asyncpg.UniqueViolationError as error:
                raise TakenError("email_taken", field="email") from error
            if is_done is None:
                raise Refusal("log_in_there", field="email")
            # One that was sent in between went to the old address; from here on none is made.
            await connection.execute(_VOID, tenant_id, its["user_id"])

    async def find_link(self, hashed: bytes, now: datetime) -> LinkedAccount | None:
        async def ask() -> Any:
            async with self._db.untenanted() as connection:
                return await connection.fetchrow(_FIND, hashed, now)

        if (row := await answered(ask)) is None:
            return None
        tenant_id, email, person_id, organisation = row
        names = await names_of(self._log, tenant_id, [person_id])
        return LinkedAccount(tenant_id, email, names.get(person_id, email), organisation)

    async def use_link(self, hashed: bytes, password_hash: str, now: datetime) -> UUID | None:
        async with self._db.untenanted() as connection:
            statement = "select use_link($1, $2, $3)"
            who: UUID | None = await connection.fetchval(statement, hashed, password_hash, now)
        return who
