"""KPIs of trials (试岗), exams and the gate to the post (S27 to S29, S35, S72, S97 to S99)."""

from domain.kpi.kpi import POINT_PARTS, Kpi
from domain.kpi.rule import Rule
from domain.kpi.subjects.measure import (
    ENTERED,
    PASSED_A_TRIAL,
    TRIAL_BASE,
    TRIALS_COUNTED,
    TRIALS_JUDGED,
    WENT_LIVE,
    Measure,
)
from domain.kpi.subjects.newcomer_state import EXAMINING, JUDGING, NewcomerState, events_of
from domain.trainees.events import MakeupMissed, WentLive, WrittenExamRecorded


def _not_passed(state: NewcomerState) -> Rule:
    return "trial_failed" if state.trials else "no_trial"


def _passed_first(state: NewcomerState) -> int:
    return int(any(exam.passed for exam in state.written_exams[:1]))


def _scores(state: NewcomerState) -> int:
    return sum(int(score * POINT_PARTS) for _, score in state.scored_exams)


def _through_the_gate(state: NewcomerState) -> int:
    live_on = state.live_on
    passed = state.newcomer.passed
    return int(live_on is not None and all(passed(k, live_on) for k in ("written", "drill")))


TRIAL_PASS_RATE = Kpi(
    slug="trial_pass_rate",
    source=("S29",),
    numerator=TRIALS_COUNTED,
    denominator=TRIAL_BASE,
    population="trials_judged",
    rule=_not_passed,
    events=lambda s: events_of(*s.trials),
    withdrawn=lambda s: s.withdrawn(*JUDGING),
    facts="trials",
    is_headline=True,
)
"""Trial pass rate (试岗通过率): trials passed, of the trials with a verdict (T11)."""

TRIAL_PASS_RATE_OF_ENTERED = Kpi(
    slug="trial_pass_rate_of_entered",
    source=("S29",),
    numerator=PASSED_A_TRIAL,
    denominator=ENTERED,
    population="entered",
    rule=_not_passed,
    events=lambda s: events_of(*s.trials),
    withdrawn=lambda s: s.withdrawn(*JUDGING),
    facts="trials",
)
"""Trial pass rate of all who entered (全体试岗通过率): people who passed a trial, of all (T11)."""

TRIAL_FEEDBACK_COMPLETE = Kpi(
    slug="trial_feedback_complete",
    source=("S27", "S28"),
    numerator=Measure("trials_with_feedback", lambda s: sum(t.has_feedback for t in s.trials)),
    denominator=TRIALS_JUDGED,
    population="trials_judged",
    rule=lambda _: "feedback_missing",
    events=lambda s: events_of(*s.trials),
    withdrawn=lambda s: s.withdrawn(*JUDGING),
    facts="trials",
)
"""Trial feedback complete (试岗书面反馈): trials with written feedback, of those with a verdict."""

EXAM_FIRST_PASS_RATE = Kpi(
    slug="exam_first_pass_rate",
    source=("S35", "S89"),
    numerator=Measure("passed_the_first_exam", _passed_first),
    denominator=Measure("sat_an_exam", lambda s: int(bool(s.written_exams))),
    population="examined",
    rule=lambda _: "first_exam_failed",
    events=lambda s: events_of(*s.written_exams[:1]),
    withdrawn=lambda s: s.withdrawn(WrittenExamRecorded, MakeupMissed),
)
"""Exam first-pass rate (笔试一次通过率): passed the first written exam, of all who sat one."""

AVERAGE_EXAM_SCORE = Kpi(
    slug="average_exam_score",
    source=("S97", "S98", "S99"),
    numerator=Measure("hundredths_of_exam_points", _scores),
    denominator=Measure("hundredths_per_exam_score", lambda s: POINT_PARTS * len(s.scored_exams)),
    unit="points",
    population="examined",
    rule=lambda _: "scored_zero",
    events=lambda s: events_of(*(exam for exam, _ in s.scored_exams)),
    withdrawn=lambda s: s.withdrawn(WrittenExamRecorded, MakeupMissed),
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
    withdrawn=lambda s: s.withdrawn(WentLive, *EXAMINING),
)
"""Gate respected (严格执行上岗标准): went live with exam and drill passed, of all who went live."""
