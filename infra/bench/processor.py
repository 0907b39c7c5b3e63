"""Commands, lists and figures: how many of each a second of the processor does.

The time of the processor is that of all who work on them: of PostgreSQL, of the server that answers
over HTTP, and of this process where it carries commands out itself. On a machine that others use
too it is steadier than the clock, by which the rates are told beside it. Everything is asked for by
what is called the same in earlier revisions, which may keep it in other formats: so that this part
is measured of two revisions (infra.bench.against).
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from itertools import count
from typing import Any

import msgspec

from infra.bench.measure import Figure
from infra.bench.place import Bench
from infra.bench.processes import below
from infra.bench.projecting import living_partner
from infra.bench.serving import CHUDAN, KeptConnection, served
from infra.readside.folding import tune_garbage_collector
from infra.readside.projector import Projector
from projections import PROJECTIONS
from services.execute import execute
from services.kernel.context import Principal
from services.teaching.cohort import OpenCohort
from services.trainees.selling import RecordOrder
from services.trainees.trainee import EnrolTrainee

LANES, PARTNERS = 16, 8
WARMING = 5
"""The part of the work that is done before: one in so many."""

COHORTS, PAGE, LATER = 150, 50, 2
"""Of a later page there are so many before it."""

MANAGER, TRAINING_MANAGER = "M1", "H1"
PRICE = Decimal("1980.00")
DAY = date(2000, 1, 5)
"""When the last of the living partner's trainees entered, so long ago that thousands of days after
it are over."""

LISTS = {
    "trainees": (
        "manager",
        MANAGER,
        "employeeNo name status manager post enteredOn wentLiveOn leftOn",
    ),
    "orders": ("manager", MANAGER, "orderNo closedOn product amount status creditedOn"),
    "cohorts": (
        "trainingManager",
        TRAINING_MANAGER,
        "code name openedOn trainingManager status",
    ),
}
"""The filter that takes who is in charge, somebody of whom there is one, and what is shown."""

LIST = """
    query ($after: String, $whose: String) {
        %(name)s(first: %(page)d, after: $after, %(filter)s: $whose) {
            totalCount pageInfo { endCursor } edges { node { id %(shown)s } }
        }
    }
"""
BOARD = """
    query ($day: Date!) {
        board(happenedBy: $day) { byManager { key %s figures {
            entered wentLive orderRate { ...R } averageOrders { ...R } floor { ...R }
        } } }
    }
    fragment R on Ratio { numerator denominator value shown }
"""
GROUP = '{ __type(name: "GroupFigures") { fields { name } } }'


class RepeatedWork(msgspec.Struct, frozen=True):
    """A piece of work that is repeated, each time the next one of its kind.

    times: how often. lanes: so many do it at once, each again and again. is_ours: whether this
    process does it; else it asks others to, and its own time is nobody's.
    """

    part: str
    name: str
    times: int
    once: Callable[[], Awaitable[object]]
    lanes: int = 1
    is_ours: bool = False

    async def rates(self) -> list[Figure]:
        """How many a second does, by the processor and by the clock."""
        await self.do(self.times // WARMING)
        started = time.perf_counter()
        took = {"": await self.do(self.times), ", by the clock": time.perf_counter() - started}
        return [
            Figure(
                part=self.part,
                name=f"{self.name}{by}",
                value=round(self.times / seconds, 2),
                unit="per s",
            )
            for by, seconds in took.items()
        ]

    async def do(self, times: int) -> float:
        """Does it so often; answers the seconds of the processor."""
        left, before = iter(range(times)), self._spent()

        async def lane() -> None:
            for _ in left:
                await self.once()

        await asyncio.gather(*(lane() for _ in range(self.lanes)))
        return self._spent() - before

    def _spent(self) -> float:
        own = time.process_time() if self.is_ours else 0.0
        return own + sum(process.seconds for process in below(os.getpid()).values())


async def run(bench: Bench) -> list[Figure]:
    """Rates, with the collector as the service has it."""
    tune_garbage_collector()
    async with works(bench) as found:
        return [figure for work in found for figure in await work.rates()]


@asynccontextmanager
async def works(bench: Bench) -> AsyncIterator[list[RepeatedWork]]:
    """All that is measured, in this order."""
    commands = await _commands(bench)
    principal = await living_partner(bench, bench.size(4_000, 500), DAY)
    await _open_cohorts(bench, principal)
    token = await bench.token(principal)
    async with served(bench, CHUDAN, {"CHUDAN_LOG_LEVEL": "warning"}) as port:
        asked = await KeptConnection.connect(port, token)
        yield [*commands, *await _lists(bench, asked), *await _figures(bench, asked)]


async def _commands(bench: Bench) -> list[RepeatedWork]:
    """Trainees of several partners are enrolled, in turn; and each closes an order."""
    principals = [await bench.new_principal() for _ in range(PARTNERS)]
    day = bench.app.clock().date() - timedelta(days=1)
    for principal in principals:
        await execute(bench.app.context(principal), OpenCohort("B-01", "B-01", day))
    enrolled, sold = count(), count()

    async def carry_out(number: int, command: msgspec.Struct) -> None:
        principal = principals[number % PARTNERS]
        key = f"{type(command).__name__} {number}"
        await execute(bench.app.context(principal, idempotency_key=key), command)

    async def enrol() -> None:
        number = next(enrolled)
        await carry_out(number, EnrolTrainee("B-01", f"T{number}", "新人", day))

    async def sell() -> None:
        number = next(sold)
        order = RecordOrder(f"T{number}", f"O{number}", day, "企业邮箱", PRICE)
        await carry_out(number, order)

    times = bench.size(5_000, 1_000)
    return [
        RepeatedWork("commands", type_.__name__, times, once, LANES, is_ours=True)
        for type_, once in ((EnrolTrainee, enrol), (RecordOrder, sell))
    ]


async def _open_cohorts(bench: Bench, principal: Principal) -> None:
    context = bench.app.context(principal)
    for number in range(COHORTS):
        code = f"C-{number:03d}"
        await execute(context, OpenCohort(code, code, DAY, training_manager=f"H{number % 5}"))
    await Projector(bench.app.db, bench.app.log, PROJECTIONS).catch_up(principal.tenant)
    await bench.analyze()


async def _lists(bench: Bench, asked: KeptConnection) -> list[RepeatedWork]:
    """The first page, a later one, and the first of what somebody is in charge of. Raises
    RuntimeError where nothing is on one."""
    found: list[RepeatedWork] = []
    for name, (by, whose, shown) in LISTS.items():
        document = LIST % {"name": name, "page": PAGE, "filter": by, "shown": shown}
        after = None
        for _ in range(LATER):
            its = await _ask(asked, document, after=after)
            after = its[name]["pageInfo"]["endCursor"]
        for what, variables in (
            ("first page", {}),
            ("later page", {"after": after}),
            ("of a manager", {"whose": whose}),
        ):
            page = (await _ask(asked, document, **variables))[name]
            if not page["edges"]:
                raise RuntimeError(f"{name}, {what}: nothing is on it")
            once = partial(_ask, asked, document, **variables)
            found.append(RepeatedWork(f"lists: {name}", what, bench.size(500, 60), once))
    return found


async def _figures(bench: Bench, asked: KeptConnection) -> list[RepeatedWork]:
    """By manager: of a day that nothing is remembered of, and of the same again and again."""
    days = count()
    fields = (await _ask(asked, GROUP))["__type"]["fields"]
    document = BOARD % ("label" if {"name": "label"} in fields else "")

    def of(day: date) -> Awaitable[Any]:
        return _ask(asked, document, day=day.isoformat())

    def cold() -> Awaitable[Any]:
        return of(DAY + timedelta(days=60 + next(days)))

    part, times = "figures by manager", bench.size(500, 40)
    return [
        RepeatedWork(part, "cold", times, cold),
        RepeatedWork(part, "warm", 3 * times, lambda: of(DAY)),
    ]


async def _ask(connection: KeptConnection, document: str, **variables: Any) -> Any:
    """The data of the answer. Raises RuntimeError for an answer with errors."""
    (found,) = msgspec.json.decode(await connection.ask(document, **variables))
    if found.get("errors"):
        raise RuntimeError(str(found["errors"]))
    return found["data"]
