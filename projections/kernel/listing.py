"""A list of a read model, said once: its filters, its order, and how it is cut to a day.

From the declaration follow the page, the count and the look-up by key, in SQL from the table and in
memory for time travel, and what the doors offer: arguments, connections, exports.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from operator import attrgetter
from typing import Any, Generic, get_type_hints

import msgspec

from domain.kernel.bounds import unwrapped
from projections.kernel.called import Called
from projections.kernel.filters import Equals, Filter, Groups
from projections.kernel.names import PeopleNames
from projections.kernel.paging import Page, Paging, Sorting
from projections.kernel.projection import Parts, Projection, R, StoredTable, TenantTables
from projections.kernel.rows import row_codec, selected
from projections.kernel.sort_key import SortKey, beyond, sort_key
from projections.kernel.totals import GroupTotal, Totals
from projections.kernel.whose import OfOwners

Given = Mapping[str, Any]
"""Values by the names of filters; what is None is not asked."""


class Narrowing(msgspec.Struct, frozen=True):
    """Where the streams are known that may hold the rows which an argument asks for.

    known: a read model; its `column` has the argument's values, its `stream_column` the streams'
    ids.
    """

    known: Projection[Any]
    column: str
    stream_column: str

    async def ids(self, tenant: TenantTables, values: Sequence[Any]) -> list[str]:
        """The streams' ids, in their order."""
        rows = await tenant.fetch(
            f"select distinct {self.stream_column} from {self.known.table}"  # noqa: S608
            f" where tenant_id = $1 and {self.column} = any($2::text[]) order by 1",
            values,
        )
        return [row[0] for row in rows]


@dataclass(frozen=True, eq=False, kw_only=True)
class Listing(Called, OfOwners, Generic[R]):
    """The declaration of a list; its rows have one stream each, or are parts of rows that have.

    parts: which its rows are of the projection's, if they are. shown: a base of the row's struct,
    what is read of the rows; None: all. order: the columns that it is sorted by, which tell all
    rows apart; what has nothing there comes last in either direction. unique: columns beside the
    primary key that a single row is found by; of several rows the one that `lasts` is meant, else
    the one with the greatest `newest`. recorded: the column of where a thing was recorded first;
    None where its id rises with that. as_of: a row of the projection as it stood on the evening of
    a day, None where it was not there yet; no as_of: a day changes nothing. to_come: the same on
    the day on which one looks, when what is not there yet is shown as well. named_as_of: as as_of,
    for a row that other rows name. narrowed: argument -> where to look in the past; None: in the
    streams whose ids the values are. columns: the attributes that tables and exports show.
    permission: what reading it takes. cursors: what they name, None for the list. names: that are
    added to the rows of a page.
    """

    projection: Projection[Any]
    order: tuple[str, ...]
    permission: str
    columns: tuple[str, ...]
    shown: type[R] | None = None
    filters: Mapping[str, Filter[Any]] = field(default_factory=dict)
    unique: Mapping[str, Filter[Any]] = field(default_factory=dict)
    newest: str | None = None
    recorded: str | None = None
    lasts: Callable[[Any], bool] | None = None
    descending: bool = False
    as_of: Callable[[Any, date], Any] | None = None
    to_come: Callable[[Any, date], Any] | None = None
    named_as_of: Callable[[Any, date], R | None] | None = None
    narrowed: Mapping[str, Narrowing | None] = field(default_factory=dict)
    page_size: int = 50
    is_root: bool = True
    cursors: str | None = None
    parts: Parts[Any] | None = None
    names: tuple[PeopleNames, ...] = ()
    totals: Totals | None = None

    @property
    def stored(self) -> StoredTable[Any]:
        """The table of its rows."""
        return self.parts or self.projection

    @property
    def is_of_streams(self) -> bool:
        """Whether each of its rows has a stream, by whose id it is known."""
        return self.parts is None or self.parts.of_streams

    @property
    def page_row(self) -> type[Any]:
        """What the rows of its pages are, with the names."""
        row: type[Any] = self.names[-1].row if self.names else self.stored.row
        return row

    @cached_property
    def sorting(self) -> Sorting[R]:
        """The order, for pages in memory."""
        kinds = tuple(one.kind for one in self._compared)
        named = self.cursors or self.name
        return Sorting(named, self._place, tuple.__class_getitem__(kinds), self.descending)

    @cached_property
    def sortable(self) -> dict[str, str]:
        """The columns that the list can be put in the order of, each with what is compared: days,
        numbers, choices by their places, and texts whose key is stored."""
        hints = self._hints
        compared = {one: f"{one}_key" if f"{one}_key" in hints else one for one in self.columns}
        return {
            one: by
            for one, by in compared.items()
            if (key := sort_key(by, hints.get(by), descending=False))
            and (by != one or key.kind is not str)
        }

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The columns that hold numbers, which are compared by their places when they are read."""
        kinds = {one: unwrapped(self._hints.get(one))[0] for one in self.columns}
        return frozenset(one for one, kind in kinds.items() if kind in (int, Decimal))

    def sorted_by(self, column: str, *, descending: bool) -> "Listing[R]":
        """The same list in the order of one of its sortable columns."""
        order = (self.sortable[column], *self.stored.primary_key)
        cursors = f"{self.name} by {column}"
        return replace(self, order=order, descending=descending, cursors=cursors)

    @property
    def newest_first(self) -> "Listing[R]":
        """The same list in the order in which its things were recorded first, the last before all
        others."""
        order = self.stored.primary_key
        if self.recorded is not None:
            order = (self.recorded, *order)
        cursors = f"{self.name} by recording"
        return replace(self, order=order, descending=True, cursors=cursors)

    @property
    def id_column(self) -> str:
        """The column that holds a row's id, which is its stream's."""
        return self.stored.primary_key[0]

    @property
    def asked_as(self) -> tuple[str, ...]:
        """The names of the fields that ask for one thing, for a page, and for what all add up
        to."""
        if not self.is_root:
            return ()
        totals = (f"{self.singular}Totals",) if self.totals else ()
        return (self.singular, self.plural, *totals)

    @cached_property
    def keys(self) -> dict[str, Filter[Any]]:
        """The filters that find a single row."""
        key = Equals(column=self.id_column, description="The global id.", of=self.kind)
        return {"id": key, **self.unique}

    @cached_property
    def conditions(self) -> dict[str, Filter[Any]]:
        """All filters, of many rows and of a single one."""
        return {**self.filters, **self.keys}

    def wanted(self, given: Given) -> dict[str, Any]:
        """The values that are compared, by filter, without what is not asked. Refuses
        `text_invalid`."""
        values = {name: self.conditions[name].value(value) for name, value in given.items()}
        return {name: value for name, value in values.items() if value is not None}

    async def page(
        self, tenant: TenantTables, paging: Paging | None = None, **given: Any
    ) -> Page[R]:
        """A page of the rows that meet the filters given. Refuses `cursor_invalid`."""
        paging = paging or Paging(self.page_size)
        condition, params = self._bounded(given, paging)
        way = " desc" if self.descending is not paging.backward else ""
        rows = await tenant.fetch(
            f"{self._selected} where {condition}"
            f" order by {', '.join(key.sql + way for key in self._compared)}"
            f" limit ${len(params) + 2}",
            *params,
            paging.size + 1,
        )
        return self.sorting.page(self._rows_of(rows), paging)

    async def count(
        self,
        tenant: TenantTables,
        *,
        before: str | None = None,
        most: int | None = None,
        **given: Any,
    ) -> int:
        """How many rows meet the filters given. before: a cursor, of those in front of which there
        are how many. most: after so many it counts no further. Refuses `cursor_invalid`."""
        condition, params = self._bounded(given, Paging(before=before))
        count: int = await tenant.fetchval(
            f"select count(*) from (select 1 from {self.stored.table}"  # noqa: S608 - ours
            f" where {condition} limit ${len(params) + 2}) as counted",
            *params,
            most,
        )
        return count

    async def total(self, tenant: TenantTables, **given: Any) -> list[GroupTotal]:
        """What the rows amount to that meet the filters given."""
        if self.totals is None:
            return []
        condition, params = self.condition(given)
        rows = await tenant.fetch(
            f"select {self.totals.sql} from {self.stored.table}"  # noqa: S608 - ours
            f" where {condition} group by 1 order by 1",
            *params,
        )
        return [GroupTotal(*row) for row in rows]

    async def get(self, tenant: TenantTables, **by: Any) -> R | None:
        """The row with this `id`, or with these unique values; None where there is no value."""
        if not self.wanted(by):
            return None
        condition, params = self.condition(by)
        rows = await tenant.fetch(f"{self._selected} where {condition}", *params)
        return self.meant(self._rows_of(rows))

    async def by_id(self, tenant: TenantTables, ids: Iterable[str]) -> dict[str, R]:
        """The rows with these ids, by id; unknown ids are left out."""
        rows = await self.rows_with(tenant, **{self.id_column: ids})
        return {getattr(row, self.id_column): row for row in rows}

    async def rows_with(self, tenant: TenantTables, /, **values: Iterable[str]) -> Sequence[R]:
        """The rows that have in one of these columns one of its values, in no order."""
        condition, params = self.condition({})
        places = enumerate(values, len(params) + 2)
        either = " or ".join(f"{column} = any(${place}::text[])" for place, column in places)
        rows = await tenant.fetch(
            f"{self._selected} where {condition} and ({either})",
            *params,
            *map(list, values.values()),
        )
        return self._rows_of(rows)

    async def values(self, tenant: TenantTables, texts: str, most: int) -> list[str]:
        """The texts of rows, each once, the commonest first. texts: their SQL."""
        condition, params = self.condition({})
        rows = await tenant.fetch(
            f"select text from (select {texts} as text from {self.stored.table}"  # noqa: S608
            f" where {condition}) as said where text is not null"
            f" group by text order by count(*) desc, text limit ${len(params) + 2}",
            *params,
            most,
        )
        return [row[0] for row in rows]

    async def months(self, tenant: TenantTables, column: str, most: int) -> list[str]:
        """The months, as YYYY-MM, that rows have days of in a column."""
        # To say a month takes six times as long as to tell it, so it is said once of each.
        month = f"date_trunc('month', {column}::timestamp)"
        found: list[Any] = await self.values(tenant, month, most)
        return [f"{one:%Y-%m}" for one in found]

    def of(self, rows: Iterable[Any]) -> list[R]:
        """Its rows, of some of the projection's."""
        if (parts := self.parts) is None:
            return list(rows)
        return [parts.make(of) for of in parts.made_of(rows).values()]

    def chosen(self, rows: Iterable[R], wanted: Given, groups: Groups | None = None) -> list[R]:
        """The rows, of some in memory, that `count` would count.

        wanted: as `wanted` makes it. groups: for a filter by the rows of another list, their
        values.
        """
        tests = [(self.conditions[name], value) for name, value in wanted.items()]
        known = groups or {}
        return [row for row in rows if all(one.matches(row, value, known) for one, value in tests)]

    def in_order(self, rows: Iterable[R]) -> list[R]:
        """Rows in memory by their places, which rise."""
        return sorted(rows, key=self.sorting.place)

    def page_of(self, ordered: Sequence[R], paging: Paging) -> Page[R]:
        """The page, of rows in memory, that `page` would fetch. ordered: as `in_order` answers
        them. Refuses `cursor_invalid`."""
        start, stop = self._between(ordered, paging)
        if self.descending is not paging.backward:
            rows = ordered[max(start, stop - paging.size - 1) : stop][::-1]
        else:
            rows = ordered[start : min(stop, start + paging.size + 1)]
        return self.sorting.page(rows, paging)

    def total_of(self, rows: Iterable[R]) -> list[GroupTotal]:
        """What rows in memory amount to."""
        return [] if self.totals is None else self.totals.of_rows(rows)

    def count_of(self, ordered: Sequence[R], before: str | None, most: int | None) -> int:
        """How many, of rows in memory that are chosen, `count` would count. ordered: as `in_order`
        answers them, if there is a cursor."""
        start, stop = self._between(ordered, Paging(before=before))
        return stop - start if most is None else min(stop - start, most)

    def one_of(self, rows: Iterable[R], wanted: Given) -> R | None:
        """Of rows in memory the one that `get` would get. wanted: as `wanted` makes it."""
        return self.meant(self.chosen(rows, wanted))

    def meant(self, rows: Iterable[R]) -> R | None:
        """Of rows with one name the one that the name means; None of none."""
        newest = attrgetter(self.newest or self.id_column)
        lasts = self.lasts or bool
        return max(rows, key=lambda row: (lasts(row), newest(row)), default=None)

    def _place(self, row: R) -> tuple[Any, ...]:
        read, keys = self._placing
        found: tuple[Any, ...] = read(row)[:-1]
        if not keys:
            return found
        return tuple(of(one) if of else one for of, one in zip(keys, found, strict=True))

    @cached_property
    def _placing(self) -> tuple[Callable[[R], Any], list[Any]]:
        """What reads a place, and makes of each column what is compared, if that is not stored."""
        keys = [one.of for one in self._compared]
        return attrgetter(*self.order, self.id_column), keys if any(keys) else []

    @cached_property
    def _read(self) -> type[R]:
        return self.shown or self.stored.row

    @cached_property
    def _hints(self) -> dict[str, Any]:
        return get_type_hints(self._read)

    @cached_property
    def _compared(self) -> tuple[SortKey, ...]:
        keys = (sort_key(one, self._hints[one], descending=self.descending) for one in self.order)
        return tuple(key for key in keys if key)

    @cached_property
    def _rows_of(self) -> Callable[[Iterable[Any]], list[R]]:
        return row_codec(self._read).rows_of

    @cached_property
    def _selected(self) -> str:
        return f"select {selected(self._read)} from {self.stored.table}"  # noqa: S608 - ours

    def _between(self, ordered: Sequence[R], paging: Paging) -> tuple[int, int]:
        """Where the rows between the cursors begin and end. Refuses `cursor_invalid`."""
        start, stop = 0, len(ordered)
        for bound, rises in self.sorting.bounds(paging):
            if rises:
                start = max(start, bisect_right(ordered, bound, key=self.sorting.place))
            else:
                stop = min(stop, bisect_left(ordered, bound, key=self.sorting.place))
        return start, max(start, stop)

    def _bounded(self, given: Given, paging: Paging) -> tuple[str, list[Any]]:
        """The condition of the rows between the cursors. Refuses `cursor_invalid`."""
        condition, params = self.condition(given)
        for place, rises in self.sorting.bounds(paging):
            condition += beyond(self._compared, rises, len(params) + 2)
            params += place
        return condition, params

    def condition(self, given: Given) -> tuple[str, list[Any]]:
        """The condition of the rows that are within and meet the filters given, and the parameters
        that follow the tenant."""
        texts, params = self.of_owners()
        texts.insert(0, "tenant_id = $1")
        for name, value in self.wanted(given).items():
            texts.append(self.conditions[name].sql(value, len(params) + 2))
            params += self.conditions[name].params(value)
        return " and ".join(texts), params
