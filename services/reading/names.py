"""The names that are put to rows in which people have ids."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import msgspec

from domain.kernel.errors import NotFoundError
from projections.kernel.listing import Listing
from projections.kernel.names import PeopleNames
from projections.people.people import PERSON_LIST
from services.reading.purviews import PurviewReader

R = TypeVar("R", bound=msgspec.Struct)


async def list_people(reader: PurviewReader, ids: Iterable[str]) -> dict[str, str]:
    """The names of people by their ids, as the reader reads them."""
    names, wanted = PeopleNames(of=PERSON_LIST, row=None, ids={}), sorted({*ids})
    known = await _known(reader, names, wanted)
    return {one: name for one in wanted if (name := names.name_of(one, known))}


async def with_names(reader: PurviewReader, listing: Listing[R], rows: Sequence[R]) -> Sequence[R]:
    """The rows with the names of those whom they name by their ids. Whom a row belongs to is named
    wherever the row may be read, others only where they are within the reader's purview."""
    for names in listing.names if rows else ():
        known = await _known(reader, names, names.wanted(rows))
        rows = [names.added(row, known) for row in rows]
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


async def _known(reader: PurviewReader, names: PeopleNames, ids: Sequence[str]) -> dict[str, Any]:
    """The rows of people by their ids, with those into whom they were joined."""
    known = await reader.named(names.of, ids) if ids else {}
    if joined := names.beyond(known):
        known |= await reader.named(names.of, joined)
    return known
