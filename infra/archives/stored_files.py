"""Stored files in archives: their bytes, and which of them are there."""

import asyncio
import errno
import hashlib
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from pathlib import Path
from typing import Annotated
from uuid import UUID

import asyncpg
import msgspec

from domain.kernel.errors import Refusal
from infra.work.files import DIGEST, place_of
from infra.work.files import FOLDER as FILES
from services.kernel.threads import run_whole

FILE = "file"
"""What the names of such members begin with."""

COUNT_FILES = "select count(distinct sha256) from files where tenant_id = $1"
_DIGESTS = "select distinct sha256 from files where tenant_id = $1 order by sha256"
_DIGESTS_AT_ONCE = 500
_CHUNK = 1 << 20
MOST_LOST = 100_000
"""What a manifest can name: it is read as a whole."""
_LOST = (errno.ENOENT, errno.EIO)
"""What the system says of a file that is not there, and of one that its disk does not give back."""

_TENANT = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"

LostFile = Annotated[
    str, msgspec.Meta(pattern=rf"\A{FILES}/{_TENANT}/[0-9a-f]{{2}}/{DIGEST.pattern}\Z")
]
"""The place in a data folder of a file that an archive lacks. It is said at a terminal, and whoever
wrote the archive chose it."""


async def files_of(
    connection: asyncpg.Connection, tenant_id: UUID, data: Path
) -> AsyncIterator[tuple[Path, str]]:
    """Where the files are that a partner's rows name, and their digests; each once."""
    async for (sha256,) in connection.cursor(_DIGESTS, tenant_id, prefetch=_DIGESTS_AT_ONCE):
        yield place_of(data / FILES, tenant_id, sha256), sha256


async def lacks_files(
    connection: asyncpg.Connection, tenant_id: UUID, data: Path, lost: Collection[str]
) -> bool:
    """Whether rows that an archive brought name a file whose bytes it did not bring. lost: which
    it says that it lacks."""
    async for path, sha256 in files_of(connection, tenant_id, data):
        # Whoever wrote the archive chose it, and it becomes a path.
        if not DIGEST.fullmatch(sha256):
            return True
        if str(path.relative_to(data)) not in lost and not await run_whole(path.is_file):
            return True
    return False


def bytes_of(path: Path, sha256: str) -> Iterator[bytes]:
    """What a stored file holds. Refuses `file_lost` (path) where it is not as it was."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                yield chunk
    except OSError as error:
        if error.errno not in _LOST:
            raise
        raise Refusal("file_lost", path=str(path)) from error
    if digest.hexdigest() != sha256:
        raise Refusal("file_lost", path=str(path))


async def lost_files(
    connection: asyncpg.Connection,
    tenant_id: UUID,
    data: Path,
    compared: Callable[[], object],
    lost: list[str],
) -> None:
    """Adds the places of a partner's files that are not as they were. compared: is told of each
    file. Refuses `files_lost_too_many` (most, folder)."""
    async for path, sha256 in files_of(connection, tenant_id, data):
        if not await asyncio.to_thread(_is_whole, path, sha256):
            lost.append(str(path.relative_to(data)))
            if len(lost) > MOST_LOST:
                raise Refusal("files_lost_too_many", most=MOST_LOST, folder=str(data / FILES))
        compared()


def _is_whole(path: Path, sha256: str) -> bool:
    try:
        for _ in bytes_of(path, sha256):
            pass
    except Refusal:
        return False
    return True
