"""One cell refuses one fact: the row's others are recorded, known already, or left without it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date

import msgspec
import pytest

from services.execute import execute
from services.importing.report import Fate, ImportReport, Outcome, RowReport
from services.importing.run import import_file
from services.importing.telling import told_facts
from services.importing.workbook import Cell
from services.kernel.context import Context
from services.trainees.trainee import RecordExamResult
from services.words.texts import read_texts
from tests.services.importing.sheets import ROSTER_HEADINGS, book, sheet

HEADINGS: list[Cell] = [
    *ROSTER_HEADINGS,
    *("试岗结果", "试岗书面反馈", "笔试成绩", "演练成绩", "上岗日期", "离职日期", "直属主管"),
]
LIVE: dict[str, Cell] = dict(
    zip(
        map(str, HEADINGS),
        [
            *("王一", "K1", "一期", "2026-05-18", "通过", "好"),
            *(88.0, "合格", "2026-06-01", "2026-07-01", "钱"),
        ],
        strict=True,
    )
)
EVIDENCE = ["trial_verdict", "written_exam", "drill"]

Rows = Callable[..., Awaitable[RowReport]]


@pytest.fixture
def roster(ctx: Context) -> Rows:
    async def run(*, dry_run: bool = False, **changed: Cell) -> RowReport:
        cells = list({**LIVE, **changed}.values())
        report = await import_file(ctx, book(sheet(HEADINGS, cells)), dry_run=dry_run)
        return only_row(report)

    return run


@pytest.fixture
def order(ctx: Context) -> Rows:
    headings: list[Cell] = ["订单号", "工号", "出单日期", "金额", "状态", "作废日期"]

    async def run(*cells: Cell) -> RowReport:
        return only_row(await import_file(ctx, book(sheet(headings, list(cells)))))

    return run


def only_row(report: ImportReport) -> RowReport:
    [row] = report.rows
    return row


def by_fate(row: RowReport) -> dict[str, list[str]]:
    """The row's facts by what became of them, and those that were refused."""
    found: dict[str, list[str]] = {}
    for one in row.facts:
        found.setdefault(one.fate, []).append(one.fact.name)
    return found | {"refused": [f"{one.code} {one.place.column}" for one in row.reasons]}


@pytest.mark.parametrize(
    ("changed", "refused", "left"),
    [
        ({"试岗结果": "差不多"}, ["verdict_unknown E"], []),
        ({"试岗书面反馈": None}, ["feedback_missing F"], []),
        ({"演练成绩": None}, ["gate_not_passed I"], []),
        ({"笔试成绩": 150}, ["score_out_of_range G"], ["live_on"]),
        ({"直属主管": "钱" * 101}, ["text_too_long K"], []),
        ({"离职日期": "2026-05-25"}, ["leaves_before_live J"], []),
        (
            {"试岗结果": "差不多", "离职日期": "2026-05-25"},
            ["verdict_unknown E", "leaves_before_live J"],
            [],
        ),
        ({"离职日期": "2026-05-01"}, ["before_enrolment J"], []),
        ({"离职日期": "不详"}, ["date_unreadable J"], []),
        ({"上岗日期": "6/1/2026"}, ["date_ambiguous I"], EVIDENCE),
        ({"上岗日期": "2026-05-01"}, ["before_enrolment I"], EVIDENCE),
        ({"上岗日期": "2026-12-31"}, ["date_in_future I"], EVIDENCE),
        ({"上岗日期": None, "离职日期": "不详"}, ["date_unreadable J"], EVIDENCE),
        (
            {"试岗结果": "差不多", "笔试成绩": 150, "离职日期": "不详"},
            ["verdict_unknown E", "score_out_of_range G", "date_unreadable J"],
            ["live_on"],
        ),
    ],
)
async def test_who_has_one_cell_that_is_refused_is_enrolled_with_all_that_does_not_rest_on_it(
    changed: dict[str, Cell], refused: list[str], left: list[str], roster: Rows
) -> None:
    checked = await roster(**changed, dry_run=True)
    row = await roster(**changed)
    assert row == checked
    assert row.outcome is Outcome.PART
    found = by_fate(row)
    assert (found["refused"], found.get(Fate.LEFT, [])) == (refused, left)
    assert "roster" in found[Fate.RECORDED]

    mended = await roster()
    assert (mended.outcome, mended.reasons) == (Outcome.CHANGE, [])
    whole = len(["person", "stay"]) + len(EVIDENCE) + len(["live_on", "left_on"])
    assert (await roster()).outcome is Outcome.SKIP
    opened = 1
    manager_alone = "直属主管" in changed
    named = 1  # The manager, who was on no record.
    assert row.events + mended.events == opened + named + whole + manager_alone


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"笔试成绩": 59.0}, ["G 59 分，未达 60 分，不能据此上岗。"]),
        (
            {"笔试成绩": "59.5", "演练成绩": 0.0},
            ["G 59.5 分，未达 60 分，不能据此上岗。", "H 0 分，未达 60 分，不能据此上岗。"],
        ),
        ({"笔试成绩": "80 (不合格)"}, ["G 结果为未通过，不能据此上岗。"]),
        ({"演练成绩": "不合格"}, ["H 结果为未通过，不能据此上岗。"]),
        ({"演练成绩": None}, []),
        ({"上岗日期": None, "笔试成绩": 59.0}, []),
    ],
)
async def test_of_a_refused_go_live_the_cell_of_the_exam_says_what_it_lacks(
    changed: dict[str, Cell], said: list[str], roster: Rows
) -> None:
    checked, row = await roster(**changed, dry_run=True), await roster(**changed)
    assert row == checked
    texts = read_texts("zh-CN")
    assert said == [
        f"{one.place.column} {texts.refusal(one.code, one.params)}"
        for one in row.reasons
        if one.code != "gate_not_passed"
    ]


async def test_what_a_row_is_about_refuses_all_of_it_and_that_is_said(roster: Rows) -> None:
    row = await roster(入职日期="2026-02-30")
    assert (row.outcome, row.events) == (Outcome.REFUSE, 0)
    assert by_fate(row)[Fate.LEFT] == ["manager", *EVIDENCE, "live_on", "left_on"]
    assert list(told_facts(row, read_texts("zh-CN"), is_planned=False)) == [
        "未记录：直属主管、试岗结果、笔试成绩、演练成绩、上岗日期、离职日期（所依据的“入训”未通过）"
    ]


async def test_a_contradiction_of_one_fact_lets_the_new_ones_in(roster: Rows) -> None:
    await roster(演练成绩=None, 离职日期=None)
    row = await roster(笔试成绩=87.0)
    assert by_fate(row) == {
        Fate.KNOWN: ["roster", "manager", "trial_verdict"],
        Fate.RECORDED: ["drill", "live_on", "left_on"],
        "refused": ["contradicts_recorded G"],
    }


async def test_a_go_live_waits_for_an_exam_that_is_refused_and_not_recorded_either(
    roster: Rows,
) -> None:
    await roster(笔试成绩=None, 演练成绩=None, 上岗日期=None, 离职日期=None)
    row = await roster(笔试成绩=150)
    assert row.reasons[0].code == "score_out_of_range"
    assert list(told_facts(row, read_texts("en"), is_planned=True)) == [
        "Recorded before: enrolment, manager, trial",
        "To be recorded: drill, left on",
        "Not to be recorded: live on (rests on “written exam”)",
    ]


async def test_a_go_live_is_left_for_what_the_gate_lacks_and_not_for_a_trial_that_it_does_not_ask(
    roster: Rows,
) -> None:
    row = await roster(试岗结果="差不多", 笔试成绩="优良")
    left = {one.fact.name: one.rests_on for one in row.facts if one.fate is Fate.LEFT}
    lacking = left["live_on"]
    assert lacking is not None and lacking.name == "written_exam"


async def test_a_go_live_does_not_wait_for_an_exam_that_is_recorded_and_cannot_be_read(
    roster: Rows,
) -> None:
    await roster(上岗日期=None, 离职日期=None)
    row = await roster(笔试成绩="？")
    assert by_fate(row)["refused"] == ["score_unreadable G"]
    assert by_fate(row)[Fate.RECORDED] == ["live_on", "left_on"]


async def test_evidence_is_dated_on_a_last_day_beside_which_another_cell_cannot_be_read(
    ctx: Context,
) -> None:
    headings: list[Cell] = [*ROSTER_HEADINGS, "笔试成绩", "离职日期", "是否淘汰"]
    cells: list[Cell] = ["王一", "K1", "一期", "2026-05-18", 52.0, "2026-06-20", "不详"]
    row = only_row(await import_file(ctx, book(sheet(headings, cells))))
    assert by_fate(row) == {
        Fate.RECORDED: ["roster", "written_exam"],
        "refused": ["verdict_unknown G"],
    }
    tenant = ctx.principal.tenant
    owner = await ctx.log.owner(tenant, "employee_no", "K1")
    assert str((await ctx.log.load(tenant, owner or ""))[-1].on) == "2026-06-20"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("changed", "columns"),
    [({"试岗结果": None}, ["F"]), ({"笔试成绩": None}, ["M"]), ({"离职日期": None}, ["L"])],
    ids=["feedback without a verdict", "a day without its exam", "a reason without the last day"],
)
async def test_a_cell_that_adds_to_what_the_row_does_not_state_is_named_and_not_recorded(
    changed: dict[str, Cell], columns: list[str], ctx: Context
) -> None:
    headings = [*HEADINGS, "离职原因", "笔试日期", "是否淘汰"]
    said = {**LIVE, "离职原因": "个人", "笔试日期": "2026-05-25", "是否淘汰": "否", **changed}
    said |= {"直属主管": "钱" * 101, "上岗日期": None}
    row = only_row(await import_file(ctx, book(sheet(headings, list(said.values())))))
    notes = [one for one in row.notes if one.code == "cell_adds_to_nothing"]
    assert [one.place.column for one in notes] == columns
    stated = {"试岗结果": "trial_verdict", "笔试成绩": "written_exam", "离职日期": "left_on"}
    left_out = {stated[heading] for heading in changed}
    assert {*by_fate(row)[Fate.RECORDED]} == {"roster", *stated.values(), "drill"} - left_out


async def test_of_a_row_of_somebody_new_only_what_was_recorded_is_said_to_be(
    roster: Rows,
) -> None:
    row = await roster(试岗书面反馈="好", 试岗结果=None, 离职日期="不详")
    assert by_fate(row)[Fate.RECORDED] == ["roster", "manager", "written_exam", "drill", "live_on"]
    assert Fate.KNOWN not in by_fate(row)


async def test_where_nothing_is_new_beside_what_is_refused_the_row_is_refused(
    roster: Rows,
) -> None:
    await roster(试岗结果="差不多")
    again = await roster(试岗结果="差不多")
    assert (again.outcome, again.events, again.is_recorded_else) == (Outcome.REFUSE, 0, True)
    assert not (await roster(工号="K9", 入职日期="不详")).is_recorded_else
    assert Fate.RECORDED not in by_fate(again)


@pytest.mark.parametrize("unread", ["试岗结果", "笔试成绩"], ids=["nothing left", "go-live left"])
async def test_a_run_taken_up_again_answers_of_a_row_in_part_as_it_did(
    ctx: Context, unread: str
) -> None:
    keyed = msgspec.structs.replace(ctx, idempotency_key="run")
    cells = list({**LIVE, unread: "差不多", "离职日期": "2026-05-25"}.values())
    first = await import_file(keyed, book(sheet(HEADINGS, cells)))
    again = await import_file(keyed, book(sheet(HEADINGS, cells)))
    assert (again.rows, again.position) == (first.rows, first.position)
    assert first.counts["part"] == 1


async def test_what_a_run_refused_is_not_recorded_where_it_is_taken_up_again_and_could_be_by_then(
    ctx: Context,
) -> None:
    keyed = msgspec.structs.replace(ctx, idempotency_key="run")
    workbook = book(sheet(HEADINGS, list({**LIVE, "演练成绩": None}.values())))
    first = await import_file(keyed, workbook)
    drill = RecordExamResult("K1", "drill", passed=True, on=date(2026, 5, 30), score=None)
    since = await execute(ctx, drill)
    again = await import_file(keyed, workbook)
    assert (again.rows, again.position) == (first.rows, since.position)
    assert first.counts["part"] == 1


@pytest.mark.parametrize("dry_run", [True, False])
async def test_who_went_live_by_a_results_sheet_of_the_same_workbook_is_on_the_post(
    ctx: Context, dry_run: bool
) -> None:
    people = [{**LIVE, "工号": no, "演练成绩": None} for no in ("K1", "K2")]
    workbook = book(
        sheet(HEADINGS, *(list(one.values()) for one in people)),
        sheet(["工号", "日期", "演练"], ["K1", "2026-05-30", "合格"], name="成绩"),
        sheet(["订单号", "工号", "出单日期"], ["A1", "K1", "2026-06-10"], name="订单"),
    )
    done: list[tuple[int, int]] = []
    keyed = msgspec.structs.replace(ctx, idempotency_key="run")
    first = await import_file(
        keyed, workbook, dry_run=dry_run, progress=lambda *at: done.append(at)
    )
    assert [row.outcome for row in first.rows] == ["create", "part", "change", "create"]
    assert (first.rows[0].reasons, first.rows[0].facts) == ([], [])
    assert [one.code for one in first.rows[1].reasons] == ["gate_not_passed"]
    assert [row.events for row in first.rows] == [8, 5, 1, 1]
    assert done[-1] == (4, 4)
    again = await import_file(keyed, workbook, dry_run=dry_run)
    assert (again.rows, again.position) == (first.rows, first.position)
    known = await import_file(ctx, workbook, dry_run=dry_run)
    if not dry_run:
        assert [row.outcome for row in known.rows] == ["skip", "refuse", "skip", "skip"]


@pytest.mark.parametrize("dry_run", [True, False])
async def test_who_has_the_exam_that_cannot_be_read_in_a_results_sheet_is_on_the_post(
    ctx: Context, dry_run: bool
) -> None:
    workbook = book(
        sheet(HEADINGS, list({**LIVE, "演练成绩": "？"}.values())),
        sheet(["工号", "日期", "演练"], ["K1", "2026-05-30", "合格"], name="成绩"),
        sheet(["订单号", "工号", "出单日期"], ["A1", "K1", "2026-06-10"], name="订单"),
    )
    keyed = msgspec.structs.replace(ctx, idempotency_key="run")
    first = await import_file(keyed, workbook, dry_run=dry_run)
    assert [row.outcome for row in first.rows] == ["part", "change", "create"]
    assert by_fate(first.rows[0]) == {
        Fate.RECORDED: ["roster", "manager", "trial_verdict", "written_exam", "live_on", "left_on"],
        "refused": ["score_unreadable H"],
    }
    again = await import_file(keyed, workbook, dry_run=dry_run)
    assert (again.rows, again.position) == (first.rows, first.position)


async def test_a_day_that_contradicts_the_recorded_one_is_said_alike_whenever_it_is_read(
    roster: Rows, ctx: Context
) -> None:
    await roster(离职日期=None)
    other = book(sheet(HEADINGS, list({**LIVE, "上岗日期": "2026-06-02"}.values())))
    keyed = msgspec.structs.replace(ctx, idempotency_key="run")
    first = await import_file(keyed, other)
    again = await import_file(keyed, other)
    read = msgspec.json.decode(msgspec.json.encode(first), type=ImportReport)
    assert (first.events, first.rows) == (1, again.rows) == (1, read.rows)
    [why] = read.rows[0].reasons
    said = {"recorded": date(2026, 6, 1), "given": date(2026, 6, 2)}
    assert (why.code, why.params) == ("contradicts_recorded", said)
    assert "2026-06" not in read_texts("en").refusal(why.code, why.params)
    assert b'"given":"2026-06-02"' in msgspec.json.encode(first)


async def test_a_run_that_was_stopped_before_a_go_live_was_let_in_lets_it_in_when_taken_up_again(
    ctx: Context,
) -> None:
    workbook = book(
        sheet(HEADINGS, list({**LIVE, "演练成绩": None}.values())),
        sheet(["工号", "日期", "演练"], ["K1", "2026-05-30", "合格"], name="成绩"),
    )
    keyed, stop = msgspec.structs.replace(ctx, idempotency_key="run"), asyncio.Event()

    def stop_at_the_end(done: int, total: int) -> None:
        if done == total:
            stop.set()

    first = await import_file(keyed, workbook, stop=stop, progress=stop_at_the_end, in_flight=1)
    assert ([row.outcome for row in first.rows], first.stopped) == (["part", "change"], True)
    again = await import_file(keyed, workbook)
    assert ([row.outcome for row in again.rows], again.stopped) == (["create", "change"], False)


@pytest.mark.parametrize(
    ("cells", "refused", "recorded"),
    [
        (["六千", "有效"], ["amount_unreadable D"], ["orders", "status"]),
        (["9" * 40, "有效"], ["number_out_of_range D"], ["orders", "status"]),
        ([6688.0, "待定"], ["status_unknown E"], ["orders", "amount"]),
    ],
)
async def test_an_order_is_closed_without_its_cell_that_is_refused_which_is_added_later(
    cells: list[Cell], refused: list[str], recorded: list[str], roster: Rows, order: Rows
) -> None:
    await roster()
    row = await order("A1", "K1", "2026-06-10", *cells)
    assert row.outcome is Outcome.PART
    assert by_fate(row) == {Fate.RECORDED: recorded, "refused": refused}
    mended = await order("A1", "K1", "2026-06-10", 6688.0, "作废", "2026-06-11")
    assert (mended.outcome, mended.reasons) == (Outcome.CHANGE, [])


@pytest.mark.parametrize(
    ("cells", "refused"),
    [
        (["六千", "作废"], "amount_unreadable D"),
        (["六千", None, "2026-06-11"], "amount_unreadable D"),
        ([6688.0, "作废", "不详"], "date_unreadable F"),
        ([6688.0, None, "不详"], "date_unreadable F"),
        ([6688.0, "作废", "2026-06-09"], "void_before_order F"),
    ],
)
async def test_an_order_that_is_said_to_be_void_is_recorded_as_a_whole_or_not_at_all(
    cells: list[Cell], refused: str, roster: Rows, order: Rows
) -> None:
    await roster()
    row = await order("A1", "K1", "2026-06-10", *cells)
    assert (row.outcome, row.events) == (Outcome.REFUSE, 0)
    assert by_fate(row)["refused"] == [refused]
    mended = await order("A1", "K1", "2026-06-10", 6688.0, "作废", "2026-06-11")
    assert (mended.outcome, mended.events, mended.notes) == (Outcome.CREATE, 2, [])
