"""Two thousand connections of one kind at once: how long `/healthz` takes at most until the server
has closed them all, over a connection of its own each time, and how long it takes until then.

What a machine does beside that is told by the same without any connection.
"""

import asyncio
import secrets
import selectors
import socket
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from threading import Event

import msgspec

from infra.bench.measure import Figure, LeftOutError, beside_nothing
from infra.bench.place import Bench
from infra.bench.serving import CHUDAN, request, served
from infra.readside.projector import Projector
from infra.servers.connections import allow_files, connections_within
from projections import PROJECTIONS
from services.execute import execute
from services.kernel.context import Principal
from services.teaching.cohort import OpenCohort

COUNT, QUICK_COUNT = 2_000, 200
MOST_MILLISECONDS, MOST_SECONDS = 100.0, 35.0
PAUSE, GIVEN_UP, QUIET_SECONDS = 0.02, 120.0, 15.0
HEALTH = request("GET", "/healthz", header="connection: close\r\n")
HALF_FORM = (
    b"POST /login HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 100\r\n"
    b"content-type: application/x-www-form-urlencoded\r\n\r\nemail="
)
"""To the door that reads what nobody vouches for."""
EMAIL = "bench@chudan.example"


class HeldConnections(msgspec.Struct, frozen=True):
    """Connections of one kind. said: by each. is_answered: before anything else happens. then: what
    ends them, where they are not to end by themselves. count: of how many; None: of all."""

    said: bytes = b""
    is_answered: bool = False
    count: int | None = None
    then: Callable[[], Awaitable[None]] | None = None


async def run(bench: Bench) -> list[Figure]:
    """Milliseconds and seconds."""
    count, files = bench.size(COUNT, QUICK_COUNT), allow_files()
    if connections_within(files) <= count:
        raise LeftOutError(f"a process may open {files} files, too few for {count} connections")
    open_to_all = {
        "CHUDAN_LOG_LEVEL": "warning",
        "CHUDAN_STREAMS_OF_PERSON": str(count),
        "CHUDAN_STREAMS_OF_PARTNER": str(count),
    }
    figures, nothing = list[Figure](), 0.0
    async with served(bench, CHUDAN, open_to_all) as port:
        for name, kind in (await _kinds(bench)).items():
            held = count if kind.count is None else kind.count
            slowest, seconds = await _measured(port, kind, held)
            part = f"{held:,} connections: {name}"
            nothing = nothing or slowest
            figures += [
                beside_nothing(part, "the slowest /healthz", slowest, nothing, MOST_MILLISECONDS),
                Figure(
                    part=part,
                    name="all closed after",
                    value=round(seconds, 1),
                    unit="s",
                    targets={"value": MOST_SECONDS},
                    lower_is_better=True,
                ),
            ]
    return figures


async def _kinds(bench: Bench) -> Mapping[str, HeldConnections]:
    principal = await bench.new_principal()
    partner = await bench.app.accounts.organisation_of(principal.tenant)
    password = secrets.token_hex(8)
    await bench.app.accounts.create_user(
        email=EMAIL, name="bench", role=principal.roles[0], password=password, partner=partner.code
    )
    session = (await bench.app.accounts.log_in(EMAIL, password)).secret

    async def moved_and_logged_out() -> None:
        await _move(bench, principal)
        await bench.app.accounts.log_out(session)

    header = f"cookie: chudan_session={session}\r\nconnection: close\r\n"
    return {  # Nothing first: the others are told beside it.
        "nothing": HeldConnections(count=0, then=partial(asyncio.sleep, QUIET_SECONDS)),
        "silent": HeldConnections(),
        "half a head": HeldConnections(HEALTH[:20]),
        "half a body": HeldConnections(HALF_FORM),
        "idle after a request": HeldConnections(request("GET", "/healthz"), is_answered=True),
        "event streams, told of a change": HeldConnections(
            request("GET", "/figures/events", header=header),
            is_answered=True,
            then=moved_and_logged_out,
        ),
    }


async def _move(bench: Bench, principal: Principal) -> None:
    """A change of the partner, which the figures show."""
    today = bench.app.clock().date()
    await execute(bench.app.context(principal), OpenCohort("NEW", "NEW", today))
    await Projector(bench.app.db, bench.app.log, PROJECTIONS).catch_up(principal.tenant)


async def _measured(port: int, kind: HeldConnections, count: int) -> tuple[float, float]:
    crowd = await asyncio.to_thread(_opened, port, kind, count)
    over = Event()
    # In a thread: this loop has work of its own.
    asking = asyncio.create_task(asyncio.to_thread(_slowest_health, port, over))
    try:
        if kind.then is not None:
            await kind.then()
        began = time.perf_counter()
        await asyncio.to_thread(_until_closed, crowd)
        seconds = time.perf_counter() - began
    finally:
        over.set()
    return await asking, seconds


def _slowest_health(port: int, over: Event) -> float:
    """Milliseconds. Raises RuntimeError for another status than 200."""
    _health(port)  # Behind what the connections began with.
    slowest = 0.0
    while not over.wait(PAUSE):
        slowest = max(slowest, _health(port))
    return slowest


def _health(port: int) -> float:
    began = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), GIVEN_UP) as connection:
        connection.sendall(HEALTH)
        told = connection.recv(1 << 12)
    if b" 200 " not in told:
        raise RuntimeError(f"/healthz answered {told[:200]!r}")
    return (time.perf_counter() - began) * 1e3


def _opened(port: int, kind: HeldConnections, count: int) -> list[socket.socket]:
    """Raises RuntimeError where one that is to be answered is refused."""
    crowd = []
    for _ in range(count):
        connection = socket.create_connection(("127.0.0.1", port), GIVEN_UP)
        crowd.append(connection)
        connection.sendall(kind.said)
    for connection in crowd if kind.is_answered else ():
        if b" 200 " not in (begun := connection.recv(1 << 12)):
            raise RuntimeError(f"refused: {begun[:200]!r}")
    return crowd


def _until_closed(crowd: list[socket.socket]) -> None:
    """Reads and forgets. Raises RuntimeError where nothing happens for too long."""
    with selectors.DefaultSelector() as selector:
        for connection in crowd:
            selector.register(connection, selectors.EVENT_READ, connection)
        while selector.get_map():
            if not (ready := selector.select(GIVEN_UP)):
                raise RuntimeError(f"{len(selector.get_map())} connections are never closed")
            for key, _ in ready:
                with suppress(ConnectionError):
                    if key.data.recv(1 << 16):
                        continue
                selector.unregister(key.data)
                key.data.close()
