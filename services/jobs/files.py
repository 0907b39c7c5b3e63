"""Files of a partner: uploads, and files that jobs make."""

from datetime import datetime
from typing import BinaryIO, Protocol
from uuid import UUID

import msgspec

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
JSON = "application/json"


class NewFile(msgspec.Struct, frozen=True):
    """A file to be stored. id: makes storing again the same as storing once; None: a new one."""

    name: str
    media_type: str
    id: UUID | None = None


class StoredFile(msgspec.Struct, frozen=True):
    """One file. name: as people see it. sha256: hexadecimal. size: bytes."""

    id: UUID
    name: str
    media_type: str
    sha256: str
    size: int
    created_at: datetime


class FileStore(Protocol):
    """The port of stored files; adapter in infra/files.py."""

    async def store_file(
        self, tenant_id: UUID, content: bytes | BinaryIO, new: NewFile
    ) -> StoredFile:
        """Keeps a file and answers it; where its id is known, the one that came first."""

    async def get_file(self, tenant_id: UUID, file_id: UUID) -> StoredFile | None: ...
