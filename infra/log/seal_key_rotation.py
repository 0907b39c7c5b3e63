"""Another seal key in the place of the one that signs, while everything runs (decision 0044).

Each partner's chain is given one more seal, of no events, by which the new key begins. Begun again,
it goes on where it was; in the end the old key is needed no more, since each key's public half
stands in the chain.
"""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Literal
from uuid import UUID

import asyncpg
import msgspec

from domain.kernel.errors import Refusal
from infra.database.db import Database, connection_to
from infra.log.key_rotation import LOCK, is_another_named
from infra.log.log_sealer import SEALED, KeyChange, LogSealer, SealBrokenError
from infra.log.log_seals import SealKey, other_seal_key, short_of
from infra.log.seal_file import SealFileError
from infra.servers.private_files import sync_folder
from infra.settings import SEAL_KEY, Settings, keep_new_key, where_given

PATIENCE, _PAUSE = 60.0, 0.1
"""Seconds for which a partner's file is waited for, and between two attempts."""


class SealKeyChanged(msgspec.Struct, frozen=True):
    """key: by what the one is told that signs. partners: whose chains it began to sign. old: what
    became of the one before, of which nothing is known where it was not given. left: where it is
    named."""

    key: str
    partners: int
    old: Literal["deleted", "named", "unknown"]
    left: list[str] = []


class SealKeyRotation:
    """Changes the seal key of an installation."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db, self._settings = db, settings

    async def run(self, progress: Callable[[int, int], object], is_lost: bool) -> SealKeyChanged:
        """Makes a new key, or goes on with one; is_lost: the key at hand goes on with chains of
        another, which need not be given.

        Refuses `key_rotation_running`, `seal_key_alone` where the environment names the key and
        there is no other to change to, `seal_key_other` where the one that is kept signed nothing
        of what is signed, and `seal_key_not_changed` (partners, key, partner, error) after all
        others.
        """
        async with connection_to(self._settings.dsn("owner")) as owner:
            if not await owner.fetchval("select pg_try_advisory_lock($1)", LOCK):
                raise Refusal("key_rotation_running")
            keys = await self._keys(is_lost)
            return await self._change(keys[0], KeyChange(keys[1:], is_lost), progress)

    async def _keys(self, is_lost: bool) -> tuple[SealKey, ...]:
        given = self._settings.given()
        keys = tuple(map(SealKey, given.seal_keys))
        if is_lost:
            return keys
        if given.are_seal_keys_kept:
            if len(keys) == 1:
                signing = {row["key"] for row in await self._sealed()} - {None}
                if signing and keys[0].public not in signing:
                    # What signed nothing can hand nothing over.
                    made = given.is_seal_key_made
                    raise other_seal_key(given.seal_keys, signing, is_made=made)
                keep_new_key(given.data, SEAL_KEY)
            return tuple(map(SealKey, given.given().seal_keys))
        is_in_force = {row["key"] for row in await self._sealed()} <= {keys[0].public, None}
        if not is_another_named(given.seal_keys, is_in_force, given.is_old_seal_key_named):
            raise Refusal("seal_key_alone")
        return keys

    async def _sealed(self) -> list[asyncpg.Record]:
        async with self._db.across() as connection:
            found: list[asyncpg.Record] = await connection.fetch(SEALED)
        return found

    async def _change(
        self, key: SealKey, change: KeyChange, progress: Callable[[int, int], object]
    ) -> SealKeyChanged:
        sealer = LogSealer(self._db, self._settings.data, lambda: key)
        tenants = [row["tenant_id"] for row in await self._sealed()]
        changed, left = 0, list[tuple[UUID, str]]()
        for done, tenant_id in enumerate(tenants):
            progress(done, len(tenants))
            try:
                changed += await self._change_partners(sealer, tenant_id, change)
            except (Refusal, SealBrokenError, SealFileError) as error:
                code = error.code if isinstance(error, Refusal) else type(error).__name__
                left.append((tenant_id, code))
        progress(len(tenants), len(tenants))
        told = short_of(key.public)
        if left:
            tenant_id, code = left[0]
            raise Refusal(
                "seal_key_not_changed",
                partners=len(left),
                key=told,
                partner=await self._code_of(tenant_id),
                error=code,
            )
        old = self._let_go(change.former)
        former = self._settings.given().seal_keys[1:]
        places = where_given(self._settings.data, SEAL_KEY, former)
        return SealKeyChanged(told, changed, old, places)

    async def _code_of(self, tenant_id: UUID) -> str:
        async with self._db.tenant(tenant_id) as tenant:
            code: str = await tenant.fetchval("select code from tenants where tenant_id = $1")
        return code

    def _let_go(self, former: tuple[SealKey, ...]) -> Literal["deleted", "named", "unknown"]:
        if not former:
            return "unknown"
        if not self._settings.are_seal_keys_kept:
            return "named"
        old = self._settings.data / SEAL_KEY.old_file
        old.unlink(missing_ok=True)
        sync_folder(old.parent)
        return "deleted"

    async def _change_partners(self, sealer: LogSealer, tenant_id: UUID, change: KeyChange) -> bool:
        give_up = monotonic() + PATIENCE
        while (changed := await sealer.change_key(tenant_id, change)) is None:
            if monotonic() > give_up:
                raise Refusal("key_rotation_kept_out")
            await asyncio.sleep(_PAUSE)
        return changed
