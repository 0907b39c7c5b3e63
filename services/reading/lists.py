"""The lists of a partner, today and at any moment: one question, two sources of rows.

Of today the tables answer. Of a moment the log is folded, each thing once per reader: of some
people or classes their streams alone, of a whole partner the nearest state and what follows it. The
rows are cut to the day by the list's `as_of`, and chosen and paged in memory as the statements
would.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar
from uuid import uuid4

import msgspec
from msgspec.structs import replace

from domain.kpi.subjects.as_of import newcomer_as_of
from domain.kpi.subjects.newcomer import Newcomer
from projections.figures.newcomers import NEWCOMERS
from projections.figures.schemes import SCHEMES, SchemeRow
from projections.kernel.filters import Filter, Groups
from projections.kernel.group_count import Counts, GroupCount, GroupState
from projections.kernel.listing import Listing
from projections.kernel.paging import Page, Paging
from projections.kernel.progress import Standing, list_positions, list_standings
from projections.kernel.projection import Projection
from projections.kernel.totals import GroupTotal
from projections.people.joinings import JOININGS
from projections.people.named import NamedPerson, groups_of
from projections.people.people import PERSON_LIST
from projections.trainees.cohort_roster import TRAINEE_LIST
from projections.trainees.timeline import TIMELINE_LIST, TimelineRow
from services.kernel.asker import long_wait
from services.kernel.beside import beside
from services.kernel.context import Principal
from services.reading.budget import MOST_POSITIONS_HERE
from services.reading.evaluations import Evaluators, PastQuestion
from services.reading.kept_rows import KeptRows
from services.reading.moment import Moment
from services.reading.names import with_ids, with_names
from services.reading.ports import Tables, Travel
from services.reading.purviews import PurviewReader
from services.reading.tables import TableReader

R = TypeVar("R", bound=msgspec.Struct)
V = TypeVar("V")

FEW = 20
"""Streams that are read in this process, however long the log is: a trainee's has ten events or
so."""


class PastReader(PurviewReader):
    """The same answers as of a moment, folded from the log; in another process, where the log is
    long and more than a few of its streams are read."""

    def __init__(
        self,
        principal: Principal,
        tables: Tables,
        travel: Travel,
        moment: Moment,
        evaluators: Evaluators | None = None,
        kept: tuple[Standing, KeptRows] | None = None,
    ) -> None:
        """kept: rows of people, which readers read once for all, and where their read model stood
        for it, at the moment's position; there it says the same for ever."""
        super().__init__(principal)
        self._moment, self._tables, self._travel = moment, tables, travel
        self._evaluators = evaluators if moment.position > MOST_POSITIONS_HERE else None
        self._id, self._kept = uuid4(), kept

    async def page(self, listing: Listing[R], paging: Paging, **given: Any) -> Page[R]:
        if await self._is_beyond_in(listing, given):
            return await self._there(PastReader.page, listing, paging, **given)
        own, asked = await self._own(listing), await with_ids(self, listing, given)
        page = await beside(own.page_of, await self._ordered(own, asked), paging)
        return replace(page, rows=await with_names(self, own, page.rows))

    async def count(
        self,
        listing: Listing[R],
        *,
        before: str | None = None,
        most: int | None = None,
        **given: Any,
    ) -> int:
        if await self._is_beyond_in(listing, given):
            return await self._there(PastReader.count, listing, before=before, most=most, **given)
        own, asked = await self._own(listing), await with_ids(self, listing, given)
        read = self._chosen if before is None else self._ordered
        return await beside(own.count_of, await read(own, asked), before, most)

    async def total(self, listing: Listing[R], **given: Any) -> list[GroupTotal]:
        if await self._is_beyond_in(listing, given):
            return await self._there(PastReader.total, listing, **given)
        own, asked = await self._own(listing), await with_ids(self, listing, given)
        return await beside(own.total_of, await self._chosen(own, asked))

    async def get(self, listing: Listing[R], **by: Any) -> R | None:
        wanted = listing.wanted(by)
        if not wanted:
            return None
        if await self._is_beyond_in(listing, by):
            return await self._there(PastReader.get, listing, **by)
        own = await self._own(listing)
        rows: Sequence[R]
        if by.get("id") is not None and own.is_of_streams:
            found = await self._of_streams(own.projection, [by["id"]])
            rows = await self._owned(own, own.of(self._cut(found, self._as_of(own))))
        else:
            rows = await self._rows(own, wanted)
        row = await beside(own.one_of, rows, wanted)
        return row and (await with_names(self, own, [row]))[0]

    async def by_id(self, listing: Listing[R], ids: Sequence[str]) -> dict[str, R]:
        if self._is_beyond(ids if listing.is_of_streams else None):
            return await self._there(PastReader.by_id, listing, ids)
        own = await self._own(listing)
        found = await self.named(listing, ids)
        wanted = await self._owned(own, [*found.values()])
        return _by_id(own, ids, await with_names(self, own, wanted))

    async def values(self, listing: Listing[R], name: str, most: int) -> list[str]:
        if self._is_beyond():
            return await self._there(PastReader.values, listing, name, most)
        own = await self._own(listing)
        of, rows = own.filters[name], await self._rows(own, {})
        groups = await self._groups(of) if rows else {}
        texts = (text for row in rows for text in of.texts_of(row, groups))
        counted = await beside(Counter, filter(None, texts))
        return [text for text, _ in counted.most_common(most)]

    async def tally(self, tally: GroupCount, groups: Sequence[str]) -> Counts:
        if self._is_beyond():
            return await self._there(PastReader.tally, tally, groups)
        own = await self._own(tally.listing)
        rows = await self._narrowed(own, tally.by, groups)
        cut = await beside(self._cut, rows, self._as_of(own))
        return await beside(tally.count_of, await self._owned(own, await beside(own.of, cut)))

    async def newcomers(self, trainee_ids: Sequence[str]) -> dict[str, Newcomer]:
        if self._is_beyond(trainee_ids):
            return await self._there(PastReader.newcomers, trainee_ids)
        ids = await self.own_ids(TRAINEE_LIST, trainee_ids)
        rows = await self._of_streams(NEWCOMERS, ids)
        facts = self._cut([row.facts for row in rows], newcomer_as_of)
        return {one.trainee_id: one for one in facts}

    async def timelines(self, stream_ids: Sequence[str], size: int) -> dict[str, Page[TimelineRow]]:
        if self._is_beyond(stream_ids):
            return await self._there(PastReader.timelines, stream_ids, size)
        listing = await self._own(TIMELINE_LIST)
        rows_by_stream: dict[str, list[TimelineRow]] = {one: [] for one in stream_ids}
        rows = await self._of_streams(listing.projection, stream_ids)
        for row in await self._owned(listing, self._cut(rows, listing.as_of)):
            rows_by_stream[row.stream_id].append(row)
        return {
            one: listing.page_of(listing.in_order(its), Paging(size))
            for one, its in rows_by_stream.items()
        }

    async def scheme_versions(self) -> list[SchemeRow]:
        if self._is_beyond():
            return await self._there(PastReader.scheme_versions)
        return await self._all(SCHEMES)

    async def rows_with(self, listing: Listing[R], /, **values: Collection[str]) -> Sequence[R]:
        if values.keys() == {listing.id_column}:
            return [*(await self.named(listing, [*values[listing.id_column]])).values()]
        if self._is_beyond():
            return await self._there(PastReader.rows_with, listing, **values)
        return await beside(_having, await self._rows(listing, {}), values)

    async def named(self, listing: Listing[R], ids: Sequence[str]) -> dict[str, R]:
        kept, rest = await self._at_hand(listing, ids) if listing.named_as_of else ([], ids)
        found = _by_id(listing, ids, listing.of(self._cut(kept, listing.named_as_of)))
        if not rest:
            return found
        if self._is_beyond(rest if listing.is_of_streams else None):
            return found | await self._there(PastReader.named, listing, rest)
        if listing.is_of_streams:
            rows = await self._of_streams(listing.projection, rest)
            cut = listing.of(self._cut(rows, listing.named_as_of or self._as_of(listing)))
        else:
            cut = await self._rows(listing, {})
        return found | _by_id(listing, rest, await beside(_having, cut, {listing.id_column: rest}))

    async def _at_hand(
        self, listing: Listing[R], ids: Sequence[str]
    ) -> tuple[Sequence[R], Sequence[str]]:
        """Of what has a name, the rows that need not be folded, cut to no day: those that are kept,
        and where the table stands at the moment's position, its own; and which ids are left.

        A table that stands there knows its people as it last sealed them: whose key was deleted
        since is called so until the read model is made anew, here as in every list of today.
        """
        keeper = self._kept if listing is PERSON_LIST else None
        known = keeper[1].among(ids) if keeper else {}
        if not (unknown := [one for one in ids if one not in known]):
            return [*known.values()], ()
        async with self._tables.snapshot(self._principal.tenant) as tenant:
            (stands,) = await list_standings(tenant, [listing.projection])
            if stands.position != self._moment.position:
                return [*known.values()], unknown
            found = await listing.by_id(tenant, unknown)
        if keeper and stands == keeper[0]:
            keeper[1].keep(found)
        return [*known.values(), *found.values()], ()

    def _is_beyond(self, streams: Sequence[str] | None = None) -> bool:
        """Whether another process answers. streams: that are read; None: any may be."""
        return self._evaluators is not None and (streams is None or len(streams) > FEW)

    async def _is_beyond_in(self, listing: Listing[R], given: Mapping[str, Any]) -> bool:
        """The same of the streams in which all rows are that are asked for."""
        if self._evaluators is None:
            return False
        if given.get("id") is not None and listing.is_of_streams:
            return self._is_beyond([given["id"]])
        name, value = _narrowing_of(listing, listing.wanted(given))
        return self._is_beyond(await self._ids(listing, name, [value]) if name else None)

    async def _there(self, ask: Callable[..., Awaitable[V]], *asked: Any, **given: Any) -> V:
        of = (self._principal, self._id, self._moment)
        assert self._evaluators is not None  # noqa: S101 - `_is_beyond`
        async with long_wait():
            return await self._evaluators.evaluate(PastQuestion(*of, ask, asked, given))

    async def _ordered(self, listing: Listing[R], given: Mapping[str, Any]) -> list[R]:
        """Those that are chosen, in the list's order, which every page of them asks for."""

        async def read() -> list[R]:
            return await beside(listing.in_order, await self._chosen(listing, given))

        way, wanted = (listing.sorting.of, listing.descending), listing.wanted(given)
        return await self.once((*way, listing.is_whole, *sorted(wanted.items())), read)

    async def _chosen(self, listing: Listing[R], given: Mapping[str, Any]) -> list[R]:
        """Those that meet the filters, from which pages and what they add up to are made."""
        wanted = listing.wanted(given)

        async def read() -> list[R]:
            rows, groups = await self._rows(listing, wanted), dict[Any, Any]()
            for name in wanted:
                groups |= await self._groups(listing.filters[name])
            return await beside(listing.chosen, rows, wanted, groups)

        key = ("chosen", listing.name, listing.is_whole, *sorted(wanted.items()))
        return await self.once(key, read)

    async def _groups(self, of: Filter[Any]) -> Groups:
        """What other lists say of the rows of a filter's."""
        if isinstance(of, GroupState):
            return await beside(of.tally.count_of, await self._rows(of.tally.listing, {}))
        if isinstance(of, NamedPerson):
            return groups_of(await self._all(JOININGS))
        return {}

    async def _rows(self, listing: Listing[R], wanted: Mapping[str, Any]) -> list[R]:
        """At least those that `chosen` would choose, cut to the day."""
        name, value = _narrowing_of(listing, wanted)

        async def read() -> list[R]:
            if name is None:
                rows = await self._all(listing.projection)
            else:
                rows = await self._narrowed(listing, name, [value])
            cut = await beside(self._cut, rows, self._as_of(listing))
            return [*await self._owned(listing, await beside(listing.of, cut))]

        return await self.once((listing.name, listing.is_whole, name, value), read)

    async def _narrowed(self, listing: Listing[R], name: str, values: Sequence[Any]) -> list[R]:
        """From the streams of these values; everything where it is not known yet which they are."""
        ids = await self._ids(listing, name, values)
        if ids is None:
            return await self._all(listing.projection)
        return await self._of_streams(listing.projection, ids)

    async def _ids(
        self, listing: Listing[R], name: str, values: Sequence[Any]
    ) -> Sequence[str] | None:
        """The streams of these values; None where it is not known yet which they are."""
        narrowing = listing.narrowed[name]
        if narrowing is None:
            return values
        async with self._tables.snapshot(self._principal.tenant) as tenant:
            (reached,) = await list_positions(tenant, [narrowing.known])
            ids = await narrowing.ids(tenant, values)
        return None if reached < self._moment.position else ids

    async def _of_streams(self, projection: Projection[R], stream_ids: Sequence[str]) -> list[R]:
        rows, _ = await self._travel.fold_streams(
            self._principal.tenant,
            projection,
            projection.streams_of(stream_ids),
            self._moment.position,
        )
        return rows

    async def _all(self, projection: Projection[R]) -> list[R]:
        """Everything as of the moment's position."""

        async def read() -> list[R]:
            at = self._moment.position
            rows, _ = await self._travel.state(self._principal.tenant, projection, at)
            return rows

        return await self.once(projection.table, read)

    def _as_of(self, listing: Listing[R]) -> Callable[[R, date], R | None] | None:
        """How rows are cut to the moment's day; looked at on that day, what is to come is shown."""
        is_past = self._moment.happened_by < self._moment.today
        return listing.as_of if is_past else listing.to_come or listing.as_of

    def _cut(self, rows: Collection[R], as_of: Callable[[R, date], R | None] | None) -> list[R]:
        """The rows as of the moment's day."""
        if as_of is None:
            return list(rows)
        day = self._moment.happened_by
        return [cut for row in rows if (cut := as_of(row, day)) is not None]


def _narrowing_of(listing: Listing[Any], wanted: Mapping[str, Any]) -> tuple[str | None, Any]:
    """By what of a question its rows are looked for in few streams, and its value there."""
    name = next((one for one in listing.narrowed if one in wanted), None)
    return name, name and wanted[name]


def _having(rows: Iterable[R], values: Mapping[str, Collection[str]]) -> list[R]:
    wanted = {column: frozenset(its) for column, its in values.items()}
    return [row for row in rows if any(getattr(row, one) in its for one, its in wanted.items())]


def _by_id(listing: Listing[R], ids: Iterable[str], rows: Iterable[R]) -> dict[str, R]:
    """Rows by their ids, in the order of these."""
    known = {getattr(row, listing.id_column): row for row in rows}
    return {one: known[one] for one in ids if one in known}


Reader = TableReader | PastReader
"""The source of the rows of a partner's lists."""
