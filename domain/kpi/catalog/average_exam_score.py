"""Average exam score (笔试平均分): the mean of all scores, a missed makeup being 0 (S98)."""

from collections.abc import Iterable

from domain.kernel.values import Ratio
from domain.kpi.kpi import Example, Kpi
from domain.kpi.subjects.measure import Measure
from domain.kpi.subjects.newcomer_state import NewcomerState, events_of

PARTS = 100
"""Scores are added up in hundredths of a point; what is finer than that is cut off."""


def _scores(state: NewcomerState) -> int:
    return sum(int(score * PARTS) for _, score in state.scored_exams)


def _possible(state: NewcomerState) -> int:
    return PARTS * len(state.scored_exams)


def _events(state: NewcomerState) -> Iterable[int]:
    return events_of(*(exam for exam, _ in state.scored_exams))


AVERAGE_EXAM_SCORE = Kpi(
    slug="average_exam_score",
    source=("S97", "S98", "S99"),
    numerator=Measure("hundredths_of_exam_points", _scores),
    denominator=Measure("hundredths_per_exam_score", _possible),
    unit="points",
    direction="higher_is_better",
    population="examined",
    rule=lambda _: "scored_zero",
    events=_events,
    example=Example(Ratio(158_600, 1_900), "83.4"),
)
