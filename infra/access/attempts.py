"""How often log-ins failed, counted on PostgreSQL (services' Attempts)."""

from collections.abc import Mapping
from datetime import datetime

from infra.database.db import Database
from infra.database.retries import answered
from services.people.guessing import OF_ACCOUNT, OF_ADDRESS, Failures, Limit

_MADE = """
    insert into log_in_attempts (key, failures, last_at) values ($1, 0, $2)
    on conflict (key) do nothing returning key
"""
_SEEN = "select failures, last_at from log_in_attempts where key = $1"
_HELD = f"{_SEEN} for update"
_COUNTED = "update log_in_attempts set failures = $2, last_at = $3 where key = $1"
_FORGIVEN = "update log_in_attempts set failures = failures - 1 where key = $1 and failures > 0"
_FORGOTTEN = "delete from log_in_attempts where key = $1 returning key"
_PAST = "delete from log_in_attempts where last_at < $1 and failures < $2"


class PostgresAttempts:
    """The rows."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def begin(self, limits: Mapping[bytes, Limit], now: datetime) -> None:
        async def count() -> bool:
            is_new = False
            async with self._db.untenanted() as connection:
                for key, limit in limits.items():
                    # Who is refused holds nothing that others wait for.
                    if seen := await connection.fetchrow(_SEEN, key):
                        limit.counted(Failures(*seen), now)
                for key in sorted(limits):  # All in one order, so that nobody waits in a circle.
                    is_new |= await connection.fetchval(_MADE, key, now) is not None
                    held = Failures(*await connection.fetchrow(_HELD, key))
                    await connection.execute(_COUNTED, key, limits[key].counted(held, now), now)
            return is_new

        if await answered(count):
            await answered(lambda: self._clear(now))

    async def forgive(self, keys: list[bytes]) -> None:
        async with self._db.untenanted() as connection:
            for key in sorted(keys):
                await connection.execute(_FORGIVEN, key)

    async def forget(self, key: bytes) -> bool:
        async with self._db.untenanted() as connection:
            return await connection.fetchval(_FORGOTTEN, key) is not None

    async def _clear(self, now: datetime) -> None:
        """Deletes what no limit remembers, so that made-up addresses fill nothing."""
        past = now - max(OF_ACCOUNT.forgotten, OF_ADDRESS.forgotten)
        async with self._db.untenanted() as connection:
            await connection.execute(_PAST, past, OF_ACCOUNT.locked)
