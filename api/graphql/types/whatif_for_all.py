"""Head office's what-if over all partners: asked for, followed, cancelled; figures and nobody."""

from datetime import date, datetime
from typing import Self

import strawberry
from strawberry.scalars import JSON

from api.graphql.engine.arguments import paged, taking
from api.graphql.engine.connections import Connection
from api.graphql.engine.context import Info
from api.graphql.engine.relay import global_id, own_uuid
from api.graphql.types.job import JobState
from projections.kernel.paging import LARGEST_PAGE, Paging
from services.scheme import whatif_for_all as office

KIND = "WhatIfForAll"


@strawberry.type(description="What a draft makes of one partner's figures.")
class PartnerWhatIf:
    code: str
    name: str
    state: JobState
    done: int = strawberry.field(description="Months.")
    months: JSON | None = strawberry.field(
        description="Each figure before and after, and how many moved it; null until all are there."
    )
    error: str | None = strawberry.field(description="The code of what it failed with.")

    @classmethod
    def of(cls, answer: office.PartnerAnswer, *, is_cancelled: bool) -> Self:
        return cls(
            code=answer.code,
            name=answer.name,
            state=JobState(answer.state(is_cancelled=is_cancelled).value),
            done=answer.done,
            months=None if answer.months is None else JSON(answer.months),
            error=answer.error,
        )


@strawberry.type(description="A draft over all partners; done of total are their months.")
class WhatIfForAll:
    id: strawberry.ID
    months: list[str]
    kpis: list[str]
    happened_by: date
    requested_at: datetime
    actor: str
    partners: int
    answered: int = strawberry.field(description="Partners whose part is over.")
    done: int
    total: int
    is_cancelled: bool
    is_over: bool
    found: strawberry.Private[office.WhatIfForAll]

    @taking(
        paged(LARGEST_PAGE),
        description="Of the partners that were begun with, by their codes.",
    )
    async def answers(self, info: Info, paging: Paging) -> Connection[PartnerWhatIf]:
        ask, begun = info.context, self.found.begun
        start, stop = paging.window(begun)
        answers = await ask.system.head_office.what_if_answers(
            ask.principal, self.found.id, first=stop - start, after=start
        )
        is_cancelled = self.is_cancelled
        nodes = [PartnerWhatIf.of(answer, is_cancelled=is_cancelled) for answer in answers]
        return Connection.numbered(nodes, start, begun)

    @classmethod
    def of(cls, found: office.WhatIfForAll) -> Self:
        return cls(
            id=global_id(KIND, str(found.id)),
            months=list(found.asked.months),
            kpis=list(found.asked.kpis),
            happened_by=found.happened_by,
            requested_at=found.requested_at,
            actor=found.actor,
            partners=found.partners,
            answered=found.answered,
            done=found.done,
            total=found.total,
            is_cancelled=found.is_cancelled,
            is_over=found.is_over,
            found=found,
        )


@strawberry.type
class WhatIfForAllQueries:
    @strawberry.field
    async def what_if_for_all(self, info: Info, id: strawberry.ID) -> WhatIfForAll:
        ask = info.context
        return WhatIfForAll.of(
            await ask.system.head_office.what_if(ask.principal, own_uuid(id, KIND))
        )
