"""The table of a list: what its address asks for, and a page of rows as people read them.

Everything that a table is asked for stands in its address. What is searched for may be a person's
name: it is sent as a form, and stands sealed in the address of what was found.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Generic
from urllib.parse import urlencode

import msgspec

from api.stated import stated
from api.web.kit.addresses import list_address, thing_address
from api.web.kit.days import month_typed
from api.web.kit.filters import Filters
from api.web.kit.page import PageContext
from api.web.kit.resources import Resources
from api.web.kit.seal import is_sealed
from domain.kernel.errors import Refusal
from domain.kernel.values import Month
from projections.kernel.filters import Contains, Filter
from projections.kernel.listing import Listing
from projections.kernel.paging import Page, Paging, cursor
from projections.kernel.projection import R
from projections.kernel.totals import GroupTotal
from projections.people.named import NamedPerson
from services.reading.lists import Reader
from services.reading.moment import Moment
from services.reading.purviews import PERMISSIONS

ROWS = 50
"""Of a page of a table."""

MOST_COUNTED = 5_000
"""Rows that are counted of all pages; of more it is said that there are."""

MOST_PASSED = 2 * MOST_COUNTED
"""Rows that are counted in front of a page; further down its rows have no numbers."""

LONGEST_ASKED = 100
"""Characters of what a field of a table's form says, as long as a browser lets anybody type; the
rest is cut off, so that every address can be opened."""

LONGEST = 80
"""Characters of a cell; the page of the thing has the whole text."""


class TableQuery(msgspec.Struct, frozen=True):
    """What a table is asked for.

    given: texts by filter. sealed: what the address says instead of some of them. sort: a column,
    led by `-` for the falling order; None: the list's own. after, before: the id of the row that
    the page begins behind or ends in front of. times: the two times alone.
    """

    given: Mapping[str, str] = {}
    sealed: Mapping[str, str] = {}
    sort: str | None = None
    after: str | None = None
    before: str | None = None
    times: Filters = Filters()

    def address(self, **changed: str | None) -> str:
        """The query of the address that asks for it; changed: what is to be asked otherwise. Who
        asks otherwise begins at the first page."""
        shown = {**self.given, **self.sealed}
        asked = {**shown, "sort": self.sort, **self.times.stated_times, **changed}
        return urlencode({name: value for name, value in asked.items() if value})

    def ordered(self, listing: Listing[R]) -> Listing[R]:
        """The list in the order that is asked for."""
        if self.sort is None:
            return listing
        return listing.sorted_by(self.sort.removeprefix("-"), descending=self.sort.startswith("-"))


def links_of(
    listing: Listing[Any],
    row: Any,
    times: Filters,
    outside: Collection[str],
) -> dict[str, str]:
    """By column, the page of the thing that a row names there, or the list of what belongs to the
    person. outside: the ids of things of which there is no page for who asks."""
    links = {}
    for name, one in listing.filters.items():
        column = one.shown_in if isinstance(one, NamedPerson) else one.shown_as
        value = getattr(row, one.column) if column and getattr(row, column) else None
        if value and column and value not in outside:
            if one.of is not None:
                path = thing_address(one.of, value)
            else:
                path = list_address(listing.kind, **{name: value})
            links[column] = times.dated(path)
    return links


def is_search(one: Filter[Any]) -> bool:
    """Whether a filter looks for words that people type, which no address may show."""
    return isinstance(one, Contains)


def is_sealable(one: Filter[Any]) -> bool:
    """Whether what people type of a filter may be a name, which no address may show."""
    return is_search(one) or isinstance(one, NamedPerson) or one.of is not None


def parse_table_query(
    page: PageContext, listing: Listing[Any], params: Mapping[str, str]
) -> TableQuery:
    """What the query of an address asks of a table. Refuses `search_unknown` of what another
    session sealed, `month_invalid`, and what `parse_times` refuses."""
    sort = params.get("sort") or None
    said = {name: text for name in listing.filters if (text := params.get(name, "").strip())}
    given = dict(said)
    for name, text in said.items():
        one = listing.filters[name]
        if is_sealable(one):
            is_lost = is_search(one) or is_sealed(text)
            given[name] = page.seal.open(text) or ("" if is_lost else text)
        elif one.kind is Month:
            given[name] = str(month_typed(text, name))
        if not given[name]:
            raise Refusal("search_unknown", field=name)
    return TableQuery(
        given=given,
        sealed={name: text for name, text in said.items() if text != given[name]},
        sort=sort if (sort or "").removeprefix("-") in listing.sortable else None,
        after=params.get("after") or None,
        before=params.get("before") or None,
        times=page.read_times(params),
    )


class TableRow(msgspec.Struct, frozen=True):
    """A row as people read it: its id, the words of its columns, by column the pages of what they
    name, and what they were made from."""

    id: str
    cells: tuple[str, ...]
    links: Mapping[str, str]
    row: Any


class ListTable(msgspec.Struct, Generic[R], frozen=True):
    """A page of a list as it is drawn. headings: of each column, its name and its words. first: the
    number of its first row in the list, 1 for the first of all; None where that is too far down to
    be counted. total: the rows of all pages, as far as they were counted. totals: what they amount
    to. moment: None for now. remarks: message ids of what else is said of rows, by their ids."""

    listing: Listing[R]
    query: TableQuery
    moment: Moment | None
    headings: tuple[tuple[str, str], ...]
    rows: list[TableRow]
    first: int | None
    total: int
    totals: list[GroupTotal]
    has_next: bool
    has_previous: bool
    remarks: Mapping[str, str] = {}

    @property
    def is_narrowed(self) -> bool:
        return bool(self.query.given) or self.query.times.is_past

    @property
    def last(self) -> int:
        """The number of its last row, where that of the first is known."""
        return (self.first or 1) + len(self.rows) - 1

    @property
    def counted(self) -> str:
        """How many rows there are, or how many there are more than."""
        if self.total <= MOST_COUNTED or self.totals:
            return str(self.total)
        if self.first and not self.has_next:
            return str(self.last)
        return f"{max(MOST_COUNTED, self.last)}+"

    @staticmethod
    def amount_id(total: GroupTotal) -> str:
        """The message id that says a total, and whether amounts are missing in it."""
        if not total.without_amount:
            return "table.amount"
        return "table.amount_none" if total.without_amount == total.count else "table.amount_partly"

    def sorting(self, column: str) -> str | None:
        """`ascending` or `descending` where the table is in the order of this column."""
        if self.query.sort == column:
            return "ascending"
        return "descending" if self.query.sort == f"-{column}" else None

    def resorted(self, column: str) -> str:
        """What to ask for to have the column's order, and the other way round if it has it."""
        return f"-{column}" if self.query.sort == column else column

    def address(self, **changed: str | None) -> str:
        return self.query.address(**changed)

    def export(self, kind: str) -> str:
        """The address of the same list as a file; kind: `xlsx` or `csv`."""
        address = self.address()
        path = f"{list_address(self.listing.kind)}/list.{kind}"
        return f"{path}?{address}" if address else path


NamedThings = Mapping[str, Mapping[str, tuple[str, str]]]
"""By filter, what things are called that rows name by their ids alone, and the addresses of their
pages, by these ids."""


async def read_table(
    page: PageContext,
    resources: Resources,
    reader: Reader,
    listing: Listing[R],
    query: TableQuery,
    moment: Moment | None,
    *,
    size: int = ROWS,
) -> ListTable[R]:
    """A page of a list. moment: that the query's times mean, and of which the reader answers.
    Refuses `permission_refused`, `month_invalid`, `filter_invalid`."""
    page.require(PERMISSIONS[listing.name])
    given = given_of(listing, query)
    ordered = query.ordered(listing)
    paging = await _paging(reader, ordered, query, size)
    found = await nearest_page(reader, ordered, paging, **given)
    named = await _named_things(page, resources, reader, listing, found.rows, query.times)
    totals = await reader.total(listing, **given) if listing.totals else []
    # What is added up is counted, too.
    total = sum(one.count for one in totals) if totals else None
    if total is None:
        total = await reader.count(listing, most=MOST_COUNTED + 1, **given)
    passed = 0
    if found.has_previous:
        first = found.cursor(0)
        passed = await reader.count(ordered, before=first, most=MOST_PASSED, **given)
    outside = await reader.outside(listing, found.rows)
    return ListTable(
        listing=listing,
        query=query,
        moment=moment,
        headings=(
            *((name, page.wording.heading(listing, name)) for name in listing.columns),
            *((name, page.wording.t(f"filter.{name}")) for name in named),
        ),
        rows=[_row(page, listing, row, query.times, outside, named) for row in found.rows],
        first=passed + 1 if passed < MOST_PASSED else None,
        total=total,
        totals=totals,
        has_next=found.has_next,
        has_previous=found.has_previous,
    )


async def nearest_page(
    reader: Reader, listing: Listing[R], paging: Paging, **given: Any
) -> Page[R]:
    """A page of a list, or where nothing is left of it the last or the first of those there are.
    Refuses `cursor_invalid`."""
    found = await reader.page(listing, paging, **given)
    if found.rows or paging.after is paging.before is None:
        return found
    return await reader.page(listing, Paging(paging.size, backward=not paging.backward), **given)


def given_of(listing: Listing[Any], query: TableQuery) -> dict[str, Any]:
    """The values of a query's filters. Refuses `month_invalid`, `choice_unknown`."""
    return {
        # Ids stand in addresses as they are, without the type that GraphQL puts before them.
        name: text if (one := listing.filters[name]).of is not None else stated(name, one, text)
        for name, text in query.given.items()
    }


async def _paging(reader: Reader, listing: Listing[Any], query: TableQuery, size: int) -> Paging:
    """A page begins behind the row with an id: its place, which may tell a name, is in no
    address. Refuses `text_invalid`."""
    known = query.after or query.before
    if known is None:
        return Paging(size)
    row = await reader.get(listing, id=known)
    if row is None:
        return Paging(size)
    place = cursor(listing.sorting.of, listing.sorting.place(row))
    if query.after:
        return Paging(size, after=place)
    return Paging(size, before=place, backward=True)


async def _named_things(
    page: PageContext,
    resources: Resources,
    reader: Reader,
    listing: Listing[R],
    rows: Sequence[R],
    times: Filters,
) -> NamedThings:
    """What else the rows of a page name, each kind in one look-up."""
    found = {}
    for name, one in listing.filters.items():
        of = resources.of_kind(one.of) if one.of and one.shown_as is None else None
        ids = {getattr(row, one.column) for row in rows} - {None} if of else set()
        if of is not None and ids and page.may(of.permission):
            things = (await reader.by_id(of.listing, sorted(ids))).values()
            found[name] = {
                of.id_of(row): (getattr(row, of.title), times.dated(of.address_of(row)))
                for row in things
            }
    return found


def _row(
    page: PageContext,
    listing: Listing[Any],
    row: Any,
    times: Filters,
    outside: Collection[str],
    named: NamedThings,
) -> TableRow:
    ids = {name: getattr(row, listing.filters[name].column) for name in named}
    things = {name: named[name].get(one, ("", None)) for name, one in ids.items()}
    none = page.wording.t("none")
    said = (
        *(page.wording.said(row, name) for name in listing.columns),
        *(called or none for called, _ in things.values()),
    )
    cells = tuple(one if len(one) <= LONGEST else f"{one[: LONGEST - 1]}…" for one in said)
    links = links_of(listing, row, times, outside)
    links |= {name: address for name, (_, address) in things.items() if address}
    return TableRow(getattr(row, listing.id_column), cells, links, row)
