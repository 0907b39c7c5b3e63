"""Import of a roster and an order sheet, beside understanding the same rows and writing nothing."""

import asyncio
from datetime import date, timedelta
from typing import Any

from infra.bench.measure import Contender, Figure, compared, interleaved, per_second
from infra.bench.place import Bench
from services.importing.entries import read_sheets
from services.importing.run import import_file
from services.importing.workbook import Sheet, SheetRow, Workbook

DAY = date(2026, 1, 5)
ROSTER = "工号 姓名 批次 入职日期 主管 试岗结果 试岗反馈 笔试成绩 演练成绩 上岗日期"
ORDERS = "订单号 工号 出单日期 产品 金额"
"""The titles of the columns."""


async def run(bench: Bench) -> list[Figure]:
    """Rows per second; every round imports into a new partner."""
    people = bench.size(2_000, 400)
    workbook = _workbook(people)
    rows = 2 * people

    async def whole() -> float:
        ctx = bench.app.context(await bench.new_principal())
        importing = asyncio.ensure_future(import_file(ctx, workbook))
        rate = await per_second(rows, importing)
        if importing.result().counts["create"] != rows:
            raise RuntimeError(str(importing.result().counts))
        return rate

    async def understand() -> None:
        read_sheets(workbook)

    contenders: dict[str, Contender] = {
        "import": whole,
        "rows understood only": lambda: per_second(rows, understand()),
    }
    rates = await interleaved(contenders, bench.rounds)
    return compared("import", "import", rates, unit="rows/s")


def _workbook(people: int) -> Workbook:
    entered, live = DAY.isoformat(), (DAY + timedelta(days=13)).isoformat()
    sold = (DAY + timedelta(days=22)).isoformat()
    roster: list[list[Any]] = [ROSTER.split()]
    orders: list[list[Any]] = [ORDERS.split()]
    for n in range(people):
        batch, no = f"B-{n % 40}", f"T{n:05d}"
        roster.append([no, f"新人{n}", batch, entered, "M01", "通过", "流程熟练", 85, 90, live])
        orders.append([f"O-{n:06d}", no, sold, "企业邮箱", 1980])
    return Workbook([_sheet("新人花名册", roster), _sheet("出单明细", orders)])


def _sheet(name: str, rows: list[list[Any]]) -> Sheet:
    lines = [SheetRow(number, cells) for number, cells in enumerate(rows, start=1)]
    return Sheet(file="bench.xlsx", name=name, rows=lines)
