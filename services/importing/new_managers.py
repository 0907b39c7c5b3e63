"""Managers whom nobody is under yet: named, since a mistyped name makes one."""

from collections.abc import Iterator, Sequence

import msgspec

from domain.kernel.values import name_key
from services.importing.identity import KnownPeople
from services.importing.notes import few
from services.importing.read_sheet import Entry, ReadSheet, cell_place
from services.importing.report import Fault, Place

MANAGER = "manager"


async def with_new_managers(read: Sequence[ReadSheet], people: KnownPeople) -> list[ReadSheet]:
    """The sheets, each with a note on the managers whom nobody is recorded under."""
    if not any(_named(one) for sheet in read for one in sheet.entries):
        return [*read]
    known = {name_key(name) for name in await people.managers()}
    return [
        msgspec.structs.replace(sheet, notes=[*sheet.notes, *_note(sheet, known)]) for sheet in read
    ]


def _note(sheet: ReadSheet, known: set[str]) -> Iterator[Fault]:
    new: dict[str, str] = {}
    for entry in sheet.entries:
        if (name := _named(entry)) and name_key(name) not in known:
            new.setdefault(name_key(name), name)
            column = entry.columns.get(MANAGER)
    if new:
        place = cell_place(Place(sheet.file, sheet.name), column)
        yield Fault(place, "managers_new", {"count": len(new), "managers": few([*new.values()])})


def _named(entry: Entry) -> str | None:
    """The manager whom a row names."""
    return getattr(entry.command, MANAGER, None)
