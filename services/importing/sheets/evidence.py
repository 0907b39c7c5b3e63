"""What rows of several kinds of sheets say of a person's trial, written exam and drill."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any, Protocol

import msgspec

from domain.kernel.aggregate import Happening
from domain.kernel.facts import Facts
from domain.trainees.events import (
    DRILL,
    FAILED,
    PASSED,
    WRITTEN,
    DrillRecorded,
    TrialFailed,
    TrialPassed,
    WrittenExamRecorded,
)
from domain.trainees.qualification import Exam, Trial
from domain.trainees.trainee import Trainee
from services.importing.comparing import contradiction, note, stating, tell_new
from services.importing.facts import ASSUMED
from services.importing.sheets.kind import ReadBy, Reading, as_prose, plain
from services.importing.spellings import PASS_MARK, read_score, read_verdict
from services.importing.workbook import Cell
from services.kernel import fields
from services.kernel.work import Work
from services.trainees import trainee
from services.words.texts import Texts

KINDS: Mapping[str, fields.ExamKind | None] = MappingProxyType(
    {"trial_verdict": None, "written_exam": WRITTEN, "drill": DRILL}
)
"""The fields that state a result, each with its kind of exam; the trial is none."""

STATED_IN: Mapping[str, str] = MappingProxyType(
    {
        TrialPassed.TOPIC: "trial_verdict",
        TrialFailed.TOPIC: "trial_verdict",
        WrittenExamRecorded.TOPIC: "written_exam",
        DrillRecorded.TOPIC: "drill",
    }
)
"""The topic of a result -> the field that states it."""


class Score(msgspec.Struct, frozen=True):
    """A result; a word gives no score."""

    passed: fields.Passed
    score: fields.ExamPoints | None = None

    def is_like(self, result: Trial | Exam) -> bool:
        """Whether what is recorded says the same; a word alone is like any score of its verdict."""
        is_word = self.score is None or result.score is None
        return result.passed == self.passed and (is_word or self.score == result.score)


def as_score(cell: Cell, how: Reading) -> Score:
    """An exam's outcome by the sheet's pass mark."""
    return Score(*read_score(cell, pass_mark=how.pass_mark))


def score_cell(value: Score, texts: Texts) -> Any:
    """The score alone where it says by itself what it is, else with the verdict."""
    score, verdict = value.score, verdict_cell(value.passed, texts)
    if score is None:
        return verdict
    says_itself = (score >= PASS_MARK) is value.passed and not 0 < score <= 1
    return score if says_itself else f"{score:f}% {verdict}"


def verdict_cell(passed: bool, texts: Texts) -> str:
    return texts(f"passed.{'yes' if passed else 'no'}")


Verdict = Annotated[bool | None, ReadBy(plain(read_verdict), verdict_cell)]
WrittenFeedback = Annotated[fields.Feedback | None, ReadBy(as_prose)]
Marks = Annotated[Score | None, ReadBy(as_score, score_cell)]


class ResultsRow(Protocol):
    """A row that states results."""

    @property
    def employee_no(self) -> str: ...
    @property
    def trial_verdict(self) -> bool | None: ...
    @property
    def trial_feedback(self) -> str | None: ...
    @property
    def written_exam(self) -> Score | None: ...
    @property
    def drill(self) -> Score | None: ...


class Result(msgspec.Struct, frozen=True):
    """A result that a row states. field: which does. on: its day, or where is_dated is not said
    what sheets without one mean."""

    field: str
    said: Score
    on: date
    is_dated: bool

    async def is_new(self, work: Work, person: Trainee) -> bool:
        """Whether it is not recorded yet. Refuses `contradicts_recorded`.

        Without a day of its own a result that is recorded already is the same, whatever its day,
        and a later one is a resit. With one it is the same as one of that day, and cannot be told
        from one whose day was assumed.
        """
        recorded = [*_recorded(person, self.field)]
        of_day = [one for one in recorded if one.on == self.on] if self.is_dated else recorded
        if alike := [*filter(self.said.is_like, of_day)]:
            self._note_score(work, alike)
            return False
        if self.is_dated and of_day:
            raise contradiction(self.field, *_apart(of_day[-1], self.said))
        if self.is_dated:
            last = await self._last_assumed(work, person, recorded)
        else:
            last = max((one.on for one in recorded if one.on >= self.on), default=None)
        if last is not None:
            raise contradiction(self.field, last, self.on)
        return True

    async def _last_assumed(
        self, work: Work, person: Trainee, recorded: Sequence[Trial | Exam]
    ) -> date | None:
        """The last day that was assumed of a result that says the same."""
        alike = [*filter(self.said.is_like, recorded)]
        assumed = await _assumed(work, person) if alike else ()
        return max((one.on for one in alike if one.fact_id in assumed), default=None)

    def _note_score(self, work: Work, alike: Sequence[Trial | Exam]) -> None:
        """Says of a score that it is not recorded, where that of the same result is unknown."""
        if self.said.score is not None and all(one.score is None for one in alike):
            note(work, "score_not_recorded", self.field, score=f"{self.said.score:f}")


def result_of(row: ResultsRow, field: str, on: date, *, is_dated: bool) -> Result | None:
    """The result that a row states in a field. on, is_dated: as of Result."""
    said = getattr(row, field)
    if said is None:
        return None
    return Result(field, Score(said) if isinstance(said, bool) else said, on, is_dated)


async def record_result(
    work: Work, person: Trainee, row: ResultsRow, result: Result, day: str
) -> None:
    """Records a result by the handler of its single command, if it is new. day: the field of its
    day."""
    if not await result.is_new(work, person):
        return
    at, kind = result.field, KINDS[result.field]
    with stating(at, on=day if result.is_dated else at, feedback="trial_feedback"):
        if kind is None:
            judged = trainee.RecordTrialVerdict(
                row.employee_no,
                PASSED if result.said.passed else FAILED,
                result.on,
                row.trial_feedback or "",
            )
            await trainee.record_trial_verdict(work, judged)
        else:
            marked = trainee.RecordExamResult(
                row.employee_no, kind, result.said.passed, result.on, result.said.score
            )
            await trainee.record_exam_result(work, marked)
    tell_new(work, at)


def unmet(row: Any, field: str, pass_mark: int) -> tuple[str, dict[str, Any]] | None:
    """What a result that a row states in a field says of a go-live that it does not let in: the
    code and params of a fault; None where it is passed, or none."""
    said: Score | bool | None = getattr(row, field)
    passed, score = (said.passed, said.score) if isinstance(said, Score) else (said, None)
    if passed is not False:
        return None
    if score is not None and score < pass_mark:
        return "score_below_mark", {"score": f"{score:f}", "mark": pass_mark}
    return "result_failed", {}


def row_of(result: Trial | Exam) -> dict[str, Any]:
    """The fields by which a row states a result."""
    field = next(name for name, kind in KINDS.items() if kind == getattr(result, "kind", None))
    if field == "trial_verdict":
        return {field: result.passed, "trial_feedback": getattr(result, "feedback", None)}
    return {field: Score(result.passed, result.score)}


def result_on(person: Trainee, field: str, day: date) -> Trial | Exam | None:
    """The result of a field's kind that held on a day."""
    return _recorded(person, field).on(day)


def _recorded(person: Trainee, field: str) -> Facts[Any]:
    kind, known = KINDS[field], person.qualification
    return known.trials if kind is None else known.exams_of(kind)


def is_assumed(topic: str, source: Mapping[str, Any]) -> bool:
    """Whether an import assumed the day of what an event says, see infra/decisions/0006."""
    return STATED_IN.get(topic) in source.get(ASSUMED, ())


async def _assumed(work: Work, person: Trainee) -> Collection[int]:
    """The results whose day an import assumed and is what it was; a correction of anything else
    leaves it one that nobody gave."""
    days: dict[int, date] = {}
    for one in await work.ctx.log.since(work.ctx.principal.tenant, person.id, 0):
        if not isinstance(event := one.event, Happening):
            continue
        if is_assumed(event.TOPIC, one.source):
            days[event.fact_id] = event.day
        elif days.get(event.fact_id) != event.day:
            days.pop(event.fact_id, None)
    return days.keys()


def _apart(recorded: Trial | Exam, given: Score) -> tuple[str, str]:
    """Two results in words: by their scores, or by their verdicts where these alone differ."""
    verdicts = tuple(PASSED if one.passed else FAILED for one in (recorded, given))
    scores = (recorded.score, given.score)
    first, second = (
        verdict if score is None or scores[0] == scores[1] else f"{score:f}"
        for verdict, score in zip(verdicts, scores, strict=True)
    )
    return first, second
