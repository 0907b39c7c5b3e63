"""Trials and exams: the evidence that the gate to the post asks for (S28, S35, S72).

A part of the trainee (domain/trainees/trainee.py), whose events these are.
"""

from datetime import date
from decimal import Decimal
from typing import Final

import msgspec
from eventsourcing.domain import event

from domain.kernel.aggregate import Aggregate
from domain.kernel.errors import NotFoundError, Refusal
from domain.trainees.employment import (
    LIVE,
    Change,
    Employee,
    in_force,
    require_news,
    require_reason,
)

WRITTEN: Final = "written"
DRILL: Final = "drill"
"""The two kinds of exams."""

NO_SHOW: Final = Decimal(0)
"""The score of whoever does not come to a makeup (S98)."""


class Result(msgspec.Struct, frozen=True):
    """The outcome of an exam, drill or trial on a day."""

    passed: bool
    on: date
    score: Decimal | None = None
    feedback: str | None = None


class Candidate(Employee):
    """Tried on the post, examined and drilled, perhaps more than once."""

    class TrialPassed(Aggregate.Event):
        """Passed the trial post (试岗), with written feedback (S28)."""

        TOPIC = "trainee.trial_passed"
        on: date
        feedback: str

    class TrialFailed(Aggregate.Event):
        """Failed the trial post, with written feedback (S28)."""

        TOPIC = "trainee.trial_failed"
        on: date
        feedback: str

    class TrialCorrected(Aggregate.Event):
        """A verdict had been typed wrong: this is how it was. number: which of all, from 1."""

        TOPIC = "trainee.trial_corrected"
        number: int
        on: date
        passed: bool
        feedback: str
        reason: str

    class WrittenExamRecorded(Aggregate.Event):
        """Sat the written exam (笔试)."""

        TOPIC = "trainee.written_exam_recorded"
        on: date
        passed: bool
        score: Decimal | None = None

    class DrillRecorded(Aggregate.Event):
        """Was put through the drill (演练)."""

        TOPIC = "trainee.drill_recorded"
        on: date
        passed: bool
        score: Decimal | None = None

    class MakeupMissed(Aggregate.Event):
        """Did not come to the makeup (补考) of an exam: a score of 0, which counts (S97, S98).

        kind: WRITTEN or DRILL.
        """

        TOPIC = "trainee.makeup_missed"
        on: date
        kind: str

    class ExamCorrected(Aggregate.Event):
        """A result had been typed wrong: this is how it was.

        kind: WRITTEN or DRILL. number: which of that kind, from 1.
        """

        TOPIC = "trainee.exam_corrected"
        kind: str
        number: int
        on: date
        passed: bool
        reason: str
        score: Decimal | None = None

    # decides

    def record_trial_verdict(self, *, passed: bool, on: date, feedback: str) -> None:
        """Refuses `feedback_missing`, `before_enrolment`, `after_leaving`, `already_live`."""
        self._require_trial(on, feedback)
        self.trigger_event(
            self.TrialPassed if passed else self.TrialFailed, on=on, feedback=feedback
        )

    def correct_trial_verdict(
        self, *, was_on: date, passed: bool, on: date, feedback: str, reason: str
    ) -> None:
        """Of a day's verdicts the one recorded last. Says all of it again.

        Refuses `trial_unknown`, what `record_trial_verdict` refuses, `reason_missing`,
        `nothing_to_correct`.
        """
        number = _number(self.trials, was_on)
        if number is None:
            raise NotFoundError(
                "trial_unknown", field="was_on", employee_no=self.employee_no, on=was_on
            )
        self._require_trial(on, feedback)
        require_reason(reason)
        require_news(self.trials[number - 1], Result(passed=passed, on=on, feedback=feedback))
        self.trigger_event(
            self.TrialCorrected,
            number=number,
            on=on,
            passed=passed,
            feedback=feedback,
            reason=reason,
        )

    def record_written_exam(self, *, passed: bool, on: date, score: Decimal | None) -> None:
        """Refuses `score_out_of_range`, `before_enrolment`, `after_leaving`."""
        self._require_exam(on, score)
        self.trigger_event(self.WrittenExamRecorded, on=on, passed=passed, score=score)

    def record_drill(self, *, passed: bool, on: date, score: Decimal | None) -> None:
        """Refuses `score_out_of_range`, `before_enrolment`, `after_leaving`."""
        self._require_exam(on, score)
        self.trigger_event(self.DrillRecorded, on=on, passed=passed, score=score)

    def miss_makeup(self, *, kind: str, on: date) -> None:
        """kind: WRITTEN or DRILL. Refuses `before_enrolment`, `after_leaving`."""
        self._require_employed(on)
        self.trigger_event(self.MakeupMissed, on=on, kind=kind)

    def correct_exam(
        self,
        *,
        kind: str,
        was_on: date,
        passed: bool,
        on: date,
        score: Decimal | None,
        reason: str,
    ) -> None:
        """kind: WRITTEN or DRILL; of a day's results the one recorded last. Says all of it again.

        Refuses `exam_unknown`, `score_out_of_range`, `before_enrolment`, `after_leaving`,
        `reason_missing`, `nothing_to_correct`.
        """
        results = self._exams(kind)
        number = _number(results, was_on)
        if number is None:
            raise NotFoundError(
                "exam_unknown", field="was_on", employee_no=self.employee_no, on=was_on
            )
        self._require_exam(on, score)
        require_reason(reason)
        require_news(results[number - 1], Result(passed=passed, on=on, score=score))
        self.trigger_event(
            self.ExamCorrected,
            kind=kind,
            number=number,
            on=on,
            passed=passed,
            score=score,
            reason=reason,
        )

    def missing_for_go_live(self, *, on: date, trial_required: bool) -> list[str]:
        """What the gate still asks for on that day; the last result up to it counts."""
        evidence = {"written_exam": self.written_exams, "drill": self.drills}
        if trial_required:
            evidence["trial"] = self.trials
        return [name for name, results in evidence.items() if not _passed(results, on)]

    def _require_trial(self, on: date, feedback: str) -> None:
        if not feedback.strip():
            raise Refusal("feedback_missing", field="feedback", employee_no=self.employee_no)
        self._require_employed(on)
        standing = in_force(self.standings, on)
        if standing == LIVE and Change(on, LIVE) not in self.standings:
            raise Refusal("already_live", field="on", employee_no=self.employee_no, on=self.live_on)

    def _require_exam(self, on: date, score: Decimal | None) -> None:
        self._require_employed(on)
        if score is not None and not 0 <= score <= 100:
            raise Refusal("score_out_of_range", field="score", score=str(score))

    def _exams(self, kind: str) -> list[Result]:
        return self.written_exams if kind == WRITTEN else self.drills

    # evolves

    def __init__(self, employee_no: str, entered_on: date, manager: str | None) -> None:
        super().__init__(employee_no, entered_on, manager)
        self.trials: list[Result] = []
        self.written_exams: list[Result] = []
        self.drills: list[Result] = []

    @event(TrialPassed)
    def _trial_passed(self, on: date, feedback: str) -> None:
        self.trials.append(Result(passed=True, on=on, feedback=feedback))

    @event(TrialFailed)
    def _trial_failed(self, on: date, feedback: str) -> None:
        self.trials.append(Result(passed=False, on=on, feedback=feedback))

    @event(TrialCorrected)
    def _trial_corrected(self, number: int, on: date, passed: bool, feedback: str) -> None:
        self.trials[number - 1] = Result(passed=passed, on=on, feedback=feedback)

    @event(WrittenExamRecorded)
    def _written_exam_recorded(self, on: date, passed: bool, score: Decimal | None) -> None:
        self.written_exams.append(Result(passed=passed, on=on, score=score))

    @event(DrillRecorded)
    def _drill_recorded(self, on: date, passed: bool, score: Decimal | None) -> None:
        self.drills.append(Result(passed=passed, on=on, score=score))

    @event(MakeupMissed)
    def _makeup_missed(self, on: date, kind: str) -> None:
        self._exams(kind).append(Result(passed=False, on=on, score=NO_SHOW))

    @event(ExamCorrected)
    def _exam_corrected(
        self, kind: str, number: int, on: date, passed: bool, score: Decimal | None
    ) -> None:
        self._exams(kind)[number - 1] = Result(passed=passed, on=on, score=score)


def _number(results: list[Result], on: date) -> int | None:
    """Which result is the last one recorded of a day, from 1."""
    numbers = [number for number, result in enumerate(results, 1) if result.on == on]
    return numbers[-1] if numbers else None


def _passed(results: list[Result], on: date) -> bool:
    """The last result up to the day is a pass; of one day's results the one recorded last."""
    known = [result for result in results if result.on <= on]
    return bool(known) and max(enumerate(known), key=lambda pair: (pair[1].on, pair[0]))[1].passed
