"""The results sheet (成绩表): who sat which exam or trial on which day, and how it ended."""

from collections.abc import Iterator
from typing import Annotated

from msgspec.structs import replace

from domain.kernel.errors import Refusal
from domain.kernel.values import number_key
from services.importing.comparing import answer
from services.importing.facts import RowFact, StatedRow
from services.importing.sheets.evidence import (
    KINDS,
    Marks,
    Score,
    Verdict,
    WrittenFeedback,
    record_result,
    result_of,
    row_of,
)
from services.importing.sheets.kind import ReadBy, SheetKind, StayRecord, as_day, plain
from services.importing.sheets.people import PERSON, require_name
from services.importing.spellings import read_number
from services.kernel import fields
from services.kernel.handler import handler
from services.kernel.work import Work
from services.trainees import trainee

EXAMS = ("written_exam", "drill")

BESIDE = {"trial_verdict": ("trial_feedback",)}
"""What belongs to a result beside the field that states it."""


class ImportResultRow(StatedRow, frozen=True):
    """Records the results of one day that a row of a results sheet (成绩表) states; a blank cell
    states nothing.

    verdict: whether the exam of the row was passed, whatever its score.
    """

    employee_no: Annotated[fields.EmployeeNo, ReadBy(plain(read_number))]
    on: Annotated[fields.Day, ReadBy(as_day)]
    name: fields.PersonName | None = None
    written_exam: Marks = None
    drill: Marks = None
    verdict: Verdict = None
    trial_verdict: Verdict = None
    trial_feedback: WrittenFeedback = None


@handler
async def import_result_row(work: Work, row: ImportResultRow) -> str:
    """Records the results, or finds them recorded. Answers with the `outcome`.

    Refuses `name_differs`, `result_missing`, `verdict_of_which`, `contradicts_recorded`, and what
    the single commands do.
    """
    row = _with_verdict(row)
    stated = (result_of(row, field, row.on, is_dated=True) for field in KINDS)
    results = [one for one in stated if one is not None]
    if not results and not row.left:
        raise Refusal("result_missing")
    last = await trainee.TRAINEES.get(work, row.employee_no)
    person = await trainee.enrolment_on(work, last, row.on)
    await require_name(work, person, row.name, row.employee_no)
    for result in results:
        if result.field not in row.left:
            await record_result(work, person, row, result, "on")
    answer(work, is_created=False)
    return person.id


def _with_verdict(row: ImportResultRow) -> ImportResultRow:
    """The row whose exam has the verdict that stands in a column of its own."""
    exams = {field: said for field in EXAMS if (said := getattr(row, field)) is not None}
    refused = {*EXAMS} & {*row.left}
    if row.verdict is None or (refused and not exams):
        return row
    if len(exams) != 1 or refused:
        raise Refusal("verdict_of_which", field="verdict")
    [(field, said)] = exams.items()
    if said.score is None and said.passed is not row.verdict:
        raise Refusal("verdict_of_which", field="verdict")
    return replace(row, **{field: Score(row.verdict, said.score)})


def rows_of(record: StayRecord) -> Iterator[ImportResultRow]:
    """All results of a stay, each a row, in the order in which they were recorded."""
    number, known = record.stay.employee_no, record.stay.qualification
    for result in (*known.trials, *known.exams):
        yield ImportResultRow(number, result.on, record.name, **row_of(result))


RESULTS = SheetKind(
    slug="results",
    command=ImportResultRow,
    telling=tuple(KINDS),
    keys=lambda row: [(PERSON, number_key(row.employee_no))],
    foreign=("entered_on", "live_on", "left_on"),
    rows=rows_of,
    facts=tuple(RowFact((field, *BESIDE.get(field, ()))) for field in KINDS),
)
