"""The lists of a partner as they stand today, from the read models' tables."""

import dataclasses
from asyncio import Future
from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping, Sequence
from copy import copy
from datetime import date, datetime
from typing import Any, Protocol, Self, TypeVar

import msgspec
from msgspec.structs import replace

from domain.kpi.subjects.newcomer import Newcomer
from projections.figures.newcomers import list_newcomers_by_id
from projections.figures.schemes import SchemeRow, list_scheme_versions
from projections.kernel.group_count import Counts, GroupCount
from projections.kernel.listing import Listing
from projections.kernel.paging import Page, Paging
from projections.kernel.projection import TenantTables
from projections.kernel.totals import GroupTotal
from projections.people.people import PERSON_LIST
from projections.reporting.submissions import SUBMISSION_LIST, list_resubmitted
from projections.trainees.cohort_roster import TRAINEE_LIST
from projections.trainees.timeline import (
    TIMELINE_LIST,
    TimelineRow,
    list_events_by_position,
    list_timelines,
)
from services.kernel.context import Principal
from services.reading.names import with_ids, with_names
from services.reading.purviews import PurviewReader
from services.reading.today import TodaysTables

R = TypeVar("R", bound=msgspec.Struct)
V = TypeVar("V")


class Read(Protocol):
    """Carries out a query in a transaction of the tenant."""

    async def __call__(self, query: Callable[[TenantTables], Awaitable[V]]) -> V: ...


class TableReader(PurviewReader):
    """Answers about today, as known now, from the read models' tables. Refuses
    `cursor_invalid`."""

    def __init__(self, principal: Principal, read: Read, today: date) -> None:
        super().__init__(principal)
        self._tables, self._today = read, today

    async def page(self, listing: Listing[R], paging: Paging, **given: Any) -> Page[R]:
        """A page of the rows that meet the filters given."""

        async def read(reader: Self) -> Page[R]:
            own, asked = await reader._own(listing), await with_ids(reader, listing, given)
            page = await reader._read(lambda tenant: own.page(tenant, paging, **asked))
            return replace(page, rows=await with_names(reader, own, page.rows))

        return await self._together(read)

    async def count(self, listing: Listing[R], **given: Any) -> int:
        """How many rows meet the filters given; `before` and `most` as the list's own count."""
        return await self._of_those(Listing.count, listing, given)

    async def total(self, listing: Listing[R], **given: Any) -> list[GroupTotal]:
        """What the rows amount to that meet the filters given."""
        return await self._of_those(Listing.total, listing, given)

    async def get(self, listing: Listing[R], **by: Any) -> R | None:
        """The row with this `id`, or with this value of a unique column."""

        async def read(reader: Self) -> R | None:
            own = await reader._own(listing)
            row = await reader._read(lambda tenant: own.get(tenant, **by))
            return row and (await with_names(reader, own, [row]))[0]

        return await self._together(read)

    async def by_id(self, listing: Listing[R], ids: Sequence[str]) -> dict[str, R]:
        async def read(reader: Self) -> dict[str, R]:
            own = await reader._own(listing)
            found = await reader._read(lambda tenant: own.by_id(tenant, ids))
            rows = await with_names(reader, own, [*found.values()])
            return dict(zip(found, rows, strict=True))

        return await self._together(read)

    async def values(self, listing: Listing[R], name: str, most: int) -> list[str]:
        """The texts that a filter's column has in rows, each once, the commonest first."""
        own, texts = await self._own(listing), listing.filters[name].texts
        return await self._read(lambda tenant: own.values(tenant, texts, most))

    async def texts(self, listing: Listing[R], column: str, most: int) -> list[str]:
        """The same of a column as people see it, whether or not a filter is of it."""
        own = await self._own(listing)
        its = (one.texts_shown for one in listing.filters.values() if one.shown_in == column)
        texts = next(its, column)
        return await self._read(lambda tenant: own.values(tenant, texts, most))

    async def months(self, listing: Listing[R], column: str, most: int) -> list[str]:
        """The months, as YYYY-MM, that rows have days of in a column."""
        own = await self._own(listing)
        return await self._read(lambda tenant: own.months(tenant, column, most))

    async def resubmitted(self, months: Sequence[str]) -> dict[str, datetime]:
        """When each of these months was submitted last, of those that were."""
        own = await self._own(SUBMISSION_LIST)
        if own.within is not None:
            return {}
        return await self._read(lambda tenant: list_resubmitted(tenant, months=months))

    async def tally(self, tally: GroupCount, groups: Sequence[str]) -> Counts:
        """How many rows of these groups have which value."""
        own = await self._own(tally.listing)
        its = tally if own is tally.listing else dataclasses.replace(tally, listing=own)
        return await self._read(lambda tenant: its.count(tenant, groups))

    async def newcomers(self, trainee_ids: Sequence[str]) -> dict[str, Newcomer]:
        """The facts of these people that figures are counted from."""
        ids = await self.own_ids(TRAINEE_LIST, trainee_ids)
        rows = await self._read(lambda tenant: list_newcomers_by_id(tenant, trainee_ids=ids))
        return {row.trainee_id: row for row in rows}

    async def timelines(self, stream_ids: Sequence[str], size: int) -> dict[str, Page[TimelineRow]]:
        """The first page of each of these timelines."""
        own, ids = await self._own(TIMELINE_LIST), list(stream_ids)
        return await self._read(
            lambda tenant: list_timelines(tenant, own, stream_ids=ids, first=size)
        )

    async def records(self, positions: Sequence[int]) -> dict[int, TimelineRow]:
        """The events at these positions of the log, by position, in order."""
        own, at = await self._own(TIMELINE_LIST), list(positions)
        found = await self._read(lambda tenant: list_events_by_position(tenant, positions=at))
        rows = [row for _, row in sorted(found.items())]
        return {row.position: row for row in await self._owned(own, rows)}

    async def rows_with(self, listing: Listing[R], /, **values: Collection[str]) -> Sequence[R]:
        found = await self._read(lambda tenant: listing.rows_with(tenant, **values))
        if listing is PERSON_LIST:  # Whom a filter means, the rows that it finds name.
            self._people.keep({getattr(row, listing.id_column): row for row in found})
        return found

    async def named(self, listing: Listing[R], ids: Sequence[str]) -> dict[str, R]:
        return await self._read(lambda tenant: listing.by_id(tenant, ids))

    async def scheme_versions(self) -> list[SchemeRow]:
        """Every version of the scheme, in the order of publishing."""
        return await self._read(list_scheme_versions)

    async def _of_those(
        self, query: Callable[..., Awaitable[V]], listing: Listing[Any], given: Mapping[str, Any]
    ) -> V:
        """What a list's query says of the rows that are within and meet the filters given."""

        async def read(reader: Self) -> V:
            own, asked = await reader._own(listing), await with_ids(reader, listing, given)
            return await reader._read(lambda tenant: query(own, tenant, **asked))

        return await self._together(read)

    async def _together(self, ask: Callable[[Self], Awaitable[V]]) -> V:
        """What a reader is asked in one transaction. What it read once is known here after that,
        and not before: it is asked on this connection, which waits for nobody beside."""

        async def read(tenant: TenantTables) -> tuple[V, Mapping[Hashable, Future[Any]]]:
            its = copy(self)
            its._tables, its._reading = lambda query: query(tenant), _done(self._reading)
            return await ask(its), its._reading

        found, known = await self._tables(read)
        self._reading |= _done(known)
        return found

    async def _read(self, query: Callable[[TenantTables], Awaitable[V]]) -> V:
        return await self._tables(lambda tenant: query(TodaysTables(tenant, self._today)))


def _done(reading: Mapping[Hashable, Future[Any]]) -> dict[Hashable, Future[Any]]:
    return {key: one for key, one in reading.items() if one.done()}
