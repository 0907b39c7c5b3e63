"""The list of leavers (离职): who left, and when."""

from typing import Annotated

import msgspec

from domain.kernel.values import number_key
from services.importing.comparing import answer
from services.importing.sheets.evidence import KINDS as RESULTS
from services.importing.sheets.kind import ReadBy, SheetKind, YesNo, as_day, as_prose, plain
from services.importing.sheets.people import PERSON, record_leaving, require_name
from services.importing.spellings import read_number
from services.kernel import fields
from services.kernel.handler import handler
from services.kernel.work import Work
from services.trainees import trainee


class ImportLeavingRow(msgspec.Struct, frozen=True):
    """Records what a row of a list of leavers (离职) states; a blank cell states nothing."""

    employee_no: Annotated[fields.EmployeeNo, ReadBy(plain(read_number))]
    left_on: Annotated[fields.LastDay, ReadBy(as_day)]
    name: fields.PersonName | None = None
    eliminated: YesNo = None
    leave_reason: Annotated[fields.Reason | None, ReadBy(as_prose)] = None


@handler
async def import_leaving_row(work: Work, row: ImportLeavingRow) -> str:
    """Records the leaving, or finds it recorded. Answers with the `outcome`.

    Refuses `name_differs`, `contradicts_recorded`, and what recordLeaving does.
    """
    last = await trainee.TRAINEES.get(work, row.employee_no)
    person = await trainee.enrolment_on(work, last, row.left_on)
    await require_name(work, person, row.name, row.employee_no)
    await record_leaving(work, person, row)
    answer(work, is_created=False)
    return person.id


LEAVINGS = SheetKind(
    slug="leavings",
    command=ImportLeavingRow,
    telling=("left_on",),
    foreign=tuple(RESULTS),
    keys=lambda row: [(PERSON, number_key(row.employee_no))],
)
