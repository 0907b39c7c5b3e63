"""Head office's what-if over all partners: asked for, followed, cancelled; figures and nobody."""

from datetime import date, datetime
from typing import Self
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from api.graphql.engine.arguments import paged, taking
from api.graphql.engine.connections import Connection
from api.graphql.engine.context import Info
from api.graphql.engine.payload import UserError, user_error
from api.graphql.engine.relay import global_id, own_id
from api.graphql.types.job import JobState
from api.graphql.types.whatif_changes import RequestWhatIfInput, stated, what_if_error
from domain.kernel.errors import Refusal
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


@strawberry.input(description="What head office asks of all partners.")
class RequestWhatIfForAllInput(RequestWhatIfInput):
    pass


@strawberry.input
class CancelWhatIfForAllInput:
    id: strawberry.ID
    idempotency_key: str | None = strawberry.field(
        default=None, description="Never needed: to ask twice is to ask once."
    )


@strawberry.type
class RequestWhatIfForAllPayload:
    what_if: WhatIfForAll | None
    position: int | None = strawberry.field(description="Null: it is in no log.")
    errors: list[UserError]


@strawberry.type
class CancelWhatIfForAllPayload:
    what_if: WhatIfForAll | None
    position: int | None = strawberry.field(description="Null: it is in no log.")
    errors: list[UserError]


@strawberry.type
class WhatIfForAllQueries:
    @strawberry.field
    async def what_if_for_all(self, info: Info, id: strawberry.ID) -> WhatIfForAll:
        ask = info.context
        return WhatIfForAll.of(await ask.system.head_office.what_if(ask.principal, own(id)))


@strawberry.type
class WhatIfForAllChanges:
    @strawberry.mutation
    async def request_what_if_for_all(
        self, info: Info, input: RequestWhatIfForAllInput
    ) -> RequestWhatIfForAllPayload:
        ask = info.context
        try:
            found = await ask.system.head_office.request_what_if(
                ask.principal, stated(input), today=ask.today, key=input.idempotency_key
            )
        except Refusal as refusal:
            errors = [what_if_error(ask, refusal)]
            return RequestWhatIfForAllPayload(what_if=None, position=None, errors=errors)
        return RequestWhatIfForAllPayload(what_if=WhatIfForAll.of(found), position=None, errors=[])

    @strawberry.mutation
    async def cancel_what_if_for_all(
        self, info: Info, input: CancelWhatIfForAllInput
    ) -> CancelWhatIfForAllPayload:
        ask = info.context
        try:
            found = await ask.system.head_office.cancel_what_if(ask.principal, own(input.id))
        except Refusal as refusal:
            error = user_error(ask, refusal, ("id",))
            return CancelWhatIfForAllPayload(what_if=None, position=None, errors=[error])
        return CancelWhatIfForAllPayload(what_if=WhatIfForAll.of(found), position=None, errors=[])


def own(given: str) -> UUID:
    """Refuses `id_invalid`."""
    try:
        return UUID(own_id(given, KIND)[1])
    except ValueError as error:
        raise Refusal("id_invalid", id=given[:200]) from error
