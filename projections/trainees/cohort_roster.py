"""Who is in a batch, and where each one stands: in training, live on the post or held off it, left
or eliminated.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any, Literal, cast, get_args

import msgspec
from msgspec.structs import replace

from domain.kernel.aggregate import UNRECORDED, Recorded
from domain.kernel.values import number_key, tidy
from domain.kpi.subjects import newcomer
from domain.kpi.subjects.as_of import newcomer_as_of
from domain.kpi.subjects.facts import Hold, Live, Transfer
from domain.kpi.subjects.newcomer import Newcomer
from domain.trainees.trainee import Trainee
from projections.kernel.paging import Page, Sorting, checked, page, place_of
from projections.kernel.pinyin import sort_key, spellings
from projections.kernel.projection import Connection, Key, Projection
from projections.kernel.rows import row_codec, selected

Status = Literal["in_training", "live", "held", "left", "eliminated"]


class CohortRosterRow(msgspec.Struct, frozen=True):
    """One person of a batch, which is the last one. left_on: the last day worked.

    employee_no_key: as it is compared. name_key: pinyin. search: all that finds the person.
    live_on: the first go-live. position: of the last change. life: the facts that the rest is made
    of, only those of STEPS.
    """

    trainee_id: str
    cohort_id: str
    cohort_code: str
    employee_no: str
    employee_no_key: str
    name: str
    name_key: str
    search: str
    post: str
    manager: str | None
    status: Status
    entered_on: date
    live_on: date | None
    left_on: date | None
    position: int
    life: Newcomer


class RosterCounts(msgspec.Struct, frozen=True):
    """How many of a batch entered, and of these how many stand where."""

    entered: int = 0
    in_training: int = 0
    live: int = 0
    held: int = 0
    left: int = 0
    eliminated: int = 0


STEPS = (
    Trainee.Enrolled,
    Trainee.EnrolmentCorrected,
    Trainee.CohortTransferred,
    Trainee.ManagerChanged,
    Trainee.WentLive,
    Trainee.GoLiveCorrected,
    Trainee.HeldOffPost,
    Trainee.Left,
    Trainee.Eliminated,
    Trainee.LeavingCorrected,
    Trainee.LeavingWithdrawn,
)


def key(recorded: Recorded) -> Key | None:
    return (recorded.event.originator_id,)


def evolve(row: CohortRosterRow | None, recorded: Recorded) -> CohortRosterRow | None:
    """Raises LookupError for a step of somebody who was never enrolled."""
    event: Any = recorded.event
    # When it was recorded is nothing to a roster.
    life = newcomer.evolve(row.life if row else None, event, recorded.position, UNRECORDED)
    if life is None:
        return None
    named = isinstance(event, Trainee.Enrolled | Trainee.EnrolmentCorrected) and event.name
    if row is None or named:
        row = _entered(life, event.name)
    return _stands(row, life, recorded.position)


def as_of(row: CohortRosterRow, day: date) -> CohortRosterRow | None:
    """Where the person stood on the evening of a day; None: had not entered yet."""
    life = newcomer_as_of(row.life, day)
    if life is None or life is row.life:
        return None if life is None else row
    return _stands(row, life, row.position)


def _entered(life: Newcomer, name: str) -> CohortRosterRow:
    """Under a name, with nothing but the enrolment told."""
    employee_no_key = number_key(life.employee_no)
    return CohortRosterRow(
        trainee_id=life.trainee_id,
        cohort_id=life.cohort_id,
        cohort_code=life.cohort_code,
        employee_no=life.employee_no,
        employee_no_key=employee_no_key,
        name=name,
        name_key=sort_key(name),
        search=f"{spellings(name)} {employee_no_key.lower()}",
        post=life.post,
        manager=life.manager,
        status="in_training",
        entered_on=life.entered_on,
        live_on=None,
        left_on=None,
        position=life.enrolled_position,
        life=life,
    )


def _stands(row: CohortRosterRow, life: Newcomer, position: int) -> CohortRosterRow:
    """The person's row with what a life says; position: of its last change."""
    moved = _last_transfer(life)
    return replace(
        row,
        cohort_id=moved.cohort_id if moved else life.cohort_id,
        cohort_code=moved.cohort_code if moved else life.cohort_code,
        post=life.post,
        manager=life.manager_on(date.max),
        status=_status(life),
        entered_on=life.entered_on,
        live_on=min((live.on for live in life.lives), default=None),
        left_on=life.left_on,
        position=position,
        life=life,
    )


def _last_transfer(life: Newcomer) -> Transfer | None:
    return max(life.transfers, key=lambda moved: (moved.on, moved.position), default=None)


def _status(life: Newcomer) -> Status:
    if life.left_on is not None:
        return "eliminated" if life.eliminated else "left"
    standings: tuple[Live | Hold, ...] = (*life.lives, *life.holds)
    stands = max(standings, key=lambda fact: (fact.on, fact.position), default=None)
    if stands is None:
        return "in_training"
    return "live" if isinstance(stands, Live) else "held"


COHORT_ROSTER = Projection(
    name="cohort_roster",
    version=1,
    row=CohortRosterRow,
    primary_key=("trainee_id",),
    events=STEPS,
    key=key,
    evolve=evolve,
    indexes=(("name_key", "trainee_id"), ("cohort_id",), ("employee_no_key",)),
    personal=True,
)

BY_NAME = Sorting[CohortRosterRow](lambda row: (row.name_key, row.trainee_id), tuple[str, str])

_SELECT = f"select {selected(CohortRosterRow)} from {COHORT_ROSTER.table}"  # noqa: S608 - ours
_ROW = row_codec(CohortRosterRow).row_of
_CHOSEN = (
    " where ($1::text is null or cohort_id = $1) and ($2::text is null or status = $2)"
    " and ($3::text is null or strpos(search, $3) > 0)"
)


async def list_roster(
    connection: Connection,
    *,
    cohort_id: str | None = None,
    status: Status | None = None,
    search: str | None = None,
    first: int = 50,
    after: str | None = None,
) -> Page[CohortRosterRow]:
    """People in the order of their names; search: part of the name, its pinyin, its initials or
    the employee number.

    Refuses `page_size_invalid`, `cursor_invalid`.
    """
    place = place_of(after, BY_NAME.kind) if after else (None, None)
    rows = await connection.fetch(
        f"{_SELECT}{_CHOSEN} and ($4::text is null or (name_key, trainee_id) > ($4, $5::text))"
        " order by name_key, trainee_id limit $6",
        cohort_id,
        status,
        _sought(search),
        *place,
        checked(first) + 1,
    )
    return page([_ROW(row) for row in rows], first, BY_NAME.place)


async def count_roster(
    connection: Connection,
    *,
    cohort_id: str | None = None,
    status: Status | None = None,
    search: str | None = None,
) -> int:
    """How many `list_roster` would list in all."""
    return cast(
        int,
        await connection.fetchval(
            f"select count(*) from {COHORT_ROSTER.table}{_CHOSEN}",  # noqa: S608 - names of ours
            cohort_id,
            status,
            _sought(search),
        ),
    )


def chosen(
    rows: Iterable[CohortRosterRow],
    *,
    cohort_id: str | None = None,
    status: Status | None = None,
    search: str | None = None,
) -> list[CohortRosterRow]:
    """Of rows in memory those that `count_roster` would count."""
    sought = _sought(search)
    return [
        row
        for row in rows
        if (cohort_id is None or row.cohort_id == cohort_id)
        and (status is None or row.status == status)
        and (sought is None or sought in row.search)
    ]


async def get_trainee(
    connection: Connection, *, trainee_id: str | None = None, employee_no: str | None = None
) -> CohortRosterRow | None:
    """One person by id or by employee number, however it is spelt; rejoined people: the last."""
    row = await connection.fetchrow(
        f"{_SELECT} where ($1::text is null or trainee_id = $1)"
        " and ($2::text is null or employee_no_key = $2) order by position desc limit 1",
        trainee_id,
        None if employee_no is None else number_key(employee_no),
    )
    return None if row is None else _ROW(row)


def one_of(
    rows: Iterable[CohortRosterRow],
    *,
    trainee_id: str | None = None,
    employee_no: str | None = None,
) -> CohortRosterRow | None:
    """Of rows in memory the one that `get_trainee` would get."""
    key = None if employee_no is None else number_key(employee_no)
    asked = (
        row
        for row in rows
        if (trainee_id is None or row.trainee_id == trainee_id)
        and (key is None or row.employee_no_key == key)
    )
    return max(asked, key=lambda row: row.position, default=None)


async def list_ids_by_number(connection: Connection, *, employee_no: str) -> list[str]:
    """All who have had this employee number, however it is spelt: a person may come back."""
    rows = await connection.fetch(
        f"select trainee_id from {COHORT_ROSTER.table}"  # noqa: S608 - a name of ours
        " where employee_no_key = $1",
        number_key(employee_no),
    )
    return [row["trainee_id"] for row in rows]


async def list_trainees_by_id(
    connection: Connection, *, trainee_ids: list[str]
) -> dict[str, CohortRosterRow]:
    """These people by id; unknown ids are left out."""
    rows = await connection.fetch(f"{_SELECT} where trainee_id = any($1::text[])", trainee_ids)
    return {row["trainee_id"]: _ROW(row) for row in rows}


async def count_roster_by_cohort(
    connection: Connection, *, cohort_ids: list[str]
) -> dict[str, RosterCounts]:
    """The counts of these batches by id; a batch without people is left out."""
    rows = await connection.fetch(
        "select cohort_id, count(*) as entered,"  # noqa: S608 - names of ours
        " count(*) filter (where status = 'in_training') as in_training,"
        " count(*) filter (where status = 'live') as live,"
        " count(*) filter (where status = 'held') as held,"
        " count(*) filter (where status = 'left') as left_,"
        " count(*) filter (where status = 'eliminated') as eliminated"
        f" from {COHORT_ROSTER.table} where cohort_id = any($1::text[]) group by cohort_id",
        cohort_ids,
    )
    return {row["cohort_id"]: RosterCounts(*list(row.values())[1:]) for row in rows}


def counts_by_cohort(rows: Iterable[CohortRosterRow]) -> dict[str, RosterCounts]:
    """What `count_roster_by_cohort` would count, of rows in memory."""
    standing: dict[str, list[Status]] = defaultdict(list)
    for row in rows:
        standing[row.cohort_id].append(row.status)
    return {
        cohort_id: RosterCounts(
            len(stands), **{status: stands.count(status) for status in get_args(Status)}
        )
        for cohort_id, stands in standing.items()
    }


def _sought(search: str | None) -> str | None:
    return tidy(search).replace(" ", "").lower() or None if search else None
