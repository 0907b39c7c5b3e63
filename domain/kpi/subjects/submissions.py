"""Months whose figures are to be submitted (上报) as a subject of KPIs (S54).

The figures of a month with go-lives are due by the 5th of the next. A month belongs to no batch and
to nobody.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, tzinfo

from msgspec import Struct

from domain.kernel.values import Month
from domain.kpi.evidence import Basis, Evening, Evidence, FirstSubmission
from domain.kpi.group import Keys
from domain.kpi.subject import Span, Subject
from domain.kpi.subjects.window import DAY
from domain.planning.calendar import WorkingDays
from domain.planning.deadline import deadline_of, figures_due_on


class SubmissionState(Struct, frozen=True):
    """One month on the evening of a day. submitted: the first vintage, if it was by then.

    in_time: None before the day of the deadline. origin_events: that of a go-live in the
    month, by which its figures are due.
    """

    month: Month
    submitted: FirstSubmission | None
    in_time: bool | None
    term: Span
    origin_events: tuple[int, ...]
    trainee_id: None = None
    cohort_code: str = ""

    @property
    def subject_id(self) -> str:
        return str(self.month)

    label = subject_id


class LiveMonth(Struct, frozen=True):
    """A month with go-lives. lives: the first and the last evening on which each opens a window
    of the month, and its place in the log. submitted: the first vintage, whenever it was."""

    month: Month
    lives: list[tuple[date, date, int]]
    submitted: FirstSubmission | None


def _live_months(evidence: Evidence) -> list[LiveMonth]:
    first = {one.month: one for one in evidence.submissions}
    found: dict[Month, list[tuple[date, date, int]]] = {}
    for newcomer in evidence.newcomers:
        for live, first_on, last_on in evidence.windows.lives_of(newcomer):
            month = evidence.windows.from_day(live.on).month
            found.setdefault(month, []).append((first_on, last_on, live.position))
    return [LiveMonth(month, found[month], first.get(str(month))) for month in sorted(found)]


def _on(one: LiveMonth, evening: Evening) -> tuple[SubmissionState, Keys] | None:
    day, month, windows = evening.day, one.month, evening.windows
    live = [position for since, last, position in one.lives if since <= day <= last]
    if not live:
        return None
    due = deadline_of("figures", month.next().first_day, str(windows.zone), WorkingDays(()))
    submitted = one.submitted
    if submitted and _day_of(submitted, windows.zone) > day:
        submitted = None
    in_time = submitted is not None and due.is_met(submitted.at.astimezone(UTC))
    due_on = figures_due_on(month)
    state = SubmissionState(
        month=month,
        submitted=submitted,
        in_time=in_time if due_on <= day else None,
        term=Span(month.first_day, due_on, windows.in_force(month).number),
        origin_events=(min(live),),
    )
    return state, Keys(month, None, None, None)


def _turns(basis: Basis, *_: object) -> Callable[[LiveMonth], Iterator[date]]:
    zone = basis.evidence.zone

    def turns(one: LiveMonth) -> Iterator[date]:
        yield figures_due_on(one.month)
        for first, last, _ in one.lives:
            yield first
            if last != date.max:
                yield last + DAY
        if one.submitted:
            yield _day_of(one.submitted, zone)

    return turns


def _day_of(submission: FirstSubmission, zone: tzinfo) -> date:
    return submission.at.astimezone(zone).date()


SUBMISSIONS = Subject("submissions", _live_months, _on, _turns)
