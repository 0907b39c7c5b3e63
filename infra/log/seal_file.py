"""The file outside the database in which one partner's seals stand, a line each.

    seals/<partner's id>.jsonl

Lines are appended and synced. The last one has no end where its writer was killed; it is then cut
off and written again.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from uuid import UUID

from infra.servers.locks import held_alone
from infra.servers.private_files import NO_ROOM, sync_folder

FOLDER = "seals"
SUFFIX = ".jsonl"
LONGEST_LINE = 1 << 16
"""Bytes from the end of a file in which its last line is looked for."""


class SealFileError(Exception):
    """A partner's file cannot be read or written, though there is room."""


class SealFile:
    """A partner's file while nobody else appends to it. last: its last whole line. is_new: it has
    none yet."""

    def __init__(self, descriptor: int, path: Path) -> None:
        self._descriptor, self._path = descriptor, path
        size = os.fstat(descriptor).st_size
        begin = max(0, size - LONGEST_LINE)
        found = os.pread(descriptor, size - begin, begin)
        whole = found[: found.rfind(b"\n") + 1]
        self._end = begin + len(whole)
        self.is_new = self._end == 0
        self.last = _text(whole[:-1].rpartition(b"\n")[2])

    def append(self, lines: Iterable[str]) -> None:
        """Writes the lines after the last whole one, and outlasts a crash then. Raises
        SealFileError, and OSError where there is no room."""
        content = "".join(f"{line}\n" for line in lines).encode()
        with _its_trouble():
            os.ftruncate(self._descriptor, self._end)
            os.lseek(self._descriptor, self._end, os.SEEK_SET)
            with os.fdopen(os.dup(self._descriptor), "wb") as file:
                file.write(content)
            os.fsync(self._descriptor)
            if self.is_new:
                sync_folder(self._path.parent)
        self._end += len(content)
        self.is_new, self.last = False, content[:-1].decode().rpartition("\n")[2]


@contextmanager
def held(data: Path, tenant_id: UUID) -> Iterator[SealFile | None]:
    """A partner's file, made if need be; None while somebody else holds it. Raises SealFileError,
    and OSError where there is no room."""
    path = path_of(data, tenant_id)
    with ExitStack() as holding:
        with _its_trouble():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            descriptor = holding.enter_context(held_alone(path))
            file = None if descriptor is None else SealFile(descriptor, path)
        yield file


@contextmanager
def _its_trouble() -> Iterator[None]:
    """Tells the trouble of a file from that of the database, and from a full disk's."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise
        raise SealFileError(str(error)) from error


def path_of(data: Path, tenant_id: UUID) -> Path:
    return data / FOLDER / f"{tenant_id}{SUFFIX}"


def tenants_with_file(data: Path) -> list[UUID]:
    """Whose seals the folder has."""
    found = []
    for path in sorted((data / FOLDER).glob(f"*{SUFFIX}")):
        # What an operator has laid aside there may be called otherwise.
        with suppress(ValueError):
            found.append(UUID(path.stem))
    return found


def whole_lines(data: Path, tenant_id: UUID) -> Iterator[str]:
    """The lines that a partner's file has when this is called, in order, without one that has no
    end yet."""
    path = path_of(data, tenant_id)
    return _lines(path, path.stat().st_size) if path.exists() else iter(())


def _lines(path: Path, size: int) -> Iterator[str]:
    with path.open("rb") as file:
        for line in file:
            size -= len(line)
            if size < 0 or not line.endswith(b"\n"):
                return
            yield _text(line[:-1])


def _text(line: bytes) -> str:
    """A line's text; what somebody made no text of differs from every seal."""
    return line.decode(errors="replace")
