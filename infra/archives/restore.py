"""Putting a backup back into an empty place (decision 0042).

First the data folder, under a note that says so; then all rows in one transaction; then read
models, and the note goes. Killed before the rows are there, the next one begins anew; killed after
that, it goes on.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from uuid import UUID

import asyncpg
import msgspec

from domain.kernel.errors import Refusal
from infra.archives.archive import Archive
from infra.archives.backup import (
    FILE,
    KEY,
    MANIFEST,
    SEALS,
    TABLE,
    ArchiveProgress,
    Manifest,
    copied_rows,
)
from infra.database.db import connection_to, take_time
from infra.database.migrate import migrate, migrations
from infra.demo.accounts import NOTE
from infra.log.seal_file import FOLDER as SEAL_FILES
from infra.log.seal_file import path_of
from infra.log.secret_keys import WRAPPED_IN_FORCE
from infra.readside.checkpoints import names
from infra.servers.data_folder import RESTORING
from infra.servers.locks import held_alone
from infra.servers.private_files import sync_folder
from infra.settings import (
    SEAL_KEY,
    SECRET_KEY,
    Settings,
    prepare_folder,
)
from infra.work.files import FOLDER as FILES
from infra.work.files import place_of
from services.kernel.threads import each_in_thread
from services.reactors import REACTORS

NOTED = (*SECRET_KEY.files, *SEAL_KEY.files, NOTE)
"""What a backup has of the data folder beside files and seals."""

_HAS_SCHEMA = "select to_regclass('schema_migrations') is not null"
_IDENTITY = """
    select format('%s/%s', system_identifier, oid)
    from pg_control_system(), pg_database where datname = current_database()
"""
"""What no other database has; two addresses may differ by what is not in them both."""

DIGEST, NAME = re.compile("[0-9a-f]{64}"), re.compile("[a-z][a-z0-9_]*")
"""How files are called, and tables and their columns."""

_HAS_ROWS = "select exists (select from tenants) or exists (select from users)"
_GUARDED = "select relrowsecurity from pg_class where oid = $1::text::regclass"
_IN_FORCE = "select key_id from secret_keys order by in_force desc"
_BEGIN_ANEW = "delete from checkpoints where projection <> all ($1)"


class Restoring:
    """A data folder while a backup is put back there, under a note of which backup that is, and
    which database was empty when that was begun."""

    def __init__(self, folder: Path, descriptor: int, archive: Archive) -> None:
        """descriptor: of the note. Refuses `restore_of_another_backup` (path), and
        `restore_folder_occupied` (path) where this note is new and something is there."""
        self._folder, self._descriptor, self._id = folder, descriptor, archive.id
        self._archive = archive
        found = os.pread(descriptor, 1 << 12, 0).decode(errors="replace")
        id, _, self._database = found.partition(" ")
        if not id and not self._is_alone():
            self.end()
            raise Refusal("restore_folder_occupied", path=str(folder))
        if id not in ("", self._id):
            raise Refusal("restore_of_another_backup", path=str(folder))
        self._note(self._database)

    async def begin(self, owner_dsn: str) -> bool:
        """Notes an empty database, before anything is written there; answers whether it is empty.

        Refuses `restore_database_occupied` where a schema is there that this restore has not made;
        of one that has begun nowhere nothing stays behind.
        """
        async with connection_to(owner_dsn) as owner:
            database = await owner.fetchval(_IDENTITY)
            is_empty = not await owner.fetchval(_HAS_SCHEMA)
        if is_empty:
            self._note(database)
        elif self._database != database:
            if not self._database:
                self._withdraw()
            raise Refusal("restore_database_occupied")
        return is_empty

    def _note(self, database: str) -> None:
        self._database = database
        written = f"{self._id} {database}".encode()
        # In this order: killed in between, it still says all that it said.
        os.pwrite(self._descriptor, written, 0)
        os.ftruncate(self._descriptor, len(written))
        os.fsync(self._descriptor)
        sync_folder(self._folder)

    def place(self) -> None:
        """Puts the backup's keys, seals and files into the folder, anew. Raises `archive_damaged`
        of names that are made up."""
        _clear(self._folder)
        _place(self._archive, self._folder)

    def _withdraw(self) -> None:
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
    `end`.

    Refuses `restore_folder_occupied`, `restore_running` (path), `archive_of_newer_schema` (found,
    known), `restore_of_another_backup` (path) where another one was broken off there.
    """
    refuse_occupied(folder)
    manifest_of(archive)
    prepare_folder(folder)
    note = folder / RESTORING
    with held_alone(note) as descriptor:
        # One that was opened before another restore ended is no longer the folder's.
        if descriptor is None or not os.fstat(descriptor).st_nlink:
            raise Refusal("restore_running", path=str(folder))
        yield Restoring(folder, descriptor, archive)


def manifest_of(archive: Archive) -> Manifest:
    """What a backup has. Refuses `archive_of_newer_schema` (found, known)."""
    name, content = next(archive.members(), ("", iter(())))
    if name != MANIFEST:
        raise archive.damaged()
    written = b"".join(content)
    try:
        # A newer one may have other fields beside it.
        found, known = msgspec.json.decode(written, type=_OfSchema).schema, len(migrations())
        if found > known:
            raise Refusal("archive_of_newer_schema", found=found, known=known)
        return msgspec.json.decode(written, type=Manifest)
    except msgspec.DecodeError as error:
        raise archive.damaged() from error


class _OfSchema(msgspec.Struct):
    schema: int


def _clear(folder: Path) -> None:
    for begun in (SEAL_FILES, FILES):
        rmtree(folder / begun, ignore_errors=True)
    for name in NOTED:
        (folder / name).unlink(missing_ok=True)


def _place(archive: Archive, folder: Path) -> None:
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
        elif kind == TABLE:
            return


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


async def restore_rows(
    archive: Archive, restoring: Restoring, settings: Settings, progress: ArchiveProgress
) -> None:
    """Loads all rows of a backup, and brings the schema up to date.

    Refuses `restore_database_occupied` where a schema is there that this restore has not made.
    """
    manifest = manifest_of(archive)
    is_empty = await restoring.begin(settings.dsn("owner"))
    async with connection_to(settings.dsn("owner")) as owner:
        is_loaded = not is_empty and await _has_rows(owner)
    if not is_loaded:
        for note in settings.data.glob("rebuild-*"):
            note.unlink()  # Of read models of rows that are loaded anew.
        await migrate(settings, until=manifest.schema)
        async with connection_to(settings.dsn("owner")) as owner, owner.transaction():
            await _load(archive, manifest, owner, progress)
    await migrate(settings)


async def _has_rows(owner: asyncpg.Connection) -> bool:
    """Whether rows were loaded, which the owner sees of no partner else."""
    async with owner.transaction():
        for name in ("tenants", "users"):
            await owner.execute(f"alter table {name} no force row level security")
        found: bool = await owner.fetchval(_HAS_ROWS)
        for name in ("tenants", "users"):
            await owner.execute(f"alter table {name} force row level security")
    return found


async def _load(
    archive: Archive, manifest: Manifest, owner: asyncpg.Connection, progress: ArchiveProgress
) -> None:
    """Through the connection of the schema's owner, who sees no rows of partners else."""
    columns = (column for one in manifest.tables.values() for column in one.columns)
    if not all(map(NAME.fullmatch, (*manifest.tables, *columns))):
        raise archive.damaged()
    await take_time(owner)
    guarded = [name for name in manifest.tables if await owner.fetchval(_GUARDED, name)]
    for name in guarded:
        await owner.execute(f"alter table {name} no force row level security")
    for name in reversed(manifest.tables):
        await owner.execute(f"delete from {name}")  # noqa: S608 - what the migrations filled
    await owner.execute(f"alter table person_keys drop constraint {WRAPPED_IN_FORCE}")
    loaded = dict.fromkeys(manifest.tables, 0)
    done = manifest.files
    async for member, content in each_in_thread(archive.members()):
        kind, _, rest = member.partition("/")
        if kind == TABLE:
            name = rest.partition("/")[0]
            if name not in manifest.tables:
                raise archive.damaged()
            said = await owner.copy_to_table(
                name,
                source=each_in_thread(content),
                columns=manifest.tables[name].columns,
                format="binary",
            )
            loaded[name] += copied_rows(said)
            done += copied_rows(said)
            progress(done, manifest.total)
    if loaded != {name: one.rows for name, one in manifest.tables.items()}:
        raise archive.damaged()
    await _wrap_with_the_key_in_force(owner)
    await owner.execute(_BEGIN_ANEW, names(REACTORS))
    for name in guarded:
        await owner.execute(f"alter table {name} force row level security")


async def _wrap_with_the_key_in_force(owner: asyncpg.Connection) -> None:
    in_force, *others = [row["key_id"] for row in await owner.fetch(_IN_FORCE)]
    await owner.execute(
        f"alter table person_keys alter column key_id drop default,"
        f" add constraint {WRAPPED_IN_FORCE} check (key_id = '{in_force}') not valid"
    )
    if not others:
        await owner.execute(f"alter table person_keys validate constraint {WRAPPED_IN_FORCE}")
