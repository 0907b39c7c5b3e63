"""What is exported can be imported: into the same partner nothing new, into another the same."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, timedelta
from io import BytesIO
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, assume, event, given, settings
from hypothesis import strategies as st

from domain.kernel.errors import ConflictError
from domain.kpi.scheme.versions import Parameters
from domain.kpi.subjects import newcomer
from domain.kpi.subjects.newcomer import Newcomer
from infra.bootstrap import App
from infra.sheets.sheet_reader import read_content
from infra.sheets.sheet_wire import SheetAnswer, SheetLimits, decode
from infra.sheets.sheets import workbook_of
from services.execute import execute
from services.importing.mapping import ChangeDay
from services.importing.report import ImportReport, Outcome
from services.importing.run import import_file
from services.importing.sheets.kind import StayRecord
from services.importing.template import FILLED, SheetStyle, filled_csv, write_filled
from services.importing.workbook import Workbook, joined
from services.kernel.context import Principal
from services.teaching.cohort import OpenCohort
from services.trainees.correction import CorrectEnrolment
from services.trainees.selling import ReassignOrder, RecordOrder
from services.trainees.trainee import EnrolTrainee, RecordLeaving, RecordTrialVerdict
from services.words.texts import LOCALES, read_texts
from tests import situation as s
from tests.carrying import carry_out, new_partner
from tests.domain.kpi.counted import board
from tests.examples import examples
from tests.histories import histories
from tests.steps import Step

HELD = (
    *("enrol", "exam", "miss", "trial", "live", "live", "live", "order", "order", "order", "void"),
    *("leave", "eliminate", "rejoin", "withdraw", "correct_enrolment", "correct_trial"),
    *("correct_exam", "correct_live", "correct_leaving", "correct_order", "give_notice"),
    *("manager", "manager", "post", "post"),
)
"""What the sheets hold, of all that happens in histories."""

PASSED_ON = "reassign"
"""What they hold of the order alone, which stands with who closed it."""

UNLIKE = {
    *("gate_not_passed", "contradicts_recorded", "trainee_unknown", "after_leaving"),
    *("already_live", "result_failed", "score_below_mark"),
}
"""Why a row of our own is refused where there was nothing: an exam that was corrected to be failed
after the go-live, which its cell says too, with the person's other rows; results of one exam on one
day; what was recorded before a last day that lies earlier; a trial before a go-live that was
corrected to lie earlier."""

by_chance = settings(
    max_examples=examples(25),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking would take minutes here
)

ways = st.tuples(st.sampled_from(list(LOCALES)), st.sampled_from(["xlsx", "csv"]))


async def everybody(app: App, principal: Principal) -> list[StayRecord]:
    position = await app.log.position(principal.tenant)
    return [one async for some in app.people(principal, position) for one in some]


async def exported(app: App, principal: Principal, language: str, ending: str) -> Workbook:
    """All sheets of a partner, as they are read again."""
    style = SheetStyle([], read_texts(language))
    position = await app.log.position(principal.tenant)
    if ending == "xlsx":
        file = BytesIO()
        people = app.people(principal, position)
        await write_filled(style, list(FILLED.values()), people, [], file)
        return as_read("all.xlsx", file.getvalue())
    pieces = {
        slug: [piece async for piece in filled_csv(style, kind, app.people(principal, position))]
        for slug, kind in FILLED.items()
    }
    return joined([as_read(f"{slug}.csv", b"".join(its)) for slug, its in pieces.items()])


def as_read(name: str, content: bytes) -> Workbook:
    answer = SheetAnswer(sheets=read_content(BytesIO(content), SheetLimits()))
    return workbook_of(name, decode(msgspec.msgpack.encode(answer)))


async def facts(app: App, principal: Principal) -> list[Newcomer]:
    """Everybody's facts, with the managers by their names."""
    found = []
    for record in await everybody(app, principal):
        one = None
        for happened in await app.log.load(principal.tenant, record.stay.id):
            one = newcomer.evolve(one, happened, 1, happened.timestamp)
        assert one is not None
        found.append(one.joined(record.names))
    return found


def said(one: Any, numbers: Mapping[str, str]) -> Any:
    """Facts without where and how they were recorded. numbers: of people, by their ids."""
    if isinstance(one, msgspec.Struct):
        fields = msgspec.structs.asdict(one).items()
        return {
            name: said(value, numbers)
            for name, value in fields
            if not name.endswith(("position", "recorded_at", "corrected", "cohort_id"))
            and name not in ("trainee_id", "fact", "withdrawn")
        }
    if isinstance(one, tuple):
        return [said(each, numbers) for each in one]
    return numbers.get(one, one) if isinstance(one, str) else one


def in_order(one: dict[str, Any]) -> dict[str, Any]:
    """Facts in the order of their days, and of their kinds, whichever was recorded first."""
    lists = {name: value for name, value in one.items() if isinstance(value, list)}
    return one | {name: sorted(value, key=str) for name, value in lists.items()}


def in_turn(one: Newcomer) -> dict[str, list[tuple[date, Any]]]:
    """The managers and posts that held one after the other, however that was recorded."""
    found = dict[str, list[tuple[date, Any]]]()
    for name, on, changes in (
        ("manager", one.manager_on, one.managers),
        ("post", one.post_on, one.posts),
    ):
        days = sorted({one.entered_on, *(change.on for change in changes)})
        turns = groupby(((day, on(day)) for day in days), key=itemgetter(1))
        found |= {name: [next(its) for _, its in turns], f"{name}s": []}
    return found


def has_twins(one: Newcomer) -> bool:
    """Whether two results of one kind and day are alike: twice in a sheet is once."""
    results = [("trial", one.on) for one in one.trials] + [(one.kind, one.on) for one in one.exams]
    return len(results) > len(set(results))


def all_said(people: Sequence[Newcomer]) -> list[dict[str, Any]]:
    numbers = {one.trainee_id: one.employee_no for one in people}
    found = [in_order(said(one, numbers)) | in_turn(one) for one in people]
    return sorted(found, key=lambda one: (one["employee_no"], one["entered_on"]))


def all_figures(people: Sequence[Newcomer], on: date) -> dict[str, Any]:
    """Every figure of everybody, and of each month, batch and manager."""
    return {
        f"{way} {key} {slug}": (one.ratio, one.floor, one.ceiling)
        for way, groups in board(people, on, Parameters()).items()
        for key, found in groups.items()
        for slug, one in found.evaluated.figures.items()
    }


def refusals(report: ImportReport) -> Counter[str]:
    return Counter(fault.code for row in report.refused for fault in row.reasons)


@by_chance
@given(
    life=histories(coming_back=True, whole_tenant=False),
    way=ways,
    days=st.lists(st.dates(date(2026, 1, 1), date(2028, 1, 1)).map(ChangeDay), max_size=1),
)
async def test_into_the_same_partner_every_row_is_known_whatever_day_changes_are_given(
    app: App, life: list[Step], way: tuple[str, str], days: list[ChangeDay]
) -> None:
    principal = await new_partner(app)
    await carry_out(app, principal, life)
    sheets = await exported(app, principal, *way)
    report = await import_file(app.context(principal), sheets, changed_on=days)
    assert (refusals(report), report.events) == ({}, 0)
    assert {row.outcome for row in report.rows} <= {Outcome.SKIP}
    assert {note.code for note in report.notes} <= {"sheet_of_notes", "post_not_counted"}


async def carried_over(
    app: App, life: list[Step], way: tuple[str, str]
) -> tuple[Principal, Principal, Counter[str]]:
    """A partner with a history, another that was given its sheets, and what was refused of them."""
    first, second = await new_partner(app), await new_partner(app)
    await carry_out(app, first, life)
    await carry_out(app, second, life[:2])  # The batches.
    report = await import_file(app.context(second), await exported(app, first, *way))
    refused = refusals(report)
    event("refused" if refused else "all")
    assert set(refused) <= UNLIKE
    return first, second, refused


def closed(people: Sequence[StayRecord]) -> dict[str, str]:
    """By whom each order was closed."""
    return {
        no: one.stay.employee_no
        for one in people
        for no, order in one.stay.selling.orders.items()
        if order.had_since is None
    }


@by_chance
@given(life=histories(whole_tenant=False, kinds=(*HELD, PASSED_ON)), way=ways)
async def test_into_an_empty_partner_each_order_is_closed_by_who_had_closed_it(
    app: App, life: list[Step], way: tuple[str, str]
) -> None:
    first, second, refused = await carried_over(app, life, way)
    assume(not refused)
    assert closed(await everybody(app, second)) == closed(await everybody(app, first))


async def test_a_csv_of_which_the_first_people_cannot_be_read_is_not_begun() -> None:
    async def unreadable() -> AsyncIterator[Sequence[StayRecord]]:
        raise ConflictError
        yield []

    pieces = filled_csv(SheetStyle([], read_texts("en")), FILLED["roster"], unreadable())
    with pytest.raises(ConflictError):
        await anext(pieces)


async def test_an_order_that_was_handed_to_a_later_newcomer_is_its_first_sellers_elsewhere(
    app: App,
) -> None:
    first, second = await new_partner(app), await new_partner(app)
    ctx = app.context(first)
    await execute(ctx, OpenCohort("B1", "一期", date(2026, 5, 1)))
    for no, entered in (("K1", date(2026, 5, 4)), ("K2", date(2026, 6, 15))):
        await execute(ctx, EnrolTrainee("B1", no, f"王{no}", entered))
    await execute(ctx, RecordOrder("K1", "A1", date(2026, 6, 1), "网站"))
    await execute(ctx, ReassignOrder("A1", "K2", date(2026, 7, 1), "换人跟进"))
    workbook = await exported(app, first, "zh-CN", "xlsx")
    assert (await import_file(ctx, workbook)).counts["skip"] == 3
    assert (await import_file(app.context(second), workbook)).refused == []
    assert closed(await everybody(app, second)) == {"A1": "K1"}


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
async def test_texts_that_look_like_nothing_a_total_or_a_guard_come_back(
    app: App, kind: str
) -> None:
    first, second = await new_partner(app), await new_partner(app)
    ctx, day = app.context(first), date(2026, 5, 4)
    await execute(ctx, OpenCohort("B1", "一期", day))
    named = {"合计": "无", "K2": "'@王", "K3": "'", "K4": "'无", "K5": "小计", "K6": "=1+1"}
    for no, name in named.items():
        await execute(ctx, EnrolTrainee("B1", no, name, day))
        await execute(ctx, RecordTrialVerdict(no, "passed", day, "-"))
        await execute(ctx, RecordOrder(no, f"A-{no}", day, "N/A"))
    workbook = await exported(app, first, "zh-CN", kind)
    assert (await import_file(ctx, workbook)).counts["skip"] == 3 * len(named)
    report = await import_file(app.context(second), workbook)
    assert report.refused == []
    was, became = await facts(app, first), await facts(app, second)
    assert all_said(became) == all_said(was)
    stays = await everybody(app, second)
    assert {one.stay.employee_no: one.name for one in stays} == named


async def test_what_was_cleared_and_what_was_left_empty_is_a_blank_cell(app: App) -> None:
    principal = await new_partner(app)
    ctx, day = app.context(principal), date(2026, 5, 4)
    await execute(ctx, OpenCohort("B1", "一期", day))
    await execute(ctx, EnrolTrainee("B1", "K1", "王一", day, phone="13800007919"))
    await execute(ctx, CorrectEnrolment("K1", "录错了", phone=""))
    await execute(ctx, RecordLeaving("K1", day))
    roster = (await exported(app, principal, "zh-CN", "xlsx")).sheets[0]
    heads, row = (one.cells for one in roster.rows)
    said = [head for head, cell in zip(heads, row, strict=False) if cell]
    assert said == ["工号", "姓名", "批次", "入职日期", "岗位", "离职日期"]


def test_what_of_a_person_no_sheet_holds_or_gives_back_as_it_was_is_named() -> None:
    texts = read_texts("zh-CN")
    for word in ("field.id_number", "topic.trainee.makeup_missed", "topic.trainee.held_off_post"):
        assert texts(word) in texts("import.filled.not_held")


@by_chance
@given(life=histories(whole_tenant=False, kinds=HELD), way=ways)
async def test_into_an_empty_partner_the_facts_and_figures_are_the_same(
    app: App, life: list[Step], way: tuple[str, str]
) -> None:
    first, second, refused = await carried_over(app, life, way)
    was, became = await facts(app, first), await facts(app, second)
    assume(not refused and not any(map(has_twins, was)))
    assert all_said(became) == all_said(was)
    for days in (10, 40, 90):
        on = s.START + timedelta(days=days)
        assert all_figures(became, on) == all_figures(was, on)
