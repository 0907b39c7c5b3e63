"""The class sessions of a partner, with the facts that figures are counted from.

Rows are only chosen here; every figure is computed from them by domain/kpi. The text of a summary
stands beside the facts, since no figure needs it.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.kernel.aggregate import Recorded
from domain.kernel.values import Month, number_key
from domain.kpi.subjects import teaching
from domain.kpi.subjects.as_of import class_as_of
from domain.kpi.subjects.teaching import ClassFacts
from domain.teaching.session import Session
from projections.kernel.paging import Page, Sorting, checked, page, place_of
from projections.kernel.projection import Connection, Key, Projection
from projections.kernel.rows import row_codec, selected


class SessionRow(msgspec.Struct, frozen=True):
    """One class, and beside its facts the columns that rows are chosen by.

    planned_on: by the plan in force. first_on, last_on: of all its days, planned and actual ones.
    summary: its text.
    """

    session_id: str
    code_key: str
    cohort_id: str
    cohort_code: str
    planned_on: date
    first_on: date
    last_on: date
    summary: str | None
    facts: ClassFacts


def key(recorded: Recorded) -> Key | None:
    session_id = teaching.key(recorded.event)
    return None if session_id is None else (session_id,)


def evolve(row: SessionRow | None, recorded: Recorded) -> SessionRow | None:
    """Raises LookupError for a fact about a session that was never planned."""
    event = recorded.event
    was = row.facts if row else None
    facts = teaching.evolve(was, event, recorded.position, recorded.recorded_at)
    if facts is None:
        return None
    summary = row.summary if row else None
    if isinstance(event, Session.SummaryWritten | Session.SummaryCorrected):
        summary = event.text
    first_on, last_on = _span(facts)
    return SessionRow(
        session_id=facts.session_id,
        code_key=number_key(facts.code),
        cohort_id=facts.cohort_id,
        cohort_code=facts.cohort_code,
        planned_on=facts.plan_on(date.max).planned_on,
        first_on=first_on,
        last_on=last_on,
        summary=summary,
        facts=facts,
    )


def as_of(row: SessionRow, day: date) -> SessionRow:
    """Where the class stood on the evening of a day; a plan has no day but that of recording."""
    facts = class_as_of(row.facts, day)
    first_on, last_on = _span(facts)
    return replace(
        row,
        planned_on=facts.plan_on(day).planned_on,
        first_on=first_on,
        last_on=last_on,
        summary=row.summary if facts.summary else None,
        facts=facts,
    )


def _span(facts: ClassFacts) -> tuple[date, date]:
    days = [plan.planned_on for plan in (facts.plan, *facts.changes)]
    days += [fact.on for fact in (facts.opening, facts.closing) if fact]
    return min(days), max(days)


SESSIONS = Projection(
    name="sessions",
    version=1,
    row=SessionRow,
    primary_key=("session_id",),
    topics=teaching.TOPICS,
    key=key,
    evolve=evolve,
    indexes=(
        ("code_key",),
        ("planned_on", "session_id"),
        ("cohort_id", "planned_on", "session_id"),
        ("cohort_code",),
        ("last_on",),
    ),
)

LATEST_FIRST = Sorting[SessionRow](
    lambda row: (row.planned_on, row.session_id), tuple[date, str], descending=True
)

_SELECT = f"select {selected(SessionRow)} from {SESSIONS.table}"  # noqa: S608 - names of ours
_ROW = row_codec(SessionRow).row_of
_FACTS = msgspec.json.Decoder(list[ClassFacts])
_TOGETHER = (
    "select '[' || coalesce(string_agg(facts::text, ','), '') || ']'"  # noqa: S608 - ours
    f" from {SESSIONS.table} where tenant_id = $1"
)
_CHOSEN = (
    "($1::text is null or cohort_id = $1) and ($2::date is null or planned_on between $2 and $3)"
)


async def list_classes(
    connection: Connection,
    tenant_id: UUID,
    *,
    cohort: str | None = None,
    month: Month | None = None,
) -> list[ClassFacts]:
    """The facts of every class that may belong to a group, in no order; cohort: its code.

    With a month, all that were planned for a day of it, opened or ended in it: rather too many,
    since which month a class belongs to depends on the day that the figure is asked for.
    """
    statement = _TOGETHER
    values: list[Any] = [tenant_id]
    for condition, given in (
        (" and cohort_code = ${}", cohort),
        (" and last_on >= ${}", month and month.first_day),
        (" and first_on <= ${}", month and month.last_day),
    ):
        if given is not None:
            values.append(given)
            statement += condition.format(len(values))
    return _FACTS.decode(await connection.fetchval(statement, *values))


async def list_sessions(
    connection: Connection,
    *,
    cohort_id: str | None = None,
    month: Month | None = None,
    first: int = 50,
    after: str | None = None,
) -> Page[SessionRow]:
    """The classes of a cohort, or all; planned for a month, or any; the latest first.

    Refuses `page_size_invalid`, `cursor_invalid`.
    """
    place = place_of(after, LATEST_FIRST.kind) if after else (None, None)
    rows = await connection.fetch(
        f"{_SELECT} where {_CHOSEN}"
        " and ($4::date is null or (planned_on, session_id) < ($4, $5::text))"
        " order by planned_on desc, session_id desc limit $6",
        cohort_id,
        month and month.first_day,
        month and month.last_day,
        *place,
        checked(first) + 1,
    )
    return page([_ROW(row) for row in rows], first, LATEST_FIRST.place)


async def count_sessions(
    connection: Connection, *, cohort_id: str | None = None, month: Month | None = None
) -> int:
    """How many classes `list_sessions` would list in all."""
    count: int = await connection.fetchval(
        f"select count(*) from {SESSIONS.table} where {_CHOSEN}",  # noqa: S608 - names of ours
        cohort_id,
        month and month.first_day,
        month and month.last_day,
    )
    return count


def chosen(
    rows: Iterable[SessionRow], *, cohort_id: str | None = None, month: Month | None = None
) -> list[SessionRow]:
    """Of rows in memory those that `count_sessions` would count."""
    return [
        row
        for row in rows
        if (cohort_id is None or row.cohort_id == cohort_id)
        and (month is None or Month.of(row.planned_on) == month)
    ]


async def get_session(
    connection: Connection, *, session_id: str | None = None, code: str | None = None
) -> SessionRow | None:
    """One class by id or by code, however the code is spelt."""
    row = await connection.fetchrow(
        f"{_SELECT} where ($1::text is null or session_id = $1)"
        " and ($2::text is null or code_key = $2) limit 1",
        session_id,
        None if code is None else number_key(code),
    )
    return None if row is None else _ROW(row)


def one_of(
    rows: Iterable[SessionRow], *, session_id: str | None = None, code: str | None = None
) -> SessionRow | None:
    """Of rows in memory the one that `get_session` would get."""
    key = None if code is None else number_key(code)
    asked = (
        row
        for row in rows
        if (session_id is None or row.session_id == session_id)
        and (key is None or row.code_key == key)
    )
    return next(asked, None)
