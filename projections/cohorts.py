"""The batches of a partner: one row each, as its opening said.

Who is in a batch and how many are live or left is the roster's answer (cohort_roster.py).
"""

from datetime import date
from typing import cast

import msgspec

from domain.aggregate import Recorded
from domain.cohort import Cohort
from domain.values import Month, number_key
from projections.paging import Page, checked, page, place_of
from projections.projection import Connection, Key, Projection
from projections.rows import row_codec, selected


class CohortRow(msgspec.Struct, frozen=True):
    """One batch. code_key: the code as it is compared, whatever the spelling."""

    cohort_id: str
    code: str
    code_key: str
    name: str
    opened_on: date
    trial_required: bool
    position: int


def key(recorded: Recorded) -> Key | None:
    return (recorded.event.originator_id,)


def evolve(row: CohortRow | None, recorded: Recorded) -> CohortRow | None:
    opened = cast(Cohort.Opened, recorded.event)
    return CohortRow(
        cohort_id=opened.originator_id,
        code=opened.code,
        code_key=number_key(opened.code),
        name=opened.name,
        opened_on=opened.opened_on,
        trial_required=opened.trial_required,
        position=recorded.position,
    )


COHORTS = Projection(
    name="cohorts",
    version=1,
    row=CohortRow,
    primary_key=("cohort_id",),
    topics=frozenset({Cohort.Opened.TOPIC}),
    key=key,
    evolve=evolve,
    indexes=(("code_key",), ("opened_on", "cohort_id")),
    loads=False,
)

_SELECT = f"select {selected(CohortRow)} from {COHORTS.table}"  # noqa: S608 - names of ours
_ROW = row_codec(CohortRow).row_of


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
    place = place_of(after, tuple[date, str]) if after else (None, None)
    rows = await connection.fetch(
        f"{_SELECT} where ($1::date is null or opened_on between $1 and $2)"
        " and ($3::date is null or (opened_on, cohort_id) < ($3, $4::text))"
        " order by opened_on desc, cohort_id desc limit $5",
        month and month.first_day,
        month and month.last_day,
        *place,
        checked(first) + 1,
    )
    return page([_ROW(row) for row in rows], first, lambda row: (row.opened_on, row.cohort_id))


async def count_cohorts(connection: Connection, *, month: Month | None = None) -> int:
    """How many batches `list_cohorts` would list in all."""
    count: int = await connection.fetchval(
        f"select count(*) from {COHORTS.table}"  # noqa: S608 - names of ours
        " where ($1::date is null or opened_on between $1 and $2)",
        month and month.first_day,
        month and month.last_day,
    )
    return count


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


async def list_cohorts_by_id(
    connection: Connection, *, cohort_ids: list[str]
) -> dict[str, CohortRow]:
    """These batches by id; unknown ids are left out."""
    rows = await connection.fetch(f"{_SELECT} where cohort_id = any($1::text[])", cohort_ids)
    return {row["cohort_id"]: _ROW(row) for row in rows}
