"""The class sessions of a partner, with the facts that figures are counted from.

Rows are only chosen here; every figure is computed from them by domain/kpi. The text of a summary
stands beside the facts, since no figure needs it.
"""

from datetime import date
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from domain.kernel.aggregate import Recorded
from domain.kernel.values import Month, number_key
from domain.kpi.subjects import teaching
from domain.kpi.subjects.as_of import class_as_of
from domain.kpi.subjects.teaching import ClassFacts
from domain.teaching.session import Session
from projections.kernel.filters import CODE, OF_COHORT, InMonth
from projections.kernel.listing import Listing
from projections.kernel.projection import Projection, TenantTables
from projections.kernel.rows import together
from projections.kernel.whose import Whose

SessionStatus = Literal["planned", "opened", "closed", "cancelled"]


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

    @property
    def code(self) -> str:
        """The code under which the class was planned."""
        return self.facts.code

    @property
    def status(self) -> SessionStatus:
        """How far the class has come."""
        if self.facts.cancelling:
            return "cancelled"
        if self.facts.closing:
            return "closed"
        return "opened" if self.facts.opening else "planned"

    @property
    def opened_on(self) -> date | None:
        """The day on which it was held."""
        return self.facts.opening.on if self.facts.opening else None

    @property
    def closed_on(self) -> date | None:
        """The day on which it ended."""
        return self.facts.closing.on if self.facts.closing else None

    @property
    def summed_up_on(self) -> date | None:
        """The day on which the summary was written."""
        return self.facts.summary.on if self.facts.summary else None


def evolve(row: SessionRow | None, recorded: Recorded) -> SessionRow | None:
    """The row after an event. Raises LookupError for a class that was never planned."""
    event = recorded.event
    was = row.facts if row else None
    facts = teaching.evolve(was, event, recorded.position, recorded.recorded_at)
    if facts is None:
        return None
    summary = row.summary if row else None
    if isinstance(event, Session.SummaryWritten):
        summary = event.text
    return SessionRow(
        session_id=facts.session_id,
        code_key=number_key(facts.code),
        cohort_id=facts.cohort_id,
        cohort_code=facts.cohort_code,
        summary=summary,
        **_dated(facts, date.max),
    )


def as_of(row: SessionRow, day: date) -> SessionRow:
    """The row as of the evening of a day; a plan has no day but that of recording."""
    facts = class_as_of(row.facts, day)
    return replace(row, summary=row.summary if facts.summary else None, **_dated(facts, day))


def _dated(facts: ClassFacts, day: date) -> dict[str, Any]:
    """The facts and the columns of days; day: on whose evening the plan is in force."""
    days = [plan.planned_on for plan in (facts.plan, *facts.changes)]
    days += [fact.on for fact in (facts.opening, facts.closing) if fact]
    return {
        "planned_on": facts.plan_on(day).planned_on,
        "first_on": min(days),
        "last_on": max(days),
        "facts": facts,
    }


SESSIONS = Projection(
    name="sessions",
    version=1,
    row=SessionRow,
    primary_key=("session_id",),
    events=teaching.FOLD,
    evolve=evolve,
    indexes=(
        ("code_key",),
        ("planned_on", "session_id"),
        ("cohort_id", "planned_on", "session_id"),
        ("cohort_code",),
        ("last_on",),
    ),
)

SESSION_LIST = Listing[SessionRow](
    name="sessions",
    kind="Session",
    projection=SESSIONS,
    permission="read_attendance",
    filters={
        "cohort": OF_COHORT,
        "month": InMonth(column="planned_on", description="Of the planned day, YYYY-MM."),
    },
    unique={"code": CODE},
    order=("planned_on", "session_id"),
    descending=True,
    as_of=as_of,
    columns=(
        "code",
        "cohort_code",
        "status",
        "planned_on",
        "opened_on",
        "closed_on",
        "summed_up_on",
    ),
    whose=Whose(owners={"cohorts": "cohort_id", "sessions": "session_id", "plans": "cohort_id"}),
)
"""The latest planned first, by the plan in force."""

_FACTS = msgspec.json.Decoder(list[ClassFacts])
_TOGETHER = together(SESSIONS.table, "facts")


async def list_classes(
    tenant: TenantTables, *, cohort: str | None = None, month: Month | None = None
) -> list[ClassFacts]:
    """The facts of every class that may belong to a group, in no order; cohort: its code.

    With a month, all that were planned for a day of it, opened or ended in it: rather too many,
    since which month a class belongs to depends on the day that the figure is asked for.
    """
    statement = _TOGETHER
    values: list[Any] = []
    for condition, given in (
        (" and cohort_code = ${}", cohort),
        (" and last_on >= ${}", month and month.first_day),
        (" and first_on <= ${}", month and month.last_day),
    ):
        if given is not None:
            values.append(given)
            statement += condition.format(len(values) + 1)
    return _FACTS.decode(await tenant.fetchval(statement, *values))
