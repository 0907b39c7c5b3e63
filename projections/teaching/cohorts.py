"""The batches of a partner: one row each, as its opening said, and who answers for it.

Who is in a batch and how many are live or left is the roster's answer (cohort_roster.py).
"""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.kernel.aggregate import Recorded
from domain.kernel.values import Month, number_key
from domain.kpi.subjects.teaching import Handover, training_manager_on
from domain.teaching.cohort import Cohort
from projections.kernel.paging import Page, Sorting, checked, page, place_of
from projections.kernel.projection import Connection, Key, Projection
from projections.kernel.rows import row_codec, selected


class CohortRow(msgspec.Struct, frozen=True):
    """One batch. code_key: the code as it is compared, whatever the spelling.

    handovers: who has answered for it, from its opening on, in the order of recording;
    training_manager: the one whose turn it is now.
    """

    cohort_id: str
    code: str
    code_key: str
    name: str
    opened_on: date
    trial_required: bool
    training_manager: str | None
    handovers: tuple[Handover, ...]
    position: int


def key(recorded: Recorded) -> Key | None:
    return (recorded.event.originator_id,)


def evolve(row: CohortRow | None, recorded: Recorded) -> CohortRow | None:
    """Raises LookupError for a handover of a batch that was never opened."""
    event = recorded.event
    if isinstance(event, Cohort.Opened):
        first = Handover(event.opened_on, event.training_manager, recorded.position)
        return CohortRow(
            cohort_id=event.originator_id,
            code=event.code,
            code_key=number_key(event.code),
            name=event.name,
            opened_on=event.opened_on,
            trial_required=event.trial_required,
            training_manager=event.training_manager,
            handovers=(first,),
            position=recorded.position,
        )
    if row is None:
        raise LookupError(f"{event.originator_id} was never opened")
    if isinstance(event, Cohort.HandedOver):
        to = Handover(event.on, event.training_manager, recorded.position)
        handovers = (*row.handovers, to)
        last = training_manager_on(handovers, date.max)
        return replace(row, handovers=handovers, training_manager=last)
    return row


def told_by(row: CohortRow, day: date) -> CohortRow:
    """With whoever had answered for it by the evening of a day: nobody before it opened."""
    handovers = tuple(handover for handover in row.handovers if handover.on <= day)
    return replace(row, handovers=handovers, training_manager=training_manager_on(handovers, day))


def as_of(row: CohortRow, day: date) -> CohortRow | None:
    """The same; None: had not opened yet."""
    return None if row.opened_on > day else told_by(row, day)


COHORTS = Projection(
    name="cohorts",
    version=2,
    row=CohortRow,
    primary_key=("cohort_id",),
    topics=frozenset({Cohort.Opened.TOPIC, Cohort.HandedOver.TOPIC}),
    key=key,
    evolve=evolve,
    indexes=(("code_key",), ("opened_on", "cohort_id")),
)

LATEST_FIRST = Sorting[CohortRow](
    lambda row: (row.opened_on, row.cohort_id), tuple[date, str], descending=True
)

_SELECT = f"select {selected(CohortRow)} from {COHORTS.table}"  # noqa: S608 - names of ours
_ROW = row_codec(CohortRow).row_of
_HANDOVERS = msgspec.json.Decoder(tuple[Handover, ...])


async def list_cohorts(
    connection: Connection,
    *,
    month: Month | None = None,
    first: int = 50,
    after: str | None = None,
) -> Page[CohortRow]:
    """The batches opened in a month, or all, the latest first.

    Refuses `page_size_invalid`, `cursor_invalid`.
    """
    place = place_of(after, LATEST_FIRST.kind) if after else (None, None)
    rows = await connection.fetch(
        f"{_SELECT} where ($1::date is null or opened_on between $1 and $2)"
        " and ($3::date is null or (opened_on, cohort_id) < ($3, $4::text))"
        " order by opened_on desc, cohort_id desc limit $5",
        month and month.first_day,
        month and month.last_day,
        *place,
        checked(first) + 1,
    )
    return page([_ROW(row) for row in rows], first, LATEST_FIRST.place)


async def count_cohorts(connection: Connection, *, month: Month | None = None) -> int:
    """How many batches `list_cohorts` would list in all."""
    count: int = await connection.fetchval(
        f"select count(*) from {COHORTS.table}"  # noqa: S608 - names of ours
        " where ($1::date is null or opened_on between $1 and $2)",
        month and month.first_day,
        month and month.last_day,
    )
    return count


def chosen(rows: Iterable[CohortRow], *, month: Month | None = None) -> list[CohortRow]:
    """Of rows in memory those that `count_cohorts` would count."""
    return [row for row in rows if month is None or Month.of(row.opened_on) == month]


async def get_cohort(
    connection: Connection, *, cohort_id: str | None = None, code: str | None = None
) -> CohortRow | None:
    """One batch by id or by code, however the code is spelt."""
    row = await connection.fetchrow(
        f"{_SELECT} where ($1::text is null or cohort_id = $1)"
        " and ($2::text is null or code_key = $2) limit 1",
        cohort_id,
        None if code is None else number_key(code),
    )
    return None if row is None else _ROW(row)


def one_of(
    rows: Iterable[CohortRow], *, cohort_id: str | None = None, code: str | None = None
) -> CohortRow | None:
    """Of rows in memory the one that `get_cohort` would get."""
    key = None if code is None else number_key(code)
    asked = (
        row
        for row in rows
        if (cohort_id is None or row.cohort_id == cohort_id)
        and (key is None or row.code_key == key)
    )
    return next(asked, None)


async def list_cohorts_by_id(
    connection: Connection, *, cohort_ids: list[str]
) -> dict[str, CohortRow]:
    """These batches by id; unknown ids are left out."""
    rows = await connection.fetch(f"{_SELECT} where cohort_id = any($1::text[])", cohort_ids)
    return {row["cohort_id"]: _ROW(row) for row in rows}


async def list_handovers(
    connection: Connection, tenant_id: UUID
) -> dict[str, tuple[Handover, ...]]:
    """Who has answered for each batch, by its code."""
    rows = await connection.fetch(
        f"select code, handovers::text as handovers from {COHORTS.table}"  # noqa: S608 - ours
        " where tenant_id = $1",
        tenant_id,
    )
    return {row["code"]: _HANDOVERS.decode(row["handovers"]) for row in rows}
