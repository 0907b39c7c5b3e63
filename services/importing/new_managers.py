"""Managers whom rows put somebody under for the first time: named, since a mistyped name makes
one."""

from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec

from domain.kernel.values import name_key
from services.importing.identity import KnownPeople
from services.importing.notes import few
from services.importing.read_sheet import Entry, ReadSheet, RowPlace, cell_place
from services.importing.report import Fault, Place, RowReport
from services.kernel.beside import beside

MANAGER = "manager"


def unknown_in(entry: Entry, unknown: Collection[str]) -> list[str]:
    """The fields of a row that name one of these managers."""
    named = getattr(entry.command, MANAGER, None) if unknown else None
    return [MANAGER] if named and name_key(named) in unknown else []


async def unknown_managers(read: Sequence[ReadSheet], people: KnownPeople) -> Collection[str]:
    """The managers whom rows name and nobody was ever under, as names are compared."""
    named = await beside(_keys, read)
    return named - {*await people.managers(named)} if named else named


def with_new_managers(
    read: Sequence[ReadSheet],
    rows: Mapping[RowPlace, RowReport],
    *,
    is_planned: bool,
) -> list[ReadSheet]:
    """The sheets, of which the first that puts somebody under an unknown manager has a note on all
    of these."""
    new: dict[str, str] = {}
    first: tuple[ReadSheet, Entry] | None = None
    for sheet, entry, name in _named(read):
        row = rows.get((sheet.number, entry.place.row))
        if row is not None and MANAGER in row.new and MANAGER in row.unknown:
            new.setdefault(name_key(name), name)
            first = first or (sheet, entry)
    if first is None:
        return [*read]
    noted, entry = first
    place = cell_place(Place(noted.file, noted.name), entry.columns.get(MANAGER))
    code = "managers_to_come" if is_planned else "managers_new"
    note = Fault(place, code, {"count": len(new), "managers": few([*new.values()])})
    return [
        msgspec.structs.replace(one, notes=[*one.notes, note]) if one is noted else one
        for one in read
    ]


def _keys(read: Sequence[ReadSheet]) -> set[str]:
    return {name_key(name) for _, _, name in _named(read)}


def _named(read: Sequence[ReadSheet]) -> Iterator[tuple[ReadSheet, Entry, str]]:
    """The rows that name a manager, each with the name."""
    for sheet in read:
        for entry in sheet.entries:
            if name := getattr(entry.command, MANAGER, None):
                yield sheet, entry, name
