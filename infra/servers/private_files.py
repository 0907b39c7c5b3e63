"""Files that are whole at every moment, and outlast a crash."""

import errno
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from infra.servers.locks import ALONE, AT_ONCE, is_held, locked, opened

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
"""What the system says where a disk or somebody's share of it is full."""

_DRAFT = re.compile(r"\.(.+)\.[0-9a-f]{32}\.draft")
_DRAFT_SECONDS = 3600
"""After which a draft that nobody holds is a killed one's: machines may share a folder and not
its locks."""


@contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """Where a file is written before it takes its place: an empty one of mode 0600 beside it, under
    a name that nobody types. Raises OSError.

    It is gone afterwards; of a process that is killed meanwhile, clear_drafts takes it away.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(16)}.draft")
    try:
        with opened(draft) as descriptor:
            with suppress(OSError):  # Of a folder without locks.
                locked(descriptor, ALONE | AT_ONCE)
            yield draft
    finally:
        draft.unlink(missing_ok=True)


def meant_by(path: Path) -> Path:
    """The file that a draft is to become; of any other, itself."""
    draft = _DRAFT.fullmatch(path.name)
    return path.with_name(draft[1]) if draft else path


def clear_drafts(folder: Path) -> None:
    """Takes away the drafts that processes were killed over an hour ago or more: secrets among
    them. One that is still written is held, however long nothing came. Raises OSError."""
    for path in folder.glob(".*.draft"):
        # One that has just taken its place, and another account's in a folder of several.
        with suppress(FileNotFoundError, PermissionError):
            is_ours = _DRAFT.fullmatch(path.name) and path.is_file()
            if is_ours and time.time() - path.stat().st_mtime > _DRAFT_SECONDS:
                with opened(path) as descriptor:
                    if not is_held(descriptor):
                        path.unlink()


def keep_secret(path: Path) -> str:
    """The secret in a file of mode 0600, which the first caller makes."""
    if not path.exists():
        with draft_of(path) as draft, suppress(FileExistsError):
            write_new_secret(draft)
            os.link(draft, path)
    return path.read_text().strip()


def write_new_secret(draft: Path) -> None:
    with draft.open("w") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder outlast a crash, as fsync does a file's content. Raises
    OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
