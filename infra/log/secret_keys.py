"""The secret keys that the installation is sealed with, checked before anything is written.

Each key in use has a row of `secret_keys`: its id, and a canary that it alone opens. One of them is
in force: people's new keys are wrapped with it, and the passwords of the database's roles follow
from it. There are two rows while the secret key is being changed (infra/log/key_rotation.py).
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import asyncpg
import msgspec

from domain.kernel.errors import InstallationError, Refusal
from infra.database.db import Database, connection_to
from infra.log.sealing import KeyRing, key_id_of, opens
from infra.settings import SECRET_KEY, Settings, where_given

T = TypeVar("T")

WRAPPED = ("person_keys", "mails", "totps")
"""The tables of keys that the secret key wraps: people's, those of mails that wait, and what
one-time codes are made of."""

WRAPPED_IN_FORCE = "wrapped_with_the_key_in_force"
"""The check constraint on these tables that says which secret key is in force."""

_KEYS = "select key_id, canary, in_force from secret_keys order by in_force desc"
_IDS = "select key_id from secret_keys"
_HAS = "select to_regclass($1) is not null"


async def say_in_force(owner: asyncpg.Connection, key_id: str) -> None:
    """Nothing is wrapped with another secret key from now on; what is, stays."""
    for table in WRAPPED:
        await owner.execute(
            f"alter table {table} drop constraint if exists {WRAPPED_IN_FORCE},"
            f" add constraint {WRAPPED_IN_FORCE} check (key_id = '{key_id}') not valid"
        )


async def require_wrapped(owner: asyncpg.Connection) -> None:
    """The database finds nothing that another key wraps: it looks at every row, whatever the
    policies show to whom."""
    for table in WRAPPED:
        await owner.execute(f"alter table {table} validate constraint {WRAPPED_IN_FORCE}")


def is_wrapped_too_late(error: asyncpg.CheckViolationError) -> bool:
    """Whether a key was wrapped with a secret key that is in force no more."""
    # Citus adds a shard's number to the name.
    return (error.constraint_name or "").startswith(WRAPPED_IN_FORCE)


class SecretKeys:
    """The secret keys of a running process, and which of them is in force."""

    def __init__(self, settings: Settings) -> None:
        """settings: as `require_secret_key` answers them."""
        self.settings = settings
        self.ring = KeyRing(settings.secret_key, settings.secret_keys, self._at_hand)
        self._renewal: asyncio.Task[None] | None = None
        self._under_way = set[asyncio.Task[None]]()
        self._turn = asyncio.Lock()

    @property
    def at_hand(self) -> tuple[bytes, ...]:
        """The key in force, and with it others that are given."""
        return (self.settings.secret_key, *self.settings.secret_keys)

    def dsn(self, role: str) -> str:
        """Address of the database for a role, with today's password."""
        return self.settings.dsn(role)

    async def renew(self) -> None:
        """What another process may have changed: the keys at hand, and which is in force; once for
        all who ask at the same time. Raises InstallationError, of what require_secret_key
        refuses."""
        if self._renewal is None:
            self._renewal = asyncio.create_task(self._renew())
            # The loop itself keeps none, and whoever waits for it may be cancelled.
            self._under_way.add(self._renewal)
            self._renewal.add_done_callback(self._under_way.discard)
        await asyncio.shield(self._renewal)

    async def _renew(self) -> None:
        async with self._turn:
            # Whoever asks from here on was perhaps refused after this one has read.
            self._renewal = None
            with _lacking():
                self.settings = await require_secret_key(self.settings.given())
            self.ring.take(self.settings.secret_key, self.settings.secret_keys)

    async def wrapping(self, write: Callable[[], Awaitable[T]]) -> T:
        """What a write that wraps a key answers; done once more where another secret key had come
        into force."""
        try:
            return await write()
        except asyncpg.CheckViolationError as error:
            if not is_wrapped_too_late(error):
                raise
            await self.renew()
            return await write()

    async def require_all(self, db: Database) -> None:
        """All that are in use are at hand, perhaps by now. Raises as renew does; asks as one who
        sees no more of them than their ids."""
        async with db.across() as connection:
            for row in await connection.fetch(_IDS):
                if not self.ring.has(row["key_id"]):
                    raise InstallationError(Refusal("secret_key_missing", key=row["key_id"]))

    async def not_in_force(self, connection: asyncpg.Connection) -> Refusal | None:
        """As not_in_force of the keys that are given by now; asks as one who sees no more of those
        in use than their ids."""
        in_use = [row["key_id"] for row in await connection.fetch(_IDS)]
        with _lacking():
            return not_in_force(self.settings.given(), in_use)

    def _at_hand(self) -> tuple[bytes, ...]:
        with _lacking():
            return self.settings.given().secret_keys


@contextmanager
def _lacking() -> Iterator[None]:
    """A key that cannot be had now refuses nobody's command: the installation lacks it."""
    try:
        yield
    except Refusal as refusal:
        raise InstallationError(refusal) from refusal


async def require_secret_key(settings: Settings) -> Settings:
    """The settings with the key in force as their secret key.

    Refuses `secret_key_wrong` where none that is in use is given, `secret_key_missing` (key) where
    one of two is not.
    """
    async with connection_to(settings.dsn("owner")) as connection:
        return await check_secret_keys(connection, settings)


def list_places_left(settings: Settings) -> list[str]:
    """Where secret keys are given that are not the one in force."""
    others = set(settings.secret_keys) - {settings.secret_key}
    return where_given(settings.data, SECRET_KEY, others)


def not_in_force(given: Settings, in_use: Sequence[str]) -> Refusal | None:
    """What is wrong where the key that is given first is not the only one in use (their ids): it is
    mistyped perhaps, which nothing else shows while the right one is at hand as well."""
    new = key_id_of(given.secret_keys[0])
    if not in_use or in_use == [new]:
        return None
    code = "key_rotation_unfinished" if given.are_keys_kept else "secret_key_not_in_force"
    return Refusal(code, key=new)


async def list_keys_in_use(settings: Settings) -> list[str]:
    """The ids of the keys in use, the one in force first; none before the schema is made. Refuses
    what require_secret_key refuses."""
    async with connection_to(settings.dsn("owner")) as connection:
        await check_secret_keys(connection, settings)
        is_noted = await connection.fetchval(_HAS, "secret_keys")
        return [row["key_id"] for row in await connection.fetch(_KEYS)] if is_noted else []


async def check_secret_keys(connection: asyncpg.Connection, settings: Settings) -> Settings:
    """As require_secret_key, through a connection of the schema's owner. Before there is a schema
    the first that is given is in force."""
    if not await connection.fetchval(_HAS, "secret_keys"):
        return settings
    in_use = await connection.fetch(_KEYS)
    given = {key_id_of(secret): secret for secret in settings.secret_keys}
    if not any(row["key_id"] in given for row in in_use):
        raise Refusal("secret_key_wrong")
    for id, sealed, _ in in_use:
        if id not in given:
            raise Refusal("secret_key_missing", key=id)
        if not opens(given[id], sealed):
            raise Refusal("secret_key_wrong")
    return msgspec.structs.replace(settings, secret_key=given[in_use[0]["key_id"]])
