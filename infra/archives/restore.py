"""Putting a backup back into an empty place (decision 0042).

First the data folder, under a note that says so; then all rows in one transaction; then read
models, and the note goes. Killed before the rows are there, the next one begins anew; killed after
that, it goes on. Refused before it has written to the database, it takes all away again.
"""

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from uuid import UUID

import asyncpg

from domain.kernel.errors import Refusal
from infra.archives.archive import Archive
from infra.archives.backup import (
    KEY,
    MANIFEST,
    SEALS,
    TABLE,
    ArchiveProgress,
    Manifest,
    list_tables,
)
from infra.archives.manifest import read_manifest
from infra.archives.rows import load_rows, refusing_made_up
from infra.archives.stored_files import FILE, lacks_files
from infra.database.db import connection_to, take_time
from infra.database.migrate import APPLIED, LOCK, migrate, migrations
from infra.demo.accounts import NOTE
from infra.log.seal_file import FOLDER as SEAL_FILES
from infra.log.seal_file import path_of
from infra.log.secret_keys import (
    WRAPPED,
    WRAPPED_IN_FORCE,
    check_secret_keys,
    require_wrapped,
    say_in_force,
)
from infra.readside.checkpoints import names
from infra.readside.rebuild import forget_rebuilds
from infra.servers.data_folder import RESTORING
from infra.servers.locks import held_alone
from infra.servers.private_files import sync_folder
from infra.settings import (
    SEAL_KEY,
    SECRET_KEY,
    Settings,
    prepare_folder,
)
from infra.work.files import DIGEST, place_of
from infra.work.files import FOLDER as FILES
from services.kernel.threads import each_in_thread
from services.reactors import REACTORS

NOTED = (*SECRET_KEY.files, *SEAL_KEY.files, NOTE)
"""What a backup has of the data folder beside files and seals."""

_HAS_SCHEMA = "select to_regclass('schema_migrations') is not null"
_TOLD = "select obj_description(to_regclass('schema_migrations'), 'pg_class')"
"""The word of the restore that has made the schema, and LOADED when its rows are there."""

LOADED = "loaded"

_WITH_FILES = "select distinct tenant_id from files"
_GUARDED = "select relrowsecurity from pg_class where oid = $1::text::regclass"
_IN_FORCE = "select key_id from secret_keys order by in_force desc"
_BEGIN_ANEW = "delete from checkpoints where projection <> all ($1)"


class Restoring:
    """A data folder while a backup is put back there, under a note of which backup that is, and of
    a word that the database has too as soon as this restore has begun there."""

    def __init__(self, folder: Path, descriptor: int, archive: Archive, manifest: Manifest) -> None:
        """descriptor: of the note. Refuses `restore_of_another_backup` (path), and
        `restore_folder_occupied` (path) where this note is new and something is there."""
        self._folder, self._descriptor, self._id = folder, descriptor, archive.id
        self.archive, self.manifest = archive, manifest
        found = os.pread(descriptor, 1 << 12, 0).decode(errors="replace")
        id, _, self._word = found.partition(" ")
        if not id and not self._is_alone():
            self.end()
            raise Refusal("restore_folder_occupied", path=str(folder))
        if id not in ("", self._id):
            raise Refusal("restore_of_another_backup", path=str(folder))
        self._note(self._word)

    async def require_empty(self, owner_dsn: str) -> None:
        """Refuses `restore_database_occupied` where a schema is there that this restore has not
        made."""
        async with connection_to(owner_dsn) as owner:
            await self._is_empty(owner)

    async def begin(self, owner_dsn: str) -> bool:
        """Makes an empty database this restore's, before anything else is written there; answers
        whether all rows are there already. Refuses as require_empty does."""
        async with connection_to(owner_dsn) as owner, owner.transaction():
            # Of two restores at once, the second one sees the first one's word.
            await owner.execute("select pg_advisory_xact_lock($1)", LOCK)
            if await self._is_empty(owner):
                self._note(secrets.token_hex(16))
                await owner.execute(APPLIED)
                await self._tell(owner, self._word)
            told: str = await owner.fetchval(_TOLD)
            return told == f"{self._word} {LOADED}"

    async def tell_loaded(self, owner: asyncpg.Connection) -> None:
        """All rows are there, if the transaction is committed."""
        await self._tell(owner, f"{self._word} {LOADED}")

    async def _is_empty(self, owner: asyncpg.Connection) -> bool:
        if not await owner.fetchval(_HAS_SCHEMA):
            return True
        word, _, _ = (await owner.fetchval(_TOLD) or "").partition(" ")
        if not word or word != self._word:
            raise Refusal("restore_database_occupied")
        return False

    async def _tell(self, owner: asyncpg.Connection, told: str) -> None:
        await owner.execute(f"comment on table schema_migrations is '{told}'")

    def _note(self, word: str) -> None:
        self._word = word
        written = f"{self._id} {word}".encode()
        # In this order: killed in between, it still says all that it said.
        os.pwrite(self._descriptor, written, 0)
        os.ftruncate(self._descriptor, len(written))
        os.fsync(self._descriptor)
        sync_folder(self._folder)

    def place(self) -> None:
        """Puts the backup's keys, seals and files into the folder, anew. Refuses `archive_damaged`
        where names are made up, or files are lacking."""
        _clear(self._folder)
        _place(self.archive, self.manifest, self._folder)

    def withdraw(self) -> None:
        """Leaves nothing behind, unless this restore has begun in a database."""
        if not self._word:
            _clear(self._folder)
            if self._is_alone():
                self.end()

    def _is_alone(self) -> bool:
        return [path.name for path in self._folder.iterdir()] == [RESTORING]

    def end(self) -> None:
        """All is there, and others may use it."""
        (self._folder / RESTORING).unlink()
        sync_folder(self._folder)


def refuse_occupied(folder: Path) -> None:
    """Refuses `restore_folder_occupied` (path) where something is in the folder, unless a restore
    was broken off there."""
    if folder.exists() and any(folder.iterdir()) and not (folder / RESTORING).exists():
        raise Refusal("restore_folder_occupied", path=str(folder))


@contextmanager
def folder_restored(archive: Archive, folder: Path) -> Iterator[Restoring]:
    """The data folder into which a backup is put back, which is not used by anybody else before
    `end`; as it was where this fails before anything is written to a database.

    Refuses `restore_folder_occupied`, `restore_running` (path), what `manifest_of` refuses, and
    `restore_of_another_backup` (path) where another one was broken off there.
    """
    refuse_occupied(folder)
    manifest = manifest_of(archive)
    prepare_folder(folder)
    note = folder / RESTORING
    with held_alone(note) as descriptor:
        # One that was opened before another restore ended is no longer the folder's.
        if descriptor is None or not os.fstat(descriptor).st_nlink:
            raise Refusal("restore_running", path=str(folder))
        restoring = Restoring(folder, descriptor, archive, manifest)
        try:
            yield restoring
        except BaseException:
            restoring.withdraw()
            raise


def manifest_of(archive: Archive) -> Manifest:
    """What a backup has. Refuses `archive_of_newer_schema` (found, known), and what read_manifest
    refuses."""
    name, content = next(archive.members(), ("", iter(())))
    if name != MANIFEST:
        raise archive.damaged()
    return read_manifest(archive, content, Manifest, _require_known)


def _require_known(schema: int) -> None:
    if schema > (known := len(migrations())):
        raise Refusal("archive_of_newer_schema", found=schema, known=known)


def _clear(folder: Path) -> None:
    for begun in (SEAL_FILES, FILES):
        rmtree(folder / begun, ignore_errors=True)
    for name in NOTED:
        (folder / name).unlink(missing_ok=True)


def _place(archive: Archive, manifest: Manifest, folder: Path) -> None:
    files = 0
    for name, content in archive.members():
        kind, _, rest = name.partition("/")
        if kind == KEY and rest in NOTED:
            _write(folder / rest, content)
        elif kind == SEALS:
            _write(path_of(folder, _tenant(archive, rest)), content)
        elif kind == FILE:
            tenant_id, _, sha256 = rest.partition("/")
            # Whoever wrote the archive chose the names, and we may write anywhere.
            if not DIGEST.fullmatch(sha256):
                raise archive.damaged()
            path = place_of(folder / FILES, _tenant(archive, tenant_id), sha256)
            if _write(path, content) != sha256:
                raise archive.damaged()
            files += 1
        elif kind == TABLE:
            break
    if files != manifest.files:
        raise archive.damaged()


def _tenant(archive: Archive, text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise archive.damaged() from error


def _write(path: Path, content: Iterator[bytes]) -> str:
    """Answers the SHA-256 of what it has written."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for piece in content:
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)
    return digest.hexdigest()


async def restore_rows(restoring: Restoring, settings: Settings, progress: ArchiveProgress) -> None:
    """Loads all rows of a backup, and brings the schema up to date.

    Refuses `restore_database_occupied` where a schema is there that this restore has not made, and
    what `Loading` refuses: no row is there then.
    """
    archive, manifest = restoring.archive, restoring.manifest
    is_loaded = await restoring.begin(settings.dsn("owner"))
    await migrate(settings, until=manifest.schema)
    if not is_loaded:
        forget_rebuilds(settings.data)
        async with connection_to(settings.dsn("owner")) as owner, owner.transaction():
            await Loading(archive, manifest, owner, settings, progress).run()
            await restoring.tell_loaded(owner)
    await migrate(settings)


class Loading:
    """All rows of a backup, put into the tables that the migrations have made, in place of what
    these put there. owner: of the schema, in a transaction; sees no rows of partners else."""

    def __init__(
        self,
        archive: Archive,
        manifest: Manifest,
        owner: asyncpg.Connection,
        settings: Settings,
        progress: ArchiveProgress,
    ) -> None:
        self._archive, self._manifest, self._owner = archive, manifest, owner
        self._settings, self._progress = settings, progress

    async def run(self) -> None:
        """Refuses `archive_damaged` where no backup has such rows, and `secret_key_wrong` where its
        keys are not those of its rows."""
        tables, owner = self._manifest.tables, self._owner
        there = {row["name"]: row["columns"] for row in await list_tables(owner)}
        if there != {name: one.columns for name, one in tables.items()}:
            raise self._archive.damaged()
        await take_time(owner)
        guarded = [name for name in tables if await owner.fetchval(_GUARDED, name)]
        for name in guarded:
            await owner.execute(f"alter table {name} no force row level security")
        for name in reversed(tables):
            await owner.execute(f"delete from {name}")  # noqa: S608 - what the migrations filled
        for name in WRAPPED:
            await owner.execute(f"alter table {name} drop constraint {WRAPPED_IN_FORCE}")
        if await self._load() != {name: one.rows for name, one in tables.items()}:
            raise self._archive.damaged()
        data, lost = self._settings.data, frozenset(self._manifest.lost)
        for (tenant_id,) in await owner.fetch(_WITH_FILES):
            if await lacks_files(owner, tenant_id, data, lost):
                raise self._archive.damaged()
        await self._wrap_with_the_key_in_force()
        await owner.execute(_BEGIN_ANEW, names(REACTORS))
        for name in guarded:
            await owner.execute(f"alter table {name} force row level security")

    async def _load(self) -> dict[str, int]:
        """Answers how many rows each table has."""
        tables = self._manifest.tables
        loaded, done = dict.fromkeys(tables, 0), self._manifest.files
        async for member, content in each_in_thread(self._archive.members()):
            kind, _, rest = member.partition("/")
            if kind == TABLE:
                name = rest.partition("/")[0]
                if name not in tables:
                    raise self._archive.damaged()
                columns = tables[name].columns
                rows = await load_rows(self._archive, self._owner, name, columns, content)
                loaded[name] += rows
                done += rows
                self._progress(done, self._manifest.total)
        return loaded

    async def _wrap_with_the_key_in_force(self) -> None:
        # Before their ids are part of a statement: whoever wrote the archive chose them.
        await check_secret_keys(self._owner, self._settings)
        in_force, *others = [row["key_id"] for row in await self._owner.fetch(_IN_FORCE)]
        await say_in_force(self._owner, in_force)
        if not others:
            with refusing_made_up(self._archive):
                await require_wrapped(self._owner)
