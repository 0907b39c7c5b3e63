"""Signs of life, as systemd's watchdog takes them: `WATCHDOG=1`, to the socket that the environment
names as NOTIFY_SOCKET.

`serve` listens to its children so, and systemd to a process that it runs itself (`WatchdogSec=`).
"""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

VARIABLE, SIGN = "NOTIFY_SOCKET", b"WATCHDOG=1"
SIGN_SECONDS = 1.0


class Watchdog:
    """The end that listens to one process. environment: what that is started with."""

    def __init__(self) -> None:
        name = f"chudan-{os.getpid()}-{secrets.token_hex(8)}"
        self.environment: Mapping[str, str] = {VARIABLE: f"@{name}"}
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind(f"\0{name}")

    def has_heard(self) -> bool:
        """Whether there was a sign since it was asked last."""
        heard = False
        with suppress(BlockingIOError):
            while self._socket.recv(64):
                heard = True
        return heard


@asynccontextmanager
async def signs_of_life() -> AsyncIterator[None]:
    """Gives them while the event loop turns, where somebody listens."""
    address = os.environ.get(VARIABLE, "").replace("@", "\0", 1)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sender:
        giving = asyncio.create_task(_give(sender, address)) if address else None
        try:
            yield
        finally:
            if giving is not None:
                giving.cancel()


async def _give(sender: socket.socket, address: str) -> None:
    while True:
        with suppress(OSError):  # Who listens is busy, or has gone.
            sender.sendto(SIGN, address)
        await asyncio.sleep(SIGN_SECONDS)
