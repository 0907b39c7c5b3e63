"""What surrounds one GraphQL operation: who asks, in which language, and what was loaded for it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import strawberry
from strawberry.dataloader import DataLoader
from uuid_extensions import uuid7

from api.figures import FigureSource, Question
from api.graphql.plans import Plans
from api.kpis import KpiSource
from domain.kpi.explanation import Explanation
from domain.kpi.figures import NewcomerFigures
from domain.kpi.newcomer import Newcomer
from infra.bootstrap import App
from projections.cohort_roster import (
    COHORT_ROSTER,
    CohortRosterRow,
    RosterCounts,
    count_roster_by_cohort,
    list_trainees_by_id,
)
from projections.cohorts import COHORTS, CohortRow, list_cohorts_by_id
from projections.newcomers import NEWCOMERS, list_newcomers_by_id
from projections.paging import Page
from projections.projection import Connection, Projection
from projections.schemes import SCHEMES, list_scheme_versions
from projections.sessions import SESSIONS
from projections.submissions import SUBMISSIONS
from projections.timeline import (
    TIMELINE,
    TimelineRow,
    list_events_by_position,
    list_timelines,
)
from services.access import Session
from services.context import Context, Principal

SHOWN: tuple[Projection[Any], ...] = (
    NEWCOMERS,
    COHORTS,
    COHORT_ROSTER,
    TIMELINE,
    SCHEMES,
    SESSIONS,
    SUBMISSIONS,
)
"""The read models behind the schema: what `minPosition` waits for."""

K = TypeVar("K")
V = TypeVar("V")


class Ask:
    """One operation. Loaders read each thing once, with one statement for all that ask."""

    def __init__(
        self,
        system: App,
        figures: FigureSource,
        kpis: KpiSource,
        principal: Principal,
        language: str,
        session: Session | None,
        plans: Plans,
    ) -> None:
        self.system = system
        self.figures = figures
        self.kpis = kpis
        self.principal = principal
        self.language = language
        self.session = session
        self.plans = plans
        self.now: datetime = system.clock()
        self._explaining: dict[tuple[Question, int], asyncio.Future[Explanation]] = {}
        self.floor = 0
        """The position that everything read by this operation must show: what it wrote itself."""

    @property
    def tenant(self) -> UUID:
        return self.principal.tenant

    @property
    def today(self) -> date:
        """The partner's local day when the operation began."""
        return self._day(self.now)

    def local_day(self) -> date:
        """The partner's local day of this moment; a subscription lives longer than a day."""
        return self._day(self.system.clock())

    def _day(self, instant: datetime) -> date:
        return instant.astimezone(ZoneInfo(self.principal.zone)).date()

    def command(self, idempotency_key: str | None) -> Context:
        """What surrounds a command of this operation."""
        return self.system.context(
            self.principal,
            idempotency_key=idempotency_key,
            correlation_id=UUID(str(uuid7())),
        )

    async def reach(self, position: int | None) -> None:
        """Waits until the read models show the position. Refuses `position_not_reached`."""
        if position is not None:
            await self.system.wait_for(self.tenant, SHOWN, position)

    async def explain(self, asked: Question, position: int) -> Explanation:
        """Opens figures; the same ones once, however often the operation asks."""
        key = (asked, position)
        if key not in self._explaining:
            opening = self.figures.explain(self.principal, asked, position)
            self._explaining[key] = asyncio.ensure_future(opening)
        return await self._explaining[key]

    async def read(self, query: Callable[[Connection], Awaitable[V]]) -> V:
        """One query in a transaction of the tenant."""
        if self.floor:
            await self.reach(self.floor)
        async with self.system.db.tenant(self.tenant) as connection:
            return await query(connection)

    @cached_property
    def trainee_by_id(self) -> DataLoader[str, CohortRosterRow | None]:
        return self._loader(lambda c, ids: list_trainees_by_id(c, trainee_ids=ids))

    @cached_property
    def cohort_by_id(self) -> DataLoader[str, CohortRow | None]:
        return self._loader(lambda c, ids: list_cohorts_by_id(c, cohort_ids=ids))

    @cached_property
    def counts_by_cohort(self) -> DataLoader[str, RosterCounts | None]:
        return self._loader(lambda c, ids: count_roster_by_cohort(c, cohort_ids=ids))

    @cached_property
    def event_by_position(self) -> DataLoader[int, TimelineRow | None]:
        return self._loader(lambda c, places: list_events_by_position(c, positions=places))

    @cached_property
    def timeline_by_trainee(self) -> DataLoader[tuple[str, int], Page[TimelineRow]]:
        """By trainee and page size: the first pages."""

        async def load(keys: list[tuple[str, int]]) -> Sequence[Page[TimelineRow]]:
            found: dict[tuple[str, int], Page[TimelineRow]] = {}
            for first in {size for _, size in keys}:
                ids = [trainee_id for trainee_id, size in keys if size == first]
                pages = await self._timelines(ids, first)
                found |= {(trainee_id, first): page for trainee_id, page in pages.items()}
            return [found[key] for key in keys]

        return DataLoader(load_fn=load)

    async def _timelines(self, ids: list[str], first: int) -> dict[str, Page[TimelineRow]]:
        return await self.read(lambda c: list_timelines(c, stream_ids=ids, first=first))

    @cached_property
    def rounding_by_version(self) -> DataLoader[int, str | None]:
        """By number of a scheme's version."""

        async def read(connection: Connection, _: list[int]) -> dict[int, str]:
            rows = await list_scheme_versions(connection)
            return {row.number: row.parameters.rounding for row in rows}

        return self._loader(read)

    @cached_property
    def newcomer_by_trainee(self) -> DataLoader[str, Newcomer | None]:
        async def read(connection: Connection, ids: list[str]) -> dict[str, Newcomer]:
            rows = await list_newcomers_by_id(connection, trainee_ids=ids)
            return {row.trainee_id: row for row in rows}

        return self._loader(read)

    @cached_property
    def figures_by_cohort(self) -> DataLoader[str, tuple[NewcomerFigures, int]]:
        async def load(codes: list[str]) -> Sequence[tuple[NewcomerFigures, int]]:
            # One board answers for all of them; a cohort without newcomers is asked for itself.
            question = Question(happened_by=self.today)
            boarded = await self.figures.board(self.principal, question)
            found = []
            for code in codes:
                known = boarded.board.by_cohort.get(code)
                if known is None:
                    alone = Question(happened_by=self.today, cohort=code)
                    figured = await self.figures.figures(self.principal, alone)
                    found.append((figured.figures, figured.position))
                else:
                    found.append((known, boarded.position))
            return found

        return DataLoader(load_fn=load)

    def _loader(
        self, query: Callable[[Connection, list[K]], Awaitable[dict[K, V]]]
    ) -> DataLoader[K, V | None]:
        async def load(keys: list[K]) -> Sequence[V | None]:
            found = await self.read(lambda connection: query(connection, list(keys)))
            return [found.get(key) for key in keys]

        return DataLoader(load_fn=load)


Info = strawberry.Info[Ask, None]
