"""Who is recorded of a partner by which names, for whoever must tell people apart."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from domain.kernel.values import HAN, name_key
from projections.kernel.pinyin import reading, sort_key, untoned
from projections.people.named import list_known
from projections.trainees.cohort_roster import list_by_name, name_of
from services.importing.identity import Identity, NamedManager
from services.kernel.beside import beside
from services.reading.tables import Read

MOST_ALIKE = 3
"""Names that one may be mistyped for, as many as are told."""

FEWEST_LETTERS, FEWEST_CHARACTERS = 5, 4
"""Of a name in letters, and of one in Chinese, that is taken for another with any one letter, or
any one sound, of another kind: shorter ones are too often two people's."""

CONFUSED = {"zh": "z", "ch": "c", "sh": "s", "n": "l"}
"""How syllables begin that many do not tell apart, beside -an and -ang, -en and -eng, -in and
-ing."""

_HAN = re.compile(HAN)
_START = re.compile("^([zcs]h|[bpmfdtnlgkhjqxrzcsyw])")
_NASAL = re.compile("(?<=[aei])ng$")


class RecordedPeople:
    """Those who are recorded, as far as is projected. Implements services/importing/identity.py's
    KnownPeople."""

    def __init__(self, read: Read) -> None:
        self._read = read

    async def named(self, names: Collection[str]) -> list[Identity]:
        """Everybody who has one of these names."""
        keys = await beside(_sort_keys, names)
        rows = await self._read(lambda tenant: list_by_name(tenant, keys=keys))
        return [
            Identity(one.employee_no, name_of(row), one.cohort_code, one.entered_on)
            for row in rows
            for one in row.stays
        ]

    async def managers(self, names: Collection[str]) -> Mapping[str, NamedManager]:
        """These managers, by what rows call them."""
        known = await self._read(list_known)
        return await beside(_among, names, known)


def _sort_keys(names: Collection[str]) -> set[str]:
    return {sort_key(name) for name in names}


def _among(names: Collection[str], known: Collection[str]) -> dict[str, NamedManager]:
    alike, recorded = NamesAlike(known), frozenset(map(name_key, known))
    return {one: NamedManager(name_key(one) in recorded, alike.of(one)) for one in names}


class NamesAlike:
    """Finds the names among these for which another one may be mistyped."""

    def __init__(self, names: Collection[str]) -> None:
        self._by_slip = defaultdict[str, list[str]](list)
        for name in sorted(names):
            for slip in _slips(name):
                self._by_slip[slip].append(name)

    def of(self, name: str) -> list[str]:
        """Those that are nearest: but for case and spaces the same, else those that are read alike,
        else those that are one slip away."""
        found = {one for slip in _slips(name) for one in self._by_slip.get(slip, ())} - {name}
        far = {one: distance for one in found if (distance := _distance(name, one)) is not None}
        nearest = min(far.values(), default=None)
        return sorted(one for one, distance in far.items() if distance == nearest)[:MOST_ALIKE]


def _slips(name: str) -> set[str]:
    """What two names have in common that are read alike, or differ in one sound or character."""
    key = name_key(name)
    sounds = "".join(f"{start}{end} " for start, end in map(_confused, untoned(key)))
    return {key, f"{reading(name)} ", f"{sounds} ", *_without_one(key)} - {""}


def _without_one(key: str) -> Iterator[str]:
    return (key[:place] + key[place + 1 :] for place in range(len(key)))


def _distance(name: str, other: str) -> int | None:
    """How far two names are from each other; None where nobody takes one for the other."""
    one, two = name_key(name), name_key(other)
    if one == two:
        return 0
    if reading(name) == reading(other):
        return 1
    return 2 if _is_slip(*sorted((one, two), key=len)) else None


def _is_slip(shorter: str, longer: str) -> bool:
    """Whether one name is typed for the other by one slip: a character too many or too few, or
    another one; in Chinese one that sounds much like it, since most names have two or three."""
    is_chinese = _HAN.search(shorter) is not None
    if is_chinese is not (_HAN.search(longer) is not None):
        return False
    if not is_chinese and len(shorter) < FEWEST_LETTERS:
        return False
    if len(shorter) < len(longer):
        return shorter in _without_one(longer)
    if not is_chinese:
        return sum(a != b for a, b in zip(shorter, longer, strict=True)) == 1
    return _sounds_alike(shorter, longer)


def _sounds_alike(name: str, other: str) -> bool:
    """Whether two Chinese names of one length differ in one syllable, by a sound that many take for
    another; in long ones by any one sound of it."""
    said, heard = untoned(name), untoned(other)
    if len(said) != len(heard):
        return False
    apart = [(a, b) for a, b in zip(said, heard, strict=True) if a != b]
    if len(apart) != 1:
        return False
    one, two = (_sounds(syllable) for syllable in apart[0])
    has_one_alike = one[0] == two[0] or one[1] == two[1]
    is_confused = _confused(apart[0][0]) == _confused(apart[0][1])
    return has_one_alike and (is_confused or len(name) >= FEWEST_CHARACTERS)


def _sounds(syllable: str) -> tuple[str, str]:
    """How a syllable begins, and how it ends: `zhang` as `zh`, `ang`."""
    end = _START.sub("", syllable)
    return syllable.removesuffix(end), end


def _confused(syllable: str) -> tuple[str, str]:
    """The same, alike for sounds that many take for each other."""
    start, end = _sounds(syllable)
    return CONFUSED.get(start, start), _NASAL.sub("n", end)
