"""The first account and its link on PostgreSQL (services' FirstLinkRows, FirstAccountRows)."""

from datetime import datetime

import msgspec

from domain.people.partner import HEAD_OFFICE_ID
from infra.database.db import Database, connection_to
from infra.database.retries import answered
from services.people.access import NewUser

_TAKE_BACK = "delete from one_time_links where user_id is null"
_PUT = """
    insert into one_time_links (hash, tenant_id, expires_at)
    select $1, $2, $3 where not exists (select from users) returning true
"""


class OwnersFirstLink:
    """The link as the schema's owner puts it, who starts everything."""

    def __init__(self, owner_dsn: str) -> None:
        self._owner_dsn = owner_dsn

    async def put_first_link(self, hashed: bytes, until: datetime) -> bool:
        async with connection_to(self._owner_dsn) as connection, connection.transaction():
            await connection.execute(_TAKE_BACK)
            return await connection.fetchval(_PUT, hashed, HEAD_OFFICE_ID, until) is not None


class PostgresFirstStart:
    """The rows of who has the link."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def awaits_first(self, hashed: bytes | None, now: datetime) -> bool:
        async def ask() -> bool:
            async with self._db.untenanted() as connection:
                found: bool = await connection.fetchval(
                    "select awaits_first_account($1, $2)", hashed, now
                )
            return found

        return await answered(ask)

    async def make_first(
        self, hashed: bytes, user: NewUser, password_hash: str, now: datetime
    ) -> bool:
        about = (*msgspec.structs.astuple(user), password_hash)
        async with self._db.untenanted() as connection:
            statement = "select make_first_account($1, $2, $3, $4, $5, $6, $7)"
            made: bool = await connection.fetchval(statement, hashed, *about, now)
        return made
