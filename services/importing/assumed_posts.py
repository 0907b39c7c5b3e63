"""Posts that no row says: whoever is new is recorded as sales, which decides who counts."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from domain.people.partner import POST
from domain.trainees.events import SALES
from services.importing.read_sheet import ReadSheet, RowPlace, cell_place
from services.importing.report import Fault, Place, RowReport


def with_assumed_posts(
    read: Sequence[ReadSheet], rows: Mapping[RowPlace, RowReport]
) -> list[ReadSheet]:
    """The sheets, each with a note on how many it enrols on a post that it does not say."""
    return [
        msgspec.structs.replace(sheet, notes=[*sheet.notes, *_noted(sheet, rows)]) for sheet in read
    ]


def _noted(sheet: ReadSheet, rows: Mapping[RowPlace, RowReport]) -> Iterator[Fault]:
    unsaid = [entry for entry in sheet.entries if POST not in entry.filled]
    told = (rows.get((sheet.number, entry.place.row)) for entry in unsaid)
    if count := sum(row is not None and POST in row.new for row in told):
        place = cell_place(Place(sheet.file, sheet.name), unsaid[0].columns.get(POST))
        yield Fault(place, "posts_assumed", {"count": count, "post": SALES})
