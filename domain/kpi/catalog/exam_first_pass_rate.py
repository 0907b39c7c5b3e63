"""Exam first-pass rate (笔试一次通过率): passed the first written exam, of all who sat one."""

from collections.abc import Iterable

from domain.kernel.values import Ratio
from domain.kpi.kpi import Example, Kpi
from domain.kpi.subjects.measure import Measure
from domain.kpi.subjects.newcomer_state import NewcomerState, events_of


def _passed_first(state: NewcomerState) -> int:
    return int(any(exam.passed for exam in state.written_exams[:1]))


def _events(state: NewcomerState) -> Iterable[int]:
    return events_of(*state.written_exams[:1])


EXAM_FIRST_PASS_RATE = Kpi(
    slug="exam_first_pass_rate",
    source=("S35", "S89"),
    numerator=Measure("passed_the_first_exam", _passed_first),
    denominator=Measure("sat_an_exam", lambda s: int(bool(s.written_exams))),
    unit="percent",
    direction="higher_is_better",
    population="examined",
    rule=lambda _: "first_exam_failed",
    events=_events,
    example=Example(Ratio(17, 18), "94.4%"),
)
