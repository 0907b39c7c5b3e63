"""The processes that a part of the benchmarks starts: those below this one, as the system counts
them."""

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

TICKS = os.sysconf("SC_CLK_TCK")


class StartedProcess(msgspec.Struct, frozen=True, gc=False):
    """parent: its process id. seconds: of the processor, with those of its children that ended."""

    parent: int
    seconds: float


def below(pid: int) -> dict[int, StartedProcess]:
    """What a process started, and what that started, by their process ids."""
    running, found = dict(_running()), dict[int, StartedProcess]()
    waiting = [pid]
    for parent in waiting:
        its = {one: process for one, process in running.items() if process.parent == parent}
        found |= its
        waiting += its
    return found


def _running() -> Iterator[tuple[int, StartedProcess]]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            said = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # It has just ended.
        yield (
            int(path.parent.name),
            StartedProcess(int(said[1]), sum(map(int, said[11:15])) / TICKS),
        )
