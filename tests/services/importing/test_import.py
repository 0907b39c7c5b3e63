"""The workbook of a training manager, imported for real."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from domain.kernel.errors import PermissionRefusedError
from domain.kernel.values import Ratio
from infra.bootstrap import App
from infra.log.tenant_log import GROUP, TenantLog
from infra.sheets.sheets import read_workbook
from services.execute import execute
from services.importing import maps
from services.importing.entries import read_sheets
from services.importing.mapping import load_mapping
from services.importing.read_sheet import ReadSheet
from services.importing.run import IN_FLIGHT, import_file
from services.importing.workbook import Cell, Workbook, joined
from services.kernel.context import Context, Principal, Role
from services.kernel.ports import Append, Receipt
from services.kernel.roles import in_role
from services.trainees.withdrawal import WithdrawFact
from tests.domain.kpi import counted
from tests.place import DATA, ROSTER
from tests.services.importing.sheets import ROSTER_HEADINGS, book, sheet

Figures = Callable[..., Awaitable[counted.Figures]]

CRM = (Path(maps.__path__[0]) / "crm.toml").read_text()


@pytest.fixture(scope="module")
async def roster_book() -> Workbook:
    return await read_workbook(ROSTER)


@pytest.fixture(scope="module")
async def crm_book() -> Workbook:
    names = ("sales_teams.csv", "sales_pipeline.csv")
    return joined([await read_workbook(DATA / "crm" / name) for name in names])


async def test_gives_the_figures_of_the_golden_case(
    ctx: Context, roster_book: Workbook, figures_of: Figures
) -> None:
    report = await import_file(ctx, roster_book)
    assert report.counts == {
        "create": 41,
        "change": 0,
        "part": 0,
        "skip": 1,
        "merge": 0,
        "refuse": 0,
    }
    found = await figures_of(ctx, on=date(2026, 7, 31), month="2026-06")
    assert (found.order_rate, found.average_orders) == (Ratio(12, 18), Ratio(21, 18))
    assert (found.entered, found.employed) == (20, 15)


async def test_the_same_file_again_writes_no_event(ctx: Context, roster_book: Workbook) -> None:
    first = await import_file(ctx, roster_book)
    again = await import_file(ctx, roster_book)
    assert again.counts == {
        "create": 0,
        "change": 0,
        "part": 0,
        "skip": 42,
        "merge": 0,
        "refuse": 0,
    }
    assert (again.events, again.position) == (0, first.position)


async def test_a_dry_run_says_the_same_and_writes_nothing(
    ctx: Context, roster_book: Workbook
) -> None:
    before = await ctx.log.position(ctx.principal.tenant)
    rehearsed = await import_file(ctx, roster_book, dry_run=True)
    assert await ctx.log.position(ctx.principal.tenant) == before
    done = await import_file(ctx, roster_book)
    assert rehearsed.dry_run and not done.dry_run
    assert [(r.place, r.outcome, r.reasons) for r in rehearsed.rows] == [
        (r.place, r.outcome, r.reasons) for r in done.rows
    ]
    assert (rehearsed.events, rehearsed.position) == (done.events, done.position)


async def test_a_dry_run_knows_what_another_process_has_withdrawn_since(
    ctx: Context, app: App
) -> None:
    number, days = "T1", ["B1", "2026-06-01"]
    one = book(sheet(ROSTER_HEADINGS, ["陈一", number, *days], file="x.csv"))
    await import_file(ctx, one)
    assert (await import_file(ctx, one, dry_run=True)).counts["skip"] == 1
    async with TenantLog.open(app.db, app.log.secret_keys) as log:
        elsewhere = msgspec.structs.replace(ctx, log=log)
        await execute(elsewhere, WithdrawFact(fact=1, reason="录错人", employee_no=number))
    for is_checked in (True, False):
        assert (await import_file(ctx, one, dry_run=is_checked)).counts["create"] == 1


async def test_a_repeated_run_answers_as_the_first_one(ctx: Context, roster_book: Workbook) -> None:
    keyed = msgspec.structs.replace(ctx, idempotency_key="run-1")
    first = await import_file(keyed, roster_book)
    again = await import_file(keyed, roster_book)
    assert again.rows == first.rows
    assert again.position == first.position


async def test_two_files_of_one_name_in_a_run_are_both_imported(ctx: Context) -> None:
    keyed = msgspec.structs.replace(ctx, idempotency_key="run-2")
    days: list[Cell] = ["B1", "2026-06-01"]
    first = sheet(ROSTER_HEADINGS, ["陈一", "T1", *days], ["陈二", "T2", *days], file="x.csv")
    second = sheet(ROSTER_HEADINGS, ["王三", "T3", *days], ["王四", "T4", *days], file="x.csv")
    assert (await import_file(keyed, book(first, second))).counts["create"] == 4
    again = msgspec.structs.replace(ctx, idempotency_key="run-3")
    counts = (await import_file(again, book(first, first))).counts
    assert counts == {"create": 0, "change": 0, "part": 0, "skip": 4, "merge": 0, "refuse": 0}


async def test_a_run_taken_up_by_a_reader_that_finds_one_row_more_imports_that_row_alone(
    ctx: Context,
) -> None:
    keyed = msgspec.structs.replace(ctx, idempotency_key="run-4")
    days: list[Cell] = ["B1", "2026-06-01"]
    whole = sheet(
        ROSTER_HEADINGS, *([name, f"T{name}", *days] for name in ("陈一", "陈二", "王三"))
    )
    fewer = msgspec.structs.replace(whole, rows=[*whole.rows[:2], *whole.rows[3:]])
    first = await import_file(keyed, book(fewer))
    again = await import_file(keyed, book(whole))
    assert (first.counts["create"], again.counts["create"], again.counts["refuse"]) == (2, 3, 0)
    assert again.position == first.position + len(["registered", "enrolled"])


async def test_a_stopped_import_is_finished_by_the_next(
    ctx: Context, roster_book: Workbook, figures_of: Figures
) -> None:
    stop = asyncio.Event()

    def stop_after_ten(done: int, _total: int) -> None:
        if done == 10:
            stop.set()

    first = await import_file(ctx, roster_book, stop=stop, progress=stop_after_ten, in_flight=4)
    assert first.stopped
    assert 10 <= len(first.rows) < 20
    second = await import_file(ctx, roster_book)
    cohort, people, went_live, left, orders = 1, 20, 18, 3, 21
    written = cohort + people * len(("registered", "enrolled", "trial", "exam", "drill"))
    managers = 2
    assert first.events + second.events == written + went_live + left + orders + managers
    found = await figures_of(ctx, on=date(2026, 7, 31), month="2026-06")
    assert found.order_rate == Ratio(12, 18)


async def test_sheets_are_read_beside_the_event_loop(
    ctx: Context, roster_book: Workbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = []

    def reading(*args: Any) -> list[ReadSheet]:
        threads.append(threading.current_thread())
        return read_sheets(*args)

    monkeypatch.setattr("services.importing.run.read_sheets", reading)
    await import_file(ctx, roster_book, dry_run=True)
    assert threads and threading.current_thread() not in threads


async def test_every_event_names_its_row(app: App, ctx: Context, roster_book: Workbook) -> None:
    await import_file(ctx, roster_book)
    async with app.db.tenant(ctx.principal.tenant) as connection:
        rows = await connection.plain.fetch(
            "select source->>'sheet' as sheet, (source->>'row')::int as row from events"
            " where source->>'kind' = 'imported' and topic = 'trainee.order_closed'"
            " order by position"
        )
    assert {row["sheet"] for row in rows} == {"出单明细"}
    assert sorted(row["row"] for row in rows) == list(range(2, 23))


async def test_two_imports_at_once_write_everything_once(
    ctx: Context, roster_book: Workbook
) -> None:
    one, two = await asyncio.gather(import_file(ctx, roster_book), import_file(ctx, roster_book))
    assert one.counts["refuse"] == two.counts["refuse"] == 0
    assert one.counts["create"] + two.counts["create"] == 41


async def test_no_row_of_a_new_cohort_is_decided_twice(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    append, appended = ctx.log.append, list[Append]()

    def noting(one: Append) -> Awaitable[Receipt]:
        appended.append(one)
        return append(one)

    monkeypatch.setattr(ctx.log, "append", noting)
    rows = ([f"陈{n}", f"T{n}", "B1", "2026-06-01"] for n in range(8))
    await import_file(ctx, book(sheet(ROSTER_HEADINGS, *rows)))
    assert len(appended) == 8


def test_one_half_of_the_rows_under_way_is_decided_while_the_other_is_written() -> None:
    assert IN_FLIGHT == 2 * GROUP


@pytest.mark.parametrize(
    ("partner", "rate", "average"),
    [
        ("central", Ratio(6, 10), Ratio(41, 10)),
        ("east", Ratio(10, 10), Ratio(64, 10)),
        ("west", Ratio(7, 10), Ratio(22, 10)),
    ],
)
async def test_foreign_sheets_give_the_figures_of_their_office(
    partner: str,
    rate: Ratio,
    average: Ratio,
    ctx: Context,
    crm_book: Workbook,
    figures_of: Figures,
) -> None:
    report = await import_file(ctx, crm_book, mapping=load_mapping(CRM, partner=partner))
    assert report.counts["refuse"] == 0
    assert report.counts["skip"] > 2000
    found = await figures_of(ctx, on=date(2017, 12, 31), window_days=120)
    assert (found.order_rate, found.average_orders) == (rate, average)
    assert found.entered in (11, 12)
    by_thirty = await figures_of(ctx, on=date(2017, 12, 31))
    assert by_thirty.order_rate == Ratio(0, 10)


async def test_refuses_who_may_not_import(ctx: Context, roster_book: Workbook, app: App) -> None:
    lecturer = app.context(in_role(ctx.principal.tenant, "tests", Role.LECTURER))
    with pytest.raises(PermissionRefusedError):
        await import_file(lecturer, roster_book)


async def test_stops_at_the_step_at_which_who_asked_for_it_may_import_no_more(
    ctx: Context, roster_book: Workbook, app: App
) -> None:
    before, asked = await app.log.position(ctx.principal.tenant), 0

    async def as_now() -> Principal:
        nonlocal asked
        asked += 1
        may_no_more = msgspec.structs.replace(ctx.principal, roles=(), rights={})
        return ctx.principal if asked <= 2 else may_no_more

    with pytest.raises(PermissionRefusedError):
        await import_file(ctx, roster_book, as_now=as_now, in_flight=1)
    assert before < await app.log.position(ctx.principal.tenant) < before + 20


async def test_a_row_whose_principal_is_looked_up_for_long_is_overtaken_by_none_that_follows_it(
    ctx: Context,
) -> None:
    asked, is_row_done = 0, asyncio.Event()

    async def as_now() -> Principal:
        nonlocal asked
        asked += 1
        if asked == 1:
            await is_row_done.wait()
        return ctx.principal

    def progress(_done: int, _total: int) -> None:
        is_row_done.set()

    person = sheet(ROSTER_HEADINGS, ["陈一", "T1", "B1", "2026-06-01"])
    order = sheet(["订单号", "工号", "出单日期"], ["D1", "T1", "2026-06-10"], name="出单")
    report = await import_file(
        ctx, book(person, order), as_now=as_now, progress=progress, in_flight=2
    )
    assert report.counts["create"] == 2, report.refused
