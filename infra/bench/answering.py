"""The dashboard query over GraphQL beside a JSON handler written by hand, one process each.

The product remembers what it computed for a state of the partner; a new event makes a new state.
So it is asked twice: about one state again and again, and about another day every time, which
nothing is remembered of. The handler remembers nothing, and takes no query language apart.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import date, timedelta
from itertools import count

import msgspec

from infra.bench.measure import Contender, Figure, compared, interleaved, rate
from infra.bench.place import Bench
from infra.bench.serving import CHUDAN, HANDLER, answer, request, served
from infra.bench.synthetic import make_newcomers

AT_ONCE, SECONDS = 8, 2.0
PEOPLE = 1_000
DAY = date(2000, 1, 5)
"""The newcomers' day, so long ago that thousands of days after it are over."""
QUIET = {"CHUDAN_LOG_LEVEL": "warning"}
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
    credential = f"authorization: Bearer {await bench.token(principal)}\r\n"
    days = count()

    def asked(day: date) -> bytes:
        body = msgspec.json.encode({"query": QUERY, "variables": {"day": day.isoformat()}})
        return request("POST", "/graphql", body, credential)

    def another_day() -> bytes:
        """A day later each time: nothing is remembered of it."""
        return asked(DAY + timedelta(days=next(days) % 9_000))

    by_hand = request("GET", f"/board?day={DAY}", header=credential)
    async with served(bench, CHUDAN, QUIET) as ours, served(bench, HANDLER, QUIET) as handler:
        contenders: dict[str, Contender] = {
            "GraphQL, another day": lambda: _load(ours, another_day),
            "GraphQL, same state": lambda: _load(ours, lambda: asked(DAY)),
            "hand-written JSON handler": lambda: _load(handler, lambda: by_hand),
        }
        rates = await interleaved(contenders, bench.rounds)
    part, unit = f"dashboard of {PEOPLE:,} newcomers", "requests/s"
    first = compared(part, "GraphQL, another day", rates, unit=unit)
    return [first[0], compared(part, "GraphQL, same state", rates, unit=unit)[1], first[2]]


async def _load(port: int, asked: Callable[[], bytes]) -> float:
    """Requests per second over kept connections, as cheap for the asker as they can be.

    Raises RuntimeError for an answer that is no 200 or has errors.
    """

    async def ask(_lane: int, until: float) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        done = 0
        while time.perf_counter() < until:
            writer.write(asked())
            status, body = await answer(reader)
            if status != 200 or b'"errors"' in body[:200]:
                raise RuntimeError(f"{status} {body[:500]!r}")
            done += 1
        writer.close()
        return done

    return await rate(ask, AT_ONCE, SECONDS)
