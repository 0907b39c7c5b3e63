"""Files of a partner: uploads, and files that jobs make."""

from datetime import datetime
from typing import BinaryIO, Protocol
from uuid import UUID

import msgspec

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
JSON = "application/json"


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
        self,
        tenant_id: UUID,
        content: bytes | BinaryIO,
        *,
        name: str,
        media_type: str,
        file_id: UUID | None = None,
    ) -> StoredFile:
        """file_id: makes storing again the same as storing once."""

    async def get_file(self, tenant_id: UUID, file_id: UUID) -> StoredFile | None: ...
