"""When what is sent regularly must have been sent, and its name (S47 to S51, S54).

A deadline is an instant that is already late: 24:00 of a day is 00:00:00 of the next. It is judged
by the instant at which the server accepted what was sent, in the partner's zone. Who owes what to
whom builds on this.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from domain.kernel.errors import Refusal
from domain.kernel.values import Month, required
from domain.planning.calendar import WorkingDays, require_reachable

ReportKind = Literal["daily", "weekly", "monthly", "plan", "figures"]
"""The daily, weekly and monthly report (日报, 周报, 月报), next month's training plan, and last
month's newcomers' figures."""

SentReport = Literal["daily", "weekly", "monthly"]

_TITLES: Mapping[SentReport, str] = MappingProxyType(
    {"daily": "日报", "weekly": "周报", "monthly": "月报"}
)
"""What the recipients sort by, in whatever language the sender reads."""

_EIGHT, _MIDNIGHT = time(8), time(0)
_SATURDAY = 5
_PLAN_DAY, _FIGURES_DAY = 25, 5


class Deadline(Struct, frozen=True):
    """When a report is late. due_at: the first instant that is, on the partner's wall clock.

    is_soft: being late is recorded and shown, not scored (T15).
    """

    due_at: datetime
    is_soft: bool

    def is_met(self, at: datetime) -> bool:
        """Whether what was accepted at an instant was on time. Refuses `instant_without_zone`."""
        if at.tzinfo is None:
            raise Refusal("instant_without_zone", instant=at.isoformat())
        return at < self.due_at.astimezone(UTC)


def deadline_of(report: ReportKind, on: date, zone: str, calendar: WorkingDays) -> Deadline:
    """The deadline of a report.

    on: for the daily report the day reported on; for the weekly one any day of the week that ends
    with the Saturday; for the others any day of the month in which they are due. zone: IANA name.
    """
    require_reachable(on)
    late_on = _last_day(report, on, calendar) + timedelta(days=1)
    is_daily = report == "daily"
    late_at = datetime.combine(late_on, _EIGHT if is_daily else _MIDNIGHT, ZoneInfo(zone))
    return Deadline(late_at, is_soft=is_daily)


def figures_due_on(month: Month) -> date:
    """The last day on the whole of which a month's figures are on time (S54)."""
    return month.next().first_day.replace(day=_FIGURES_DAY)


def newest_due(months: Iterable[Month], on: date) -> Month | None:
    """The newest of months whose figures are due by a day; None where no month's are."""
    return max((one for one in months if figures_due_on(one) <= on), default=None)


def report_name(report: SentReport, name: str, on: date) -> str:
    """The name of a report (S50): 日/周/月报-名字-年月日, as in 周报-杜玉璇-070718.

    on: the day reported on if daily, else the day of sending, which need not end a week (T13).
    Refuses `name_missing`.
    """
    return f"{_TITLES[report]}-{required(name, 'name')}-{on:%y%m%d}"


def _last_day(report: ReportKind, on: date, calendar: WorkingDays) -> date:
    """The last day on the whole of which it is on time."""
    if report == "daily":
        return on
    if report == "weekly":
        return on + timedelta(days=(_SATURDAY - on.weekday()) % 7)
    if report == "monthly":
        return calendar.last_working_day(Month.of(on))
    return on.replace(day=_PLAN_DAY) if report == "plan" else figures_due_on(Month.of(on).next(-1))
