"""Rows that look like the same person under two numbers: named, so that somebody looks."""

from collections.abc import Sequence
from typing import Any

import msgspec

from services.importing.read_sheet import ReadSheet
from services.importing.report import Fault, Place


def with_twins(read: Sequence[ReadSheet]) -> list[ReadSheet]:
    """The sheets with a note on each row that is another's twin, but for its number."""
    first: dict[Any, tuple[str, Place]] = {}
    noted = []
    for sheet in read:
        twins = []
        for entry in sheet.entries:
            said = entry.kind.alike(entry.command) if entry.command else None
            if said is None:
                continue
            number, place = first.setdefault(said[1], (said[0], entry.place))
            if number != said[0]:
                other = {"file": place.file, "sheet": place.sheet, "row": place.row}
                numbers = {"number": said[0], "like": number}
                twins.append(Fault(entry.place, "twin_in_file", numbers | other))
        noted.append(msgspec.structs.replace(sheet, notes=[*sheet.notes, *twins]))
    return noted
