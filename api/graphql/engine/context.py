"""What surrounds one GraphQL operation: who asks, in which language, and what was loaded for it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import strawberry
from uuid_utils.compat import uuid7

from api.graphql.engine.loaders import Loaders
from api.graphql.engine.plans import Plans, Views
from domain.kpi.proof.explanation import Explanation
from infra.bootstrap import App
from projections import LISTINGS
from projections.figures.newcomers import NEWCOMERS
from projections.figures.schemes import SCHEMES
from projections.kernel.projection import Connection, Projection
from services.kernel.context import Context, Principal
from services.people.access import LoginSession
from services.reading.lists import Reader, TableReader
from services.reading.moment import Moment, checked_position
from services.reading.question import Question

SHOWN: tuple[Projection[Any], ...] = (
    *(listing.projection for listing in LISTINGS),
    NEWCOMERS,
    SCHEMES,
)
"""The read models behind the schema: what `minPosition` waits for."""

V = TypeVar("V")


class OperationContext:
    """One operation: what it reads, it reads once (`at`)."""

    def __init__(
        self,
        system: App,
        principal: Principal,
        language: str,
        session: LoginSession | None,
        plans: Plans,
        views: Views,
    ) -> None:
        self.system = system
        self.figures = system.figures
        self.principal = principal
        self.language = language
        self.session = session
        self.plans = plans
        self.views = views
        self.now: datetime = system.clock()
        self._loaders: dict[Moment | None, Loaders] = {}
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
            correlation_id=uuid7(),
        )

    async def reach(self, position: int | None) -> None:
        """Waits for the read models. Refuses `position_invalid`, `position_not_reached`."""
        if position is not None:
            await self.system.wait_for(self.tenant, SHOWN, checked_position(position))

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
        return await self.system.read(self.tenant, query)

    def at(self, moment: Moment | None = None) -> Loaders:
        """What is answered at a moment, or now; each thing is read once, however often asked."""
        if moment not in self._loaders:
            self._loaders[moment] = self._made(moment)
        return self._loaders[moment]

    def _made(self, moment: Moment | None) -> Loaders:
        reader: Reader = TableReader(self.tenant, self.read)
        asked = Question(happened_by=self.today)
        if moment is not None:
            reader = self.system.lists(self.tenant, moment)
            day = moment.happened_by or self.today
            asked = Question(happened_by=day, known_by=moment.position)
        return Loaders(reader, self.read, self.figures, self.principal, asked)


Info = strawberry.Info[OperationContext, None]
