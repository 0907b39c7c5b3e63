"""The roster (花名册): who entered which batch when, and how far each one came.

Most rosters have no days for trial and exams: see
infra/decisions/0006-date-a-rosters-evidence-on-the-go-live.md.
"""

from collections.abc import Awaitable, Callable, Iterator
from datetime import date
from typing import Annotated, Any

import msgspec

from domain.kernel.errors import ConflictError, Refusal
from domain.kernel.values import name_key, number_key
from domain.people.person import Person
from domain.teaching.cohort import Cohort
from domain.trainees.events import (
    SALES,
    UNKNOWN_POST,
    Eliminated,
    Enrolled,
    EnrolmentCorrected,
    Left,
    ManagerChanged,
    PostChanged,
    Rejoined,
    WentLive,
)
from domain.trainees.trainee import Trainee
from services.importing.closed import LEFT_OUT
from services.importing.comparing import (
    answer,
    contradiction,
    note,
    require_same,
    stating,
    tell_new,
)
from services.importing.facts import RowFact, StatedRow
from services.importing.identity import Identity
from services.importing.sheets.evidence import (
    STATED_IN,
    Marks,
    Verdict,
    WrittenFeedback,
    record_result,
    result_of,
    result_on,
    row_of,
    unmet,
)
from services.importing.sheets.filling import OF_ENROLMENT, OF_PERSON, fill_in
from services.importing.sheets.kind import (
    LetIn,
    ReadBy,
    SheetKind,
    StayRecord,
    YesNo,
    as_day,
    as_prose,
    plain,
)
from services.importing.sheets.people import (
    PERSON,
    is_eliminated,
    record_leaving,
    require_name,
)
from services.importing.sheets.standing import (
    SINCE,
    as_post,
    in_turn,
    known_later,
    manager_cell,
    named_first,
    post_cell,
    put_on_post,
    put_under,
    since_of,
)
from services.importing.spellings import read_manager, read_number
from services.kernel import fields
from services.kernel.handler import handler
from services.kernel.work import Work
from services.teaching import cohort
from services.trainees import trainee
from services.trainees.whose import name_on, whose

DAYS = {"trial_verdict": "trial_on", "written_exam": "written_exam_on", "drill": "drill_on"}
"""The field of a result -> that of its day."""

COHORT_OPENED = "cohort_opened"
"""What is said of a row that opens a cohort."""

STAYED = {"live_on": "live_on", "left_on": "left_on"} | {day: of for of, day in SINCE.items()}
"""The days on which who is meant has entered -> the field that each is of."""


class ImportRosterRow(StatedRow, frozen=True):
    """Records what a row of a roster (花名册) states; a blank cell states nothing.

    rejoined: whether it is a new stay of somebody who had left. post: sales, or that of the stay
    before, if not given. manager: blank for none. manager_since, post_since: the first day under
    the manager and on the post, as of a line that says a change; if not given, those of the row are
    the last ones. eliminated: whether the leaving is an elimination. changed_on: the first day
    under a manager or on a post that is not the recorded one and has no day of its own; it says
    nothing else.
    """

    employee_no: Annotated[fields.EmployeeNo, ReadBy(plain(read_number))]
    name: fields.PersonName
    cohort: Annotated[fields.CohortCode, ReadBy(plain(read_number))]
    entered_on: Annotated[fields.EntryDay, ReadBy(as_day)]
    rejoined: YesNo = None
    post: Annotated[fields.Post | None, ReadBy(as_post, post_cell)] = None
    post_since: Annotated[fields.Day | None, ReadBy(as_day)] = None
    phone: Annotated[fields.Phone | None, ReadBy(plain(read_number))] = None
    mail: Annotated[fields.Mail | None, ReadBy(plain(read_number))] = None
    manager: Annotated[fields.Manager | None, ReadBy(plain(read_manager), manager_cell)] = None
    manager_since: Annotated[fields.Day | None, ReadBy(as_day)] = None
    trial_verdict: Verdict = None
    trial_on: Annotated[fields.PlannedDay | None, ReadBy(as_day)] = None
    trial_feedback: WrittenFeedback = None
    written_exam: Marks = None
    written_exam_on: Annotated[fields.PlannedDay | None, ReadBy(as_day)] = None
    drill: Marks = None
    drill_on: Annotated[fields.PlannedDay | None, ReadBy(as_day)] = None
    live_on: Annotated[fields.Day | None, ReadBy(as_day)] = None
    left_on: Annotated[fields.LastDay | None, ReadBy(as_day)] = None
    eliminated: YesNo = None
    leave_reason: Annotated[fields.Reason | None, ReadBy(as_prose)] = None
    changed_on: fields.PlannedDay | None = None


@handler
async def import_roster_row(work: Work, row: ImportRosterRow) -> str:
    """Enrols, or adds what is new, by the handlers of single commands. Answers with the `outcome`.

    Refuses `name_differs`, `contradicts_recorded`, and what the single commands do.
    """
    _check_days(row)
    last = await trainee.TRAINEES.find(work, row.employee_no)
    is_new = last is None or _rejoins(last, row)
    if last is None or is_new:
        person = await _enrol(work, row, last)
    else:
        person = await _compared(work, last, row)
    on = row.live_on or min(row.left_on or row.entered_on, work.ctx.today)
    await fill_in(work, person, row)
    for fact in RECORDED:
        if fact.name not in row.left:
            await fact.record(work, person, row, on)
    answer(work, is_created=is_new)
    return person.id


def _check_days(row: ImportRosterRow) -> None:
    for day, of in STAYED.items():
        on = getattr(row, day)
        if on is not None and on < row.entered_on and getattr(row, of):
            raise Refusal("before_enrolment", field=day, entered_on=row.entered_on, on=on)
    if row.live_on and row.left_on and row.left_on < row.live_on:
        days = {"live_on": row.live_on, "on": row.left_on}
        raise Refusal("leaves_before_live", field="left_on", employee_no=row.employee_no, **days)


def _rejoins(last: Trainee, row: ImportRosterRow) -> bool:
    """Whether a row says that somebody who had left came back."""
    left_on = last.employment.left_on
    return bool(row.rejoined) and left_on is not None and row.entered_on > left_on


async def _enrol(work: Work, row: ImportRosterRow, last: Trainee | None) -> Trainee:
    """A new stay, of who had left, or of somebody whose earlier ones are not recorded."""
    later = known_later(row)
    for fact in WITH_ENROLMENT:
        if getattr(row, fact) and fact not in later:
            tell_new(work, fact)
    if "post" in row.left:
        later["post"] = UNKNOWN_POST
    row = msgspec.structs.replace(row, **later)
    batch = await cohort.COHORTS.find(work, row.cohort)
    if batch is None:
        opening = cohort.OpenCohort(row.cohort, row.cohort, row.entered_on)
        with stating("cohort"):
            opened = await cohort.open_cohort(work, opening)
        cohort.COHORTS.claim(work, row.cohort, opened, ConflictError)
        note(work, COHORT_OPENED, "cohort", code=opening.code, on=opening.opened_on)
    elif row.entered_on < batch.opening.opened_on:
        days = {"entered_on": row.entered_on, "on": batch.opening.opened_on}
        note(work, "entered_before_opening", "entered_on", code=batch.code, **days)
    if last is not None:
        if name_key(name_on(await whose(work, last), row.entered_on)) != name_key(row.name):
            names = {"recorded": LEFT_OUT, "given": LEFT_OUT}
            note(work, "rejoined_renamed", "name", employee_no=row.employee_no, **names)
        rejoining = msgspec.convert(row, trainee.RejoinTrainee, from_attributes=True)
        lost = [field for field in OF_PERSON if field in row.left]
        return await work.load(Trainee, await trainee.rejoin(work, rejoining, lost))
    if row.rejoined:
        note(work, "rejoined_unknown", "rejoined", employee_no=row.employee_no)
    if row.post is None:
        tell_new(work, "post")
        row = msgspec.structs.replace(row, post=SALES)
    enrolment = msgspec.convert(row, trainee.EnrolTrainee, from_attributes=True)
    trainee_id = await trainee.enrol_trainee(work, enrolment)
    trainee.TRAINEES.claim(work, row.employee_no, trainee_id, ConflictError)
    return await work.load(Trainee, trainee_id)


async def _compared(work: Work, last: Trainee, row: ImportRosterRow) -> Trainee:
    """The enrolment that a row is about, of those that end in the last one."""
    known = await trainee.enrolment_on(work, last, row.entered_on)
    await require_name(work, known, row.name, row.employee_no)
    left_on = known.employment.left_on
    if left_on is not None and row.entered_on > left_on:
        raise Refusal("rejoins_first", field="entered_on", left_on=left_on, on=row.entered_on)
    code = known.batch.cohort_code
    if number_key(code) != number_key(row.cohort):
        raise contradiction("cohort", code, row.cohort)
    require_same(row, entered_on=known.employment.enrolled.entered_on, left_on=left_on)
    if row.live_on is not None:
        # Later it would be of the next enrolment, which this row is not about.
        known.employment.require_employed(row.live_on, "live_on")
    return known


class RosterFact(RowFact, frozen=True, kw_only=True):
    """A fact of a roster's row. record: records it where the person has it not yet, and tells so;
    refuses what contradicts the record. Takes the day of the row's evidence."""

    record: Callable[[Work, Trainee, ImportRosterRow, date], Awaitable[None]]


def _result(field: str, *others: str) -> RosterFact:
    """A result. others: its fields beside the one that states it and that of its day."""
    day = DAYS[field]

    async def record(work: Work, person: Trainee, row: ImportRosterRow, otherwise: date) -> None:
        own: date | None = getattr(row, day)
        result = result_of(row, field, own or otherwise, is_dated=own is not None)
        if result is not None:
            await record_result(work, person, row, result, day)

    topics = tuple(topic for topic, stated in STATED_IN.items() if stated == field)
    return RosterFact((field, day, *others), dated_by=(day, *DATES), topics=topics, record=record)


async def _go_live(work: Work, person: Trainee, row: ImportRosterRow, on: date) -> None:
    require_same(row, live_on=person.placement.live_on)
    if row.live_on is not None and person.placement.live_on is None:
        later = [day for day in DAYS.values() if (getattr(row, day) or on) > on]
        with stating("live_on", also=later):
            await trainee.go_live(work, trainee.GoLive(row.employee_no, on))
        tell_new(work, "live_on")


ENROLMENTS = (Enrolled.TOPIC, EnrolmentCorrected.TOPIC)

DATES = ("live_on", "left_on", "entered_on")
"""What dates the evidence of a roster, see infra/decisions/0006."""

RECORDED = (
    RosterFact(
        ("post", SINCE["post"]), topics=(*ENROLMENTS, PostChanged.TOPIC), record=put_on_post
    ),
    RosterFact(
        ("manager", SINCE["manager"]), topics=(*ENROLMENTS, ManagerChanged.TOPIC), record=put_under
    ),
    _result("trial_verdict", "trial_feedback"),
    _result("written_exam"),
    _result("drill"),
    RosterFact(
        ("live_on",),
        rests_on=("trial_verdict", "written_exam", "drill"),
        lacking="gate_not_passed",
        topics=(WentLive.TOPIC,),
        record=_go_live,
    ),
    RosterFact(
        ("left_on", "eliminated", "leave_reason"),
        topics=(Left.TOPIC, Eliminated.TOPIC),
        record=lambda work, person, row, _: record_leaving(work, person, row),
    ),
)
"""In the order in which they are recorded."""

SAYING_CONTACTS = (
    Person.Registered.TOPIC,
    Person.RegistrationCorrected.TOPIC,
    Person.ContactsChanged.TOPIC,
    Person.ContactsCorrected.TOPIC,
)
CONTACTS = tuple(RowFact((field,), topics=SAYING_CONTACTS) for field in OF_PERSON)
FACTS = (*CONTACTS, *RECORDED)

NAMING = (Person.Registered.TOPIC, Person.Renamed.TOPIC)
"""The events that say a name with an enrolment."""

WITH_ENROLMENT = (*OF_ENROLMENT, "manager")
"""Those of them that the enrolment of somebody new says too."""


def rows_of(record: StayRecord) -> Iterator[ImportRosterRow]:
    """What is recorded of a stay, with the results that held on the go-live, and a line for each
    later manager and post; all results are in the results sheet."""
    person = record.stay
    who, placed = person.employment, person.placement

    def manager_on(day: date) -> str | None:
        return record.names.get(who.manager_on(day) or "")

    said: dict[str, Any] = {
        name: record.person.reached_by(name, record.until) for name in OF_PERSON
    }
    said |= {"employee_no": person.employee_no, "entered_on": who.enrolled.entered_on}
    said["name"] = record.name
    post, *posts = in_turn(person, "post", who.posts, who.post_on)
    manager, *managers = in_turn(person, "manager", who.managers, manager_on)
    said |= post | manager
    if (live_on := placed.live_on) is not None:
        for field, day in DAYS.items():
            if (result := result_on(person, field, live_on)) is not None:
                said |= {**row_of(result), day: result.on}
    yield ImportRosterRow(
        **said,
        cohort=person.batch.cohort_code,
        rejoined=who.enrolled.rejoins is not None or None,
        live_on=live_on,
        left_on=who.left_on,
        eliminated=is_eliminated(person) or None,
        leave_reason=who.leaving.leaving_reason if who.leaving else None,
    )
    again = {name: said[name] for name in ("employee_no", "name", "entered_on")}
    for later in (*posts, *managers):
        yield ImportRosterRow(**again, cohort=person.batch.cohort_code, **later)


ROSTER = SheetKind(
    slug="roster",
    command=ImportRosterRow,
    rows=rows_of,
    telling=("name",),
    settings=("changed_on",),
    keys=lambda row: [(PERSON, number_key(row.employee_no))],
    opens=lambda row: [("cohort", number_key(row.cohort)), *named_first(row)],
    opened_on=lambda row: row.entered_on,
    since=since_of,
    either=(*DAYS.values(), "post"),
    facts=FACTS,
    topics=(
        (Enrolled.TOPIC, ("cohort", "entered_on", "rejoined")),
        *((one, ("name",)) for one in NAMING),
        (Rejoined.TOPIC, ("entered_on", "rejoined")),
        (Cohort.Opened.TOPIC, ("cohort", "entered_on")),
    ),
    unmet=unmet,
    let_in=LetIn("results", ("gate_not_passed", "gate_passed_later")),
    noted=lambda row: (
        ("post_not_counted", "post", row.post) if row.post not in (None, SALES) else None
    ),
    identity=lambda row: Identity(
        row.employee_no, row.name, row.cohort, row.entered_on, bool(row.rejoined)
    ),
)
