"""When things are due: working days, deadlines, subjects, and what a cadence misses."""

from datetime import date, datetime
from enum import Enum

import strawberry

from api.graphql.engine.arguments import taking
from api.graphql.engine.context import Info
from api.graphql.engine.outputs import list_of, output_of, showing
from domain.kernel.values import Month
from domain.planning.cadence import CADENCES, Missed, missed
from domain.planning.calendar import WorkingDays as Calendar
from domain.planning.deadline import deadline_of
from domain.reporting.report_name import report_name


@strawberry.enum
class ReportKind(Enum):
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    PLAN = "plan"
    FIGURES = "figures"


@strawberry.enum
class SentReport(Enum):
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@strawberry.enum
class Timeliness(Enum):
    ON_TIME = "on_time"
    LATE = "late"


@strawberry.enum
class CadenceKind(Enum):
    INDUCTION = "induction"
    REFRESHER = "refresher"
    SUPERVISORS = "supervisors"


@strawberry.enum
class CadenceWay(Enum):
    CALENDAR = "calendar"
    ROLLING = "rolling"


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
    verdict: Timeliness | None


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

    @strawberry.field
    async def deadline(
        self, info: Info, report: ReportKind, on: date, at: datetime | None = None
    ) -> Deadline:
        zone = info.context.principal.zone
        deadline = deadline_of(report.value, on, zone, await _calendar(info))
        verdict = None
        if at is not None:
            verdict = Timeliness.ON_TIME if deadline.is_met(at) else Timeliness.LATE
        return Deadline(due_at=deadline.due_at, is_soft=deadline.is_soft, verdict=verdict)

    @strawberry.field
    async def report_subject(self, report: SentReport, name: str, on: date) -> str:
        return report_name(report.value, name, on)

    @taking(answer=list_of(MISSED_PERIOD))
    async def cadence(
        self,
        info: Info,
        kind: CadenceKind,
        days: list[date],
        since: date,
        until: date,
        way: CadenceWay = CadenceWay.CALENDAR,
    ) -> tuple[Missed, ...]:
        return missed(CADENCES[kind.value], days, since, until, way.value)


async def _calendar(info: Info) -> Calendar:
    return await info.context.system.working_days()
