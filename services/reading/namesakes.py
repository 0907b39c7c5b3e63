"""Who is recorded of a partner by which names, for whoever must tell people apart."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from domain.kernel.values import name_key
from projections.kernel.pinyin import reading
from projections.trainees.cohort_roster import list_by_name, list_managers
from services.importing.identity import Identity, NamedManager
from services.kernel.beside import beside
from services.reading.lists import Read

MOST_ALIKE = 3
"""Names that one may be mistyped for, as many as are told."""


class RecordedPeople:
    """Those who are recorded, as far as is projected. Implements services/importing/identity.py's
    KnownPeople."""

    def __init__(self, read: Read) -> None:
        self._read = read

    async def named(self, names: Collection[str]) -> list[Identity]:
        """Everybody who has one of these names."""
        rows = await self._read(lambda tenant: list_by_name(tenant, names=names))
        return [
            Identity(row.employee_no, row.name, row.life.cohort_code, row.life.entered_on)
            for row in rows
        ]

    async def managers(self, names: Collection[str]) -> Mapping[str, NamedManager]:
        """These managers, by their names as `known_as` says them."""
        known = await self._read(list_managers)
        return await beside(_among, names, known)


def _among(names: Collection[str], known: Collection[str]) -> dict[str, NamedManager]:
    alike, recorded = NamesAlike(known), frozenset(known)
    return {name: NamedManager(name in recorded, alike.of(name)) for name in names}


class NamesAlike:
    """Finds the names among these for which another one may be mistyped."""

    def __init__(self, names: Collection[str]) -> None:
        self._by_slip = defaultdict[str, list[str]](list)
        for name in sorted(names):
            for slip in _slips(name):
                self._by_slip[slip].append(name)

    def of(self, name: str) -> list[str]:
        """Those that are nearest: but for case and spaces the same, else those that are read alike,
        else those that are one character away."""
        found = {one for slip in _slips(name) for one in self._by_slip.get(slip, ())} - {name}
        far = {one: distance for one in found if (distance := _distance(name, one)) is not None}
        nearest = min(far.values(), default=None)
        return sorted(one for one, distance in far.items() if distance == nearest)[:MOST_ALIKE]


def _slips(name: str) -> set[str]:
    """What two names have in common that are read alike or differ in one character."""
    key = name_key(name)
    return {key, f"{reading(name)} ", *_without_one(key)} - {""}


def _without_one(key: str) -> Iterator[str]:
    return (key[:place] + key[place + 1 :] for place in range(len(key)))


def _distance(name: str, other: str) -> int | None:
    """How far two names are from each other; None where nobody takes one for the other."""
    one, two = name_key(name), name_key(other)
    if one == two:
        return 0
    if reading(name) == reading(other):
        return 1
    shorter, longer = sorted((one, two), key=len)
    if len(shorter) < len(longer):
        return 2 if shorter in _without_one(longer) else None
    return 2 if sum(a != b for a, b in zip(one, two, strict=True)) == 1 else None
