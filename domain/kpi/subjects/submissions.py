"""Months whose figures are to be submitted (上报) as a subject of KPIs (S54).

The figures of a month with go-lives are due by the 5th of the next. A month belongs to no batch and
to nobody.
"""

from collections.abc import Iterator
from datetime import UTC

from msgspec import Struct

from domain.kernel.values import Month
from domain.kpi.evidence import Basis, FirstSubmission
from domain.kpi.group import Keys
from domain.kpi.subject import Span, Subject
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


def states(basis: Basis) -> Iterator[tuple[SubmissionState, Keys]]:
    """The months of a group with a go-live by the day."""
    windows = basis.windows
    first = {one.month: one for one in basis.evidence.submissions}
    live: dict[Month, int] = {}
    for newcomer in basis.evidence.newcomers:
        window, began = windows.of(newcomer), windows.live_of(newcomer)
        if window and began:
            month = window.month
            live[month] = min(began.position, live.get(month, began.position))
    for month, position in sorted(live.items()):
        keys = Keys(month, None, None, None)
        if basis.group.contains(keys):
            yield _state(month, first.get(str(month)), position, basis), keys


SUBMISSIONS = Subject("submissions", states)


def _state(month: Month, first: FirstSubmission | None, live: int, basis: Basis) -> SubmissionState:
    day, zone = basis.day, basis.evidence.zone
    due = deadline_of("figures", month.next().first_day, str(zone), WorkingDays(()))
    submitted = first if first and first.at.astimezone(zone).date() <= day else None
    in_time = submitted is not None and due.is_met(submitted.at.astimezone(UTC))
    due_on = figures_due_on(month)
    return SubmissionState(
        month=month,
        submitted=submitted,
        in_time=in_time if due_on <= day else None,
        term=Span(month.first_day, due_on, basis.windows.in_force(month).number),
        origin_events=(live,),
    )
