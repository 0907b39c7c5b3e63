"""The names that are put to rows in which people have ids."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from operator import attrgetter
from typing import Any, ClassVar, Protocol, TypeVar

import msgspec

from domain.kernel.errors import NotFoundError, Refusal
from domain.kernel.values import is_storable, plain_name, typed_key
from domain.people.person import Person
from projections.kernel.listing import Listing
from projections.kernel.names import PeopleNames
from projections.people.named import NamedPerson
from projections.people.people import PERSON_LIST, PersonRow
from services.reading.purviews import PurviewReader

R = TypeVar("R", bound=msgspec.Struct)


class Labelled(Protocol):
    """A group, its key and what people call it."""

    __dataclass_fields__: ClassVar[dict[str, Any]]
    key: str
    label: str


L = TypeVar("L", bound=Labelled)


async def list_people(reader: PurviewReader, ids: Iterable[str]) -> dict[str, str]:
    """The names of people by their ids, as the reader reads them."""
    names, wanted = PeopleNames(of=PERSON_LIST, row=None, ids={}), sorted({*ids})
    known = await _known(reader, names, wanted)
    called = names.called(known)
    return {one: name for one in wanted if (name := called.get(one))}


class Named(msgspec.Struct, frozen=True):
    """What somebody is called. label: whereby those of one name are told apart."""

    name: str
    label: str


async def list_named(reader: PurviewReader, ids: Iterable[str]) -> dict[str, Named]:
    """What these people are called by their ids: two of one name are told apart by their numbers.
    Who has no name, since the person was forgotten, is called by the id."""
    names, wanted = PeopleNames(of=PERSON_LIST, row=None, ids={}), sorted({*ids})
    known = await _known(reader, names, wanted)
    kept = {one: getattr(known.get(one), "joined_into", None) or one for one in wanted}
    names_of = names.called(known)
    called = {one: names_of.get(one) or one for one in wanted}
    shared = Counter(name for name, _ in {(called[one], kept[one]) for one in wanted})

    def label(one: str, name: str) -> str:
        if shared[name] == 1:
            return name
        return f"{name} ({known[kept[one]].number or f'…{kept[one][-4:]}'})"

    return {one: Named(name, label(one, name)) for one, name in called.items()}


async def labelled(reader: PurviewReader, groups: Iterable[L]) -> list[L]:
    """Groups of people with what these are called, in that order. groups: with the ids for keys."""
    found = {one.key: one for one in groups}
    called = await list_named(reader, found)
    its = [replace(one, label=called[key].label) for key, one in found.items()]
    return sorted(its, key=attrgetter("label"))


async def with_names(reader: PurviewReader, listing: Listing[R], rows: Sequence[R]) -> Sequence[R]:
    """The rows with the names of those whom they name by their ids. Whom a row belongs to is named
    wherever the row may be read, others only where they are within the reader's purview."""
    for names in listing.names if rows else ():
        known = await _known(reader, names, names.wanted(rows))
        called = names.called(known)
        rows = [names.added(row, called) for row in rows]
        if names.others and (strangers := await reader.strangers(names.of, [*known])):
            rows = [names.without_others(row, strangers) for row in rows]
    return rows


async def named_rows(
    reader: PurviewReader, listing: Listing[R], ids: Sequence[str]
) -> dict[str, R]:
    """What rows that may be read name of a list, by id, whosever it is. Raises NotFoundError
    `cohort_unknown` and the like."""
    found = await reader.named(listing, ids)
    if lost := [one for one in ids if one not in found]:
        raise NotFoundError(f"{listing.singular}_unknown", code=lost[0])
    return dict(zip(found, await with_names(reader, listing, [*found.values()]), strict=True))


async def ids_before_joining(reader: PurviewReader, said: str) -> frozenset[str]:
    """The ids of everybody of the staff whom an id, a number or a name may mean, also of who was
    joined into another the own: who that is, the facts say, which are of another state than names
    (`named_here`). A trainee is nobody's manager, and hides none of the same name."""
    return frozenset(one.person_id for one in await _rows_called(reader, said))


async def ids_after_joining(reader: PurviewReader, said: str) -> frozenset[str]:
    """The ids of the same people, of who was joined into another the other's: as lists have
    them."""
    return frozenset(one.joined_into or one.person_id for one in await _rows_called(reader, said))


async def _rows_called(reader: PurviewReader, said: str) -> list[PersonRow]:
    if not is_storable(said):
        return []
    if said.startswith(f"{Person.TOPIC}-"):
        return [*(await reader.named(PERSON_LIST, [said])).values()]
    keys = {"number_key": typed_key(said), "name": plain_name(said)}
    wanted = {column: [key] for column, key in keys.items() if key}
    rows = await reader.rows_with(PERSON_LIST, **wanted) if wanted else ()
    return [one for one in rows if one.is_staff]


async def with_ids(
    reader: PurviewReader, listing: Listing[Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """The values of a list's filters with the ids of the people whom they mean; of several who are
    called so, of whom something is in the list. Refuses `person_not_certain`."""
    found = dict(given)
    for name, one in listing.filters.items():
        said = given.get(name)
        if said is not None and isinstance(one, NamedPerson):
            # A page, its count and its sums ask alike.
            key = ("meant", listing.name, listing.is_whole, name, said)
            found[name] = await reader.once(key, partial(_meant, reader, listing, name, said))
    return found


async def _meant(reader: PurviewReader, listing: Listing[Any], name: str, said: str) -> str:
    """The id of the one whom a filter means; what is said, where that is nobody."""
    ids = await ids_after_joining(reader, said)
    if len(ids) > 1:
        had = [each for each in ids if await reader.count(listing, most=1, **{name: each})]
        ids = frozenset(had)
    if len(ids) > 1:
        raise Refusal("person_not_certain", field=name, name=said)
    return next(iter(ids), said)


async def _known(reader: PurviewReader, names: PeopleNames, ids: Sequence[str]) -> dict[str, Any]:
    """The rows of people by their ids, with those into whom they were joined."""
    known = await reader.people(names.of, ids)
    if joined := names.beyond(known):
        known |= await reader.people(names.of, joined)
    return known
