"""Summaries written (培训总结完成率): in time, of the classes whose summary was due (S33)."""

from collections.abc import Iterable

from domain.kernel.values import Ratio
from domain.kpi.kpi import Example, Kpi
from domain.kpi.subjects.classes import CLASSES, ClassState
from domain.kpi.subjects.measure import Measure
from domain.kpi.subjects.newcomer_state import events_of


def _events(state: ClassState) -> Iterable[int]:
    facts, day = state.facts, state.day
    closing, summary = facts.closed_by(day), facts.summary
    known = (closing, summary if summary and summary.on <= day else None)
    return events_of(*(fact for fact in known if fact))


SUMMARY_WRITTEN = Kpi(
    slug="summary_written",
    source=("S33",),
    subject=CLASSES,
    numerator=Measure("classes_summed_up", lambda s: int(s.summed_up is True)),
    denominator=Measure("summaries_due", lambda s: int(s.summed_up is not None)),
    unit="percent",
    direction="higher_is_better",
    rule=lambda _: "summary_missing",
    events=_events,
    example=Example(Ratio(1, 2), "50.0%"),
)
