"""How often log-ins failed, counted on PostgreSQL (services' Attempts)."""

from collections.abc import Collection, Mapping
from datetime import datetime

from infra.database.db import Database
from infra.database.retries import answered
from services.people.guessing import Failures, Limit

_SEEN = "select failures, last_at from log_in_attempts where key = $1"
_HELD = """
    insert into log_in_attempts (key, failures, last_at) values ($1, 0, $2)
    on conflict (key) do update set failures = log_in_attempts.failures
    returning failures, last_at
"""
"""Locks the row, made where there is none: between two statements another could delete it."""
_COUNTED = """
    update log_in_attempts set failures = $2, last_at = $3, is_locked = $4 where key = $1
"""
_FORGIVEN = """
    update log_in_attempts
    set failures = failures - 1, last_at = least(last_at, $2), is_locked = false
    where key = $1 and failures > 0
"""
"""Whoever is locked is refused before anything is counted: with one less nobody is."""
_IS_LOCKED = "select exists (select from log_in_attempts where key = any($1) and is_locked)"
_FORGOTTEN = "delete from log_in_attempts where key = $1 returning key"
LOCKED = "select count(*) from log_in_attempts where is_locked"
"""For who looks after the installation: whose, nobody can read there."""


class PostgresAttempts:
    """The rows."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def begin(self, limits: Mapping[bytes, Limit], now: datetime) -> dict[bytes, Failures]:
        async def count() -> dict[bytes, Failures]:
            before = dict[bytes, Failures]()
            async with self._db.untenanted() as connection:
                for key, limit in limits.items():
                    # Who is refused holds nothing that others wait for.
                    if seen := await connection.fetchrow(_SEEN, key):
                        limit.standing(Failures(*seen), now)
                for key in sorted(limits):  # All in one order, so that nobody waits in a circle.
                    held = Failures(*await connection.fetchrow(_HELD, key, now))
                    before[key] = limits[key].standing(held, now)
                    failures = before[key].count + 1
                    is_locked = limits[key].is_locked(failures)
                    await connection.execute(_COUNTED, key, failures, now, is_locked)
            return before

        return await answered(count)

    async def forgive(self, before: Mapping[bytes, Failures]) -> None:
        async with self._db.untenanted() as connection:
            for key in sorted(before):
                await connection.execute(_FORGIVEN, key, before[key].last_at)

    async def is_locked(self, keys: Collection[bytes]) -> bool:
        async with self._db.untenanted() as connection:
            found: bool = await connection.fetchval(_IS_LOCKED, list(keys))
        return found

    async def forget(self, key: bytes) -> bool:
        async with self._db.untenanted() as connection:
            return await connection.fetchval(_FORGOTTEN, key) is not None
