"""People who are recorded already, in a sheet that has them under another number."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date

import msgspec
import pytest

from infra.bootstrap import App
from infra.readside.projector import Projector
from services.importing.report import Fault
from services.importing.run import import_file
from services.importing.workbook import Cell
from services.kernel.context import Context
from services.reading.namesakes import NamesAlike
from services.words.texts import read_texts
from tests.carrying import record
from tests.services.importing.sheets import ROSTER_HEADINGS, book, sheet
from tests.situation import batch_opened, enrolled, manager_changed

ENTERED = date(2026, 5, 18)
HEADINGS: list[Cell] = [*ROSTER_HEADINGS, "直属主管", "岗位"]


def of_sales(*people: list[Cell]) -> list[list[Cell]]:
    """Rows under HEADINGS, that say the post of everybody."""
    return [[*one, *[None] * (len(HEADINGS) - 1 - len(one)), "销售"] for one in people]


async def notes_of(app: App, ctx: Context, *people: list[Cell]) -> list[Fault]:
    report = await import_file(
        ctx,
        book(sheet(HEADINGS, *of_sales(*people))),
        people=app.recorded_people(ctx.principal),
        dry_run=True,
    )
    assert {row.outcome for row in report.rows} <= {"create", "skip", "refuse"}
    return [note for one in report.sheets for note in one.notes]


async def test_who_is_recorded_by_the_same_name_batch_and_day_is_named(
    app: App, ctx: Context
) -> None:
    await record(
        app,
        ctx.principal,
        batch_opened("一期", on=ENTERED),
        batch_opened("二期", on=ENTERED),
        enrolled("K1", name="阿依·古丽", cohort="一期", on=ENTERED),
    )
    await Projector(app.db, app.log).catch_up(ctx.principal.tenant)
    name, day = "阿依•古丽", ENTERED.isoformat()
    [twin] = await notes_of(app, ctx, [name, "K2", "一期", day])
    assert (twin.code, twin.place.row) == ("twin_recorded", 2)
    assert twin.params == {"number": "K2", "like": "K1"}
    others: list[list[Cell]] = [
        [name, "K1", "一期", day],
        [name, "K3", "二期", day],
        [name, "K4", "一期", "2026-05-19"],
        ["古丽", "K5", "一期", day],
    ]
    assert await notes_of(app, ctx, *others) == []


async def test_managers_whom_rows_put_the_first_people_under_are_named_with_their_rows(
    app: App, ctx: Context
) -> None:
    await record(
        app,
        ctx.principal,
        batch_opened("一期", on=ENTERED),
        enrolled("K1", name="王一", cohort="一期", on=ENTERED, manager="Ａnna  Li"),
        enrolled("K2", name="王二", cohort="一期", on=ENTERED, manager="孙·早"),
        manager_changed("K2", to="王 芳", on=date(2026, 5, 25)),
        enrolled("K3", name="王三", cohort="一期", on=ENTERED),
    )
    await Projector(app.db, app.log).catch_up(ctx.principal.tenant)
    managers = ["Anna Li", "孙•早", "王芳", "anna li", "周到", " 周 到", "王方", "网芳芳", None]
    people: list[list[Cell]] = [
        [f"人{n}", f"M{n}", "一期", ENTERED.isoformat(), manager]
        for n, manager in enumerate(managers)
    ]
    contradicting: list[list[Cell]] = [
        ["王一", "K1", "一期", ENTERED.isoformat(), "钱错"],
        ["人九", "M9", "无期", "2026年", "钱无"],
    ]
    again: list[Cell] = ["王三", "K3", "一期", ENTERED.isoformat(), "周到"]
    workbook = book(
        sheet(HEADINGS, *of_sales(*contradicting)),
        sheet(HEADINGS, *of_sales(*people), name="五月"),
        sheet(HEADINGS, *of_sales(again), name="六月"),
    )
    said = []
    for dry_run in (True, False, False):
        recorded = app.recorded_people(ctx.principal)
        report = await import_file(ctx, workbook, people=recorded, dry_run=dry_run)
        said.append([note for one in report.sheets for note in one.notes])
        await Projector(app.db, app.log).catch_up(ctx.principal.tenant)
    planned, done, later = said
    assert later == []
    assert {(one.place.heading, one.place.column) for one in planned} == {("直属主管", "E")}
    sheets_of = [(one.place.sheet, one.params) for one in planned]
    assert sheets_of == [(one.place.sheet, one.params) for one in done]
    assert [(one.code, *its) for one, its in zip(planned, sheets_of, strict=True)] == [
        (
            "managers_to_come",
            "五月",
            {
                "count": 3,
                "managers": ["周到", "王方", "网芳芳"],
                "rows": ["6", "7", "8", "9"],
            },
        ),
        (
            "manager_like_another",
            "五月",
            {"manager": "王方", "like": ["王芳"], "count": 1, "rows": ["8"]},
        ),
        ("managers_to_come", "六月", {"count": 1, "managers": ["周到"], "rows": ["2"]}),
    ]
    chinese = read_texts("zh-CN").refusal
    assert [chinese(one.code, one.params) for one in (planned[1], planned[2], done[2])] == [
        "新主管“王方”（第 8 行，共 1 行）与已有主管“王芳”相近，请核对；如属笔误，请在校验时"
        "改为已有主管，或先改正表格再导入；已登记的请更正相关人员的主管。",
        "将登记新主管 1 位：周到（第 2 行）。目前没有此人的记录；如属笔误，请先改正再导入。",
        "已登记新主管 1 位：周到（第 2 行）。此前没有此人的记录；如属笔误，请在其页面"
        "合并到另一人，或更正相关人员的主管。",
    ]


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("王芳", ["wang fang"]),
        ("王方", ["wang fang", "王芳"]),
        ("Wang Fan", ["wang fang"]),
        ("WANGFANG", ["wang fang"]),
        ("王芳芳", ["王芳"]),
        ("欧阳振", ["欧阳震"]),
        ("欧阳正", ["欧阳正华", "欧阳震"]),
        ("欧正华", ["欧阳正华"]),
        ("汪正华", []),
        *(
            (name, [])
            for name in ("王丽", "王伟", "王强", "欧阳丽", "欧阳正强", "Lise", "Lis", "Wang Li")
        ),
        ("王范", ["王芳"]),
        ("黄芳", []),
        ("欧阳正辉", ["欧阳正华"]),
        ("Marta Li", ["Martha Li"]),
        ("Marthe Li", ["Martha Li"]),
    ],
)
def test_a_name_is_mistyped_for_those_that_are_nearest(name: str, like: list[str]) -> None:
    known = ["王芳", "wang fang", "欧阳震", "欧阳正华", "欧阳震宇", "Lisa", "Martha Li"]
    assert NamesAlike(known).of(name) == like


@pytest.mark.parametrize("given", ["芳凡", "晨成", "静锦", "兰南", "芝姿", "辰岑", "诗斯"])
def test_a_short_chinese_name_is_mistyped_for_one_that_many_say_alike_and_for_no_other(
    given: str,
) -> None:
    one, two = (f"陈{character}" for character in given)
    assert NamesAlike([one, "陈国", "陈丽"]).of(two) == [one]
    assert NamesAlike([two, "陈国", "陈丽"]).of(one) == [two]
    assert NamesAlike(["陈掌", "陈张国"]).of("陈赞") == []


async def test_managers_of_a_run_that_is_taken_up_again_are_named_whichever_part_recorded_them(
    app: App, ctx: Context
) -> None:
    day, stop = ENTERED.isoformat(), asyncio.Event()
    people: list[list[Cell]] = [
        [f"人{n}", f"T{n}", "一期", day, to] for n, to in enumerate(("钱多", "钱多", "钱少"))
    ]
    workbook = book(sheet(HEADINGS, *of_sales(*people)))
    run = msgspec.structs.replace(ctx, idempotency_key="run")
    for parts in range(1, 4):
        stop.clear()
        report = await import_file(
            run,
            workbook,
            people=app.recorded_people(ctx.principal),
            progress=lambda done, _, parts=parts: stop.set() if done == parts else None,
            stop=stop,
            in_flight=1,
        )
        await Projector(app.db, app.log).catch_up(ctx.principal.tenant)
    [new] = [note for one in report.sheets for note in one.notes]
    said = {"count": 2, "managers": ["钱多", "钱少"], "rows": ["2", "3", "4"]}
    assert (new.code, new.params) == ("managers_new", said)
    assert report.counts["create"] == 3


async def test_of_another_partner_nobody_is_named(
    app: App, ctx: Context, new_partner: Callable[[], Awaitable[Context]]
) -> None:
    stranger = await new_partner()
    for one in (ctx, stranger):
        await record(app, one.principal, batch_opened("一期", on=ENTERED))
    await record(app, stranger.principal, enrolled("K1", name="王一", cohort="一期", on=ENTERED))
    await Projector(app.db, app.log).catch_up(stranger.principal.tenant)
    assert await notes_of(app, ctx, ["王一", "K2", "一期", ENTERED.isoformat()]) == []


async def test_a_number_that_an_earlier_row_gives_another_name_is_named_with_that_row(
    app: App, ctx: Context
) -> None:
    day = ENTERED.isoformat()
    rows: list[list[Cell]] = [["测一", "P01", "一期", day], ["测二", "p01", "一期", day]]
    [note] = await notes_of(app, ctx, *rows)
    assert (note.code, note.place.row) == ("number_of_two", 3)
    assert (note.params["name"], note.params["row"]) == ("测一", 2)


async def test_who_enters_before_the_cohort_opened_is_named(app: App, ctx: Context) -> None:
    await record(app, ctx.principal, batch_opened("三期", on=ENTERED))
    rows: list[list[Cell]] = [
        ["测三", "P03", "三期", "2026-05-17"],
        ["测四", "P04", "三期", "2026-05-18"],
    ]
    report = await import_file(ctx, book(sheet(ROSTER_HEADINGS, *rows)))
    [early, _] = report.rows
    assert [[note.code for note in row.notes] for row in report.rows] == [
        ["entered_before_opening"],
        [],
    ]
    assert early.notes[0].place.column == "D"
