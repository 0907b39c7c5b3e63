"""The names of people whose ids a list's rows have, put to the rows of a page."""

from collections.abc import Callable, Collection, Container, Iterable, Mapping
from functools import cache
from operator import attrgetter
from typing import Any

import msgspec
from msgspec.structs import replace

NamesById = Mapping[str | None, str | None]
"""The names of people by their ids."""


class PeopleNames(msgspec.Struct, frozen=True, kw_only=True):
    """Names of people whose ids a list's rows have. of: the list in which they are; where that says
    who was joined into whom, the names are those of whom they were joined into. row: extends the
    list's row by them. ids: each field of a name with the column of the id. others: the
    fields of those to whom a row does not belong."""

    of: Any
    row: Any
    ids: Mapping[str, str]
    others: Collection[str] = ()

    def wanted(self, rows: Iterable[Any]) -> list[str]:
        """The ids of everybody whom these rows name."""
        found = {getattr(row, column) for row in rows for column in self.ids.values()}
        return sorted(found - {None})

    def beyond(self, known: Mapping[str, Any]) -> list[str]:
        """The ids of whom people were joined into who are known, and are not known yet."""
        joined = (getattr(one, "joined_into", None) for one in known.values())
        return sorted({one for one in joined if one} - known.keys())

    def called(self, known: Mapping[str, Any]) -> NamesById:
        """What those are called whose rows are known."""
        joined = {one: getattr(row, "joined_into", None) for one, row in known.items()}
        kept = {one: known.get(into or "") or known[one] for one, into in joined.items()}
        return {one: row.name for one, row in kept.items() if row is not None}

    def names(self, row: Any, called: NamesById) -> dict[str, Any]:
        """The fields that are added to a row."""
        return {one: called.get(getattr(row, of)) for one, of in self.ids.items()}

    def added(self, row: Any, called: NamesById) -> Any:
        """The row with the names."""
        names = self.names(row, called)
        if isinstance(row, self.row):
            return replace(row, **names)
        said = _said(row.__struct_fields__, self.row.__struct_fields__)
        return self.row(*said(row), **names)

    def without_others(self, row: Any, strangers: Container[str]) -> Any:
        """The row without the names of others who are strangers."""
        strange = (one for one in self.others if getattr(row, self.ids[one]) in strangers)
        return replace(row, **dict.fromkeys(strange))


@cache
def _said(fields: tuple[str, ...], named: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """Reads what a list's row has in common with one that has the names too, whose first fields
    these are; both by fields."""
    shared = [one for one in named if one in fields]
    assert shared == [*named[: len(shared)]]  # noqa: S101 - names extend rows
    return attrgetter(*shared)
