"""Locks that processes of one machine hold through files; the last descriptor's end frees one.

They are of the open file (`F_OFD_SETLK`, Linux): children inherit them, and others can ask about
one without taking it.
"""

import errno
import fcntl
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ALONE, AMONG_OTHERS, AT_ONCE = fcntl.LOCK_EX, fcntl.LOCK_SH, fcntl.LOCK_NB
"""How a lock is taken; the last: or not at all where somebody is in the way."""

_LOCK = struct.Struct("hhqqi4x")
"""`struct flock`: the kind, from where the place counts, the place and length, and nobody's id."""


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """The descriptor of a file, made if need be."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def locked(descriptor: int, how: int) -> bool:
    """Takes a lock; answers whether it was free, where that is not waited for."""
    kind = fcntl.F_WRLCK if how & ALONE else fcntl.F_RDLCK
    command = fcntl.F_OFD_SETLK if how & AT_ONCE else fcntl.F_OFD_SETLKW
    try:
        fcntl.fcntl(descriptor, command, _whole(kind))
    except OSError as error:
        if error.errno not in (errno.EAGAIN, errno.EACCES):
            raise
        return False
    return True


def is_held(descriptor: int) -> bool:
    """Whether another has a lock of the file; takes none, so nobody is kept out meanwhile."""
    found = fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, _whole(fcntl.F_WRLCK))
    return bool(_LOCK.unpack(found)[0] != fcntl.F_UNLCK)


def _whole(kind: int) -> bytes:
    """A lock of a whole file, whatever its size."""
    return _LOCK.pack(kind, os.SEEK_SET, 0, 0, 0)


@contextmanager
def held_alone(path: Path) -> Iterator[int | None]:
    """The descriptor of a file that nobody else holds meanwhile; None where somebody does."""
    with opened(path) as descriptor:
        yield descriptor if locked(descriptor, ALONE | AT_ONCE) else None
