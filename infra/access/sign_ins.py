"""Identities, and ways to a provider that are begun, on PostgreSQL (services' SignInRows)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from infra.database.db import Database
from infra.database.retries import answered
from services.people.sign_in import (
    MOST_PENDING,
    KnownIdentity,
    Linked,
    Pending,
    ProviderIdentity,
    SessionOpening,
)
from services.people.ways_in import WaysIn

_BEGIN = """
    insert into sign_ins_pending (key, provider, user_id, link, following, holder, expires_at)
    select $1, $2, $3, $4, $5, $6, $7
    where (select count(*) from sign_ins_pending where holder = $6 and expires_at > $9) < $8
    returning key
"""
_TAKE = """
    delete from sign_ins_pending where key = $1 and expires_at > $2
    returning provider, user_id, link, following
"""
_LIST = f"""
    select {", ".join(KnownIdentity.__struct_fields__)} from identities
    where tenant_id = $1 and user_id = $2 order by linked_at, identity_id
"""  # noqa: S608 - our own text


class PostgresSignIns:
    """The rows."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def begin(
        self, key: bytes, pending: Pending, holder: bytes, now: datetime, until: datetime
    ) -> bool:
        async with self._db.untenanted() as connection:
            its = msgspec.structs.astuple(pending)
            begun = await connection.fetchval(_BEGIN, key, *its, holder, until, MOST_PENDING, now)
        return begun is not None

    async def take(self, key: bytes, now: datetime) -> Pending | None:
        async with self._db.untenanted() as connection:
            row = await connection.fetchrow(_TAKE, key, now)
        return None if row is None else Pending(*row)

    async def link(self, identity: ProviderIdentity, user_id: UUID, now: datetime) -> Linked:
        its = msgspec.structs.astuple(identity)
        return Linked(await self._ask("link_identity($1, $2, $3, $4, $5)", *its, user_id, now))

    async def use_link(self, identity: ProviderIdentity, link: bytes, now: datetime) -> Linked:
        its = msgspec.structs.astuple(identity)
        return Linked(await self._ask("use_link_by_identity($1, $2, $3, $4, $5)", link, *its, now))

    async def enter(self, identity: ProviderIdentity, opening: SessionOpening) -> bool:
        its = (*msgspec.structs.astuple(identity), *msgspec.structs.astuple(opening))
        entered: bool = await self._ask("enter_by_identity($1, $2, $3, $4, $5, $6, $7, $8)", *its)
        return entered

    async def list_identities(self, tenant_id: UUID, user_id: UUID) -> Sequence[KnownIdentity]:
        async with self._db.tenant(tenant_id) as tenant:
            rows = await tenant.fetch(_LIST, user_id)
        return [KnownIdentity(**row) for row in rows]

    async def unlink(self, user_id: UUID, identity_id: UUID, offered: WaysIn) -> bool:
        its = (user_id, identity_id, list(offered.providers), offered.host)
        is_gone: bool = await self._ask("unlink_identity($1, $2, $3, $4)", *its)
        return is_gone

    async def _ask(self, function: str, *values: Any) -> Any:
        async def ask() -> Any:
            async with self._db.untenanted() as connection:
                return await connection.fetchval(f"select {function}", *values)

        return await answered(ask)
