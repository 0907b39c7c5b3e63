"""KPIs of induction classes: opened, held as planned, summed up (S31 to S34, S93)."""

from collections.abc import Iterable

from domain.kpi.kpi import Kpi
from domain.kpi.subjects.classes import CLASSES, ClassState
from domain.kpi.subjects.measure import Measure
from domain.kpi.subjects.newcomer_state import events_of
from domain.kpi.subjects.teaching import known_by


def _opening(state: ClassState) -> Iterable[int]:
    facts = state.facts
    return events_of(facts.plan, *facts.changes, known_by(state.day, facts.opening))


def _closing(state: ClassState) -> Iterable[int]:
    return events_of(known_by(state.day, state.facts.closing))


CLASS_OPENED_ON_TIME = Kpi(
    slug="class_opened_on_time",
    source=("S31",),
    subject=CLASSES,
    numerator=Measure("classes_opened_on_time", lambda s: int(s.on_time is True)),
    denominator=Measure("classes_due", lambda s: int(s.on_time is not None)),
    rule=lambda s: "opened_late" if known_by(s.day, s.facts.opening) else "not_opened",
    events=_opening,
)
"""Classes opened on time (按时开班率): on the planned day or earlier, of the classes due (S31)."""

DAILY_REPORT_COVERS_CLASS = Kpi(slug="daily_report_covers_class", source=("S32",), subject=CLASSES)
"""Daily report covers the class (日报反馈培训时间和人数): no report is recorded yet (S32)."""

SUMMARY_WRITTEN = Kpi(
    slug="summary_written",
    source=("S33",),
    subject=CLASSES,
    numerator=Measure("classes_summed_up", lambda s: int(s.summed_up is True)),
    denominator=Measure("summaries_due", lambda s: int(s.summed_up is not None)),
    rule=lambda _: "summary_missing",
    events=lambda s: (*_closing(s), *events_of(known_by(s.day, s.facts.summary))),
)
"""Summaries written (培训总结完成率): in time, of the classes whose summary was due (S33)."""

PLAN_KEPT = Kpi(
    slug="plan_kept",
    source=("S34",),
    subject=CLASSES,
    numerator=Measure("classes_as_planned", lambda s: int(s.deviations == ())),
    denominator=Measure("classes_judged", lambda s: int(s.deviations is not None)),
    rule=lambda s: s.deviations[0] if s.deviations else None,
    events=lambda s: (*_opening(s), *_closing(s)),
)
"""Plan kept (按计划实施率): classes without a major deviation, of those judged (S34)."""

ATTENDANCE_RATE = Kpi(slug="attendance_rate", source=("S93",), subject=CLASSES)
"""Attendance rate (出勤率): no sign-in is recorded yet (S93)."""
