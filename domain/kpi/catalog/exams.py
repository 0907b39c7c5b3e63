"""KPIs of the exams and of the gate to the post (S35, S72, S97 to S99)."""

from domain.kernel.values import Ratio
from domain.kpi.kpi import Example, Kpi
from domain.kpi.subjects.measure import WENT_LIVE, Measure
from domain.kpi.subjects.newcomer_state import NewcomerState, events_of

PARTS = 100
"""Scores are added up in hundredths of a point; what is finer than that is cut off."""


def _passed_first(state: NewcomerState) -> int:
    return int(any(exam.passed for exam in state.written_exams[:1]))


def _scores(state: NewcomerState) -> int:
    return sum(int(score * PARTS) for _, score in state.scored_exams)


def _through_the_gate(state: NewcomerState) -> int:
    live_on = state.live_on
    return int(live_on is not None and all(state.passed(k, live_on) for k in ("written", "drill")))


EXAM_FIRST_PASS_RATE = Kpi(
    slug="exam_first_pass_rate",
    source=("S35", "S89"),
    numerator=Measure("passed_the_first_exam", _passed_first),
    denominator=Measure("sat_an_exam", lambda s: int(bool(s.written_exams))),
    population="examined",
    rule=lambda _: "first_exam_failed",
    events=lambda s: events_of(*s.written_exams[:1]),
    example=Example(Ratio(17, 18), "94.4%"),
)
"""Exam first-pass rate (笔试一次通过率): passed the first written exam, of all who sat one."""

AVERAGE_EXAM_SCORE = Kpi(
    slug="average_exam_score",
    source=("S97", "S98", "S99"),
    numerator=Measure("hundredths_of_exam_points", _scores),
    denominator=Measure("hundredths_per_exam_score", lambda s: PARTS * len(s.scored_exams)),
    unit="points",
    population="examined",
    rule=lambda _: "scored_zero",
    events=lambda s: events_of(*(exam for exam, _ in s.scored_exams)),
    example=Example(Ratio(158_600, 1_900), "83.4"),
)
"""Average exam score (笔试平均分): the mean of all scores, a missed makeup being 0 (S98)."""

GATE_RESPECTED = Kpi(
    slug="gate_respected",
    source=("S35", "S72"),
    numerator=Measure("live_through_the_gate", _through_the_gate),
    denominator=WENT_LIVE,
    population="went_live",
    rule=lambda _: "exam_or_drill_not_passed",
    events=lambda s: (*events_of(*s.newcomer.exams), *s.live_events),
    example=Example(Ratio(18, 18), "100.0%"),
)
"""Gate respected (严格执行上岗标准): went live with exam and drill passed, of all who went live."""
