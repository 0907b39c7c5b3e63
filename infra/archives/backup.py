"""Backing up a whole installation while it runs (decision 0042).

All rows come from one snapshot of the database; what is read beside it, keys, seals and files, is
only ever added to, and taken as far as that snapshot knows of it. Nothing is locked.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence, Set
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from domain.kernel.errors import Refusal
from infra.archives.archive import ArchiveWriter
from infra.archives.manifest import OwnSchema
from infra.archives.rows import add_rows
from infra.archives.stored_files import (
    COUNT_FILES,
    FILE,
    LostFile,
    bytes_of,
    files_of,
    lost_files,
)
from infra.database import migrate
from infra.database.db import connection_to, take_time
from infra.database.distribution import REFERENCE
from infra.demo.accounts import NOTE
from infra.log.log_seals import SealKey
from infra.log.seal_file import whole_lines
from infra.log.sealing import key_id_of
from infra.log.secret_keys import check_secret_keys
from infra.settings import SEAL_KEY, SECRET_KEY, KeyPlace, Settings, given_key_texts

MANIFEST = "manifest"
KEY, SEALS, TABLE = "key", "seals", "table"
"""What the names of other members begin with, as FILE, before what they are of."""

MADE_ANEW = (
    "sessions",
    "one_time_links",
    "sign_ins_pending",
    "log_in_attempts",
    "log_in_steps",
    "spent_challenges",
    "kpi_series",
    "hq_series",
    "series_checkpoints",
    "schema_migrations",
)
"""What migrations made and no backup has: people sign in again, links that were used since are
not good again, series follow from the log, and the schema from the program."""

READ_MODELS = r"_v[0-9]+(_past)?$"
"""How the tables of read models end, which follow from the log."""

_TABLES = """
    select c.relname::text as name,
        array_agg(a.attname::text order by a.attnum) as columns,
        has_table_privilege(c.oid, 'select') and (not c.relrowsecurity or exists (
            select from pg_policy p
            where p.polrelid = c.oid and p.polcmd in ('r', '*') and p.polpermissive
                and (select oid from pg_roles where rolname = current_user) = any (p.polroles)
                and pg_get_expr(p.polqual, c.oid) = 'true'
        ) and not exists (
            select from pg_policy p where p.polrelid = c.oid and not p.polpermissive
        )) as is_seen_whole
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
        and not c.relispartition and a.attnum > 0 and not a.attisdropped
        and c.relname !~ $1 and c.relname <> all ($2)
        and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
    group by c.oid order by c.relname
"""
_SCHEMA = "select max(number) from schema_migrations"
_INSTANT = "select now()"
_TENANTS = "select tenant_id from tenants order by tenant_id"
_IN_USE = "select key_id from secret_keys order by in_force desc"
_SEALED = "select number, key from seals where tenant_id = $1 order by number desc limit 1"
_NO_OTHER_KEY = "select pg_advisory_xact_lock_shared($1)"

ArchiveProgress = Callable[[int, int], object]
"""Is told how many rows, files and comparisons of how many are done."""


class TableRows(msgspec.Struct, frozen=True):
    """What a backup has of a table."""

    columns: list[str]
    rows: int


class Manifest(OwnSchema, frozen=True, kw_only=True):
    """What a backup has; its first member. tables: in an order in which their foreign keys are met.
    lost: the files that it lacks."""

    made_at: datetime
    tables: dict[str, TableRows]
    files: int
    lost: list[LostFile] = msgspec.field(default_factory=list)

    @property
    def total(self) -> int:
        """Rows and files."""
        return self.files + sum(one.rows for one in self.tables.values())


async def back_up(
    settings: Settings,
    archive: ArchiveWriter,
    progress: ArchiveProgress,
    *,
    without_lost_files: bool = False,
) -> Manifest:
    """Writes the whole installation into an archive of the kind `backup`.

    without_lost_files: those that are not as they were are left out, and in the manifest. Refuses
    `backup_incomplete` (tables) where a table is not read, or not all of it; `file_lost` (path)
    where a file is not as it was, or `files_lost_too_many` (most, folder); and what
    check_secret_keys refuses: of a secret key that is being changed, those that the snapshot needs
    are in it. So are seal keys that are given: one that is lost keeps nobody from a backup.
    """
    keys = await _keys_at_hand(settings)
    async with _snapshot(settings) as connection:
        backup = _Backup(settings, archive, connection, progress, keys)
        return await backup.run(without_lost_files)


@asynccontextmanager
async def _snapshot(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the role that backs up, in a transaction that sees one state."""
    async with AsyncExitStack() as stack:
        async with connection_to(settings.dsn("owner")) as owner, owner.transaction():
            # Until its password has logged in.
            await owner.execute(_NO_OTHER_KEY, migrate.LOCK)
            in_force = await check_secret_keys(owner, settings.given())
            connection = await stack.enter_async_context(connection_to(in_force.dsn("backup")))
        transaction = connection.transaction(isolation="repeatable_read", readonly=True)
        await stack.enter_async_context(transaction)
        await take_time(connection)
        yield connection


class _Backup:
    """One backup, over a transaction that sees one state."""

    def __init__(
        self,
        settings: Settings,
        archive: ArchiveWriter,
        connection: asyncpg.Connection,
        progress: ArchiveProgress,
        keys: "_Keys",
    ) -> None:
        """keys: at hand before the transaction's first query: one in use then may be put away
        since."""
        self._settings, self._archive, self._connection = settings, archive, connection
        self._progress, self._done, self._total = progress, 0, 0
        self._keys_before = keys

    async def run(self, without_lost_files: bool) -> Manifest:
        tables = await self._tables()
        tenants = [row["tenant_id"] for row in await self._connection.fetch(_TENANTS)]
        files = sum([await self._connection.fetchval(COUNT_FILES, one) for one in tenants])
        # Lost ones are known before the first member, so each is read twice where they may be.
        compared = files if without_lost_files else 0
        self._total = sum(one.rows for one in tables.values()) + files + compared
        data, lost = self._settings.data, list[str]()
        if without_lost_files:
            for one in tenants:
                await lost_files(self._connection, one, data, self._advance, lost)
        manifest = Manifest(
            schema=await self._connection.fetchval(_SCHEMA),
            made_at=await self._connection.fetchval(_INSTANT),
            tables=tables,
            files=files - len(lost),
            lost=lost,
        )
        left_out = frozenset(lost)
        self._archive.add(MANIFEST, [msgspec.json.encode(manifest)])
        last = {
            tenant_id: row
            for tenant_id in tenants
            if (row := await self._connection.fetchrow(_SEALED, tenant_id))
        }
        await self._keys({row["key"] for row in last.values()})
        for tenant_id in tenants:
            if tenant_id in last:
                lines = _lines_until(data, tenant_id, last[tenant_id]["number"])
                await asyncio.to_thread(self._archive.add, f"{SEALS}/{tenant_id}", lines)
            async for path, sha256 in files_of(self._connection, tenant_id, data):
                if str(path.relative_to(data)) not in left_out:
                    member = f"{FILE}/{tenant_id}/{sha256}"
                    content = bytes_of(path, sha256)
                    await asyncio.to_thread(self._archive.add, member, content)
                self._advance()
        for name, table in tables.items():
            await self._rows(name, table, tenants)
        return manifest

    async def _tables(self) -> dict[str, TableRows]:
        found = await list_tables(self._connection)
        if unseen := [row["name"] for row in found if not row["is_seen_whole"]]:
            raise Refusal("backup_incomplete", tables=unseen)
        tables = {}
        for row in sorted(found, key=lambda row: _place_of(row["name"])):
            counted = f"select count(*) from {row['name']}"  # noqa: S608 - a name of the catalog
            rows = await self._connection.fetchval(counted)
            tables[row["name"]] = TableRows(row["columns"], rows)
        return tables

    async def _keys(self, signed: Set[str]) -> None:
        """signed: the seal keys that signed last."""
        at_hand = await _keys_at_hand(self._settings)
        secrets, seal_keys = (
            now | before for now, before in zip(at_hand, self._keys_before, strict=True)
        )
        given = msgspec.structs.replace(self._settings, secret_keys=tuple(secrets))
        await check_secret_keys(self._connection, given)
        by_id = {key_id_of(secret): text for secret, text in secrets.items()}
        in_use = await self._connection.fetch(_IN_USE)
        self._keep(SECRET_KEY, [by_id[row["key_id"]] for row in in_use])
        by_public = {SealKey(seed).public: text for seed, text in seal_keys.items()}
        kept = [key for key in by_public if key in signed] or list(by_public)[:1]
        self._keep(SEAL_KEY, [by_public[key] for key in kept])
        with suppress(FileNotFoundError):
            note = (self._settings.data / NOTE).read_bytes()
            self._archive.add(f"{KEY}/{NOTE}", [note])

    def _keep(self, place: KeyPlace, texts: Sequence[str]) -> None:
        # One is in force; there is a second one while it is being changed.
        for name, text in zip(place.files, texts, strict=False):
            self._archive.add(f"{KEY}/{name}", [text.encode()])

    async def _rows(self, name: str, table: TableRows, tenants: Sequence[UUID]) -> None:
        columns, copied = ", ".join(table.columns), 0
        chosen = f"select {columns} from {name}"  # noqa: S608 - names of the catalog
        if "tenant_id" not in table.columns:
            copied += await self._copy(f"{TABLE}/{name}/", chosen)
        else:
            for tenant_id in tenants:
                member = f"{TABLE}/{name}/{tenant_id}"
                copied += await self._copy(member, f"{chosen} where tenant_id = $1", tenant_id)
            # Head office's people and tokens.
            copied += await self._copy(f"{TABLE}/{name}/", f"{chosen} where tenant_id is null")
        if copied != table.rows:
            raise Refusal("backup_incomplete", tables=[name])

    async def _copy(self, member: str, query: str, *values: Any) -> int:
        rows = await add_rows(self._archive, member, self._connection, query, *values)
        self._advance(rows)
        return rows

    def _advance(self, more: int = 1) -> None:
        self._done += more
        self._progress(self._done, self._total)


_Keys = tuple[dict[bytes, str], dict[bytes, str]]
"""The secret keys and the seal keys that are given, the new one first, and how each is written."""


async def _keys_at_hand(settings: Settings) -> _Keys:
    secrets, seal_keys = [
        await asyncio.to_thread(given_key_texts, settings.data, place)
        for place in (SECRET_KEY, SEAL_KEY)
    ]
    return secrets, seal_keys


async def list_tables(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    """The tables that a backup has: their name, their columns in order, and whether whoever asks
    sees all of their rows (is_seen_whole)."""
    found: list[asyncpg.Record] = await connection.fetch(_TABLES, READ_MODELS, MADE_ANEW)
    return found


def _place_of(table: str) -> tuple[int, str]:
    """Those that others refer to come first."""
    return (REFERENCE.index(table) if table in REFERENCE else len(REFERENCE), table)


def _lines_until(data: Path, tenant_id: UUID, last: int) -> Iterator[bytes]:
    """The lines of a partner's seals up to a number; as they are, whatever they are: who verifies
    them says what is wrong with them."""
    for line in whole_lines(data, tenant_id):
        with suppress(msgspec.DecodeError):
            if msgspec.json.decode(line, type=_Numbered).number > last:
                return
        yield f"{line}\n".encode()


class _Numbered(msgspec.Struct):
    number: int
