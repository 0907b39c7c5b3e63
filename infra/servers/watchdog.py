"""Signs of life, as systemd's watchdog takes them: `WATCHDOG=1`, to the socket that the environment
names as NOTIFY_SOCKET.

`serve` listens to its children so, and systemd to a process that it runs itself (`WatchdogSec=`).
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

VARIABLE, SIGN = "NOTIFY_SOCKET", b"WATCHDOG=1"
SIGN_SECONDS = 1.0
MOST_MESSAGES = 64
"""That are read at one look: who listens has other things to do."""


class Watchdog:
    """The end that listens to one process. environment: what that is started with."""

    def __init__(self, path: Path) -> None:
        """path: where its socket is made, in a folder that only who may give signs can enter."""
        self.environment: Mapping[str, str] = {VARIABLE: str(path)}
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        path.unlink(missing_ok=True)
        self._socket.bind(str(path))

    def has_heard(self) -> bool:
        """Whether there was a sign since it was asked last."""
        heard = False
        with suppress(BlockingIOError):
            for _ in range(MOST_MESSAGES):
                heard |= self._socket.recv(len(SIGN) + 1) == SIGN
        return heard


class SignsOfLife:
    """Those of one process. moves: whether it does what its event loop alone does not show."""

    def __init__(self) -> None:
        self.moves: Callable[[], bool] = lambda: True


@asynccontextmanager
async def signs_of_life() -> AsyncIterator[SignsOfLife]:
    """Gives them while the event loop turns and the process moves, where somebody listens."""
    signs, address = SignsOfLife(), _address()
    if address.startswith("@"):  # systemd's form of a name without a file.
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sender:
        giving = asyncio.create_task(_give(signs, sender, address)) if address else None
        try:
            yield signs
        finally:
            if giving is not None:
                giving.cancel()


def is_watched() -> bool:
    """Whether somebody listens to this process, who begins it anew when it has ended."""
    return bool(_address())


def _address() -> str:
    return os.environ.get(VARIABLE, "")


async def _give(signs: SignsOfLife, sender: socket.socket, address: str) -> None:
    while True:
        if signs.moves():
            with suppress(OSError):  # Who listens is busy, or has gone.
                sender.sendto(SIGN, address)
        await asyncio.sleep(SIGN_SECONDS)
