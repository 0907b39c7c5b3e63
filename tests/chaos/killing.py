"""Kills the parts of an installation and times until each is back."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import httpx
import psutil

from infra.servers.data_folder import list_away
from tests.chaos.plan import Kill
from tests.infra.installation import Installation

POLL_SECONDS, MOST_SECONDS = 0.02, 180.0
MEMBERS = {"backend": ("postgres", "chudan"), "api's worker": ("api", "api")}
"""What is no child of `serve` itself: whose child it is, and a word of its command line."""
SHOWN = {"redis-server": "redis"}
"""What `serve` calls a part, where that is not the program's name."""


class Hit:
    """What was killed: its process, whose end is waited for."""

    def __init__(self, running: Installation, part: str, kill: Kill) -> None:
        self.part, self._running = part, running
        self._owner, word = MEMBERS.get(part, (part, None))
        owner = running.child(self._owner)
        if owner is None:
            raise psutil.NoSuchProcess(0, part)
        self.process = owner
        if word is not None:
            members = [one for one in owner.children() if word in " ".join(one.cmdline())]
            self.process = members[kill.number % len(members)] if members else owner
        self.began = time.monotonic()
        self.process.send_signal(kill.by)

    def is_replaced(self) -> bool:
        """Whether it is gone, and who belongs in its place gives signs of life."""
        with suppress(psutil.Error):
            if self.process.is_running() and self.process.status() != psutil.STATUS_ZOMBIE:
                return False
        there = self._running.child(self._owner) is not None
        return there and SHOWN.get(self._owner, self._owner) not in list_away(self._running.data)


async def blow(
    running: Installation, kill: Kill, caught_up: Callable[[], Awaitable[bool]]
) -> dict[str, float]:
    """Kills and waits; answers the seconds that each part was away. caught_up: whether the read
    models have what was acknowledged before the blow.

    Raises TimeoutError where one does not come back.
    """
    await asyncio.sleep(kill.pause)
    hits = []
    for part in kill.parts:
        with suppress(psutil.NoSuchProcess):
            hits.append(Hit(running, part, kill))
    seconds = await asyncio.gather(*(_recovery(running, hit, caught_up) for hit in hits))
    return {hit.part: took for hit, took in zip(hits, seconds, strict=True)}


async def _recovery(
    running: Installation, hit: Hit, caught_up: Callable[[], Awaitable[bool]]
) -> float:
    await asyncio.sleep(POLL_SECONDS)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{running.port}", timeout=5) as http:

        async def is_back() -> bool:
            if hit.part in ("api", "api's worker", "postgres", "backend"):
                return _is_gone(hit) and await is_ready(http)
            if hit.part == "projector":
                return hit.is_replaced() and await caught_up()
            return hit.is_replaced()

        while not await is_back():
            if time.monotonic() - hit.began > MOST_SECONDS:
                raise TimeoutError(f"{hit.part} ({hit.process.pid}) is not back")
            await asyncio.sleep(POLL_SECONDS)
        took = time.monotonic() - hit.began
        while not (hit.is_replaced() and await is_ready(http)):  # Nobody is hit before it is up.
            if time.monotonic() - hit.began > MOST_SECONDS:
                raise TimeoutError(f"{hit.part} is not replaced")
            await asyncio.sleep(POLL_SECONDS)
    return took


def _is_gone(hit: Hit) -> bool:
    with suppress(psutil.Error):
        return not hit.process.is_running() or hit.process.status() == psutil.STATUS_ZOMBIE
    return True


async def is_ready(http: httpx.AsyncClient) -> bool:
    """Whether the installation says so."""
    with suppress(httpx.TransportError):
        return (await http.get("/readyz")).status_code == httpx.codes.OK
    return False
