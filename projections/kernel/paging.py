"""Keyset pages: a cursor is a place in the order, so pages stay right while rows come."""

import base64
import binascii
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Generic, Self, TypeVar

import msgspec

from domain.kernel.errors import Refusal
from domain.kernel.values import is_storable

R = TypeVar("R")

LARGEST_PAGE = 200
LARGEST_NUMBER = 2**63 - 1
PLACES = 2
"""Decimal places of the amounts by which rows are put in order."""


class Paging(msgspec.Struct, frozen=True):
    """A choice of a page: up to `size` rows between two cursors, the last if `backward`."""

    size: int = 50
    after: str | None = None
    before: str | None = None
    backward: bool = False

    @classmethod
    def of(
        cls,
        *,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        default: int = 50,
    ) -> Self:
        """The paging of Relay's arguments; default: the size without `first` and `last`.

        Refuses `page_both_ways`, `page_size_invalid`.
        """
        if first is not None and last is not None:
            raise Refusal("page_both_ways")
        given = last if last is not None else first
        size = default if given is None else given
        if not 1 <= size <= LARGEST_PAGE:
            raise Refusal("page_size_invalid", first=size, most=LARGEST_PAGE)
        return cls(size, after or None, before or None, backward=last is not None)

    def window(self, total: int) -> tuple[int, int]:
        """Where the page begins and ends among so many things, whose cursors are their numbers.

        Refuses `cursor_invalid`.
        """
        after, before = NUMBERS.place_of(self.after), NUMBERS.place_of(self.before)
        start, stop = after[0] if after else 0, before[0] - 1 if before else total
        start, stop = max(0, start), max(0, min(stop, total))
        if self.backward:
            return min(max(start, stop - self.size), stop), stop
        return min(start, stop), min(start + self.size, stop)


class Sorting(msgspec.Struct, Generic[R], frozen=True):
    """An order of rows. of: the list. place: a row's sort key; kind: the type of these keys."""

    of: str
    place: Callable[[R], tuple[Any, ...]]
    kind: Any
    descending: bool = False

    def place_of(self, text: str | None) -> tuple[Any, ...] | None:
        """The sort key that a cursor of this list encodes. Refuses `cursor_invalid`."""
        if not text:
            return None
        named = tuple.__class_getitem__((str, self.kind))
        try:
            decoded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            of, place = msgspec.json.decode(decoded, type=named)
        except (ValueError, binascii.Error) as bad:
            raise Refusal("cursor_invalid") from bad
        if of != self.of or not all(map(_is_comparable, place)):
            raise Refusal("cursor_invalid")
        return tuple(place)

    def bounds(self, paging: Paging) -> list[tuple[tuple[Any, ...], bool]]:
        """The places that a page lies between, each with whether its rows' keys are greater.

        Refuses `cursor_invalid`.
        """
        texts = ((paging.after, not self.descending), (paging.before, self.descending))
        places = [(self.place_of(text), rises) for text, rises in texts]
        return [(place, rises) for place, rises in places if place is not None]

    def page(self, rows: Sequence[R], paging: Paging) -> "Page[R]":
        """A page of rows fetched with a limit of one more than its size, from its near end on."""
        kept, has_more = list(rows[: paging.size]), len(rows) > paging.size
        if paging.backward:
            kept.reverse()
        return Page(
            rows=kept,
            sorting=self,
            has_next=paging.before is not None if paging.backward else has_more,
            has_previous=has_more if paging.backward else paging.after is not None,
            is_all=not has_more and paging.after is None and paging.before is None,
        )


class Page(msgspec.Struct, Generic[R], frozen=True):
    """Rows in order, what puts them in it, and whether more follow or went before. is_all: whether
    the whole list is on it, which need not be counted then."""

    rows: Sequence[R]
    sorting: Sorting[R]
    has_next: bool
    has_previous: bool = False
    is_all: bool = False

    def cursor(self, number: int) -> str:
        """The cursor of a row, by its number on the page, from 0 on; -1 is the last."""
        return cursor(self.sorting.of, self.sorting.place(self.rows[number]))

    @property
    def start_cursor(self) -> str | None:
        """That of its first row, if it has one."""
        return self.cursor(0) if self.rows else None

    @property
    def end_cursor(self) -> str | None:
        """That of its last row, if it has one."""
        return self.cursor(-1) if self.rows else None


NUMBERS = Sorting[int]("numbered", lambda number: (number,), tuple[int])
"""The order of things whose places are their numbers: 1 for the first."""


def cursor(of: str, place: tuple[Any, ...]) -> str:
    """The opaque text of a place in the order of a list."""
    return base64.urlsafe_b64encode(msgspec.json.encode((of, place))).decode().rstrip("=")


def _is_comparable(value: Any) -> bool:
    """Whether a database can compare a column with the value."""
    if isinstance(value, Decimal):
        is_near = value.is_finite() and value.copy_abs() <= LARGEST_NUMBER
        return is_near and value == round(value, PLACES)
    if isinstance(value, int):
        return abs(value) <= LARGEST_NUMBER
    return not isinstance(value, str) or is_storable(value)
