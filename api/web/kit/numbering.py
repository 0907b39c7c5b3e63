"""The code or number that a partner would give next, by those that it has given."""

import re
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from api.web.kit.page import PageContext
from api.web.kit.resource import Resource
from api.web.kit.resources import Resources
from projections.kernel.paging import Paging

LOOKED_AT = 50
"""Of the names given last."""

_NUMBERED = re.compile(r"(.*?)(?<![0-9])([0-9]{1,12})")
"""What ends in a number, as a whole; one of more digits is none to count on."""

_DATED = re.compile(
    r"(?:.*[^0-9])?20[0-9]{2}[-./_年]?(?:0[1-9]|1[0-2]|(?<=[-./_年])[1-9])"
    r"(?:[-./_月]?(?:0[1-9]|[12][0-9]|3[01]|(?<=[-./_月])[1-9]))?"
)
"""What ends in a month, or in a day of it, after which not every number comes."""


class NextNumber(Struct, frozen=True):
    """The name given last, and the one after all that are written like it."""

    last: str
    next: str


def next_number(names: Sequence[str]) -> NextNumber | None:
    """What follows these names, the last given first; None where that does not end in a number,
    or in one that is a month or a day.

    A width that leading zeros fill is kept; others may be wider than they were.
    """
    if not names or _DATED.fullmatch(names[0]) or not (last := _NUMBERED.fullmatch(names[0])):
        return None
    alike = (_NUMBERED.fullmatch(name) for name in names)
    numbers = [int(one[2]) for one in alike if one and one[1] == last[1]]
    return NextNumber(names[0], f"{last[1]}{max(numbers) + 1:0{len(last[2])}d}")


async def numbering(
    page: PageContext, resources: Resources, resource: Resource[Any]
) -> NextNumber | None:
    """What a new one could be called; None where its partner does not number such things itself,
    or not by a plain rule."""
    if not resource.is_numbered or not page.may(resource.permission):
        return None
    listing = resource.listing.newest_first
    found = await page.lists().page(listing, Paging(LOOKED_AT))
    number = next_number([getattr(row, resource.named_by) for row in found.rows])
    if number and await resources.one_of(page, resource, number.next):
        return None
    return number
