"""The menu: the pages in their order, and which filters each takes over from the page before."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from urllib.parse import urlencode

from msgspec import Struct

from api.web.kit.filters import TIME_FILTERS, Filters
from projections.teaching.cohorts import COHORT_LIST
from projections.teaching.sessions import SESSION_LIST
from projections.trainees.cohort_roster import TRAINEE_LIST
from projections.trainees.follow_ups import FOLLOW_UP_LIST
from services.kernel.permissions import Permission

TIMES = frozenset(TIME_FILTERS)
GROUPS = frozenset(Filters.__struct_fields__) - TIMES


class MenuPlace(Struct, frozen=True):
    """A page of the menu. words: message id. filters: names in an address that it understands."""

    path: str
    words: str
    permission: Permission
    filters: frozenset[str] = frozenset()

    def is_at(self, path: str) -> bool:
        """Whether it is the page at a path, or one below it."""
        return path == self.path or (self.path != "/" and path.startswith(f"{self.path}/"))


class MenuLink(Struct, frozen=True):
    """One link of the menu. words: message id."""

    address: str
    words: str
    is_current: bool


PLACES = (
    MenuPlace("/", "nav.board", Permission.READ_FIGURES, GROUPS | TIMES),
    *(
        MenuPlace(f"/{one.words}", f"nav.{one.name}", Permission(one.permission), TIMES)
        for one in (TRAINEE_LIST, COHORT_LIST, SESSION_LIST, FOLLOW_UP_LIST)
    ),
    MenuPlace("/figures/all", "nav.figures", Permission.READ_FIGURES, GROUPS | TIMES),
    MenuPlace("/scorecard", "nav.scorecard", Permission.READ_FIGURES, GROUPS | TIMES),
    MenuPlace("/scheme", "nav.scheme", Permission.READ_FIGURES, TIMES),
    MenuPlace("/submissions", "nav.submissions", Permission.READ_FIGURES),
    MenuPlace("/what-if", "nav.what_if", Permission.READ_FIGURES, GROUPS | TIMES),
    MenuPlace("/import", "nav.import", Permission.IMPORT_FILES),
)
OPENED = MenuPlace("/figures/members", "", Permission.READ_FIGURES, GROUPS | TIMES)
"""An opened figure: below the board, and with its filters."""


def menu(
    may: Callable[[Permission], bool],
    path: str = "",
    query: Mapping[str, str] = MappingProxyType({}),
) -> list[MenuLink]:
    """The links for who may see them. path, query: of the page that they stand on."""
    here = next((place for place in (*PLACES, OPENED) if place.is_at(path)), None)
    known = here.filters if here else TIMES
    return [
        MenuLink(_address(place, known, query), place.words, place is here)
        for place in PLACES
        if may(place.permission)
    ]


def _address(place: MenuPlace, known: frozenset[str], query: Mapping[str, str]) -> str:
    kept = {
        name: value
        for name, value in query.items()
        if value and name in known and name in place.filters
    }
    return f"{place.path}?{urlencode(kept)}" if kept else place.path
