"""Who is in a batch, and with which status: yet to come, in training, live on the post or held off
it, left or eliminated.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from domain.kernel.aggregate import UNRECORDED, DomainEvent, Recorded
from domain.kernel.bounds import Choice
from domain.kernel.held import Held, held_after, value_on
from domain.kernel.values import number_key, typed_key
from domain.kernel.whose import own_stream
from domain.kpi.subjects import newcomer
from domain.kpi.subjects.as_of import newcomer_as_of
from domain.kpi.subjects.facts import GoLiveFact, HoldFact
from domain.kpi.subjects.newcomer import Newcomer
from domain.people.person import Person
from domain.trainees.trainee import Trainee
from projections.kernel.filters import OF_COHORT, Equals, Searched
from projections.kernel.group_count import GroupCount
from projections.kernel.listing import Listing
from projections.kernel.names import PeopleNames
from projections.kernel.pinyin import search_words, sort_key
from projections.kernel.projection import Key, Parts, Projection, TenantTables
from projections.kernel.rows import row_codec, selected
from projections.kernel.whose import Whose
from projections.people.named import NamedPerson
from projections.people.people import PERSON_LIST
from projections.trainees.cohort_members import MEMBERS, NUMBERED

TraineeStatus = Literal["to_come", "in_training", "live", "held", "left", "eliminated"]

LASTING: tuple[TraineeStatus, ...] = ("in_training", "live", "held")
"""Of who has entered and not left."""


class TraineeRow(msgspec.Struct, frozen=True):
    """One person of a batch, which is the last one. left_on: the last day worked.

    employee_no_key: as it is compared. name_key: pinyin. live_on: the first go-live. rejoins: the
    id of the enrolment before.
    """

    trainee_id: str
    cohort_id: str
    cohort_code: str
    employee_no: str
    employee_no_key: str
    name: str
    name_key: str
    post: Choice
    manager_id: str | None
    status: TraineeStatus
    entered_on: date
    live_on: date | None
    left_on: date | None
    rejoins: str | None


class NamedTrainee(TraineeRow, frozen=True):
    """The same with the name of the manager."""

    manager: str | None = None


class StayRow(TraineeRow, frozen=True):
    """The same, as it is stored. person_id: who it is. search: all that finds them. standing: the
    status of who has not left."""

    person_id: str
    search: str
    standing: TraineeStatus


class RosterRow(msgspec.Struct, frozen=True):
    """Somebody with all their stays: what those rows are made of. held: the names. stays: the facts
    of each, only those of STEPS. position: of the last change."""

    person_id: str
    held: tuple[Held, ...] = ()
    stays: tuple[Newcomer, ...] = ()
    position: int = 0


class RosterOfToday(RosterRow, frozen=True):
    """The same on the day on which one looks: who has yet to enter is on it."""

    day: date = date.max


NAMINGS = (
    Person.Registered,
    Person.RegistrationCorrected,
    Person.Renamed,
    Person.RenamingCorrected,
    Person.FactWithdrawn,
)

STEPS = (
    Trainee.Enrolled,
    Trainee.EnrolmentCorrected,
    Trainee.CohortTransferred,
    Trainee.ManagerChanged,
    Trainee.PostChanged,
    Trainee.WentLive,
    Trainee.GoLiveCorrected,
    Trainee.HeldOffPost,
    Trainee.Left,
    Trainee.Eliminated,
    Trainee.LeavingCorrected,
    Trainee.FactWithdrawn,
)


def key(recorded: Recorded) -> Key:
    return (own_stream(recorded.event.originator_id),)


def evolve(row: RosterRow | None, recorded: Recorded) -> RosterRow | None:
    """The row after an event; None of who was registered by mistake. Raises LookupError for a
    trainee who was never enrolled."""
    event: Any = recorded.event
    if row is None or isinstance(event, Person.Registered):
        row = RosterRow(*key(recorded))
    row = replace(row, position=recorded.position)
    if isinstance(event, NAMINGS):
        row = replace(row, held=held_after(row.held, event, ("name",)))
    else:
        row = replace(row, stays=_after(row.stays, event, recorded.position))
    return row if row.held or row.stays else None


def _whose(stay_id: str) -> str | None:
    """The stream that says who a stay is of."""
    return own_stream(stay_id) if stay_id.startswith(f"{Trainee.TOPIC}-") else None


def _after(stays: tuple[Newcomer, ...], event: DomainEvent, position: int) -> tuple[Newcomer, ...]:
    """The stays after an event of one of them."""
    its = event.originator_id
    was = next((one for one in stays if one.trainee_id == its), None)
    # When it was recorded is nothing to a roster.
    life = newcomer.evolve(was, event, position, UNRECORDED)
    if was is None:
        return (*stays, life) if life else stays
    changed = (life if one is was else one for one in stays)
    return tuple(one for one in changed if one is not None)


def as_of(row: RosterRow, day: date) -> RosterRow | None:
    """The row as of the evening of a day; None before the person entered."""
    lives = (newcomer_as_of(one, day) for one in row.stays)
    stays = tuple(life for life in lives if life is not None)
    held = tuple(one for one in row.held if one.on <= max(day, row.held[0].on))
    return replace(row, held=held, stays=stays) if stays else None


def to_come(row: RosterRow, day: date) -> RosterRow:
    """The row on the day on which one looks; a name is there once somebody said it."""
    cut = (newcomer_as_of(one, day) or one for one in row.stays)
    return RosterOfToday(row.person_id, row.held, tuple(cut), row.position, day)


def name_of(row: RosterRow) -> str:
    """The last name that is known."""
    return value_on(row.held, "name", date.max) or ""


def stays_of(row: RosterRow) -> Mapping[Key, tuple[Newcomer, str, bool]]:
    """By its id, of each stay the facts, the name, and whether it has yet to come."""
    name = name_of(row)
    looked_on = row.day if isinstance(row, RosterOfToday) else date.max
    return {(one.trainee_id,): (one, name, one.entered_on > looked_on) for one in row.stays}


def stay_row(made_of: tuple[Newcomer, str, bool]) -> StayRow:
    """The row of a stay; nobody who has yet to enter has left any more than entered."""
    life, name, is_to_come = made_of
    cohort_id, cohort_code = life.batch_on(date.max)
    standing = _standing(life)
    gone: TraineeStatus = "eliminated" if life.eliminated else "left"
    status = standing if life.left_on is None else gone
    return StayRow(
        trainee_id=life.trainee_id,
        cohort_id=cohort_id,
        cohort_code=cohort_code,
        employee_no=life.employee_no,
        employee_no_key=number_key(life.employee_no),
        name=name,
        name_key=sort_key(name),
        post=life.post_on(date.max),
        manager_id=life.manager_on(date.max),
        status="to_come" if is_to_come else status,
        entered_on=life.entered_on,
        live_on=min((live.on for live in life.lives), default=None),
        left_on=None if is_to_come else life.left_on,
        rejoins=life.rejoins,
        person_id=own_stream(life.trainee_id),
        search=search_words(name, life.employee_no),
        standing=standing,
    )


def _standing(life: Newcomer) -> TraineeStatus:
    standings: tuple[GoLiveFact | HoldFact, ...] = (*life.lives, *life.holds)
    last = max(standings, key=lambda fact: (fact.on, fact.position), default=None)
    if last is None:
        return "in_training"
    return "live" if isinstance(last, GoLiveFact) else "held"


ROSTER_VERSION = 1
"""Of the rows and of those of the stays that follow from them."""

STAYS = Parts(
    name="trainees",
    version=ROSTER_VERSION,
    row=StayRow,
    primary_key=("trainee_id",),
    of=stays_of,
    make=stay_row,
    of_streams=True,
    indexes=(("name_key", "trainee_id"), ("cohort_id",), ("employee_no_key",), ("person_id",)),
    of_today=(
        (
            "status",
            "case when entered_on > {today} then 'to_come'"
            " when left_on > {today} then standing else status end",
        ),
        ("left_on", "case when left_on <= {today} then left_on end"),
    ),
)
"""Nothing but the first and the last day may be recorded before it comes."""

ROSTER = Projection(
    name="roster",
    version=ROSTER_VERSION,
    row=RosterRow,
    primary_key=("person_id",),
    events=(*NAMINGS, *STEPS),
    key=key,
    evolve=evolve,
    parts=STAYS,
    beside=_whose,
    personal=True,
)
"""The staff are on it too, without a stay."""


_BY_NAME = (
    f"select {selected(RosterRow)} from {ROSTER.table} where tenant_id = $1 and person_id in"  # noqa: S608
    f" (select person_id from {STAYS.table} where tenant_id = $1 and name_key = any($2::text[]))"
)


async def list_by_name(tenant: TenantTables, *, keys: Iterable[str]) -> list[RosterRow]:
    """Those whose names have one of these sort keys, in no order, with all their stays."""
    rows = await tenant.fetch(_BY_NAME, [*keys])
    return row_codec(RosterRow).rows_of(rows)


TRAINEE_LIST = Listing(
    name="trainees",
    kind="Trainee",
    projection=ROSTER,
    parts=STAYS,
    shown=TraineeRow,
    permission="read_trainees",
    filters={
        "cohort": OF_COHORT,
        "manager": NamedPerson(
            column="manager_id",
            said_in="manager",
            description="The manager (主管): a number, a name that is one person's, or a key.",
        ),
        "status": Equals(column="status", kind=TraineeStatus, description="Where they stand."),
        "search": Searched(
            description="Part of the name, its pinyin, its initials or the employee number."
        ),
    },
    unique={
        "employee_no": Equals(
            column="employee_no_key",
            description="The employee number, however it is spelt; of who came back, the enrolment"
            " that lasts, else the last.",
            folded=typed_key,
        )
    },
    newest="entered_on",
    lasts=lambda row: row.status in LASTING,
    order=("name_key", "trainee_id"),
    as_of=as_of,
    to_come=to_come,
    narrowed={
        "cohort": MEMBERS,
        "employee_no": NUMBERED,
    },
    names=(PeopleNames(of=PERSON_LIST, row=NamedTrainee, ids={"manager": "manager_id"}),),
    columns=(
        "employee_no",
        "name",
        "cohort_code",
        "post",
        "manager",
        "status",
        "entered_on",
        "live_on",
        "left_on",
    ),
    whose=Whose(owners={"managers": "manager_id", "cohorts": "cohort_id"}, about="trainee_id"),
)
"""People in the order of their names, read by pinyin."""

STATUSES_BY_COHORT = GroupCount(listing=TRAINEE_LIST, by="cohort", of="status")
"""How many people of a batch stand where."""
