"""What surrounds one GraphQL operation: who asks, in which language, and what was loaded for it."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, partial
from typing import Any, TypeVar

import msgspec
import strawberry
from strawberry.dataloader import DataLoader
from uuid_utils.compat import uuid7

from api.graphql.engine.plans import Plans, Views
from domain.kpi.catalog import NEWCOMER_FIGURES
from domain.kpi.kpi import Kpi
from domain.kpi.subjects.newcomer import Newcomer
from domain.planning.calendar import local_day
from infra.bootstrap import App
from projections import LISTINGS
from projections.figures.schemes import SCHEMES, SchemeRow
from projections.kernel.group_count import GroupCount
from projections.kernel.listing import Listing
from projections.kernel.paging import Page
from projections.kernel.projection import Projection, TenantTables
from projections.trainees.timeline import TimelineRow
from services.kernel.context import Context, Principal
from services.kernel.fields import Beside
from services.people.access import LoginSession
from services.reading.budget import Budget
from services.reading.figures import FigureReader
from services.reading.lists import Reader
from services.reading.moment import Moment, Question, Sides, checked_position, question_at
from services.reading.names import named_rows
from services.reading.opened import Opened
from services.reading.tables import TableReader

SHOWN: tuple[Projection[Any], ...] = (*(one.projection for one in LISTINGS), SCHEMES)
"""The read models behind the schema: what `minPosition` waits for."""

K = TypeVar("K")
V = TypeVar("V")
R = TypeVar("R", bound=msgspec.Struct)


class Loaders:
    """What one operation reads at one moment: each thing once, and with all others of its kind."""

    def __init__(self, context: "OperationContext", moment: Moment | None) -> None:
        self._context, self._moment = context, moment
        self.reader: Reader = context.tables
        if moment is not None:
            self.reader = context.system.lists(
                context.principal, moment, context.figures.people_stand.get(moment.position)
            )
        self.timelines = context.system.timelines(context.principal, moment, self.reader)
        self._known: dict[Any, DataLoader[Any, Any]] = {}

    @property
    def question(self) -> Question:
        """About the figures of everybody, at the moment."""
        return question_at(self._moment, self._context.today)

    def row(self, listing: Listing[R]) -> DataLoader[str, R | None]:
        """The list's rows by id."""
        return self._kept(listing.name, lambda ids: self.reader.by_id(listing, ids))

    def named(self, listing: Listing[Any]) -> DataLoader[str, Any]:
        """What rows that may be read name of a list, also where no more of it may be."""
        return self._kept(listing, lambda ids: named_rows(self.reader, listing, ids))

    def counts(self, tally: GroupCount) -> DataLoader[str, Any]:
        """How many rows of a group have which value, by group."""
        return self._kept(tally, lambda groups: self.reader.tally(tally, groups))

    @cached_property
    def newcomer_by_trainee(self) -> DataLoader[str, Newcomer | None]:
        """The facts that a person's figures are counted from."""
        return loader(self.reader.newcomers)

    def first_events(self, size: int) -> DataLoader[str, Page[TimelineRow] | None]:
        """The first page of a timeline, by stream."""
        return self._kept(size, lambda ids: self.timelines.first_pages(ids, size))

    @cached_property
    def event_by_position(self) -> DataLoader[int, TimelineRow | None]:
        """An event of the log, which is the same at every moment."""
        return loader(self._context.tables.records)

    @cached_property
    def scheme_rows(self) -> asyncio.Future[list[SchemeRow]]:
        """Every published version of the scheme."""
        return asyncio.ensure_future(self.reader.scheme_versions())

    @cached_property
    def figures_by_cohort(self) -> DataLoader[str, Any]:
        """The figures of a cohort by its code, and the position that they show."""
        source, principal, asked = self._context.figures, self._context.principal, self.question
        return loader(lambda codes: source.of_cohorts(principal, asked, codes, NEWCOMER_FIGURES))

    def _kept(
        self, key: Any, read: Callable[[Sequence[Any]], Awaitable[dict[Any, V]]]
    ) -> DataLoader[Any, V | None]:
        if key not in self._known:
            self._known[key] = loader(read)
        return self._known[key]


def loader(read: Callable[[Sequence[K]], Awaitable[dict[K, V]]]) -> DataLoader[K, V | None]:
    """A loader over a query that answers by key; None for a key that it leaves out."""

    async def load(keys: list[K]) -> Sequence[V | None]:
        return [*map((await read(keys)).get, keys)]

    return DataLoader(load_fn=load)


@dataclass(eq=False)
class OperationContext:
    """One operation: what it reads, it reads once (`at`).

    floor: the position that everything it reads must show, of what it wrote itself.
    """

    system: App
    principal: Principal
    language: str
    session: LoginSession | None
    plans: Plans
    views: Views
    budget: Budget
    floor: int = 0

    def __post_init__(self) -> None:
        self.now: datetime = self.system.clock()
        self._loaders: dict[Moment | None, Loaders] = {}
        self._opened: dict[Hashable, Opened] = {}

    @cached_property
    def figures(self) -> FigureReader:
        """The figures of the operation, which may ask for so much and no more."""
        return self.system.figures.within(self.budget)

    @cached_property
    def tables(self) -> TableReader:
        """The lists of today, as the caller may read them."""
        return TableReader(self.principal, self.read, self.today)

    @cached_property
    def today(self) -> date:
        """The partner's local day when the operation began."""
        return local_day(self.now, self.principal.zone)

    def command(self, beside: Beside) -> Context:
        """What surrounds a command of this operation."""
        sent = msgspec.structs.asdict(beside)
        return self.system.context(self.principal, correlation_id=uuid7(), **sent)

    async def reach(self, position: int | None) -> None:
        """Waits for the read models. Refuses `position_invalid`, `position_not_reached`."""
        if position is not None:
            await self.system.wait_for(self.principal.tenant, SHOWN, checked_position(position))

    def opened(self, open_up: Callable[..., Any], of: Any, *given: Hashable) -> Opened:
        """Figures opened by a function. of: when, an AsOf. given: before the basis."""
        count = partial(
            self.figures.opened, self.principal, of.question, of.position, partial(open_up, *given)
        )
        key = (open_up, of.question, of.position, *given)
        return self._opened.setdefault(key, Opened(count))

    def compared(self, sides: Sides, kpis: Sequence[Kpi]) -> Opened:
        """The figures of both sides, and by KPI what moved them."""
        slugs = tuple(kpi.slug for kpi in kpis)
        return Opened(partial(self.figures.compared, self.principal, sides, slugs))

    async def read(self, query: Callable[[TenantTables], Awaitable[V]]) -> V:
        """One query in a transaction of the tenant."""
        if self.floor:
            await self.reach(self.floor)
        return await self.system.read(self.principal.tenant, query)

    def at(self, moment: Moment | None = None) -> Loaders:
        """What is answered at a moment, or now; each thing is read once, however often asked."""
        if moment not in self._loaders:
            self._loaders[moment] = Loaders(self, moment)
        return self._loaders[moment]


Info = strawberry.Info[OperationContext, None]
