"""What no row says and is recorded all the same: who is new is on the post of sales, which decides
who counts, and a result without a day is one of the go-live or of another day of its row."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from domain.people.partner import POST
from domain.trainees.events import SALES
from services.importing.notes import few
from services.importing.read_sheet import ReadSheet, RowPlace, cell_place
from services.importing.report import Fault, Place, RowReport


def with_assumed(read: Sequence[ReadSheet], rows: Mapping[RowPlace, RowReport]) -> list[ReadSheet]:
    """The sheets, each with a note on whom it enrols on a post that it does not say, and on how
    many results it gives no day for."""
    return [
        msgspec.structs.replace(
            sheet, notes=[*sheet.notes, *_posts(sheet, rows), *_days(sheet, rows)]
        )
        for sheet in read
    ]


def _days(sheet: ReadSheet, rows: Mapping[RowPlace, RowReport]) -> Iterator[Fault]:
    told = ((one, rows.get((sheet.number, one.place.row))) for one in sheet.entries)
    new = ({*one.assumed()} & {*row.new} for one, row in told if row is not None and row.new)
    if count := sum(map(len, new)):
        yield Fault(Place(sheet.file, sheet.name), "days_assumed", {"count": count})


def _posts(sheet: ReadSheet, rows: Mapping[RowPlace, RowReport]) -> Iterator[Fault]:
    unsaid = [entry for entry in sheet.entries if POST not in entry.filled]
    told = (rows.get((sheet.number, entry.place.row)) for entry in unsaid)
    if new := [row for row in told if row is not None and POST in row.new]:
        place = cell_place(Place(sheet.file, sheet.name), unsaid[0].columns.get(POST))
        said: dict[str, Any] = {"count": len(new), "post": SALES}
        said |= {"rows": few([str(row.place.row) for row in new])}
        yield Fault(place, "posts_assumed", said | {"numbers": few([row.about for row in new])})
