"""Who is in a batch, and with which status: yet to come, in training, live on the post or held off
it, left or eliminated.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from domain.kernel.aggregate import UNRECORDED, Recorded
from domain.kernel.bounds import Choice
from domain.kernel.values import number_key, typed_key
from domain.kpi.subjects import newcomer
from domain.kpi.subjects.as_of import newcomer_as_of
from domain.kpi.subjects.facts import GoLiveFact, HoldFact
from domain.kpi.subjects.newcomer import Newcomer
from domain.trainees.trainee import Trainee
from projections.kernel.filters import OF_COHORT, Equals, Searched
from projections.kernel.group_count import GroupCount
from projections.kernel.listing import Listing
from projections.kernel.names import PeopleNames
from projections.kernel.pinyin import search_words, sort_key
from projections.kernel.projection import Projection, TenantTables
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


class CohortRosterRow(TraineeRow, frozen=True):
    """The same, as it is folded. search: all that finds the person. position: of the last change.
    standing: the status of who has not left. life: the facts that the rest is made of, only those
    of STEPS.
    """

    search: str
    position: int
    standing: TraineeStatus
    life: Newcomer


STEPS = (
    Trainee.Enrolled,
    Trainee.EnrolmentCorrected,
    Trainee.InheritanceCorrected,
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


def evolve(row: CohortRosterRow | None, recorded: Recorded) -> CohortRosterRow | None:
    """The row after an event. Raises LookupError for a trainee who was never enrolled."""
    event: Any = recorded.event
    # When it was recorded is nothing to a roster.
    life = newcomer.evolve(row.life if row else None, event, recorded.position, UNRECORDED)
    if life is None:
        return None
    columns = _of_life(life) | {"position": recorded.position}
    is_named = isinstance(event, Trainee.Enrolled | Trainee.EnrolmentCorrected) and event.name
    if row is None or is_named:
        columns |= _of_name(event.name, life)
    return replace(row, **columns) if row else CohortRosterRow(**columns)


def as_of(row: CohortRosterRow, day: date) -> CohortRosterRow | None:
    """The row as of the evening of a day; None before the person entered."""
    life = newcomer_as_of(row.life, day)
    if life is None or life is row.life:
        return None if life is None else row
    return replace(row, **_of_life(life))


def to_come(row: CohortRosterRow) -> CohortRosterRow:
    """The row of somebody who has yet to enter, and has not left any more than entered."""
    return replace(row, status="to_come", left_on=None)


def _of_name(name: str, life: Newcomer) -> dict[str, Any]:
    """The columns that a name makes."""
    search = search_words(name, life.employee_no)
    return {"name": name, "name_key": sort_key(name), "search": search}


def _of_life(life: Newcomer) -> dict[str, Any]:
    """The columns that a life makes."""
    cohort_id, cohort_code = life.batch_on(date.max)
    standing = _standing(life)
    gone: TraineeStatus = "eliminated" if life.eliminated else "left"
    return {
        "trainee_id": life.trainee_id,
        "cohort_id": cohort_id,
        "cohort_code": cohort_code,
        "employee_no": life.employee_no,
        "employee_no_key": number_key(life.employee_no),
        "post": life.post_on(date.max),
        "manager_id": life.manager_on(date.max),
        "status": standing if life.left_on is None else gone,
        "entered_on": life.entered_on,
        "live_on": min((live.on for live in life.lives), default=None),
        "left_on": life.left_on,
        "rejoins": life.rejoins,
        "standing": standing,
        "life": life,
    }


def _standing(life: Newcomer) -> TraineeStatus:
    standings: tuple[GoLiveFact | HoldFact, ...] = (*life.lives, *life.holds)
    last = max(standings, key=lambda fact: (fact.on, fact.position), default=None)
    if last is None:
        return "in_training"
    return "live" if isinstance(last, GoLiveFact) else "held"


COHORT_ROSTER = Projection(
    name="cohort_roster",
    version=10,
    row=CohortRosterRow,
    primary_key=("trainee_id",),
    events=STEPS,
    evolve=evolve,
    indexes=(("name_key", "trainee_id"), ("cohort_id",), ("employee_no_key",)),
    of_today=(
        (
            "status",
            "case when entered_on > {today} then 'to_come'"
            " when left_on > {today} then standing else status end",
        ),
        ("left_on", "case when left_on <= {today} then left_on end"),
    ),
    personal=True,
)
"""Nothing but the first and the last day may be recorded before it comes."""


_BY_NAME = (
    f"select {selected(CohortRosterRow)} from {COHORT_ROSTER.table}"  # noqa: S608 - names of ours
    " where tenant_id = $1 and name_key = any($2::text[])"
)


async def list_by_name(tenant: TenantTables, *, keys: Iterable[str]) -> list[CohortRosterRow]:
    """Those whose names have one of these sort keys, in no order; of who came back every stay."""
    rows = await tenant.fetch(_BY_NAME, [*keys])
    return row_codec(CohortRosterRow).rows_of(rows)


TRAINEE_LIST = Listing(
    name="trainees",
    kind="Trainee",
    projection=COHORT_ROSTER,
    shown=TraineeRow,
    permission="read_trainees",
    filters={
        "cohort": OF_COHORT,
        "manager": NamedPerson(
            column="manager_id", said_in="manager", description="The name of the manager (主管)."
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
