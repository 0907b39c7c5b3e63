"""The dashboard query over GraphQL beside a JSON handler written by hand, one process each.

The product remembers what it computed for a state of the partner; a new event makes a new state.
So it is asked twice: about one state again and again, and about another day every time, which
nothing is remembered of. The handler knows its tenant, asks nobody who the caller is, and takes no
query language apart.
"""

import asyncio
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import msgspec
from litestar import Litestar, Request, get

from domain.kernel.values import Ratio
from domain.kpi.catalog import NEWCOMER_FIGURES
from domain.kpi.evaluation import Evaluated, evaluate_ways
from domain.kpi.evidence import Basis, Evidence
from domain.kpi.group import WHOLE
from domain.kpi.rounding import Unit, shown
from infra.bench.figuring import DAY, WAYS
from infra.bench.measure import Contender, Figure, compared, interleaved, rate
from infra.bench.place import Bench
from infra.bench.synthetic import make_newcomers
from infra.database.db import Database
from infra.settings import load_settings
from projections.figures.newcomers import NEWCOMERS, list_newcomers
from projections.figures.schemes import SCHEMES, get_scheme
from projections.kernel.progress import list_positions

AT_ONCE, SECONDS = 8, 2.0
PEOPLE = 1_000
TENANT = "CHUDAN_BENCH_TENANT"
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
        body = msgspec.json.encode({"query": QUERY, "variables": {"day": day.isoformat()}})
        return _request("POST", "/graphql", body, f"authorization: Bearer {issued.token}\r\n")

    def another_day() -> bytes:
        """A day later each time: nothing is remembered of it."""
        return asked(DAY + timedelta(days=next(days) % 20_000))

    tenant = {TENANT: str(principal.tenant)}
    theirs = ["-m", "granian", "--interface", "asgi", "--factory", "--log-level", "warning"]
    async with (
        _served(bench, ["-m", "api.cli", "api"], {}) as ours,
        _served(bench, [*theirs, "infra.bench.answering:create_app"], tenant) as handler,
    ):
        contenders: dict[str, Contender] = {
            "GraphQL, another day": lambda: _load(ours, another_day),
            "GraphQL, same state": lambda: _load(ours, lambda: asked(DAY)),
            "hand-written JSON handler": lambda: _load(handler, lambda: _request("GET", "/board")),
        }
        rates = await interleaved(contenders, bench.rounds)
    part, unit = f"dashboard of {PEOPLE:,} newcomers", "requests/s"
    first = compared(part, "GraphQL, another day", rates, unit=unit)
    return [first[0], compared(part, "GraphQL, same state", rates, unit=unit)[1], first[2]]


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


def _request(method: str, path: str, body: bytes = b"", header: str = "") -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
    return f"{head}{header}content-length: {len(body)}\r\n\r\n".encode() + body


async def _load(port: int, request: Callable[[], bytes]) -> float:
    """Requests per second over kept connections, as cheap for the asker as they can be.

    Raises RuntimeError for an answer that is no 200 or has errors.
    """

    async def ask(_lane: int, until: float) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        done = 0
        while time.perf_counter() < until:
            writer.write(request())
            status, answer = await _answer(reader)
            if status != 200 or b'"errors"' in answer[:200]:
                raise RuntimeError(f"{status} {answer[:500]!r}")
            done += 1
        writer.close()
        return done

    return await rate(ask, AT_ONCE, SECONDS)


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = int(head.partition("content-length:")[2].split("\r\n", 1)[0])
    return int(head.split(" ", 2)[1]), await reader.readexactly(length)


def create_app() -> Litestar:
    """The peer, for granian: over the same SQL; its tenant comes from the environment."""
    settings, tenant = load_settings(), UUID(os.environ[TENANT])

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with Database.open(settings.dsn) as db:
            app.state.db = db
            yield

    @get("/board")
    async def answer(request: Request[Any, Any, Any]) -> dict[str, Any]:
        async with request.app.state.db.tenant(tenant) as connection:
            positions = await list_positions(connection, (NEWCOMERS, SCHEMES))
            scheme = await get_scheme(connection)
            newcomers = await list_newcomers(connection)
        found = evaluate_ways(
            WAYS, NEWCOMER_FIGURES, Basis(Evidence(newcomers, scheme=scheme), DAY)
        )
        return {
            "position": min(positions),
            "whole": _figures(found["all"][WHOLE]),
            "months": [{"key": m, **_figures(f)} for m, f in found["month"].items()],
            "byCohort": [{"key": c, **_figures(f)} for c, f in found["cohort"].items()],
        }

    return Litestar([answer], lifespan=[lifespan], openapi_config=None)


def _figures(found: Evaluated) -> dict[str, Any]:
    order_rate = found["order_rate"]

    def ratio(exact: Ratio, unit: Unit = "percent") -> dict[str, Any]:
        return {
            "numerator": exact.numerator,
            "denominator": exact.denominator,
            "value": exact.value,
            "shown": shown(exact, unit, found.rounding),
        }

    return {
        "entered": found["entered"].ratio.numerator,
        "wentLive": found["went_live"].ratio.numerator,
        "orderRate": ratio(order_rate.ratio),
        "averageOrders": ratio(found["average_orders"].ratio, "per_person"),
        "floor": ratio(order_rate.floor or order_rate.ratio),
        "ceiling": ratio(order_rate.ceiling or order_rate.ratio),
        "isFinal": order_rate.is_final,
        "finalOn": order_rate.final_on,
    }
