"""Import of rosters and order sheets, beside the same rows by COPY, which understands and checks
nothing but that numbers are unique, and beside understanding them and writing nothing.

A plain roster (花名册) says who somebody is and where they belong: a row is one fact, and that is
held to the goals (decisions/0033). Training managers add columns of results: of such a row five
facts are decided and recorded, or compared, so it is told in facts too. Every round imports a plain
roster into a partner of its own, then into another one the roster with results, the orders of its
people shuffled and in the order of their sellers, and once more what is known by then.
"""

import asyncio
import random
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from infra.bench.measure import Figure, compared, interleaved, per_second
from infra.bench.place import Bench
from infra.readside.folding import tune_garbage_collector
from services.importing.entries import read_sheets
from services.importing.run import import_file
from services.importing.workbook import Sheet, SheetRow, Workbook
from services.kernel.context import Context

DAY = date(2026, 1, 5)
PLAIN = "工号 姓名 批次 入职日期 主管 岗位"
ROSTER = "工号 姓名 批次 入职日期 主管 试岗结果 试岗反馈 笔试成绩 演练成绩 上岗日期"
ORDERS = "订单号 工号 出单日期 产品 金额"
"""The titles of the columns."""

FACTS = 5
"""Of a row of a roster with results: the enrolment, three results and the go-live."""

OF_A_SELLER = 4
"""Orders in the sheets that are shuffled and sorted."""

NEW, KNOWN = {"value": 5_000.0}, {"value": 10_000.0}
"""Of rows that say one fact, and of rows that say nothing new."""

OF_RESULTS = {"value": 10_000.0}
"""Of facts."""

ROSTER_WITH_RESULTS = "roster with results"
KNOWN_WITH_RESULTS = "known people with results"
WHOLE, SHUFFLED, SORTED = "import", "orders, shuffled", "orders, by seller"
COPIED, UNDERSTOOD = "the same rows by COPY", "rows understood only"

_TABLES = """
    create table copied_people (tenant text, no text, name text, cohort text, entered text,
        manager text, trial text, feedback text, written int, drill int, live text,
        primary key (tenant, no));
    create table copied_orders (tenant text, no text, seller text, closed text,
        product text, amount int, primary key (tenant, no));
"""


async def run(bench: Bench) -> list[Figure]:
    """Rows per second, with the collector as a worker has it."""
    people = bench.size(2_000, 400)
    async with bench.superuser() as connection:
        await connection.execute(_TABLES)
    tune_garbage_collector()
    work = _Work(bench, people)
    rates = await interleaved(
        {
            WHOLE: work.whole,
            "roster": work.plain,
            ROSTER_WITH_RESULTS: work.roster,
            SHUFFLED: work.shuffled,
            SORTED: work.by_seller,
            "known people": work.known_plain,
            KNOWN_WITH_RESULTS: work.known_people,
            "known orders": work.known_orders,
            COPIED: work.copied,
            UNDERSTOOD: work.understood,
        },
        bench.rounds,
    )

    def line(name: str, *others: str, **targets: float) -> Figure:
        its = {one: rates[one] for one in (name, *others)}
        return compared("import", name, its, unit="rows/s", targets=targets)[0]

    facts = {"its facts": [FACTS * rate for rate in rates[ROSTER_WITH_RESULTS]]}
    return [
        line(WHOLE, COPIED, UNDERSTOOD),
        line("roster", **NEW),
        line(ROSTER_WITH_RESULTS),
        *compared("import", "its facts", facts, unit="facts/s", targets=OF_RESULTS),
        line(SHUFFLED, **NEW),
        line(SORTED, SHUFFLED, **NEW),
        line("known people", **KNOWN),
        line(KNOWN_WITH_RESULTS),
        line("known orders", **KNOWN),
        line(COPIED),
        line(UNDERSTOOD),
    ]


class _Work:
    """The sheets, and the partner of the round. Raises RuntimeError where not every row counts."""

    def __init__(self, bench: Bench, people: int) -> None:
        self._bench, self._people = bench, people
        self._roster = _sheet("新人花名册", ROSTER, _people(people))
        plain = ([*row[:5], "销售"] for row in _people(people))
        self._plain = _sheet("新人花名册", PLAIN, plain)
        self._whole = Workbook([self._roster, _sheet("出单明细", ORDERS, _orders(people, "O", 1))])
        sold = [list(_orders(people, name, OF_A_SELLER)) for name in ("P", "Q")]
        random.Random(7).shuffle(sold[0])  # noqa: S311 - an order of rows, no secret
        self._shuffled, self._sorted = (_sheet("出单明细", ORDERS, rows) for rows in sold)
        self._partner: Context | None = None
        self._of_plain: Context | None = None

    async def whole(self) -> float:
        return await self._import(await self._new(), self._whole, 2 * self._people)

    async def plain(self) -> float:
        self._of_plain = await self._new()
        return await self._import(self._of_plain, Workbook([self._plain]), self._people)

    async def known_plain(self) -> float:
        assert self._of_plain  # noqa: S101 - the plain roster of the round comes first
        return await self._import(self._of_plain, Workbook([self._plain]), self._people, "skip")

    async def roster(self) -> float:
        self._partner = await self._new()
        return await self._recorded(self._roster)

    async def shuffled(self) -> float:
        return await self._recorded(self._shuffled)

    async def by_seller(self) -> float:
        return await self._recorded(self._sorted)

    async def known_people(self) -> float:
        return await self._recorded(self._roster, "skip")

    async def known_orders(self) -> float:
        return await self._recorded(self._shuffled, "skip")

    async def copied(self) -> float:
        return await per_second(2 * self._people, self._copy())

    async def understood(self) -> float:
        return await per_second(2 * self._people, asyncio.to_thread(read_sheets, self._whole))

    async def _new(self) -> Context:
        return self._bench.app.context(await self._bench.new_principal())

    async def _recorded(self, sheet: Sheet, outcome: str = "create") -> float:
        assert self._partner  # noqa: S101 - the roster of the round comes first
        return await self._import(self._partner, Workbook([sheet]), len(sheet.rows) - 1, outcome)

    async def _import(
        self, ctx: Context, workbook: Workbook, rows: int, outcome: str = "create"
    ) -> float:
        people = self._bench.app.recorded_people(ctx.principal)
        importing = asyncio.ensure_future(import_file(ctx, workbook, people=people))
        rate = await per_second(rows, importing)
        if importing.result().counts[outcome] != rows:
            raise RuntimeError(str(importing.result().counts))
        return rate

    async def _copy(self) -> None:
        tenant = str(uuid4())
        async with self._bench.superuser() as connection:
            for table, sheet in zip(
                ("copied_people", "copied_orders"), self._whole.sheets, strict=True
            ):
                records = [(tenant, *row.cells) for row in sheet.rows[1:]]
                await connection.copy_records_to_table(table, records=records)


def _people(count: int) -> Iterator[list[Any]]:
    entered, live = DAY.isoformat(), (DAY + timedelta(days=13)).isoformat()
    for n in range(count):
        no, batch = f"T{n:05d}", f"B-{n % 40}"
        yield [no, f"新人{n}", batch, entered, "M01", "通过", "流程熟练", 85, 90, live]


def _orders(count: int, name: str, of_a_seller: int) -> Iterator[list[Any]]:
    """So many orders, in the order of their sellers."""
    sold = (DAY + timedelta(days=22)).isoformat()
    for n in range(count):
        yield [f"{name}-{n:06d}", f"T{n // of_a_seller:05d}", sold, "企业邮箱", 1980]


def _sheet(name: str, titles: str, rows: Iterable[list[Any]]) -> Sheet:
    lines = [SheetRow(number, cells) for number, cells in enumerate([titles.split(), *rows], 1)]
    return Sheet(file="bench.xlsx", name=name, rows=lines)
