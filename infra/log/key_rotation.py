"""Another secret key in the place of the one in force, while everything runs.

First the new one comes into force, in one transaction: from then on no writer wraps a key with the
old one, and none that did not notice can. Then everybody's key is wrapped anew, those of mails that
wait, and what one-time codes are made of, partner by partner; begun again, that goes on where it
was. At the end the database itself shows that nothing is left that the old one wraps, and the old
one's row goes.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from time import monotonic
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from cryptography.exceptions import InvalidTag

from domain.kernel.errors import Refusal
from infra.database import migrate
from infra.database.db import Database, TenantConnection, connection_to
from infra.log.sealing import WrappedKey, canary, key_id_of
from infra.log.secret_keys import SecretKeys, list_places_left, require_wrapped, say_in_force
from infra.settings import SECRET_KEY, Settings, keep_new_key

LOCK = 0x636875_6B6579
"""The advisory lock's key: "chukey" in ASCII. One rotation at a time."""

BATCH = 500
"""Keys of one transaction."""

PATIENCE = 300.0
"""Seconds for which a rotation waits for a moment in which nobody holds people's keys."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
_COUNT = "select count(*) from secret_keys"
_TENANTS = "select tenant_id from tenants order by tenant_id"
_OF_PEOPLE = (
    "select person_id, wrapped, key_id from person_keys where tenant_id = $1"
    " and person_id > $2 and key_id <> $3 order by person_id limit $4 for update",
    "update person_keys set wrapped = $3, key_id = $4 where tenant_id = $1 and person_id = $2",
)
_OF_MAILS = (
    "select id::text, wrapped, key_id from mails where tenant_id = $1"
    " and id::text > $2 and key_id <> $3 order by id::text limit $4 for update",
    "update mails set wrapped = $3, key_id = $4 where tenant_id = $1 and id = $2",
)
_OF_CODES = (
    "select user_id::text, wrapped, key_id from totps where tenant_id = $1"
    " and user_id::text > $2 and key_id <> $3 order by user_id::text limit $4 for update",
    "update totps set wrapped = $3, key_id = $4 where tenant_id = $1 and user_id = $2",
)
"""Which keys of a partner another secret key wraps, and how one is written that is wrapped anew."""
_IN_FORCE = "insert into secret_keys (key_id, canary, in_force) values ($1, $2, true)"


class Rotated(msgspec.Struct, frozen=True):
    """key: the id of the key in force. left: where others are given, which are out of use. keys:
    how many were wrapped anew. was_done: before, and nothing was changed."""

    key: str
    left: list[str]
    keys: int = 0
    was_done: bool = False


class KeyRotation:
    """Changes the secret key of an installation."""

    def __init__(self, db: Database, secret_keys: SecretKeys, patience: float = PATIENCE) -> None:
        """secret_keys: of this process, which follow the change."""
        self._db, self._keys, self._patience = db, secret_keys, patience

    async def run(self, progress: Callable[[int, int], object]) -> Rotated:
        """Changes the secret key, or goes on with it; nothing is left to do where the key that is
        given is in force and the old one is out of use.

        progress: is told how many partners of how many are done, from when the new key is in force.
        Refuses `key_rotation_running`, `secret_key_alone` where no second key is given,
        `key_rotation_kept_out` where others never let go of people's keys, and `keys_not_opened`
        (keys, partner, person) where somebody's key opens with neither; the old one stays in use
        then.
        """
        async with connection_to(self._keys.settings.dsn("owner")) as owner:
            if not await owner.fetchval("select pg_try_advisory_lock($1)", LOCK):
                raise Refusal("key_rotation_running")
            await self._keys.renew()
            if await owner.fetchval(_COUNT) == 1:
                wanted = self._wanted()
                if key_id_of(wanted.secret_key) == self._keys.ring.in_force:
                    return self._rotated(was_done=True)
                await _bring_into_force(owner, wanted, self._patience)
                await self._keys.renew()
            keys = await self._wrap_all(owner, progress)
            await _put_out_of_use(owner)
            await self._keys.renew()
            return self._rotated(keys=keys)

    def _rotated(self, **done: Any) -> Rotated:
        left = list_places_left(self._keys.settings)
        return Rotated(self._keys.ring.in_force, left, **done)

    def _wanted(self) -> Settings:
        """The settings with the key that is to be in force."""
        given = self._keys.settings.given()
        if given.are_keys_kept:
            if len(given.secret_keys) == 1:
                keep_new_key(given.data, SECRET_KEY)
            return given.given()
        is_in_force = key_id_of(given.secret_key) == self._keys.ring.in_force
        if not is_another_named(given.secret_keys, is_in_force, given.is_old_key_named):
            raise Refusal("secret_key_alone")
        return given

    async def _wrap_all(
        self, owner: asyncpg.Connection, progress: Callable[[int, int], object]
    ) -> int:
        tenants = [row["tenant_id"] for row in await owner.fetch(_TENANTS)]
        keys, closed = 0, list[tuple[UUID, str]]()
        for done, tenant_id in enumerate(tenants):
            progress(done, len(tenants))
            keys += await self._wrap(tenant_id, _OF_PEOPLE, self._as_log, closed)
            for statements in (_OF_MAILS, _OF_CODES):
                keys += await self._wrap(tenant_id, statements, self._db.tenant, closed)
        progress(len(tenants), len(tenants))
        if closed:
            partner, person = closed[0]
            raise Refusal("keys_not_opened", keys=len(closed), partner=str(partner), person=person)
        return keys

    @asynccontextmanager
    async def _as_log(self, tenant_id: UUID) -> AsyncIterator[TenantConnection]:
        """As the log's writer, who alone may change people's keys."""
        async with self._db.tenants([tenant_id]) as connection:
            yield TenantConnection(connection, tenant_id)

    async def _wrap(
        self,
        tenant_id: UUID,
        statements: tuple[str, str],
        entered: Callable[[UUID], AbstractAsyncContextManager[TenantConnection]],
        closed: list[tuple[UUID, str]],
    ) -> int:
        """Wraps keys of one partner; adds those that do not open to `closed`."""
        ring, keys, last = self._keys.ring, 0, ""
        while True:
            async with entered(tenant_id) as tenant:
                rows = await tenant.fetch(statements[0], last, ring.in_force, BATCH)
                wrapped = []
                for id, *key in rows:
                    try:
                        wrapped.append((id, *ring.wrap_anew(WrappedKey(*key), tenant_id, id)))
                    except InvalidTag:
                        closed.append((tenant_id, id))
                await tenant.executemany(statements[1], wrapped)
            keys += len(wrapped)
            if len(rows) < BATCH:
                return keys
            last = rows[-1][0]


def is_another_named(given: tuple[bytes, ...], is_in_force: bool, is_old_named: bool) -> bool:
    """Whether there is a key to change to, where the environment names the first of those given.

    is_in_force: that one is already. is_old_named: by the environment as well.
    """
    # What the data folder keeps beside a named key may have been left there long ago.
    return len(given) > 1 and (is_old_named or not is_in_force)


async def _bring_into_force(owner: asyncpg.Connection, settings: Settings, patience: float) -> None:
    """settings: whose secret key it is. Waits for who writes or reads people's keys at the time,
    and for a migration, which sets the passwords of the key that it found in force; lets others
    pass between two attempts."""
    id = key_id_of(settings.secret_key)
    give_up, pause = monotonic() + patience, _FIRST_PAUSE
    while True:
        with suppress(asyncpg.LockNotAvailableError):
            async with owner.transaction():
                await owner.execute("set local lock_timeout = '100ms'")
                await owner.execute("select pg_advisory_xact_lock($1)", migrate.LOCK)
                await owner.execute("update secret_keys set in_force = false where in_force")
                await owner.execute(_IN_FORCE, id, canary(settings.secret_key))
                await say_in_force(owner, id)
                for role, password in settings.role_passwords.items():
                    await owner.execute(f"alter role {role} password '{password}'")
            return
        if monotonic() + pause > give_up:
            raise Refusal("key_rotation_kept_out")
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


async def _put_out_of_use(owner: asyncpg.Connection) -> None:
    """The keys that are not in force, once the database has found nothing that they wrap."""
    async with owner.transaction():
        await require_wrapped(owner)
        await owner.execute("delete from secret_keys where not in_force")
