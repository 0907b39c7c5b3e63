"""The names of people whose ids a list's rows have, put to the rows of a page."""

from collections.abc import Callable, Collection, Container, Iterable, Mapping
from functools import cache
from operator import attrgetter
from typing import Any

import msgspec
from msgspec.structs import replace


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

    def name_of(self, person_id: str | None, known: Mapping[str, Any]) -> str | None:
        """The name of somebody by the id."""
        row = known.get(person_id or "")
        kept = known.get(getattr(row, "joined_into", None) or "", row)
        return kept.name if kept else None

    def added(self, row: Any, known: Mapping[str, Any]) -> Any:
        """The row with the names of the rows known by their ids."""
        names = {one: self.name_of(getattr(row, of), known) for one, of in self.ids.items()}
        if isinstance(row, self.row):
            return replace(row, **names)
        said = _said(row.__struct_fields__, self.row.__struct_fields__)
        return self.row(**said(row), **names)

    def without_others(self, row: Any, strangers: Container[str]) -> Any:
        """The row without the names of others who are strangers."""
        strange = (one for one in self.others if getattr(row, self.ids[one]) in strangers)
        return replace(row, **dict.fromkeys(strange))


@cache
def _said(fields: tuple[str, ...], named: tuple[str, ...]) -> Callable[[Any], dict[str, Any]]:
    """Reads what a list's row has in common with one that has the names too; both by fields."""
    shared = [one for one in named if one in fields]
    read = attrgetter(*shared)
    return lambda row: dict(zip(shared, read(row), strict=True))
