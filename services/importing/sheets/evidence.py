"""What rows of several kinds of sheets say of a person's trial, written exam and drill."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any, Protocol

import msgspec

from domain.kernel.facts import Facts
from domain.trainees.events import DRILL, FAILED, PASSED, WRITTEN
from domain.trainees.qualification import Exam, Trial
from domain.trainees.trainee import Trainee
from services.importing.comparing import contradiction, stating
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


class Score(msgspec.Struct, frozen=True):
    """A result; a word gives no score."""

    passed: fields.Passed
    score: fields.ExamPoints | None = None

    def is_said_by(self, result: Trial | Exam) -> bool:
        """Whether what is recorded says as much."""
        return result.passed == self.passed and self.score in (None, result.score)


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
    """A result that a row states. field: which does. day: the field of the day, None where the row
    has none and `on` is what sheets without one mean."""

    field: str
    said: Score
    on: date
    day: str | None = None

    def is_new(self, person: Trainee) -> bool:
        """Whether it is not recorded yet. Refuses `contradicts_recorded`.

        Without a day of its own a result that is recorded already is the same, whatever its day,
        and a later one is a resit.
        """
        recorded = [*_recorded(person, self.field)]
        if self.day is not None:
            return self._is_new_on_its_day(person, recorded)
        if any(map(self.said.is_said_by, recorded)):
            return False
        last = max((result.on for result in recorded), default=None)
        if last is not None and self.on <= last:
            raise contradiction(self.field, last, self.on)
        return True

    def _is_new_on_its_day(self, person: Trainee, recorded: list[Trial | Exam]) -> bool:
        of_day = [result for result in recorded if result.on == self.on]
        if of_day and not any(map(self.said.is_said_by, of_day)):
            raise contradiction(self.field, *_apart(of_day[-1], self.said))
        alike = [result.on for result in recorded if self.said.is_said_by(result)]
        guessed = {on for on in alike if on in _days_without_any(person)}
        if not of_day and guessed and (self.said.passed or self.said.score is not None):
            raise contradiction(self.day or self.field, max(guessed), self.on)
        return not of_day


def result_of(row: ResultsRow, field: str, on: date, day: str | None) -> Result | None:
    """The result that a row states in a field. on, day: as of Result."""
    said = getattr(row, field)
    if said is None:
        return None
    return Result(field, Score(said) if isinstance(said, bool) else said, on, day)


async def record_result(work: Work, row: ResultsRow, result: Result) -> None:
    """Records a result by the handler of its single command."""
    at, kind = result.field, KINDS[result.field]
    with stating(at, on=result.day or at, feedback="trial_feedback"):
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


def _days_without_any(person: Trainee) -> set[date | None]:
    """The days on which results are that a sheet gave no day for: see decisions/0006."""
    enrolled = person.employment.enrolled
    return {person.placement.live_on, person.employment.left_on, enrolled.entered_on}


def _apart(recorded: Trial | Exam, given: Score) -> tuple[str, str]:
    """Two results in words: by their scores, or by their verdicts where these alone differ."""
    verdicts = tuple(PASSED if one.passed else FAILED for one in (recorded, given))
    scores = (recorded.score, given.score)
    first, second = (
        verdict if score is None or scores[0] == scores[1] else f"{score:f}"
        for verdict, score in zip(verdicts, scores, strict=True)
    )
    return first, second
