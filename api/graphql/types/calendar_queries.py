"""When things are due: working days, deadlines, subjects, and what a cadence misses."""

from datetime import date, datetime
from typing import Any

import strawberry

from api.graphql.engine.arguments import taking
from api.graphql.engine.context import Info
from api.graphql.engine.enums import CADENCE_KIND, CADENCE_WAY, REPORT_KIND, SENT_REPORT, TIMELINESS
from api.graphql.engine.inputs import list_of
from api.graphql.engine.outputs import output_of, showing
from domain.kernel.values import Month
from domain.planning.cadence import CADENCES, Missed, missed
from domain.planning.calendar import WorkingDays as Calendar
from domain.planning.deadline import deadline_of, report_name

MISSED_PERIOD = output_of(Missed, "MissedPeriod")


@showing()
class WorkingDays:
    """A month by the statutory calendar, with the weekend days worked."""

    month: str
    last_working_day: date
    days: list[date]
    calendar_version: str


@strawberry.type
class Deadline:
    due_at: datetime
    is_soft: bool
    verdict: str | None = strawberry.field(graphql_type=TIMELINESS | None)


@showing()
class CalendarQueries:
    """Of no tenant's data: what the calendar (S49; G8, G9), the deadlines (S47 to S54; G10), the
    subjects (S50; G18) and the cadences (S74, S75, S79; G19) say of given days."""

    @strawberry.field
    async def working_days(self, info: Info, month: str) -> WorkingDays:
        asked = Month.parse(month)
        calendar = await _calendar(info)
        days = calendar.of(asked)
        return WorkingDays(
            month=str(asked),
            last_working_day=days[-1],
            days=days,
            calendar_version=calendar.version,
        )

    @taking(report=REPORT_KIND)
    async def deadline(
        self, info: Info, report: Any, on: date, at: datetime | None = None
    ) -> Deadline:
        zone = info.context.principal.zone
        deadline = deadline_of(report.value, on, zone, await _calendar(info))
        verdict = None
        if at is not None:
            verdict = "on_time" if deadline.is_met(at) else "late"
        return Deadline(due_at=deadline.due_at, is_soft=deadline.is_soft, verdict=verdict)

    @taking(report=SENT_REPORT)
    async def report_subject(self, info: Info, report: Any, name: str, on: date) -> str:
        return report_name(report.value, name, on)

    @taking(answer=list_of(MISSED_PERIOD), kind=CADENCE_KIND, way=CADENCE_WAY)
    async def cadence(
        self,
        info: Info,
        kind: Any,
        days: list[date],
        since: date,
        until: date,
        way: Any = CADENCE_WAY.CALENDAR,
    ) -> tuple[Missed, ...]:
        return missed(CADENCES[kind.value], days, since, until, way.value)


async def _calendar(info: Info) -> Calendar:
    return await info.context.system.working_days()
