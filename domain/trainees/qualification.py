"""Trials and exams: the evidence that the gate to the post asks for (S28, S35, S72)."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Self

from msgspec import Struct
from msgspec.structs import replace

from domain.kernel.errors import Refusal
from domain.kernel.facts import Facts
from domain.kernel.values import seen
from domain.trainees.employment import Employment
from domain.trainees.events import (
    DRILL,
    WRITTEN,
    DrillRecorded,
    ExamCorrected,
    MakeupMissed,
    SpotChecked,
    TrialCorrected,
    TrialFailed,
    TrialPassed,
    WrittenExamRecorded,
)

Trial = TrialPassed | TrialFailed | TrialCorrected
Exam = WrittenExamRecorded | DrillRecorded | MakeupMissed | ExamCorrected


class Qualification(Struct, frozen=True):
    """The verdicts on the trial post, the results of exams of both kinds, and the spot checks."""

    trials: Facts[Trial] = Facts()
    exams: Facts[Exam] = Facts()
    checks: Facts[SpotChecked] = Facts()

    def exams_of(self, kind: str) -> Facts[Exam]:
        """The results of one kind: WRITTEN or DRILL."""
        return Facts(tuple(exam for exam in self.exams if exam.kind == kind))

    def require_passed(self, who: Employment, on: date, *, trial_required: bool) -> None:
        """Requires the evidence that the gate asks for on a day; the last result up to it counts.
        Refuses `gate_not_passed`, `gate_passed_later` where there is some of later days alone."""
        asked: dict[str, Facts[Any]] = {
            "written_exam": self.exams_of(WRITTEN),
            "drill": self.exams_of(DRILL),
        }
        if trial_required:
            asked["trial"] = self.trials
        lacking, later = list[str](), dict[str, date]()
        for name, results in asked.items():
            last = results.on(on)
            if last is not None and last.passed:
                continue
            after = [one.on for one in results if one.passed and one.on > on]
            if after:
                later[name] = min(after)
            else:
                lacking.append(name)
        if lacking:
            raise who.refuse("gate_not_passed", missing=lacking)
        if later:
            last_on = max(later.values())
            raise who.refuse("gate_passed_later", what=[*later], on=on, passed_on=last_on)

    def days(self) -> Iterator[date]:
        for facts in (self.trials, self.exams, self.checks):
            yield from (fact.on for fact in facts)

    def evolve(self, event: Trial | Exam | SpotChecked) -> Self:
        match event:
            case TrialPassed() | TrialFailed() | TrialCorrected():
                return replace(self, trials=self.trials.after(event))
            case WrittenExamRecorded() | DrillRecorded() | MakeupMissed() | ExamCorrected():
                return replace(self, exams=self.exams.after(event))
            case SpotChecked():
                return replace(self, checks=self.checks.after(event))


def require_feedback(who: Employment, feedback: str) -> None:
    if not seen(feedback):
        raise who.refuse("feedback_missing", "feedback")


def require_score(score: Decimal | None) -> None:
    if score is not None and not 0 <= score <= 100:
        raise Refusal("score_out_of_range", field="score", given=str(score))
