"""People who are recorded already, in a sheet that has them under another number."""

from collections.abc import Awaitable, Callable
from datetime import date

from infra.bootstrap import App
from infra.readside.projector import Projector
from services.importing.report import Fault
from services.importing.run import import_file
from services.importing.workbook import Cell
from services.kernel.context import Context
from services.words.texts import read_texts
from tests.carrying import record
from tests.services.importing.sheets import ROSTER_HEADINGS, book, sheet
from tests.situation import batch_opened, enrolled

ENTERED = date(2026, 5, 18)


async def notes_of(app: App, ctx: Context, *people: list[Cell]) -> list[Fault]:
    report = await import_file(
        ctx,
        book(sheet([*ROSTER_HEADINGS, "直属主管"], *people)),
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


async def test_managers_whom_nobody_is_under_are_named_and_near_spellings_are_not(
    app: App, ctx: Context
) -> None:
    await record(
        app,
        ctx.principal,
        batch_opened("一期", on=ENTERED),
        enrolled("K1", name="王一", cohort="一期", on=ENTERED, manager="Ｌｉ 钱"),
    )
    await Projector(app.db, app.log).catch_up(ctx.principal.tenant)
    managers = ["li钱", "钱多", " 钱 多", "钱少", None]
    people: list[list[Cell]] = [
        [f"人{n}", f"M{n}", "一期", ENTERED.isoformat(), manager]
        for n, manager in enumerate(managers)
    ]
    people += [["王一", "K1", "一期", ENTERED.isoformat(), "Li钱"]]
    [note] = await notes_of(app, ctx, *people)
    assert (note.code, note.place.row, note.place.column) == ("managers_new", None, "E")
    assert note.params == {"count": 2, "managers": ["钱多", "钱少"]}
    assert read_texts("zh-CN").refusal(note.code, note.params) == (
        "新出现的主管 2 位：钱多、钱少。目前名下没有人，将照常登记；如属笔误，请先改正。"
    )


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
