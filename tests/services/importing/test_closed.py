"""What is kept of a row besides its events holds nothing that a person's key is to put out of
reach."""

from datetime import date

import msgspec

from domain.kernel.values import number_key
from domain.kernel.whose import own_stream
from infra.bootstrap import App
from services.execute import execute
from services.importing.closed import closed_fields, with_closed, without_closed
from services.importing.entries import read_sheets
from services.importing.run import import_file
from services.importing.sheets import KINDS
from services.importing.sheets.roster import ImportRosterRow
from services.importing.workbook import Cell
from services.kernel.context import Context, Role
from services.kernel.roles import in_role
from services.people.person import RegisterPerson, RenamePerson
from services.trainees.correction import CorrectEnrolment
from services.trainees.trainee import TRAINEES
from tests.services.importing.sheets import ROSTER_HEADINGS, book, sheet

HEADINGS: list[Cell] = [
    *ROSTER_HEADINGS,
    *("手机号", "邮箱", "试岗结果", "试岗书面反馈", "离职日期", "离职原因", "重新入职", "主管"),
]
FIRST: list[Cell] = ["王一一", "K1", "一期", "2026-05-18"]
AGAIN: list[Cell] = ["赵四四", "K1", "一期", "2026-06-20"]
TRIED: list[Cell] = ["通过", "嗓门小"]
LEFT: list[Cell] = ["2026-06-05", "被淘汰了"]
ENTERED: dict[str, list[Cell]] = {
    no: ["李二二", no, "一期", "2026-05-18"] for no in ("K2", "K3", "K4", "K5")
}
UNDER: list[Cell] = [None] * 7
ROSTER = sheet(
    HEADINGS,
    [*FIRST, "13800007911", "yi@hz.example", *TRIED, *LEFT],
    [*AGAIN, *[None] * 6, "是"],
    [*ENTERED["K2"], "13800007922"],
    [*ENTERED["K2"], "13800007933", "er@hz.example"],
    [*ENTERED["K3"], "八八八八八八八", "san@hz"],
    [*ENTERED["K4"], "①3800007944", "si②@hz.example"],
    [*ENTERED["K5"], *UNDER, "钱主管"],
    [*ENTERED["K5"], *UNDER, "孙主管"],
    [*ENTERED["K5"], *UNDER, "周主管"],
    [*ENTERED["K5"], *UNDER, "无主管"],
)
OTHERS = (
    sheet(["工号", "日期", "试岗", "书面反馈"], ["K4", "2026-05-30", *TRIED], name="成绩"),
    sheet(["工号", "离职日期", "离职原因"], ["K4", "2026-06-10", "劝退，顶撞客户"], name="离职"),
    sheet(
        ["订单号", "工号", "姓名", "出单日期", "状态", "作废日期", "作废原因"],
        ["A1", "K4", "李二二", "2026-06-02", "作废", "2026-06-03", "客户嫌他吵"],
        name="出单",
    ),
)

TOLD = ("recorded", "given", "value", "reason", "name")
NAMESAKE = RegisterPerson("周主管", date(2026, 5, 1))


def of_hr(ctx: Context) -> Context:
    hr = in_role(ctx.principal.tenant, "hr", Role.HR_MANAGER)
    return msgspec.structs.replace(ctx, principal=hr)


async def test_the_answer_of_a_row_holds_nothing_personal_and_no_free_text_and_is_told_with_both(
    ctx: Context, app: App
) -> None:
    workbook = book(ROSTER, *OTHERS)
    keyed = msgspec.structs.replace(ctx, idempotency_key="run")
    for _ in range(2):
        await execute(of_hr(ctx), NAMESAKE)
    planned = await import_file(ctx, workbook, dry_run=True)
    first = await import_file(keyed, workbook)
    again = await import_file(keyed, workbook)
    assert planned.rows == first.rows == again.rows
    assert {row.kind for row in first.rows} == KINDS.keys()
    told = {
        (fault.code, *map(fault.params.get, TOLD))
        for row in first.rows
        for fault in (*row.reasons, *row.notes)
        if fault.code != "cohort_opened"
    }
    assert told == {
        ("leaving_reads_eliminated", None, None, None, "被淘汰了", None),
        ("rejoined_renamed", "王一一", "赵四四", None, None, None),
        ("contradicts_recorded", "13800007922", "13800007933", None, None, None),
        ("phone_unreadable", None, None, "八八八八八八八", None, None),
        ("email_invalid", None, None, "san@hz", None, None),
        ("digits_unclear", None, None, "①3800007944", None, None),
        ("digits_unclear", None, None, "si②@hz.example", None, None),
        ("leaving_reads_eliminated", None, None, None, "劝退，顶撞客户", None),
        ("change_undated", "钱主管", "孙主管", None, None, None),
        ("change_undated", "钱主管", "no_manager", None, None, None),
        ("person_not_certain", None, None, None, None, "周主管"),
    }
    commands = [one.command for its in read_sheets(workbook) for one in its.entries if one.command]
    said = {getattr(one, field) for one in commands for field in closed_fields(type(one))}
    said |= {"钱主管", "孙主管", "周主管"}
    tenant = ctx.principal.tenant
    async with app.db.tenants([tenant]) as connection:
        kept = await connection.fetch(
            "select result::text from commands where tenant_id = $1", tenant
        )
    assert len(kept) == len(first.rows)
    for text in said - {None, ""}:
        assert not any(text in row["result"] for row in kept), text


async def test_an_empty_cell_is_told_as_blank_and_that_of_the_manager_as_none(ctx: Context) -> None:
    row = ImportRosterRow("HZ1", "王一一", "一期", date(2026, 5, 18))
    for field, said in (("manager", "no_manager"), ("phone", "blank_cell"), ("name", "王一一")):
        params = without_closed(row, field, {"given": "某某", "since": "2026-06-01"})
        told = await with_closed(ctx, row, ("trainee-0", 0), field, params)
        assert told == {"given": said, "since": "2026-06-01"}


async def test_a_run_that_is_taken_up_after_a_correction_tells_what_was_recorded_when_it_decided(
    ctx: Context,
) -> None:
    workbook = book(
        sheet(HEADINGS, *[[*ENTERED["K2"], phone] for phone in ("13800007922", "13800007933")])
    )
    keyed = msgspec.structs.replace(ctx, idempotency_key="run")
    first = await import_file(keyed, workbook)
    await execute(ctx, CorrectEnrolment("K2", "号码登记有误", phone="13800007933"))
    again = await import_file(keyed, workbook)
    assert first.rows[1].reasons[0].params["recorded"] == "13800007922"
    assert again.rows == first.rows


async def test_who_rejoins_by_the_name_of_that_day_is_not_told_as_renamed(ctx: Context) -> None:
    """Whatever name is known of a later day."""
    await import_file(ctx, book(sheet(HEADINGS, [*FIRST, *[None] * 4, *LEFT])))
    stay_id = await ctx.log.owner(ctx.principal.tenant, TRAINEES.claim_kind, number_key("K1"))
    await execute(of_hr(ctx), RenamePerson(own_stream(str(stay_id)), date(2026, 7, 1), "王依依"))
    again = await import_file(ctx, book(sheet(HEADINGS, ["王一一", *AGAIN[1:], *[None] * 6, "是"])))
    assert [note.code for row in again.rows for note in row.notes] == []
    assert again.rows[0].events
