"""One row against what is recorded: created, changed, left alone or refused."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest

from services.execute import execute
from services.importing.report import ImportReport
from services.importing.run import import_file
from services.importing.workbook import Cell
from services.kernel.context import Context
from services.trainees.selling import ReassignOrder, VoidOrder
from services.trainees.trainee import ChangeManager, RecordLeaving, RejoinTrainee
from tests.services.importing.sheets import ROSTER_HEADINGS, book, sheet

HEADINGS: list[Cell] = [
    *ROSTER_HEADINGS,
    *("试岗结果", "试岗书面反馈", "笔试成绩", "演练成绩", "上岗日期", "离职日期", "直属主管"),
]
ENTERED: list[Cell] = ["王一", "K1", "一期", "2026-05-18"]
LIVE: list[Cell] = [*ENTERED, "通过", "好", 88.0, "合格", "2026-06-01", None, "钱"]
ORDER_HEADINGS: list[Cell] = ["订单号", "工号", "出单日期", "金额", "状态", "作废日期"]

Importing = Callable[..., Awaitable[ImportReport]]


@pytest.fixture
def roster(ctx: Context) -> Importing:
    async def run(*rows: list[Cell]) -> ImportReport:
        return await import_file(ctx, book(sheet(HEADINGS, *rows)))

    return run


@pytest.fixture
def orders(ctx: Context) -> Importing:
    async def run(*rows: list[Cell]) -> ImportReport:
        return await import_file(ctx, book(sheet(ORDER_HEADINGS, *rows, name="出单")))

    return run


@pytest.fixture
def leavers(ctx: Context) -> Importing:
    async def run(*rows: list[Cell]) -> ImportReport:
        return await import_file(ctx, book(sheet(["工号", "离职日期", "离职原因"], *rows)))

    return run


def outcomes(report: ImportReport) -> list[str]:
    """Outcome of each row, with the code of its first reason."""
    return [
        " ".join([row.outcome, *(fault.code for fault in row.reasons[:1])]) for row in report.rows
    ]


def changed(cells: list[Cell], **by_heading: Any) -> list[Cell]:
    """The row with other cells under these headings."""
    return [by_heading.get(str(HEADINGS[n]), cell) for n, cell in enumerate(cells)]


async def test_a_row_that_says_more_adds_what_is_new(roster: Importing) -> None:
    assert outcomes(await roster(ENTERED)) == ["create"]
    more = await roster([*ENTERED, "通过", "好", 88.0, "合格", "2026-06-01"])
    assert (outcomes(more), more.events) == (["change"], 4)


async def test_a_row_that_says_less_deletes_nothing(roster: Importing) -> None:
    await roster(LIVE)
    assert outcomes(await roster(ENTERED)) == ["skip already_recorded"]


@pytest.mark.parametrize(
    ("heading", "cell", "code", "column"),
    [
        ("姓名", "王二", "name_differs", "A"),
        ("批次", "二期", "contradicts_recorded", "C"),
        ("入职日期", "2026-05-19", "contradicts_recorded", "D"),
        ("试岗结果", "未通过", "contradicts_recorded", "E"),
        ("笔试成绩", 89.0, "contradicts_recorded", "G"),
        ("上岗日期", "2026-06-02", "contradicts_recorded", "I"),
        ("直属主管", "孙", "change_undated", "K"),
    ],
)
async def test_refuses_what_contradicts_the_record(
    heading: str, cell: Cell, code: str, column: str, roster: Importing
) -> None:
    await roster(LIVE)
    report = await roster(changed(LIVE, **{heading: cell}))
    assert outcomes(report) == [f"refuse {code}"]
    assert report.refused[0].reasons[0].place.column == column


@pytest.mark.parametrize(
    ("heading", "cell", "said", "column"),
    [
        ("姓名", "王" * 101, "refuse text_too_long", "A"),
        ("批次", "一" * 65, "refuse text_too_long", "C"),
        ("试岗书面反馈", None, "part feedback_missing", "F"),
        ("笔试成绩", 88.555, "part too_many_places", "G"),
        ("直属主管", "钱" * 101, "part text_too_long", "K"),
    ],
)
async def test_refuses_what_lies_outside_the_bounds_of_its_field_at_its_column(
    heading: str, cell: Cell, said: str, column: str, roster: Importing
) -> None:
    report = await roster(changed(LIVE, **{heading: cell}))
    assert outcomes(report) == [said]
    assert report.refused[0].reasons[0].place.column == column


async def test_who_was_put_under_no_manager_is_not_put_back_under_one(
    ctx: Context, roster: Importing
) -> None:
    await roster(LIVE)
    await execute(ctx, ChangeManager("K1", date(2026, 6, 20), None))
    report = await roster(LIVE)
    assert outcomes(report) == ["refuse change_undated"]
    [fault] = report.refused[0].reasons
    assert fault.params == {"recorded": "no_manager", "given": "钱"}
    assert outcomes(await roster(changed(LIVE, 直属主管=None))) == ["skip already_recorded"]


async def test_what_a_row_says_of_an_earlier_stay_goes_to_that_stay(
    ctx: Context, roster: Importing
) -> None:
    left = "2026-06-12"
    await roster([*ENTERED, *[None] * 5, left])
    again = (await execute(ctx, RejoinTrainee("K1", "一期", date(2026, 6, 20)))).stream_id
    of_next = changed(LIVE, 上岗日期="2026-06-25")
    assert outcomes(await roster(of_next)) == ["part after_leaving"]
    no_more: list[Cell] = [*ENTERED, *[None] * 5, "2026-06-30"]
    assert outcomes(await roster(no_more)) == ["refuse contradicts_recorded"]
    assert outcomes(await roster(changed(LIVE, 离职日期=left))) == ["change"]
    for stated in (left, None):
        assert outcomes(await roster(changed(LIVE, 离职日期=stated))) == ["skip already_recorded"]
    second = await ctx.log.aggregate(ctx.principal.tenant, again)
    assert second is not None
    assert second.version == 1
    assert outcomes(await roster(["王一", "K1", "一期", "2026-06-20"])) == ["skip already_recorded"]


async def test_a_leaver_who_rejoined_is_found_by_the_day_of_leaving(
    ctx: Context, roster: Importing, leavers: Importing
) -> None:
    await roster(LIVE)
    first: list[Cell] = ["K1", "2026-06-12"]
    assert outcomes(await leavers(first)) == ["change"]
    await execute(ctx, RejoinTrainee("K1", "一期", date(2026, 6, 20)))
    assert outcomes(await leavers(first)) == ["skip already_recorded"]
    assert outcomes(await leavers(["K1", "2026-06-13"])) == ["refuse contradicts_recorded"]
    assert outcomes(await leavers(first, ["K1", "2026-06-30"])) == [
        *("skip already_recorded", "change")
    ]


async def test_a_resit_on_a_later_go_live_is_no_contradiction(roster: Importing) -> None:
    failed: list[Cell] = [*ENTERED, "未通过", "补训", 52.0, "不合格"]
    assert outcomes(await roster(failed)) == ["create"]
    assert outcomes(await roster(LIVE[:9])) == ["change"]
    assert outcomes(await roster(failed)) == ["skip already_recorded"]


async def test_rows_of_one_person_in_one_file_follow_each_other(roster: Importing) -> None:
    begun: list[Cell] = [*ENTERED, *[None] * 6, "钱"]
    left = changed(LIVE, 离职日期="2026-06-20")
    assert outcomes(await roster(begun, LIVE, left, ENTERED)) == [
        *("create", "change", "change", "skip already_recorded")
    ]


async def test_who_enters_later_is_known_and_under_whom_but_has_done_nothing(
    roster: Importing,
) -> None:
    later: list[Cell] = ["李", "K2", "一期", "2026-10-31"]
    assert outcomes(await roster(later)) == ["create"]
    assert outcomes(await roster([*later, *[None] * 6, "钱"])) == ["change"]
    assert outcomes(await roster([*later, *[None] * 6, "钱"])) == ["skip already_recorded"]
    assert outcomes(await roster([*later, "通过", "好"])) == ["refuse before_enrolment"]
    too_late: list[Cell] = ["周", "K4", "一期", "2026-11-01"]
    assert outcomes(await roster(too_late)) == ["refuse date_in_future"]


async def test_a_leaving_may_lie_ahead_and_a_go_live_may_not(roster: Importing) -> None:
    assert outcomes(await roster(changed(LIVE, 离职日期="2026-10-31"))) == ["create"]
    live_later = changed(changed(LIVE, 工号="K2"), 上岗日期="2026-08-01")
    assert outcomes(await roster(live_later)) == ["part date_in_future"]
    too_late = await roster(changed(changed(LIVE, 工号="K3"), 离职日期="2026-11-30"))
    assert outcomes(too_late) == ["part date_in_future"]
    assert too_late.refused[0].reasons[0].place.column == "J"


async def test_orders_are_closed_voided_and_compared(roster: Importing, orders: Importing) -> None:
    await roster(LIVE)
    closed: list[Cell] = ["A1", "K1", "2026-06-10", 6688.0, "有效", None]
    assert outcomes(await orders(closed)) == ["create"]
    assert outcomes(await orders(closed)) == ["skip already_recorded"]
    assert outcomes(await orders([*closed[:4], "退单", "2026-06-15"])) == ["change"]
    assert outcomes(await orders(closed)) == ["refuse contradicts_recorded"]
    assert outcomes(await orders([*closed[:4], "退单"])) == ["skip already_recorded"]
    assert outcomes(await orders([*closed[:3], 1.0])) == ["refuse contradicts_recorded"]
    assert outcomes(await orders(["A2", *closed[1:4], "作废"])) == ["create"]


async def test_of_a_void_order_nothing_is_filled_in_and_that_is_said(
    roster: Importing, orders: Importing
) -> None:
    await roster(LIVE)
    void: list[Cell] = ["A1", "K1", "2026-06-10", None, "作废", "2026-06-15"]
    assert outcomes(await orders(void)) == ["create"]
    report = await orders([*void[:3], 6688.0, *void[4:]])
    assert outcomes(report) == ["skip already_recorded"]
    [note] = report.notes
    assert (note.code, note.place.column) == ("void_order_not_filled_in", "D")


async def test_an_order_is_filled_in_and_voided_by_one_row(
    roster: Importing, orders: Importing
) -> None:
    await roster(LIVE)
    blank: list[Cell] = ["A1", "K1", "2026-06-10", None]
    assert outcomes(await orders(blank)) == ["create"]
    report = await orders([*blank[:3], 6688.0, "作废", "2026-06-15"])
    assert (outcomes(report), report.notes, report.events) == (["change"], [], 2)


async def test_one_order_number_is_one_sellers_in_file_order(
    roster: Importing, orders: Importing
) -> None:
    await roster(LIVE, changed(changed(LIVE, 工号="K2"), 姓名="李二"))
    same: list[list[Cell]] = [["A1", number, "2026-06-10", 1.0] for number in ("K1", "K2")]
    assert outcomes(await orders(*same)) == ["create", "refuse order_no_taken"]


async def test_a_batch_opens_on_the_day_on_which_the_first_who_is_not_refused_entered(
    ctx: Context, roster: Importing
) -> None:
    report = await roster(
        ENTERED,
        ["李二", "K1", "一期", "2026-05-01"],
        ["李二", "K2", " 一期 ", "2026-05-11"],
        ["李" * 300, "K3", "一期", "2026-05-04"],
    )
    assert outcomes(report) == [
        "create",
        "refuse name_differs",
        "create",
        "refuse text_too_long",
    ]
    owner = await ctx.log.owner(ctx.principal.tenant, "cohort_code", "一期")
    assert owner is not None
    [opened] = await ctx.log.load(ctx.principal.tenant, owner)
    assert str(opened.opened_on) == "2026-05-11"


async def test_orders_that_went_to_another_or_are_of_an_earlier_time_are_recorded(
    ctx: Context, roster: Importing, orders: Importing
) -> None:
    first: list[Cell] = ["A1", "K1", "2026-06-10", 6688.0, "有效", None]
    second: list[Cell] = ["A2", *first[1:]]
    await roster(LIVE, changed(LIVE, 工号="K2"))
    await orders(first, second)
    for command in (
        ReassignOrder("A1", "K2", date(2026, 6, 11), "移交"),
        RecordLeaving("K1", date(2026, 6, 12), "个人原因"),
        RejoinTrainee("K1", "一期", date(2026, 6, 20)),
    ):
        await execute(ctx, command)
    assert outcomes(await orders(second)) == ["skip already_recorded"]
    to_receiver: list[Cell] = ["A1", "K2", *first[2:]]
    assert outcomes(await orders(to_receiver)) == ["skip already_recorded"]
    voided: list[Cell] = ["A1", "K2", "2026-06-10", 6688.0, "作废", "2026-06-13"]
    assert outcomes(await orders(voided)) == ["change"]


async def test_an_order_of_an_earlier_stay_names_the_seller_as_then(
    ctx: Context, roster: Importing
) -> None:
    await roster(LIVE)
    await execute(ctx, RecordLeaving("K1", date(2026, 6, 12), "个人原因"))
    await execute(ctx, RejoinTrainee("K1", "一期", date(2026, 6, 20), name="赵四"))
    headings: list[Cell] = ["订单号", "工号", "姓名", "出单日期"]
    then: list[Cell] = ["A1", "K1", "王一", "2026-06-10"]
    said = [await import_file(ctx, book(sheet(headings, then))) for _ in range(2)]
    assert [outcomes(one) for one in said] == [["create"], ["skip already_recorded"]]
    now = await import_file(ctx, book(sheet(headings, ["A2", "K1", "赵四", "2026-06-10"])))
    assert outcomes(now) == ["refuse name_differs"]


async def test_an_order_that_went_to_another_is_still_its_first_sellers_row(
    ctx: Context, roster: Importing, orders: Importing
) -> None:
    row: list[Cell] = ["A1", "K1", "2026-06-10", 6688.0, "有效", None]
    await roster(LIVE, changed(LIVE, 工号="K2"), changed(LIVE, 工号="K3"))
    await orders(row)
    await execute(ctx, ReassignOrder("A1", "K2", date(2026, 6, 11), "移交"))
    assert outcomes(await orders(row)) == ["skip already_recorded"]
    assert outcomes(await orders(["A1", "K3", *row[2:]])) == ["refuse order_no_taken"]
    await execute(ctx, VoidOrder("A1", date(2026, 6, 12), "退单"))
    assert outcomes(await orders(row)) == ["refuse contradicts_recorded"]


async def test_refuses_another_day_of_voiding_than_is_recorded(
    roster: Importing, orders: Importing
) -> None:
    await roster(LIVE)
    void: list[Cell] = ["A1", "K1", "2026-06-10", 6688.0, "退单", "2026-06-15"]
    assert outcomes(await orders(void)) == ["create"]
    assert outcomes(await orders([*void[:5], "2026-06-16"])) == ["refuse contradicts_recorded"]


async def test_refuses_a_voiding_before_the_order_at_the_column_of_its_day(
    roster: Importing, orders: Importing
) -> None:
    await roster(LIVE)
    report = await orders(["A1", "K1", "2026-06-10", 6688.0, "作废", "2026-06-09"])
    assert outcomes(report) == ["refuse void_before_order"]
    assert report.refused[0].reasons[0].place.column == "F"


@pytest.mark.parametrize(
    ("reason", "is_said"),
    [("被淘汰", True), ("试岗 考核不合格", True), ("Dismissed", True), ("回老家", False)],
)
async def test_a_leaving_whose_reason_reads_like_an_elimination_is_told_unless_a_cell_says_which(
    ctx: Context, roster: Importing, leavers: Importing, reason: str, *, is_said: bool
) -> None:
    await roster(ENTERED, ["李二", "K2", "一期", "2026-05-18"])
    row: list[Cell] = ["K1", "2026-06-01", reason]
    [left] = (await leavers(row)).rows
    assert left.outcome == "change"
    told = [(note.code, note.place.column, note.params) for note in left.notes]
    assert told == [("leaving_reads_eliminated", "C", {"reason": reason})][: 1 if is_said else 0]
    assert (await leavers(row)).notes == []
    for said, who in (("否", "K2"), ("是", "K3")):
        heads = [*ROSTER_HEADINGS, "离职日期", "离职原因", "是否淘汰"]
        cells: list[Cell] = ["李二", who, "一期", "2026-05-18", "2026-06-01", reason, said]
        report = await import_file(ctx, book(sheet(heads, cells)))
        assert "leaving_reads_eliminated" not in [note.code for note in report.notes]
