"""When things are due: working days, deadlines, subjects, and what a cadence misses."""

from datetime import date, datetime
from enum import Enum
from typing import Annotated

import strawberry

from api.graphql.engine.context import Info
from domain.kernel.values import Month
from domain.planning.cadence import CADENCES, missed
from domain.planning.calendar import WorkingDays as Calendar
from domain.planning.deadline import deadline_of
from domain.reporting.report_name import report_name


@strawberry.enum(description="What is sent regularly, PLAN and FIGURES once a month.")
class ReportKind(Enum):
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    PLAN = "plan"
    FIGURES = "figures"


@strawberry.enum(description="What is sent under a subject of its own.")
class SentReport(Enum):
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@strawberry.enum
class Timeliness(Enum):
    ON_TIME = "on_time"
    LATE = "late"


@strawberry.enum(description="Whose training recurs.")
class CadenceKind(Enum):
    INDUCTION = "induction"
    REFRESHER = "refresher"
    SUPERVISORS = "supervisors"


@strawberry.enum(description="CALENDAR: every month or quarter. ROLLING: any stretch of days.")
class CadenceWay(Enum):
    CALENDAR = "calendar"
    ROLLING = "rolling"


@strawberry.type(description="A month by the statutory calendar, with the weekend days worked.")
class WorkingDays:
    month: str
    last_working_day: date
    days: list[date]
    calendar_version: str


@strawberry.type
class Deadline:
    due_at: datetime = strawberry.field(
        description="The first instant that is late, in the partner's zone."
    )
    is_soft: bool = strawberry.field(description="Late is recorded and shown, not scored.")
    verdict: Timeliness | None = strawberry.field(description="Null where no instant was given.")


@strawberry.type(description="A period, both days in it, with fewer days of training than due.")
class MissedPeriod:
    since: date
    until: date
    held: int
    due: int


DueOn = Annotated[
    date,
    strawberry.argument(
        description="For DAILY the day reported on; for WEEKLY a day of the week that ends with the"
        " Saturday; else a day of the month in which it is due."
    ),
]
At = Annotated[
    datetime | None, strawberry.argument(description="When the server accepted what was sent.")
]
SentOn = Annotated[
    date, strawberry.argument(description="For DAILY the day reported on, else the day of sending.")
]
Held = Annotated[
    list[date], strawberry.argument(description="On which there was training; a day counts once.")
]


@strawberry.type
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
    async def deadline(self, info: Info, report: ReportKind, on: DueOn, at: At = None) -> Deadline:
        zone = info.context.principal.zone
        deadline = deadline_of(report.value, on, zone, await _calendar(info))
        verdict = None
        if at is not None:
            verdict = Timeliness.ON_TIME if deadline.is_met(at) else Timeliness.LATE
        return Deadline(due_at=deadline.due_at, is_soft=deadline.is_soft, verdict=verdict)

    @strawberry.field
    async def report_subject(self, report: SentReport, name: str, on: SentOn) -> str:
        return report_name(report.value, name, on)

    @strawberry.field
    async def cadence(
        self,
        kind: CadenceKind,
        days: Held,
        since: date,
        until: date,
        way: CadenceWay = CadenceWay.CALENDAR,
    ) -> list[MissedPeriod]:
        return [
            MissedPeriod(since=gap.since, until=gap.until, held=gap.held, due=gap.due)
            for gap in missed(CADENCES[kind.value], days, since, until, way.value)
        ]


async def _calendar(info: Info) -> Calendar:
    return await info.context.system.working_days()
