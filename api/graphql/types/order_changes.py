"""The mutations of orders: their inputs, what they answer, and the commands they give."""

from datetime import date
from decimal import Decimal

import strawberry

from api.graphql.engine.context import Info
from api.graphql.engine.payload import UserError
from api.graphql.types.changed import change_trainee
from api.graphql.types.trainee import Trainee
from services.trainees.order import ReassignOrder, RecordOrder, VoidOrder


@strawberry.input
class RecordOrderInput:
    employee_no: str
    order_no: str
    closed_on: date
    product: str | None = None
    amount: Decimal | None = None
    idempotency_key: str | None = None


@strawberry.input
class ReassignOrderInput:
    order_no: str
    employee_no: str = strawberry.field(description="Whose it is from `on`.")
    on: date
    reason: str
    idempotency_key: str | None = None


@strawberry.input
class VoidOrderInput:
    order_no: str
    on: date
    reason: str
    idempotency_key: str | None = None


@strawberry.type
class RecordOrderPayload:
    trainee: Trainee | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class ReassignOrderPayload:
    trainee: Trainee | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class VoidOrderPayload:
    trainee: Trainee | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class OrderChanges:
    @strawberry.mutation
    async def record_order(self, info: Info, input: RecordOrderInput) -> RecordOrderPayload:
        return await change_trainee(info, RecordOrder, input, RecordOrderPayload)

    @strawberry.mutation
    async def reassign_order(self, info: Info, input: ReassignOrderInput) -> ReassignOrderPayload:
        return await change_trainee(info, ReassignOrder, input, ReassignOrderPayload)

    @strawberry.mutation
    async def void_order(self, info: Info, input: VoidOrderInput) -> VoidOrderPayload:
        return await change_trainee(info, VoidOrder, input, VoidOrderPayload)
