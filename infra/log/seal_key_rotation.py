"""Another seal key in the place of the one that signs, while everything runs (decision 0044).

Each partner's chain is given one more seal, of no events, by which the new key begins. Begun again,
it goes on where it was; in the end the old key is needed no more, since each key's public half
stands in the chain.
"""

import asyncio
from collections.abc import Callable
from time import monotonic
from uuid import UUID

import msgspec

from domain.kernel.errors import Refusal
from infra.database.db import Database, connection_to
from infra.log.key_rotation import LOCK
from infra.log.log_sealer import SEALED, KeyChange, LogSealer, SealBrokenError
from infra.log.log_seals import SealKey, short_of
from infra.log.seal_file import SealFileError
from infra.servers.private_files import sync_folder
from infra.settings import SEAL_KEY, Settings, keep_new_key

PATIENCE, _PAUSE = 60.0, 0.1
"""Seconds for which a partner's file is waited for, and between two attempts."""


class SealKeyChanged(msgspec.Struct, frozen=True):
    """key: by what the one is told that signs. partners: whose chains it began to sign."""

    key: str
    partners: int


class SealKeyRotation:
    """Changes the seal key of an installation."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db, self._settings = db, settings

    async def run(self, progress: Callable[[int, int], object], is_lost: bool) -> SealKeyChanged:
        """Makes a new key, or goes on with one; is_lost: the key at hand goes on with chains of
        another, which need not be given.

        Refuses `key_rotation_running`, `seal_key_alone` where the environment names the key and
        no other is given, and `seal_key_not_changed` (partners, key, partner, error) after all
        others.
        """
        async with connection_to(self._settings.dsn("owner")) as owner:
            if not await owner.fetchval("select pg_try_advisory_lock($1)", LOCK):
                raise Refusal("key_rotation_running")
            keys = self._keys(is_lost)
            return await self._change(keys[0], KeyChange(keys[1:], is_lost), progress)

    def _keys(self, is_lost: bool) -> tuple[SealKey, ...]:
        given = self._settings.given()
        if len(given.seal_keys) == 1 and not is_lost:
            if not given.are_seal_keys_kept:
                raise Refusal("seal_key_alone")
            keep_new_key(given.data, SEAL_KEY)
            given = given.given()
        return tuple(map(SealKey, given.seal_keys))

    async def _change(
        self, key: SealKey, change: KeyChange, progress: Callable[[int, int], object]
    ) -> SealKeyChanged:
        sealer = LogSealer(self._db, self._settings.data, lambda: key)
        async with self._db.across() as connection:
            tenants = [row["tenant_id"] for row in await connection.fetch(SEALED)]
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
            partner, code = str(left[0][0]), left[0][1]
            raise Refusal(
                "seal_key_not_changed", partners=len(left), key=told, partner=partner, error=code
            )
        old = self._settings.data / SEAL_KEY.old_file
        if self._settings.are_seal_keys_kept and old.exists():
            old.unlink()
            sync_folder(old.parent)
        return SealKeyChanged(told, changed)

    async def _change_partners(self, sealer: LogSealer, tenant_id: UUID, change: KeyChange) -> bool:
        give_up = monotonic() + PATIENCE
        while (changed := await sealer.change_key(tenant_id, change)) is None:
            if monotonic() > give_up:
                raise Refusal("key_rotation_kept_out")
            await asyncio.sleep(_PAUSE)
        return changed
