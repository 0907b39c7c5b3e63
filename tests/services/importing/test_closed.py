"""What is kept of a row besides its events holds nothing that a person's key is to put out of
reach."""

import msgspec

from infra.bootstrap import App
from services.importing.closed import closed_fields
from services.importing.entries import read_sheets
from services.importing.run import import_file
from services.importing.sheets import KINDS
from services.importing.workbook import Cell
from services.kernel.context import Context
from tests.services.importing.sheets import ROSTER_HEADINGS, book, sheet

HEADINGS: list[Cell] = [
    *ROSTER_HEADINGS,
    *("手机号", "邮箱", "试岗结果", "试岗书面反馈", "离职日期", "离职原因", "重新入职"),
]
FIRST: list[Cell] = ["王一一", "K1", "一期", "2026-05-18"]
AGAIN: list[Cell] = ["赵四四", "K1", "一期", "2026-06-20"]
TRIED: list[Cell] = ["通过", "嗓门小"]
LEFT: list[Cell] = ["2026-06-05", "被淘汰了"]
ENTERED = {no: ["李二二", no, "一期", "2026-05-18"] for no in ("K2", "K3", "K4")}
ROSTER = sheet(
    HEADINGS,
    [*FIRST, "13800007911", "yi@hz.example", *TRIED, *LEFT],
    [*AGAIN, *[None] * 6, "是"],
    [*ENTERED["K2"], "13800007922"],
    [*ENTERED["K2"], "13800007933", "er@hz.example"],
    [*ENTERED["K3"], "八八八八八八八", "san@hz"],
    [*ENTERED["K4"], "①3800007944", "si②@hz.example"],
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


async def test_the_answer_of_a_row_holds_nothing_personal_and_no_free_text_and_is_told_with_both(
    ctx: Context, app: App
) -> None:
    workbook = book(ROSTER, *OTHERS)
    keyed = msgspec.structs.replace(ctx, idempotency_key="run")
    planned = await import_file(ctx, workbook, dry_run=True)
    first = await import_file(keyed, workbook)
    again = await import_file(keyed, workbook)
    assert planned.rows == first.rows == again.rows
    assert {row.kind for row in first.rows} == KINDS.keys()
    told = {
        (fault.code, *(fault.params.get(name) for name in ("recorded", "given", "value", "reason")))
        for row in first.rows
        for fault in (*row.reasons, *row.notes)
        if fault.code != "cohort_opened"
    }
    assert told == {
        ("leaving_reads_eliminated", None, None, None, "被淘汰了"),
        ("rejoined_renamed", "王一一", "赵四四", None, None),
        ("contradicts_recorded", "13800007922", "13800007933", None, None),
        ("phone_unreadable", None, None, "八八八八八八八", None),
        ("email_invalid", None, None, "san@hz", None),
        ("digits_unclear", None, None, "①3800007944", None),
        ("digits_unclear", None, None, "si②@hz.example", None),
        ("leaving_reads_eliminated", None, None, None, "劝退，顶撞客户"),
    }
    commands = [one.command for its in read_sheets(workbook) for one in its.entries if one.command]
    said = {getattr(one, field) for one in commands for field in closed_fields(type(one))}
    tenant = ctx.principal.tenant
    async with app.db.tenants([tenant]) as connection:
        kept = await connection.fetch(
            "select result::text from commands where tenant_id = $1", tenant
        )
    assert len(kept) == len(first.rows)
    for text in said - {None}:
        assert not any(text in row["result"] for row in kept), text
