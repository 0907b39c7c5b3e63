"""A partner out of an archive, put beside the partners that an installation has.

All rows are written in one transaction: killed anywhere, the installation has all of the partner or
nothing. Events keep their bytes, their positions and their instants, so that seals stay true.
"""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import msgspec

from domain.kernel.errors import Refusal, TakenError
from infra.app import App
from infra.archives.archive import UNREADABLE, Archive, archive_read
from infra.archives.backup import MANIFEST, ArchiveProgress
from infra.archives.manifest import read_manifest
from infra.archives.partner_export import STRETCH, YEARS, PartnerManifest, calendar_of
from infra.archives.partner_tables import (
    BY_POSITION,
    CODES,
    MOVED,
    PEOPLE,
    UNWRAPPED,
    columns_of,
)
from infra.archives.rows import copied_rows, load_rows, refusing_made_up
from infra.archives.stored_files import FILE, lacks_files
from infra.database import migrate
from infra.database.db import TenantConnection, connection_to, take_time
from infra.database.migrate import migrations
from infra.log import key_rotation
from infra.log.log_sealer import KeyChange, LogSealer
from infra.log.log_seals import SealKey
from infra.log.sealing import KEY_BYTES
from infra.work.files import FOLDER as FILES
from infra.work.files import folder_of
from services.kernel.threads import each_in_thread, run_whole
from services.people.second_factor import SECRET_BYTES, newest_step

_IS_WHOLE = """
    select (select position from heads where tenant_id = $1) = $2
        and (select count(*) = $2 and coalesce(max(position), 0) = $2 from events
            where tenant_id = $1)
        and (select code from tenants where tenant_id = $1) = $3
"""
"""Whether the log is there up to a position, its end, and the partner has that code."""

_ADD_KEY = {
    PEOPLE: "insert into person_keys (tenant_id, person_id, wrapped, key_id)"
    " values ($1, $2, $3, $4)",
    CODES: "insert into totps (tenant_id, user_id, wrapped, key_id, last_step)"
    " values ($1, $2, $3, $4, $5)",
}
_NO_ROTATION = "select pg_try_advisory_xact_lock_shared($1)"
_OWN_ROW, *_OTHER_TABLES = MOVED
_SAME_PARTNER = "tenants_pkey"
_Key = Annotated[bytes, msgspec.Meta(min_length=KEY_BYTES, max_length=KEY_BYTES)]
_Secret = Annotated[bytes, msgspec.Meta(min_length=SECRET_BYTES, max_length=SECRET_BYTES)]
_DECODERS: dict[str, msgspec.msgpack.Decoder[list[tuple[Any, bytes]]]] = {
    PEOPLE: msgspec.msgpack.Decoder(list[tuple[str, _Key]]),
    CODES: msgspec.msgpack.Decoder(list[tuple[UUID, _Secret]]),
}


class Adopted(msgspec.Struct, frozen=True):
    """A partner that was adopted. other_years: of which the statutory calendar here is another one,
    or lacks."""

    manifest: PartnerManifest
    other_years: list[int]


async def adopt_partner(
    app: App, path: Path, passphrase: str, progress: ArchiveProgress
) -> Adopted:
    """Writes the partner of an archive; its read models have yet to be filled.

    Refuses what `archive_read` refuses, `key_rotation_running`, `partner_schema_differs` (found,
    wanted), and raises TakenError `partner_adopted` (code) where it is here already,
    `partner_code_taken` (code) where another one has its code.
    """
    async with AsyncExitStack() as stack:
        archive = await asyncio.to_thread(
            stack.enter_context, archive_read(path, "export", passphrase)
        )
        connection = await stack.enter_async_context(connection_to(app.settings.dsn("owner")))
        async with connection.transaction():
            await take_time(connection)
            # Neither a migration nor another key comes in between.
            await connection.execute("select pg_advisory_xact_lock_shared($1)", migrate.LOCK)
            if not await connection.fetchval(_NO_ROTATION, key_rotation.LOCK):
                raise Refusal("key_rotation_running")
            await app.log.secret_keys.renew()
            return await _Adoption(app, archive, connection, progress).run()


class _Adoption:
    """One adoption. connection: of the owner, in a transaction."""

    def __init__(
        self,
        app: App,
        archive: Archive,
        connection: asyncpg.Connection,
        progress: ArchiveProgress,
    ) -> None:
        self._app, self._archive = app, archive
        self._connection, self._progress = connection, progress

    async def run(self) -> Adopted:
        members = self._archive.members()
        said = self._next(members, MANIFEST)
        manifest = read_manifest(self._archive, said, PartnerManifest, _require_equal)
        tenant = TenantConnection(self._connection, manifest.partner.tenant_id)
        await self._connection.execute(f"set local app.tenant = '{tenant.tenant_id}'")
        await self._register(tenant, manifest.partner.code, self._next(members, _OWN_ROW))
        try:
            await self._fill(tenant, manifest, members)
            with refusing_made_up(self._archive):
                is_whole = await tenant.fetchval(
                    _IS_WHOLE, manifest.position, manifest.partner.code
                )
            if not is_whole:
                raise self._archive.damaged()
            data, lost = self._app.settings.data, frozenset(manifest.lost)
            if await lacks_files(self._connection, tenant.tenant_id, data, lost):
                raise self._archive.damaged()
            with refusing_made_up(self._archive):  # Numbers follow from those that came.
                await self._begin_own_seals(tenant)
        except BaseException:
            # Nobody else adopts it meanwhile: who tries waits for the row that we have written.
            folder = folder_of(self._app.settings.data / FILES, tenant.tenant_id)
            await run_whole(shutil.rmtree, folder, ignore_errors=True)
            raise
        here = calendar_of(await self._connection.fetch(YEARS))
        other = [year for year, digest in manifest.calendar.items() if here.get(year) != digest]
        return Adopted(manifest, other)

    def _next(self, members: Iterator[tuple[str, Iterator[bytes]]], due: str) -> Iterator[bytes]:
        """What the next member holds, which has that name."""
        name, content = next(members, (None, iter(())))
        if name != due:
            raise self._archive.damaged()
        return content

    async def _register(
        self, tenant: TenantConnection, code: str, content: Iterator[bytes]
    ) -> None:
        with refusing_made_up(self._archive):
            try:
                copied = await self._copy(tenant, _OWN_ROW, content)
            except asyncpg.UniqueViolationError as error:
                is_same = error.constraint_name == _SAME_PARTNER
                taken = "partner_adopted" if is_same else "partner_code_taken"
                raise TakenError(taken, code=code) from error
        # Without its row we would write into, and clean up after, a partner that is here.
        if copied != 1:
            raise self._archive.damaged()

    async def _fill(
        self,
        tenant: TenantConnection,
        manifest: PartnerManifest,
        members: Iterator[tuple[str, Iterator[bytes]]],
    ) -> None:
        position, files, seen = 0, 0, set[str]()
        async for name, content in each_in_thread(members):
            seen.add(name)
            if name in UNWRAPPED:
                await self._add_keys(tenant, name, await run_whole(self._archive.whole, content))
            elif name == FILE:
                await run_whole(self._app.files.keep, tenant.tenant_id, content)
                files += 1
            elif name in _OTHER_TABLES:
                with refusing_made_up(self._archive):
                    await self._copy(tenant, name, content)
            else:
                # Whoever wrote the archive chose the names, and we write as the owner.
                raise self._archive.damaged()
            if name == BY_POSITION:
                position = min(position + STRETCH, manifest.position)
            self._progress(position + files, manifest.steps)
        # A log without any event has no stretch.
        due = {*_OTHER_TABLES, *UNWRAPPED} - {BY_POSITION}
        if not seen >= due or files != manifest.files:
            raise self._archive.damaged()

    async def _begin_own_seals(self, tenant: TenantConnection) -> None:
        """Its chain goes on with our key, which says so in a seal of its own."""
        settings = self._app.settings.given()
        sealer = LogSealer(self._app.db, settings.data, lambda: SealKey(settings.seal_keys[0]))
        await sealer.change_key_within(tenant, KeyChange(is_lost=True))

    async def _add_keys(self, tenant: TenantConnection, table: str, content: bytes) -> None:
        ring, tenant_id = self._app.log.secret_keys.ring, tenant.tenant_id
        try:
            keys = _DECODERS[table].decode(content)
        except UNREADABLE as error:
            raise self._archive.damaged() from error
        # No code that was good there by now is good here once more.
        more = (newest_step(self._app.clock()),) if table == CODES else ()
        rows = [(whose, *ring.wrap(key, tenant_id, str(whose)), *more) for whose, key in keys]
        with refusing_made_up(self._archive):
            await tenant.executemany(_ADD_KEY[table], rows)

    async def _copy(self, tenant: TenantConnection, table: str, content: Iterator[bytes]) -> int:
        """By way of a table that no policy guards: COPY writes into no other. Answers how many
        rows of the partner's there were."""
        columns = list(await columns_of(tenant.plain, table))
        listed = ", ".join(columns)
        await tenant.plain.execute(f"create temporary table arriving (like {table}) on commit drop")
        await load_rows(self._archive, tenant.plain, "arriving", columns, content)
        done = await tenant.execute(
            f"insert into {table} ({listed}) select {listed} from arriving"  # noqa: S608 - ours
            " where tenant_id = $1"
        )
        await tenant.plain.execute("drop table arriving")
        return copied_rows(done)


def _require_equal(schema: int) -> None:
    if schema != (wanted := len(migrations())):
        raise Refusal("partner_schema_differs", found=schema, wanted=wanted)
