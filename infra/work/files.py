"""Files of the partners: bytes under the data folder by their digest, rows in the database.

    files/<tenant>/<two hexadecimal digits>/<sha256>

Equal bytes of one tenant are kept once; those of two tenants have nothing in common. Machines that
share an installation share this folder. Implements services' FileStore.
"""

import asyncio
import hashlib
import os
import re
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

from domain.kernel.errors import Refusal
from infra.database.db import Database
from infra.database.retries import retried
from infra.servers.private_files import sync_folder
from infra.sheets.sheet_checks import kind_of
from infra.sheets.sheet_wire import SheetLimits
from services.jobs.jobs import NewFile, StoredFile

FOLDER = "files"
CHUNK = 1 << 20
HEAD_BYTES = 4096

DIGEST = re.compile("[0-9a-f]{64}")
"""How files are called."""

_COLUMNS = "id, name, media_type, sha256, size, needs, created_at"
_INSERT = """
    insert into files (tenant_id, id, name, media_type, needs, sha256, size)
    values ($1, $2, $3, $4, $5, $6, $7) on conflict (tenant_id, id) do nothing
"""
_SELECT = f"select {_COLUMNS} from files where tenant_id = $1 and id = $2"  # noqa: S608 - ours


class Files:
    """folder: made when the first file comes."""

    def __init__(self, db: Database, folder: Path) -> None:
        self._db = db
        self._folder = folder

    async def store_file(self, tenant_id: UUID, new: NewFile) -> StoredFile:
        """Stores a file, its bytes before its row; the first row of an id is kept."""
        sha256, size = await asyncio.to_thread(self._keep_upload, tenant_id, new.content)

        async def write() -> StoredFile:
            async with self._db.tenant(tenant_id) as tenant:
                said = (new.id, new.name, new.media_type, list(new.needs))
                await tenant.execute(_INSERT, *said, sha256, size)
                return StoredFile(**dict(await tenant.fetchrow(_SELECT, new.id)))

        return await retried(write)

    async def get_file(self, tenant_id: UUID, file_id: UUID) -> StoredFile | None:
        """The tenant's file; None if there is none, or another's, which is the same."""
        async with self._db.tenant(tenant_id) as tenant:
            record = await tenant.fetchrow(_SELECT, file_id)
        return None if record is None else StoredFile(**dict(record))

    def path(self, tenant_id: UUID, file: StoredFile) -> Path:
        """Where its bytes are."""
        return place_of(self._folder, tenant_id, file.sha256)

    def _keep_upload(self, tenant_id: UUID, source: BinaryIO) -> tuple[str, int]:
        source.seek(0)
        return self.keep(tenant_id, iter(partial(source.read, CHUNK), b""))

    def keep(self, tenant_id: UUID, chunks: Iterable[bytes]) -> tuple[str, int]:
        """Keeps bytes by their digest; answers that, and how many they are."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        draft = self._folder / f".{uuid4()}"
        try:
            with draft.open("xb") as file:
                draft.chmod(0o600)
                for chunk in chunks:
                    digest.update(chunk)
                    size += len(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            place = place_of(self._folder, tenant_id, digest.hexdigest())
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft.replace(place)
            sync_folder(place.parent)
        finally:
            draft.unlink(missing_ok=True)
        return digest.hexdigest(), size


def place_of(folder: Path, tenant_id: UUID, sha256: str) -> Path:
    """Where the bytes of a tenant's file are, below the folder of all files."""
    return folder_of(folder, tenant_id) / sha256[:2] / sha256


def folder_of(folder: Path, tenant_id: UUID) -> Path:
    """Where all of a tenant's are."""
    return folder / str(UUID(str(tenant_id)))


def inspect_upload(content: BinaryIO, name: str) -> None:
    """The cheap look at the door: size, and by the first bytes whether it may be a workbook or
    text. All that costs more is for the child that reads it (infra/sheets/sheets.py).

    Raises Refusal `file_empty`, `file_too_large`, `file_type_unknown`, `workbook_old_format`,
    `workbook_encrypted`.
    """
    limit = SheetLimits().file_bytes
    content.seek(0, os.SEEK_END)
    if content.tell() > limit:
        raise Refusal("file_too_large", file=name, limit=limit >> 20)
    content.seek(0)
    try:
        kind_of(content.read(HEAD_BYTES), content)
    except Refusal as refused:
        raise Refusal(refused.code, file=name, **refused.params) from refused
    finally:
        content.seek(0)
