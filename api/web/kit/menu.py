"""The menu: links to the pages, with the filters that each takes over from the page before."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from msgspec import Struct

from api.web.kit.filters import TIME_FILTERS, Filters
from projections.kernel.listing import Listing
from services.kernel.permissions import Permission

TIMES = frozenset(TIME_FILTERS)
GROUPS = frozenset(Filters.__struct_fields__) - TIMES


class MenuPlace(Struct, frozen=True):
    """A page that the menu knows. words: message id; None: the menu has no link to it. filters:
    names in an address that it understands. listing: what it lists. begins: what its address states
    at first. everything: whether it takes the permission over everything."""

    path: str
    words: str | None
    permission: Permission
    filters: frozenset[str] = frozenset()
    listing: Listing[Any] | None = None
    begins: Mapping[str, str] = {}
    everything: bool = False

    def is_at(self, path: str) -> bool:
        """Whether it is the page at a path, or one below it."""
        return path == self.path or (self.path != "/" and path.startswith(f"{self.path}/"))


class MenuLink(Struct, frozen=True):
    """One link of the menu. words: message id."""

    address: str
    words: str
    is_current: bool


def menu(
    places: Sequence[MenuPlace],
    may: Callable[[MenuPlace], bool],
    path: str = "",
    query: Mapping[str, str] = MappingProxyType({}),
) -> list[MenuLink]:
    """The links to places for who may see them. path, query: of the page that they stand on."""
    here = next((place for place in places if place.is_at(path)), None)
    known = here.filters if here else TIMES
    return [
        MenuLink(_address(place, known, query), place.words, place is here)
        for place in places
        if place.words and may(place)
    ]


def _address(place: MenuPlace, known: frozenset[str], query: Mapping[str, str]) -> str:
    kept = {
        **place.begins,
        **{
            name: value
            for name, value in query.items()
            if value and name in known and name in place.filters
        },
    }
    return f"{place.path}?{urlencode(kept)}" if kept else place.path
