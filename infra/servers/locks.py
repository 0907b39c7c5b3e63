"""Locks that processes of one machine hold through files; the last descriptor's end frees one."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ALONE, AMONG_OTHERS, AT_ONCE = fcntl.LOCK_EX, fcntl.LOCK_SH, fcntl.LOCK_NB
"""How a lock is taken; the last: or not at all where somebody is in the way."""


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
    try:
        fcntl.flock(descriptor, how)
    except BlockingIOError:
        return False
    return True


@contextmanager
def held_alone(path: Path) -> Iterator[int | None]:
    """The descriptor of a file that nobody else holds meanwhile; None where somebody does."""
    with opened(path) as descriptor:
        yield descriptor if locked(descriptor, ALONE | AT_ONCE) else None
