"""What a roster says of the enrolment itself: post, phone and mail, each refused by itself."""

from datetime import date

import pytest

from services.importing.mapping import ChangeDay
from services.importing.report import Fate, Outcome, RowReport
from services.importing.run import import_file
from services.importing.workbook import Cell
from services.kernel.context import Context
from tests.services.importing.people import contacts_of, person
from tests.services.importing.sheets import ROSTER_HEADINGS, book, sheet


@pytest.mark.parametrize(
    ("unread", "code"),
    [
        ({"岗位": "总裁"}, "post_unreadable"),
        ({"手机号": "12345"}, "phone_unreadable"),
        ({"邮箱": "x@@y"}, "email_invalid"),
    ],
    ids=["post", "phone", "mail"],
)
@pytest.mark.parametrize("is_rejoining", [False, True], ids=["newcomer", "rejoiner"])
async def test_who_is_enrolled_without_a_post_or_contact_has_it_from_the_first_day_once_it_is_read(
    ctx: Context, unread: dict[str, Cell], code: str, *, is_rejoining: bool
) -> None:
    headings: list[Cell] = [*ROSTER_HEADINGS, "岗位", "手机号", "邮箱", "重新入职"]
    is_new: Cell = "是" if is_rejoining else None
    cells: list[Cell] = [
        *("王一", "K1", "一期", "2026-05-18", "客服", "138-0000-7919", "Wang@qq.com", is_new)
    ]
    if is_rejoining:
        before: list[Cell] = ["销售", "13911112222", "old@qq.com", None, "2026-04-30"]
        said: list[Cell] = ["王一", "K1", "一期", "2026-04-18", *before]
        await import_file(ctx, book(sheet([*headings, "离职日期"], said)))
    whole = dict(zip(map(str, headings), cells, strict=True))

    async def imported(**changed: Cell) -> RowReport:
        said = list({**whole, **changed}.values())
        [row] = (await import_file(ctx, book(sheet(headings, said)))).rows
        return row

    async def enrolled() -> dict[str, str | None]:
        post = (await person(ctx, "K1")).employment.enrolled.post
        said = (post, *await contacts_of(ctx, "K1"))
        return dict(zip(("岗位", "手机号", "邮箱"), said, strict=True))

    known = {"岗位": "customer_service", "手机号": "138-0000-7919", "邮箱": "Wang@qq.com"}
    row = await imported(**unread)
    assert (row.outcome, [one.code for one in row.reasons]) == (Outcome.PART, [code])
    [field] = unread
    assert await enrolled() == known | {field: "unknown" if field == "岗位" else None}

    mended = await imported()
    assert (mended.outcome, mended.reasons, mended.events) == (Outcome.CHANGE, [], 1)
    assert (await imported(手机号="+8613800007919", 邮箱="wang@QQ.com")).outcome is Outcome.SKIP
    assert (await imported(岗位=None, 手机号=None, 邮箱=None)).outcome is Outcome.SKIP
    assert (await imported(岗位="不详")).outcome is Outcome.SKIP
    assert await enrolled() == known


async def test_a_post_or_a_contact_that_differs_from_the_recorded_one_is_named_with_both(
    ctx: Context,
) -> None:
    headings: list[Cell] = [*ROSTER_HEADINGS, "岗位", "手机号", "邮箱"]
    who: list[Cell] = ["王一", "K1", "一期", "2026-05-18"]
    await import_file(ctx, book(sheet(headings, [*who, "销售", "13800007919", "wang@qq.com"])))
    said: list[Cell] = [*who, "客服", "13900007919", "wang@163.com"]
    [row] = (await import_file(ctx, book(sheet(headings, said)))).rows
    assert [(one.code, one.params["recorded"], one.params["given"]) for one in row.reasons] == [
        ("contradicts_recorded", "13800007919", "13900007919"),
        ("contradicts_recorded", "wang@qq.com", "wang@163.com"),
        ("change_undated", "sales", "customer_service"),
    ]


async def test_what_is_filled_in_beside_a_contact_that_differs_is_a_correction_of_each_stream(
    ctx: Context,
) -> None:
    headings: list[Cell] = [*ROSTER_HEADINGS, "岗位", "手机号", "邮箱"]
    who: list[Cell] = ["王一", "K1", "一期", "2026-05-18"]
    await import_file(ctx, book(sheet(headings, [*who, "不详", None, "wang@qq.com"])))
    said: list[Cell] = [*who, "客服", "13900007919", "wang@163.com"]
    [row] = (await import_file(ctx, book(sheet(headings, said)))).rows
    assert (row.outcome, row.events) == (Outcome.PART, 2)
    fates = [(one.fact.name, one.fate) for one in row.facts]
    assert fates == [
        ("roster", Fate.KNOWN),
        ("phone", Fate.RECORDED),
        ("post", Fate.RECORDED),
    ]


async def test_with_its_day_another_post_is_a_change_that_a_later_sheet_knows(ctx: Context) -> None:
    days = [ChangeDay(date(2026, 6, 10))]

    async def imported(post: str, *on: ChangeDay) -> RowReport:
        said: list[Cell] = ["王一", "K1", "一期", "2026-05-18", post]
        sheets = book(sheet([*ROSTER_HEADINGS, "岗位"], said))
        [row] = (await import_file(ctx, sheets, changed_on=on)).rows
        return row

    await imported("不详")
    assert (await imported("销售", *days)).outcome is Outcome.CHANGE
    assert not [*(await person(ctx, "K1")).employment.posts]
    assert (await imported("客服", *days)).outcome is Outcome.CHANGE
    assert (await imported("客服")).outcome is Outcome.SKIP
    who = (await person(ctx, "K1")).employment
    assert [who.post_on(date(2026, 6, day)) for day in (9, 10)] == ["sales", "customer_service"]
    assert [one.code for one in (await imported("助理", *days)).reasons] == ["changed_since"]


async def test_of_whom_the_enrolment_is_refused_in_the_same_import_an_order_says_which_row_it_is(
    ctx: Context,
) -> None:
    people: list[list[Cell]] = [
        ["王一", "XA101", "一期", "2026-05-18"],
        ["钱二", "XA102", "一期", "2026-02-30"],
    ]
    headings: list[Cell] = ["订单号", "工号", "出单日期"]
    orders: list[list[Cell]] = [[f"B-{no}", f"xa10{no}", "2026-06-01"] for no in (1, 2, 3)]
    for dry_run in (True, False):
        workbook = book(sheet(ROSTER_HEADINGS, *people), sheet(headings, *orders, name="出单"))
        *_, known, hers, unknown = (await import_file(ctx, workbook, dry_run=dry_run)).rows
        assert (known.reasons, unknown.reasons[0].code) == ([], "trainee_unknown")
        [fault] = hers.reasons
        assert (fault.code, fault.place.column) == ("enrolment_refused", None)
        assert fault.params == {"employee_no": "xa102", "sheet": "花名册", "row": 3}
        assert unknown.reasons[0].place.column == "B"
