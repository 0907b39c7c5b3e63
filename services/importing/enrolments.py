"""Why a row's person is unknown: where a row of the same import that would enrol them was refused,
that one is to be mended, and not the number."""

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from domain.kernel.values import number_key
from services.importing.read_sheet import RowPlace
from services.importing.report import Fault, Place, RowReport
from services.importing.sheets.roster import ROSTER

UNKNOWN_TRAINEE = "trainee_unknown"


def with_refused_enrolments(rows: Mapping[RowPlace, RowReport]) -> dict[RowPlace, RowReport]:
    """The rows, of which those name the refused enrolment that nobody is known for lack of it."""
    refused = dict(_refused(rows))
    return {at: _naming(row, refused) for at, row in rows.items()} if refused else {**rows}


def _refused(rows: Mapping[RowPlace, RowReport]) -> Iterator[tuple[str, Place]]:
    """Numbers that would have been enrolled, each with its row."""
    for row in rows.values():
        if row.kind == ROSTER.slug and row.about and not row.stands:
            yield number_key(row.about), row.place


def _naming(row: RowReport, refused: Mapping[str, Place]) -> RowReport:
    reasons = [_named(one, refused) for one in row.reasons]
    return replace(row, reasons=reasons) if reasons != row.reasons else row


def _named(fault: Fault, refused: Mapping[str, Place]) -> Fault:
    """The fault without a cell to mend, where its person's enrolment is what was refused."""
    if fault.code != UNKNOWN_TRAINEE:
        return fault
    number = fault.params["employee_no"]
    if (at := refused.get(number_key(str(number)))) is None:
        return fault
    said = {"employee_no": number, "sheet": at.sheet, "row": at.row}
    return Fault(replace(fault.place, column=None), "enrolment_refused", said)
