"""The table of a list: what its address asks for, and a page of rows as people read them.

Everything that a table is asked for stands in its address. What is searched for may be a person's
name: it is sent as a form, and stands sealed in the address of what was found.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Generic, Literal
from urllib.parse import urlencode

import msgspec
from strawberry.utils.str_converters import to_camel_case

from api.graphql.engine.fields import stated
from api.graphql.engine.scalars import global_id
from api.web.kit.filters import Filters, parse_times
from api.web.kit.page import PageContext
from api.web.kit.seal import AddressSeal
from api.web.kit.wording import Wording
from domain.kernel.bounds import choices_of
from domain.kernel.values import Month
from projections.kernel.filters import Contains, Filter
from projections.kernel.listing import Listing
from projections.kernel.paging import Page, Paging, cursor
from projections.kernel.projection import R
from services.reading.lists import PERMISSIONS, Reader
from services.reading.moment import Moment, moment_at

ROWS = 50
"""Of a page of a table."""

MOST_MONTHS = 60
"""That a list offers to choose from; an address may ask for any."""

LONGEST = 80
"""Characters of a cell; the page of the thing has the whole text."""


class TableQuery(msgspec.Struct, frozen=True):
    """What a table is asked for.

    given: texts by filter. sealed: those of searches as the address says them. sort: a column, led
    by `-` for the falling order; None: the list's own. after, before: the id of the row that the
    page begins behind or ends in front of. times: the two times alone.
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


def is_search(one: Filter[Any]) -> bool:
    """Whether a filter looks for words that people type, which no address may show."""
    return isinstance(one, Contains)


def sealed_search(
    listing: Listing[Any], sent: Mapping[str, str], seal: AddressSeal
) -> dict[str, str]:
    """What the form of a search sent, as an address may say it."""
    searches = [name for name, one in listing.filters.items() if is_search(one)]
    typed = {name: text for name in searches if (text := sent.get(name, "").strip())}
    return {**sent, **{name: seal.close(text) for name, text in typed.items()}}


def parse_table_query(
    listing: Listing[Any], params: Mapping[str, str], seal: AddressSeal
) -> TableQuery:
    """What the query of an address asks of a table. Refuses `day_invalid`, `instant_invalid`."""
    sort = params.get("sort") or None
    said = {name: text for name in listing.filters if (text := params.get(name, "").strip())}
    opened = {name: seal.open(said[name]) for name in said if is_search(listing.filters[name])}
    given = {name: opened.get(name, text) for name, text in said.items()}
    return TableQuery(
        given={name: text for name, text in given.items() if text},
        sealed={name: said[name] for name, text in opened.items() if text},
        sort=sort if (sort or "").removeprefix("-") in listing.sortable else None,
        after=params.get("after") or None,
        before=params.get("before") or None,
        times=parse_times(params),
    )


class TableFilter(msgspec.Struct, frozen=True):
    """One filter as a page offers it. kind: how it is entered, `thing` for one that is chosen by
    its id elsewhere. typed: what holds now. choices: each with its words."""

    name: str
    kind: Literal["search", "choice", "thing"]
    typed: str
    choices: tuple[tuple[str, str], ...] = ()


class TableRow(msgspec.Struct, frozen=True):
    """A row as people read it: its id, the words of its columns, and what they were made from."""

    id: str
    cells: tuple[str, ...]
    row: Any


class ListTable(msgspec.Struct, Generic[R], frozen=True):
    """A page of a list as it is drawn. headings: of each column, its name and its words. total: of
    all pages. moment: None for now."""

    listing: Listing[R]
    query: TableQuery
    moment: Moment | None
    zone: str
    headings: tuple[tuple[str, str], ...]
    rows: list[TableRow]
    total: int
    has_next: bool
    has_previous: bool

    @property
    def is_searched(self) -> bool:
        return any(is_search(self.listing.filters[name]) for name in self.query.given)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.query.given) or self.query.times.is_past

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
        filters = {
            to_camel_case(name): global_id(of, text) if (of := self._filter(name).of) else text
            for name, text in self.query.given.items()
        }
        times = self.query.times
        known = times.known_by(self.zone)
        name, said = "knownByPosition", str(known)
        if isinstance(known, datetime):
            name, said = "knownBy", known.isoformat()
        asked = {**filters, "happenedBy": times.on, name: None if known is None else said}
        query = urlencode({name: value for name, value in asked.items() if value is not None})
        return f"/exports/{self.listing.plural}.{kind}{'?' if query else ''}{query}"

    def _filter(self, name: str) -> Filter[Any]:
        return self.listing.filters[name]


async def read_table(
    page: PageContext,
    listing: Listing[R],
    query: TableQuery,
    moment: Moment | None,
    *,
    size: int = ROWS,
) -> ListTable[R]:
    """A page of a list. moment: that the query's times mean. Refuses `permission_refused`,
    `month_invalid`, `filter_invalid`."""
    page.require(PERMISSIONS[listing.name])
    reader = page.app.lists(page.tenant, moment)
    given = given_of(listing, query)
    ordered = listing
    if query.sort:
        column = query.sort.removeprefix("-")
        ordered = listing.sorted_by(column, descending=query.sort.startswith("-"))
    paging = await _paging(reader, ordered, query, size)
    found = await nearest_page(reader, ordered, paging, **given)
    return ListTable(
        listing=listing,
        query=query,
        moment=moment,
        zone=page.principal.zone,
        headings=tuple((name, page.wording.heading(listing, name)) for name in listing.columns),
        rows=[_row(listing, row, page.wording) for row in found.rows],
        total=await reader.count(listing, **given),
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


async def moment_of(page: PageContext, times: Filters) -> Moment | None:
    """The moment that two times of a page mean; None for now."""
    known = times.known_by(page.principal.zone)
    return await moment_at(page.app.time_travel, page.tenant, times.on, known)


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


async def offered_filters(
    page: PageContext, listing: Listing[Any], query: TableQuery
) -> tuple[TableFilter, ...]:
    """The filters of a list as its page offers them; months are chosen from those that it has rows
    of."""
    found = []
    for name, one in listing.filters.items():
        months: list[str] = []
        if one.kind is Month:
            read = partial(listing.months, column=one.column, most=MOST_MONTHS)
            months = await page.app.read(page.tenant, read)
        found.append(_filter(listing, name, query, page.wording, months))
    return tuple(found)


def _filter(
    listing: Listing[Any], name: str, query: TableQuery, wording: Wording, months: Sequence[str]
) -> TableFilter:
    one, typed = listing.filters[name], query.given.get(name, "")
    if is_search(one):
        return TableFilter(name, "search", typed)
    if one.of is not None:
        return TableFilter(name, "thing", typed)
    if one.kind is Month:
        offered = sorted({*months, *filter(None, [typed])}, reverse=True)
        said = tuple((month, wording.month(Month.parse(month))) for month in offered)
        return TableFilter(name, "choice", typed, said)
    choices = ("true", "false") if one.kind is bool else choices_of(one.kind)
    said = tuple((choice, wording.choice(name, choice, listing.name)) for choice in choices)
    return TableFilter(name, "choice", typed, said)


def _row(listing: Listing[Any], row: Any, wording: Wording) -> TableRow:
    said = (wording.said(row, name) for name in listing.columns)
    cells = tuple(one if len(one) <= LONGEST else f"{one[: LONGEST - 1]}…" for one in said)
    return TableRow(getattr(row, listing.id_column), cells, row)
