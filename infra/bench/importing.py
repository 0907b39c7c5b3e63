"""Import of a roster and an order sheet, beside understanding the same rows and writing nothing."""

import time
from datetime import date, timedelta
from typing import Any

from infra.bench.measure import Contender, Figure, compared, interleaved
from infra.bench.place import Bench
from services.importing.entries import read_sheets
from services.importing.run import import_file
from services.importing.workbook import Row, Sheet, Workbook

DAY = date(2026, 1, 5)
ROSTER = [
    "工号",
    "姓名",
    "批次",
    "入职日期",
    "主管",
    "试岗结果",
    "试岗反馈",
    "笔试成绩",
    "演练成绩",
    "上岗日期",
]
ORDERS = ["订单号", "工号", "出单日期", "产品", "金额"]


async def run(bench: Bench) -> list[Figure]:
    """Rows per second; every round imports into a new partner."""
    people = bench.size(2_000, 400)
    workbook = _workbook(people)
    rows = 2 * people

    async def whole() -> float:
        ctx = bench.app.context(await bench.new_principal())
        started = time.perf_counter()
        report = await import_file(ctx, workbook)
        seconds = time.perf_counter() - started
        if report.counts["create"] != rows:
            raise RuntimeError(str(report.counts))
        return rows / seconds

    async def understood() -> float:
        started = time.perf_counter()
        read_sheets(workbook, None, None)
        return rows / (time.perf_counter() - started)

    contenders: dict[str, Contender] = {"import": whole, "rows understood only": understood}
    rates = await interleaved(contenders, bench.rounds)
    return compared("import", "import", rates, unit="rows/s")


def _workbook(people: int) -> Workbook:
    entered, live = DAY.isoformat(), (DAY + timedelta(days=13)).isoformat()
    sold = (DAY + timedelta(days=22)).isoformat()
    roster: list[list[Any]] = [ROSTER]
    orders: list[list[Any]] = [ORDERS]
    for n in range(people):
        batch, no = f"B-{n % 40}", f"T{n:05d}"
        roster.append([no, f"新人{n}", batch, entered, "M01", "通过", "流程熟练", 85, 90, live])
        orders.append([f"O-{n:06d}", no, sold, "企业邮箱", 1980])
    return Workbook([_sheet("新人花名册", roster), _sheet("出单明细", orders)])


def _sheet(name: str, rows: list[list[Any]]) -> Sheet:
    lines = [Row(number, cells) for number, cells in enumerate(rows, start=1)]
    return Sheet(file="bench.xlsx", name=name, rows=lines)
