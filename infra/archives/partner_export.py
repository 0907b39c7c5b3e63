"""One partner's whole log, its files and all else that is its own, into a sealed archive.

One snapshot of the database sees all of it, while everything runs. The keys of its people are
unwrapped in there: whoever adopts the partner wraps them with the key of another installation.
"""

import asyncio
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
from cryptography.exceptions import InvalidTag

from domain.kernel.errors import Refusal
from infra.app import App
from infra.archives.archive import COST, ArchiveWriter, Cost, archive_written
from infra.archives.backup import MANIFEST, ArchiveProgress
from infra.archives.manifest import OwnSchema
from infra.archives.partner_tables import (
    BY_POSITION,
    CODES,
    INSTEAD,
    MOVED,
    PEOPLE,
    REACTORS_ONLY,
    UNFINISHED,
    UNWRAPPED,
    columns_of,
)
from infra.archives.rows import add_rows
from infra.archives.stored_files import (
    COUNT_FILES,
    FILE,
    LostFile,
    bytes_of,
    files_of,
    lost_files,
)
from infra.database.db import TenantConnection, connection_to, take_time
from infra.database.migrate import migrations
from infra.log.seal_file import FOLDER as SEALS
from infra.log.sealing import WrappedKey
from services.people.access import Tenant
from services.reactors import REACTORS

STRETCH = 10_000
"""Positions of the log that are copied at once."""

KEYS_AT_ONCE = 500
YEARS = "select year, days_off, days_worked from calendar_years order by year"
_HEAD = "select position from heads where tenant_id = $1"
_UNFINISHED = f"select count(*) from jobs where tenant_id = $1 and {UNFINISHED}"  # noqa: S608
_UNSENT = "select count(*) from outbox where tenant_id = $1"
_KEYS = {
    PEOPLE: "select person_id, wrapped, key_id from person_keys where tenant_id = $1",
    CODES: "select user_id::text, wrapped, key_id from totps"
    " where tenant_id = $1 and last_step is not null",
}


class PartnerManifest(OwnSchema, frozen=True, kw_only=True):
    """What an archive is of. position: of the log's end. calendar: a digest of each year of the
    statutory one. unfinished: jobs that were not over, and unsent: effects that were yet to be
    carried out; both stay behind. lost: the files that it lacks."""

    partner: Tenant
    position: int
    files: int
    calendar: dict[int, str]
    unfinished: int
    unsent: int
    lost: list[LostFile] = msgspec.field(default_factory=list)

    @property
    def steps(self) -> int:
        """Positions and files."""
        return self.position + self.files


async def export_partner(
    app: App,
    code: str,
    path: Path,
    passphrase: str,
    progress: ArchiveProgress,
    *,
    replace: bool = False,
    without_lost_files: bool = False,
    cost: Cost = COST,
) -> PartnerManifest:
    """Writes a partner into an archive; answers what that has.

    without_lost_files: as in a backup. Refuses what `archive_written` refuses,
    `partner_code_unknown`, `log_forged` where the log is not as it was sealed,
    `person_key_not_opened` (person), and of stored files `file_lost` (path) or
    `files_lost_too_many` (most, folder).
    """
    partner = await app.accounts.partner(code)
    with archive_written(path, "export", passphrase, replace=replace, cost=cost) as archive:
        if (await app.log_verifier.verify(partner.tenant_id)).findings:
            raise Refusal("log_forged", partners=1, folder=str(app.settings.data / SEALS))
        async with (
            connection_to(app.settings.dsn("owner")) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            await take_time(connection)
            await connection.execute(f"set local app.tenant = '{partner.tenant_id}'")
            export = _Export(app, partner, connection, archive, progress)
            return await export.run(without_lost_files)


class _Export:
    """One export. connection: of the owner, in a transaction that names the partner."""

    def __init__(
        self,
        app: App,
        partner: Tenant,
        connection: asyncpg.Connection,
        archive: ArchiveWriter,
        progress: ArchiveProgress,
    ) -> None:
        self._app, self._partner = app, partner
        self._tenant = TenantConnection(connection, partner.tenant_id)
        self._archive, self._progress = archive, progress
        self._done, self._total = 0, 0

    async def run(self, without_lost_files: bool) -> PartnerManifest:
        manifest = await self._manifest(without_lost_files)
        self._archive.add(MANIFEST, [msgspec.json.encode(manifest)])
        for table in MOVED:
            if table == BY_POSITION:
                await self._copy_log(table, manifest)
            elif table == REACTORS_ONLY:
                reactors = [reactor.checkpoint for reactor in REACTORS]
                await self._copy(table, "projection = any ($2)", reactors)
            else:
                await self._copy(table)
        for table in UNWRAPPED:
            await self._copy_keys(table)
        left_out, data = frozenset(manifest.lost), self._app.settings.data
        async for path, digest in files_of(self._tenant.plain, self._partner.tenant_id, data):
            if str(path.relative_to(data)) not in left_out:
                await asyncio.to_thread(self._archive.add, FILE, bytes_of(path, digest))
            self._advance()
        return manifest

    async def _manifest(self, without_lost_files: bool) -> PartnerManifest:
        tenant, lost = self._tenant, list[str]()
        position, files = await tenant.fetchval(_HEAD), await tenant.fetchval(COUNT_FILES)
        self._total = position + files + (files if without_lost_files else 0)
        if without_lost_files:
            data = self._app.settings.data
            await lost_files(tenant.plain, tenant.tenant_id, data, self._advance, lost)
        return PartnerManifest(
            schema=len(migrations()),
            partner=self._partner,
            position=position,
            files=files - len(lost),
            calendar=calendar_of(await tenant.plain.fetch(YEARS)),
            unfinished=await tenant.fetchval(_UNFINISHED),
            unsent=await tenant.fetchval(_UNSENT),
            lost=lost,
        )

    async def _copy_log(self, table: str, manifest: PartnerManifest) -> None:
        for after in range(0, manifest.position, STRETCH):
            until = min(after + STRETCH, manifest.position)
            await self._copy(table, "position > $2 and position <= $3", after, until)
            self._advance(until - after)

    async def _copy(self, table: str, only: str = "true", *values: Any) -> None:
        columns = await columns_of(self._tenant.plain, table)
        instead = INSTEAD.get(table, {})
        chosen = ", ".join(f"({instead.get(name, name)})::{kind}" for name, kind in columns.items())
        query = f"select {chosen} from {table} where tenant_id = $1 and {only}"  # noqa: S608 - ours
        values = (self._partner.tenant_id, *values)
        await add_rows(self._archive, table, self._tenant.plain, query, *values)

    def _advance(self, more: int = 1) -> None:
        self._done += more
        self._progress(self._done, self._total)

    async def _copy_keys(self, table: str) -> None:
        ring, tenant_id = self._app.log.secret_keys.ring, self._partner.tenant_id
        opened = list[tuple[str, bytes]]()
        async for whose, *key in self._tenant.cursor(_KEYS[table], prefetch=KEYS_AT_ONCE):
            try:
                opened.append((whose, ring.bare_key(WrappedKey(*key), tenant_id, whose)))
            except InvalidTag as error:
                raise Refusal("person_key_not_opened", person=whose) from error
            if len(opened) == KEYS_AT_ONCE:
                await self._add_keys(table, opened)
                opened.clear()
        await self._add_keys(table, opened)

    async def _add_keys(self, table: str, opened: list[tuple[str, bytes]]) -> None:
        await asyncio.to_thread(self._archive.add, table, [msgspec.msgpack.encode(opened)])


def calendar_of(years: list[Mapping[str, Any]]) -> dict[int, str]:
    """What tells a year of the statutory calendar from the same year of another one."""
    return {
        year["year"]: sha256(
            msgspec.json.encode((sorted(year["days_off"]), sorted(year["days_worked"])))
        ).hexdigest()
        for year in years
    }
