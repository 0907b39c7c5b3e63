"""What lists are put in order by: compared alike by a statement and among rows in memory."""

import sys
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from types import NoneType
from typing import Any, Literal, get_args, get_origin

import msgspec

from domain.kernel.bounds import unwrapped
from projections.kernel.paging import LARGEST_NUMBER


class SortKey(msgspec.Struct, frozen=True):
    """What is compared of one column.

    kind: its type. sql: in a statement. of: of the column's value; None: the value itself.
    """

    kind: Any
    sql: str
    of: Callable[[Any], Any] | None = None


_ENDS: dict[Any, tuple[tuple[Any, str], tuple[Any, str]]] = {
    int: ((-LARGEST_NUMBER, str(-LARGEST_NUMBER)), (LARGEST_NUMBER, str(LARGEST_NUMBER))),
    Decimal: (
        (Decimal(-LARGEST_NUMBER), f"numeric '{-LARGEST_NUMBER}'"),
        (Decimal(LARGEST_NUMBER), f"numeric '{LARGEST_NUMBER}'"),
    ),
    date: ((date.min, "date '-infinity'"), (date.max, "date 'infinity'")),
    str: (("", "''"), (chr(sys.maxunicode), f"chr({sys.maxunicode})")),
}
"""By type, what comes before everything and what comes behind it, each also as SQL (asyncpg says
the ends of a day so)."""


def sort_key(column: str, hint: Any, *, descending: bool) -> SortKey | None:
    """The key of a column of this type; None where its values have no order.

    A choice is compared by its place among the choices. Nothing comes last in either order.
    """
    kind, _ = unwrapped(hint)
    is_nullable = NoneType in get_args(hint)
    of: Callable[[Any], Any] | None = None
    sql = column
    if get_origin(kind) is Literal:
        choices = get_args(kind)
        listed = ", ".join(f"'{one}'" for one in choices)
        kind, sql = int, f"array_position(array[{listed}], {column})"
        of = {one: place for place, one in enumerate(choices, start=1)}.__getitem__
    if kind not in (*_ENDS, datetime) or (is_nullable and kind not in _ENDS):
        return None
    if not is_nullable:
        return SortKey(kind, sql, of)
    end, end_sql = _ENDS[kind][not descending]

    def of_nullable(value: Any) -> Any:
        return end if value is None else of(value) if of else value

    return SortKey(kind, f"coalesce({sql}, {end_sql})", of_nullable)


def beyond(keys: tuple[SortKey, ...], rises: bool, place: int) -> str:
    """The condition, behind another one, that a row comes after a place if `rises`, else before it.
    place: from which parameter on its values are."""
    compared = ", ".join(key.sql for key in keys)
    params = ", ".join(f"${place + number}" for number in range(len(keys)))
    return f" and ({compared}) {'>' if rises else '<'} ({params})"
