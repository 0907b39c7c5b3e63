"""The dashboard query over GraphQL beside a JSON handler written by hand, one process each.

The product remembers what it computed for a state of the partner; a new event makes a new state.
So it is asked twice: about one state again and again, and about another day every time, which
nothing is remembered of.
"""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from itertools import count

import msgspec

from infra.bench.handler import DAY as DAY_NAME
from infra.bench.handler import TENANT
from infra.bench.http_load import HttpLoad
from infra.bench.measure import Contender, Figure, compared, interleaved
from infra.bench.place import Bench
from infra.bench.synthetic import make_newcomers

DAY = date(2026, 7, 10)
AT_ONCE, SECONDS = 8, 2.0
PEOPLE = 1_000
FIGURES = """
    entered wentLive isFinal finalOn
    orderRate { ...R } averageOrders { ...R } floor { ...R } ceiling { ...R }
"""
QUERY = f"""
    query Board($day: Date!) {{
        board(happenedBy: $day, lastMonths: 24) {{
            whole {{ {FIGURES} }}
            months {{ key figures {{ {FIGURES} }} }}
            byCohort {{ key figures {{ {FIGURES} }} }}
        }}
    }}
    fragment R on Ratio {{ numerator denominator value shown }}
"""


async def run(bench: Bench) -> list[Figure]:
    """Requests per second."""
    principal = await bench.new_principal()
    async with bench.superuser() as connection:
        await make_newcomers(connection, [principal.tenant], PEOPLE, DAY)
    partner = await bench.app.accounts.partner_of(principal.tenant)
    issued = await bench.app.accounts.issue_token(role=principal.role, partner=partner.code)
    days = count()

    def asked(day: date) -> bytes:
        return msgspec.json.encode({"query": QUERY, "variables": {"day": day.isoformat()}})

    variables = {TENANT: str(principal.tenant), DAY_NAME: DAY.isoformat()}
    async with (
        _served(bench, ["-m", "api.cli", "api"], variables) as ours,
        _served(bench, [*_GRANIAN, "infra.bench.handler:create_app"], variables) as theirs,
    ):
        load = HttpLoad(AT_ONCE, SECONDS)
        path, token = "/graphql", issued.token
        # A day later each time: nothing is remembered of it.
        other = lambda: asked(DAY + timedelta(days=next(days) % 20_000))  # noqa: E731
        contenders: dict[str, Contender] = {
            "GraphQL, another day": lambda: load.rate(ours, "POST", path, other, token),
            "GraphQL, same state": lambda: load.rate(ours, "POST", path, lambda: asked(DAY), token),
            "hand-written JSON handler": lambda: load.rate(theirs, "GET", "/board", bytes, None),
        }
        rates = await interleaved(contenders, bench.rounds)
    part, unit = f"dashboard of {PEOPLE:,} newcomers", "requests/s"
    first = compared(part, "GraphQL, another day", rates, unit=unit)
    return [first[0], compared(part, "GraphQL, same state", rates, unit=unit)[1], first[2]]


_GRANIAN = ["-m", "granian", "--interface", "asgi", "--factory", "--log-level", "warning"]


@asynccontextmanager
async def _served(bench: Bench, words: list[str], variables: dict[str, str]) -> AsyncIterator[int]:
    """A server process on a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    environment = {**os.environ, **bench.app.settings.environment, **variables, "CHUDAN_LOG": "off"}
    arguments = ["-P", *words, "--port", str(port)]
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, env=environment)
    try:
        await _listening(port, process)
        yield port
    finally:
        process.terminate()
        await process.wait()


async def _listening(port: int, process: asyncio.subprocess.Process) -> None:
    while process.returncode is None:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
            continue
        writer.close()
        return
    raise RuntimeError(f"the server ended with {process.returncode}")
