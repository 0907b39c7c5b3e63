"""Rows that look like the same person under two numbers, or like two under one: named, so that
somebody looks."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from domain.kernel.values import name_key
from services.importing.identity import Identity, KnownPeople
from services.importing.read_sheet import ReadSheet
from services.importing.report import Fault, Place
from services.kernel.beside import beside


def with_twins(read: Sequence[ReadSheet]) -> list[ReadSheet]:
    """The sheets with a note on each row that is another's twin, but for its number, or that has
    the number of another and another name. Who came back may have another one from then on."""
    first: dict[Any, tuple[str, Place]] = {}
    named: dict[Any, tuple[str, Place]] = {}
    twins = defaultdict[int, list[Fault]](list)
    people = [*_people(read)]
    again = {(who.number, who.entered_on) for _, _, who in people if who.is_again}
    for sheet, at, who in people:
        like, place = first.setdefault(who.others, (who.number, at))
        if like != who.number:
            other = {"file": place.file, "sheet": place.sheet, "row": place.row}
            numbers = {"number": who.number, "like": like}
            twins[sheet].append(Fault(at, "twin_in_file", numbers | other))
        stay = (who.number, who.entered_on)
        name, place = named.setdefault(stay if stay in again else who.number, (who.name, at))
        if name_key(name) != name_key(who.name):
            said = {"number": who.number, "name": name, "file": place.file, "sheet": place.sheet}
            twins[sheet].append(Fault(at, "number_of_two", {**said, "row": place.row}))
    return _noted(read, twins)


async def with_recorded_twins(read: Sequence[ReadSheet], people: KnownPeople) -> list[ReadSheet]:
    """The sheets with a note on each row of somebody new who is the twin of somebody recorded."""
    recorded = await people.named(await beside(_names, read))
    return await beside(_with_twins_of, read, recorded)


def _names(read: Sequence[ReadSheet]) -> set[str]:
    return {who.name for _, _, who in _people(read)}


def _with_twins_of(read: Sequence[ReadSheet], known: Sequence[Identity]) -> list[ReadSheet]:
    recorded = defaultdict[Any, list[Identity]](list)
    for one in known:
        recorded[one.others].append(one)
    twins = defaultdict[int, list[Fault]](list)
    for sheet, at, who in _people(read):
        likes = recorded.get(who.others, [])
        if likes and who.number not in (like.number for like in likes):
            numbers = {"number": who.number, "like": likes[0].employee_no}
            twins[sheet].append(Fault(at, "twin_recorded", numbers))
    return _noted(read, twins)


def _people(read: Sequence[ReadSheet]) -> Iterator[tuple[int, Place, Identity]]:
    """Whom rows are about: the sheet's place among these, the row's, and who it is."""
    for index, sheet in enumerate(read):
        for entry in sheet.entries:
            if entry.command and (who := entry.kind.identity(entry.command)):
                yield index, entry.place, who


def _noted(read: Sequence[ReadSheet], twins: Mapping[int, list[Fault]]) -> list[ReadSheet]:
    return [
        msgspec.structs.replace(sheet, notes=[*sheet.notes, *twins[index]])
        if index in twins
        else sheet
        for index, sheet in enumerate(read)
    ]
