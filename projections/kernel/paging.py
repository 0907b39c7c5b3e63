"""Keyset pages: a cursor is a place in the order, so pages stay right while rows come."""

import base64
import binascii
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from domain.kernel.errors import Refusal

R = TypeVar("R", bound=msgspec.Struct)
K = TypeVar("K", bound=tuple[Any, ...])

LARGEST_PAGE = 200


class Page(msgspec.Struct, Generic[R], frozen=True):
    """Up to `first` rows in order, the cursor of each, and whether more follow."""

    rows: list[R]
    cursors: list[str]
    has_next: bool


class Sorting(msgspec.Struct, Generic[R], frozen=True):
    """An order of rows. place: a row's sort key; kind: the type of these keys."""

    place: Callable[[R], tuple[Any, ...]]
    kind: Any
    descending: bool = False


def page_in(rows: Iterable[R], sorting: Sorting[R], *, first: int, after: str | None) -> Page[R]:
    """The page that a query in this order would fetch, of rows in memory.

    Refuses `page_size_invalid`, `cursor_invalid`.
    """
    place, descending = sorting.place, sorting.descending
    if after:
        seen = place_of(after, sorting.kind)
        rows = [row for row in rows if (place(row) < seen if descending else place(row) > seen)]
    most = checked(first) + 1
    return page(sorted(rows, key=place, reverse=descending)[:most], first, place)


def page(rows: Sequence[R], first: int, place: Callable[[R], tuple[Any, ...]]) -> Page[R]:
    """A page of rows that were fetched with a limit of `first + 1`; place: the sort key."""
    kept = list(rows[:first])
    return Page(kept, [cursor(place(row)) for row in kept], len(rows) > first)


def checked(first: int) -> int:
    """`first`, if it is 1 to LARGEST_PAGE. Refuses `page_size_invalid`."""
    if not 1 <= first <= LARGEST_PAGE:
        raise Refusal("page_size_invalid", first=first, most=LARGEST_PAGE)
    return first


def cursor(place: tuple[Any, ...]) -> str:
    """The opaque text of a place in an order."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def place_of(after: str, kind: type[K]) -> K:
    """The sort key that a cursor stands for. Refuses `cursor_invalid`."""
    try:
        text = base64.urlsafe_b64decode(after + "=" * (-len(after) % 4))
        place: K = msgspec.json.decode(text, type=kind)
    except (ValueError, binascii.Error) as bad:
        raise Refusal("cursor_invalid") from bad
    return place
