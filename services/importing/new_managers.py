"""Managers whom rows put somebody under for the first time: named, since a mistyped name makes
one."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec

from domain.kernel.values import name_key, plain_name
from services.importing.identity import KnownPeople, NamedManager
from services.importing.notes import few
from services.importing.read_sheet import Entry, ReadSheet, RowPlace, cell_place
from services.importing.report import Fault, Place, RowReport
from services.kernel.beside import beside

MANAGER = "manager"

LIKE_ANOTHER = "manager_like_another"
"""What is said of a new manager who may be a known one mistyped."""

Managers = Mapping[str, NamedManager]
"""Those whom rows name, by what rows write, as they were known before the run."""


def unknown_in(entry: Entry, managers: Managers) -> list[str]:
    """The fields of a row that name a manager who is not on record."""
    named = managers.get(_written(entry))
    return [MANAGER] if named and not named.is_known else []


async def managers_in(read: Sequence[ReadSheet], people: KnownPeople) -> Managers:
    """The managers whom rows name."""
    named = await beside(_names, read)
    return await people.managers(named) if named else {}


def with_new_managers(
    read: Sequence[ReadSheet],
    rows: Mapping[RowPlace, RowReport],
    managers: Managers,
    *,
    is_planned: bool,
) -> list[ReadSheet]:
    """The sheets, each with a note on all new managers whom it puts somebody under, and one on each
    of them who may be a known one mistyped."""
    put = [_put_under(sheet, rows) for sheet in read]
    # To a run that is taken up again those are known whom its first part recorded.
    new = {name for its in put for name, lines in its.items() if any(map(_of_unknown, lines))}
    like = {
        name: known
        for written, its in managers.items()
        if (name := name_key(written)) in new
        and (known := [one for one in its.like if name_key(one) not in new])
    }
    code = "managers_to_come" if is_planned else "managers_new"
    noted = []
    for sheet, its in zip(read, put, strict=True):
        of_new = {name: [entry for entry, _ in its[name]] for name in its if name in new}
        notes = _notes(sheet, of_new, like, code) if of_new else ()
        noted.append(msgspec.structs.replace(sheet, notes=[*sheet.notes, *notes]))
    return noted


def _put_under(
    sheet: ReadSheet, rows: Mapping[RowPlace, RowReport]
) -> dict[str, list[tuple[Entry, RowReport]]]:
    """Manager, however spelt -> the rows of a sheet that put somebody under them, and what became
    of these."""
    put = defaultdict[str, list[tuple[Entry, RowReport]]](list)
    for entry in sheet.entries:
        row = rows.get((sheet.number, entry.place.row))
        if row is not None and MANAGER in row.new and (name := name_key(_written(entry))):
            put[name].append((entry, row))
    return put


def _of_unknown(line: tuple[Entry, RowReport]) -> bool:
    return MANAGER in line[1].unknown


def _notes(
    sheet: ReadSheet, put: Mapping[str, list[Entry]], like: Mapping[str, list[str]], code: str
) -> Iterator[Fault]:
    entries = [entry for its in put.values() for entry in its]
    place = cell_place(Place(sheet.file, sheet.name), entries[0].columns.get(MANAGER))
    names = {one: plain_name(_written(its[0])) for one, its in put.items()}
    said = {"count": len(put), "managers": few([*names.values()]), "rows": _numbers(entries)}
    yield Fault(place, code, said)
    named = _cells(sheet, [name for name in put if name in like])
    for name, cells in named.items():
        of = {"count": len(put[name]), "rows": _numbers(put[name])}
        yield Fault(place, LIKE_ANOTHER, {"manager": names[name], "like": like[name], **of}, cells)


def _cells(sheet: ReadSheet, managers: Collection[str]) -> dict[str, list[Place]]:
    """Manager -> all cells of a sheet that name them; none where a mapping does."""
    named: dict[str, list[Place]] = {name: [] for name in managers}
    for entry in sheet.entries if managers else ():
        name = name_key(_written(entry))
        if name in named and MANAGER in entry.columns:
            named[name].append(entry.place_of(MANAGER))
    return named


def _numbers(entries: Sequence[Entry]) -> list[str]:
    return few([str(number) for number in sorted(entry.place.row or 0 for entry in entries)])


def _names(read: Sequence[ReadSheet]) -> set[str]:
    """What rows write of managers."""
    return {_written(entry) for sheet in read for entry in sheet.entries} - {""}


def _written(entry: Entry) -> str:
    """The manager whom a row names, as it writes the name; none where it names nobody."""
    return getattr(entry.command, MANAGER, None) or ""
