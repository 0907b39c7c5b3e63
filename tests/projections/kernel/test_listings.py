"""Every list: whatever its rows, filters and pages, the table answers as the rows in memory do, and
the log's past as a table that stopped there."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import partial
from types import SimpleNamespace, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.kernel.values import Month
from infra.bootstrap import App
from infra.readside.projector import catch_up
from infra.readside.stored_rows import StoredRows
from projections import LISTINGS
from projections.kernel.filters import Filter
from projections.kernel.group_count import GroupCount, GroupState
from projections.kernel.listing import Listing
from projections.kernel.paging import Page, Paging, cursor
from projections.kernel.projection import StoredTable
from projections.people.joinings import JOININGS, JoiningRow
from projections.people.named import NamedPerson, groups_of
from projections.teaching.cohorts import COHORT_STATUS, CohortStatus
from projections.trainees.cohort_roster import STATUSES_BY_COHORT, TRAINEE_LIST, TraineeStatus
from services.kernel.context import Principal
from services.kernel.purview import Purview
from services.reading.lists import Reader
from services.reading.moment import Moment
from services.reading.tables import TableReader
from tests.carrying import carry_out, new_partner
from tests.elsewhere import past_elsewhere
from tests.examples import examples
from tests.follow_ups import FOLLOWED_UP
from tests.read_models import folded
from tests.situation import CLASS_HELD, LIFE, figures_submitted
from tests.staff import STAFF
from tests.submitting import submit

DAYS = [date(2025, 2, 28), date(2025, 3, 1), date(2025, 3, 31), date(2025, 4, 1)]
WORDS = ["0", "1", "2", "a", "A", "Z", "é", "张", "张 伟", "%", "2025-03"]
MONTHS = [Month(2025, 2), Month(2025, 3), Month(2025, 4)]
NAMES = ["0", "1", "2", "3", "4", "5", "6", "7"]
PERSONS = [f"person-{one}" for one in NAMES]

RowsOf = dict[str, st.SearchStrategy[list[Any]]]
"""By the name of a list. Made once: to make a strategy costs more than to draw from it."""

Given = st.SearchStrategy[dict[str, Any]]

MOMENTS = [(1, date.max), (0.6, date.max), (1, date(2025, 3, 4))]
"""Shares of the log that are known, and the last days that count."""


class Stopped(msgspec.Struct):
    """Tables that show a moment of another tenant's past, and of its lists the rows and what is
    stated to filters and keys."""

    tables: Reader
    past: Reader
    moment: Moment
    rows: dict[str, list[Any]]
    stated: dict[str, Given]
    by: dict[str, Given]


every_listing = pytest.mark.parametrize("listing", LISTINGS, ids=lambda one: one.name)
often = settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))


@pytest_asyncio.fixture(scope="module")
async def partner(app: App) -> tuple[UUID, RowsOf]:
    """A tenant whose tables the tests fill, and rows of each list, like one that a real history
    made."""
    tenant = (await _lived(app)).tenant
    found = {}
    for one in LISTINGS:
        rows = await folded(app, tenant, one.projection)
        found[one.name] = rows_of(one, one.of(rows.values())[0])
    return tenant, found


@pytest_asyncio.fixture(scope="module", params=MOMENTS, ids=str)
async def stopped(app: App, request: pytest.FixtureRequest) -> AsyncIterator[Stopped]:
    """A tenant with a life, a moment of it, and another tenant whose tables are as of then. What is
    asked of the past goes to another process."""
    lived, other = await _lived(app), await new_partner(app)
    share, day = request.param
    moment = Moment(day, int(await app.log.position(lived.tenant) * share), date.max)
    rows = {}
    for one in LISTINGS:
        found, _ = await app.time_travel.fold(lived.tenant, one.projection, moment.position)
        if one.as_of:
            found = [cut for row in found if (cut := one.as_of(row, day))]
        rows[one.name] = one.of(found)
        async with app.db.tenant(other.tenant) as connection:
            await _fill(connection, one.stored, rows[one.name])
    joined, _ = await app.time_travel.fold(lived.tenant, JOININGS, moment.position)
    async with app.db.tenant(other.tenant) as connection:
        await _fill(connection, JOININGS, joined)
    tables = TableReader(other, partial(app.read, other.tenant), day)
    people = rows["people"]
    stated = {one.name: given_to(one.filters, rows[one.name], people) for one in LISTINGS}
    by = {one.name: given_to(one.keys, rows[one.name]) for one in LISTINGS}
    with past_elsewhere(app, lived, moment) as past:
        yield Stopped(tables, past, moment, rows, stated, by)


async def _lived(app: App) -> Principal:
    """A tenant with something in every list."""
    principal = await new_partner(app)
    life = [*LIFE, *CLASS_HELD, *FOLLOWED_UP, *STAFF, figures_submitted("2025-03")]
    await carry_out(app, principal, life)
    await catch_up(app, principal.tenant)
    await submit(app, principal, "2025-03")
    await catch_up(app, principal.tenant)
    return principal


def values(kind: Any) -> st.SearchStrategy[Any]:
    """What a column or an argument of this type is tried with."""
    if get_origin(kind) is Literal:
        return st.sampled_from(get_args(kind))
    if get_origin(kind) in (UnionType, Union):
        return st.none() | values(get_args(kind)[0])
    known: dict[Any, Sequence[Any]] = {
        date: DAYS,
        str: WORDS,
        int: range(9),
        Decimal: [Decimal(0), Decimal("0.5"), Decimal("19.90")],
        bool: [True, False],
        datetime: [datetime.combine(day, time.min, UTC) for day in DAYS],
        Month: MONTHS,
    }
    return st.sampled_from(known[kind])


def rows_of(listing: Listing[Any], template: Any) -> st.SearchStrategy[list[Any]]:
    """Rows that differ in the columns which the list is sorted, filtered and found by."""
    hints = get_type_hints(listing.stored.row)
    named = {one.column for one in (*listing.filters.values(), *listing.unique.values())}
    named |= {*listing.order, *([listing.newest] if listing.newest else [])}
    named |= {listing.totals.of} if listing.totals else set()
    named |= {*listing.whose.owners.values(), *filter(None, [listing.whose.part])}
    people = {one.column for one in listing.filters.values() if isinstance(one, NamedPerson)}

    def of_column(name: str) -> st.SearchStrategy[Any]:
        if name in people:
            return st.sampled_from(PERSONS)
        return st.sampled_from(NAMES) if name.endswith("_id") else values(hints[name])

    varied = {name: of_column(name) for name in (named - set(listing.stored.primary_key))}
    keys = st.tuples(
        *(
            st.sampled_from(NAMES) if hints[name] is str else values(hints[name])
            for name in listing.stored.primary_key
        )
    )

    def row(key: tuple[Any, ...], changes: dict[str, Any]) -> Any:
        stated = dict(zip(listing.stored.primary_key, key, strict=True))
        return replace(template, **changes, **stated)

    lines = st.builds(row, keys, st.fixed_dictionaries(varied))
    return st.lists(lines, unique_by=(listing.stored.key_of, listing.sorting.place))


def in_any_order(listing: Listing[Any]) -> st.SearchStrategy[Listing[Any]]:
    """The list in its own order and in that of each column, either way."""
    columns = [(one, falling) for one in listing.sortable for falling in (False, True)]
    others = [listing.sorted_by(one, descending=falling) for one, falling in columns]
    return st.sampled_from([listing, *others])


def given_to(
    filters: Mapping[str, Filter[Any]], rows: Sequence[Any] = (), people: Sequence[Any] = ()
) -> Given:
    """Values for some of the filters, also those that rows have, and ids of these people; None as
    often as not."""

    def asked(one: Filter[Any]) -> st.SearchStrategy[Any]:
        other = st.sampled_from(NAMES) if one.of else values(one.kind)
        its = [row.person_id for row in people] if isinstance(one, NamedPerson) else []
        had = its or [found for row in rows if (found := getattr(row, one.column)) is not None]
        return st.sampled_from(had) | other if had and one.kind is str else other

    return st.fixed_dictionaries({name: st.none() | asked(one) for name, one in filters.items()})


def paging_of(listing: Listing[Any], rows: list[Any], page: Paging) -> Paging:
    """Of the same size, between places where rows are."""

    def place(number: str | None) -> str | None:
        if number is None or not rows:
            return None
        row = rows[int(number) % len(rows)]
        return cursor(listing.sorting.of, listing.sorting.place(row))

    return replace(page, after=place(page.after), before=place(page.before))


ORDERED = {one.name: in_any_order(one) for one in LISTINGS}
STATED = {one.name: given_to(one.filters) for one in LISTINGS}
BY = {one.name: given_to(one.keys) for one in LISTINGS}
PLACES = st.none() | st.integers(0, 99).map(str)
PAGES = st.builds(Paging, st.integers(1, 4), PLACES, PLACES, st.booleans())
"""Pages of all sizes, between the numbers of rows."""
JOINED = st.dictionaries(st.sampled_from(PERSONS), st.sampled_from(PERSONS)).map(
    lambda found: [JoiningRow(*one) for one in found.items()]
)
IDS = st.frozensets(st.sampled_from([*NAMES, *WORDS, *PERSONS]))
WITHINS = st.none() | st.fixed_dictionaries(dict.fromkeys(Purview.__struct_fields__, IDS))
"""Whose things are to be read; None as often as not: everybody's."""


@every_listing
@often
@given(data=st.data())
async def test_the_table_and_the_rows_in_memory_give_one_answer(
    app: App, partner: tuple[UUID, RowsOf], listing: Listing[Any], data: st.DataObject
) -> None:
    tenant, drawn = partner
    listing = data.draw(ORDERED[listing.name]).limited(data.draw(WITHINS))
    rows = data.draw(drawn[listing.name])
    others = {one.name: data.draw(drawn[one.name]) for one in listing.whose.of}
    stated = data.draw(STATED[listing.name])
    paging = paging_of(listing, rows, data.draw(PAGES))
    by = data.draw(BY[listing.name])
    tallies = [one.tally for one in listing.filters.values() if isinstance(one, GroupState)]
    groups: Any = {}
    async with app.db.tenant(tenant) as connection:
        await _fill(connection, listing.stored, rows)
        for tally in tallies:
            counted = data.draw(drawn[tally.listing.name])
            await _fill(connection, tally.listing.stored, counted)
            groups = tally.count_of(counted)
        joined = data.draw(JOINED)
        await _fill(connection, JOININGS, joined)
        groups = {**groups, **groups_of(joined)}
        for other in listing.whose.of:
            await _fill(connection, other.stored, others[other.name])
        rows = listing.owned(rows, _parts(listing, others))
        chosen = listing.chosen(rows, listing.wanted(stated), groups)
        page = await listing.page(connection, paging, **stated)
        ordered = listing.in_order(chosen)
        assert page == _shown(listing, listing.page_of(ordered, paging))
        assert await listing.count(connection, **stated) == len(chosen)
        assert await listing.total(connection, **stated) == listing.total_of(chosen)
        front = {"before": paging.before or paging.after, "most": data.draw(st.integers(0, 3))}
        assert await listing.count(connection, **front, **stated) == listing.count_of(
            ordered, **front
        )
        if any(by.values()):
            got, sought = await listing.get(connection, **by), listing.wanted(by)
            best = listing.one_of(rows, sought)
            assert (got is None) == (best is None)
            if got is not None:
                told_apart = listing.newest or listing.id_column
                met = [row for row in rows if listing.one_of([row], sought)]
                if listing.newest or len(met) == 1:
                    assert getattr(got, told_apart) == getattr(best, told_apart)
        elif not listing.wanted(by):
            assert await listing.get(connection, **by) is None
        ids = {getattr(row, listing.id_column) for row in rows}
        assert {*await listing.by_id(connection, NAMES)} == ids


@every_listing
@often
@given(data=st.data())
async def test_the_past_reads_as_tables_that_stopped_at_its_moment(
    app: App, stopped: Stopped, listing: Listing[Any], data: st.DataObject
) -> None:
    tables, past = stopped.tables, stopped.past
    rows = stopped.rows[listing.name]
    listing = data.draw(ORDERED[listing.name])
    stated = data.draw(stopped.stated[listing.name])
    paging = paging_of(listing, rows, data.draw(PAGES))
    by = data.draw(stopped.by[listing.name])
    page = await past.page(listing, paging, **stated)
    shown = await tables.page(listing, paging, **stated)
    assert (page.start_cursor, page.end_cursor) == (shown.start_cursor, shown.end_cursor)
    assert replace(_shown(listing, page), sorting=shown.sorting) == shown
    assert await past.total(listing, **stated) == await tables.total(listing, **stated)
    front = {"before": paging.before or paging.after, "most": data.draw(st.integers(0, 3))}
    for asked in (stated, stated | front):
        assert await past.count(listing, **asked) == await tables.count(listing, **asked)
    if any(by.values()):
        got = await past.get(listing, **by)
        assert (got and _read(listing, got)) == await tables.get(listing, **by)
    elif not listing.wanted(by):
        assert await past.get(listing, **by) is None
    if listing.named_as_of is None or stopped.moment.happened_by == date.max:
        ids = [*NAMES, *(getattr(row, listing.id_column) for row in rows)]
        found = await past.by_id(listing, ids)
        shown = {key: _read(listing, row) for key, row in found.items()}
        assert shown == await tables.by_id(listing, ids)


@often
@given(data=st.data())
async def test_the_counts_of_groups_are_those_of_the_rows_in_memory(
    app: App, partner: tuple[UUID, RowsOf], data: st.DataObject
) -> None:
    tenant, drawn = partner
    tally: GroupCount = STATUSES_BY_COHORT
    rows = data.draw(drawn["trainees"])
    async with app.db.tenant(tenant) as connection:
        await _fill(connection, TRAINEE_LIST.stored, rows)
        assert await tally.count(connection, NAMES) == tally.count_of(rows)


@given(values=st.sets(st.sampled_from(get_args(TraineeStatus))))
def test_a_cohort_is_in_exactly_one_state_whoever_is_in_it(values: set[str]) -> None:
    cohort = SimpleNamespace(cohort_id="1")
    states = [s for s in COHORT_STATUS.states if COHORT_STATUS.matches(cohort, s, {"1": values})]
    assert states == [COHORT_STATUS.state_of(values)]
    assert set(COHORT_STATUS.states) == set(get_args(CohortStatus))


@every_listing
@given(data=st.data(), size=st.integers(1, 4))
def test_pages_from_either_end_lead_over_every_row_once(
    partner: tuple[UUID, RowsOf], listing: Listing[Any], data: st.DataObject, size: int
) -> None:
    listing = data.draw(ORDERED[listing.name])
    rows = listing.in_order(data.draw(partner[1][listing.name]))
    whole = sorted(rows, key=listing.sorting.place, reverse=listing.descending)
    forward, backward = [], []
    page = listing.page_of(rows, Paging(size))
    while True:
        forward += page.rows
        if not page.has_next:
            break
        page = listing.page_of(rows, Paging(size, after=page.cursor(-1)))
    page = listing.page_of(rows, Paging(size, backward=True))
    while True:
        backward = [*page.rows, *backward]
        if not page.has_previous:
            break
        page = listing.page_of(rows, Paging(size, before=page.cursor(0), backward=True))
    assert forward == backward == whole


def _parts(listing: Listing[Any], others: dict[str, list[Any]]) -> set[str]:
    """Of the things of which rows of a list are parts, the ids of those that are within."""
    its = [one.limited(listing.within) for one in listing.whose.of]
    return {
        getattr(row, one.id_column)
        for one in its
        for row in one.owned(others[one.name], _parts(one, others))
    }


def _shown(listing: Listing[Any], page: Page[Any]) -> Page[Any]:
    return replace(page, rows=[_read(listing, row) for row in page.rows])


def _read(listing: Listing[Any], row: Any) -> Any:
    """The row without what no list shows, with the names that were put to it."""
    if listing.names and isinstance(row, listing.page_row):
        return row
    kind = listing.shown or type(row)
    return kind(*(getattr(row, name) for name in kind.__struct_fields__))


async def _fill(connection: Any, table: StoredTable[Any], rows: list[Any]) -> None:
    await StoredRows.of(table).replace(connection, {table.key_of(row): row for row in rows})
