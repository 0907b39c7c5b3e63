"""The mutations that say how it truly was: what had been typed wrong. `reason`: why."""

from datetime import date
from decimal import Decimal

import strawberry

from api.graphql.engine.context import Info
from api.graphql.engine.payload import UserError
from api.graphql.types.changed import change_trainee
from api.graphql.types.trainee import Trainee
from api.graphql.types.trainee_changes import ExamKind, Verdict
from services.trainees.correction import (
    CorrectEnrolment,
    CorrectExamResult,
    CorrectGoLive,
    CorrectLeaving,
    CorrectOrder,
    CorrectTrialVerdict,
    WithdrawLeaving,
)


@strawberry.input
class RecordedFact:
    fact: int | None = strawberry.field(default=None, description="Its id in the timeline.")
    was_on: date | None = strawberry.field(default=None, description="Or its day: the last of it.")


@strawberry.input
class CorrectEnrolmentInput:
    employee_no: str
    reason: str
    entered_on: date | None = strawberry.field(default=None, description="What is not given stays.")
    manager: str | None = strawberry.field(default=None, description="Blank: there was none.")
    post: str | None = None
    name: str | None = None
    idempotency_key: str | None = None


@strawberry.input
class CorrectTrialVerdictInput(RecordedFact):
    employee_no: str
    verdict: Verdict
    on: date
    feedback: str
    reason: str
    idempotency_key: str | None = None


@strawberry.input
class CorrectExamResultInput(RecordedFact):
    employee_no: str
    kind: ExamKind
    passed: bool
    on: date
    reason: str
    score: Decimal | None = None
    idempotency_key: str | None = None


@strawberry.input
class CorrectGoLiveInput(RecordedFact):
    employee_no: str
    on: date
    reason: str
    idempotency_key: str | None = None


@strawberry.input
class CorrectOrderInput:
    order_no: str
    closed_on: date
    reason: str
    product: str | None = None
    amount: Decimal | None = None
    idempotency_key: str | None = None


@strawberry.input
class CorrectLeavingInput:
    employee_no: str
    on: date
    reason: str
    leaving_reason: str | None = strawberry.field(
        default=None, description="If not given, it stays."
    )
    idempotency_key: str | None = None


@strawberry.input
class WithdrawLeavingInput:
    employee_no: str
    reason: str
    idempotency_key: str | None = None


@strawberry.type
class CorrectEnrolmentPayload:
    trainee: Trainee | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class CorrectTrialVerdictPayload:
    trainee: Trainee | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class CorrectExamResultPayload:
    trainee: Trainee | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class CorrectGoLivePayload:
    trainee: Trainee | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class CorrectOrderPayload:
    trainee: Trainee | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class CorrectLeavingPayload:
    trainee: Trainee | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class WithdrawLeavingPayload:
    trainee: Trainee | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class CorrectionChanges:
    @strawberry.mutation
    async def correct_enrolment(
        self, info: Info, input: CorrectEnrolmentInput
    ) -> CorrectEnrolmentPayload:
        return await change_trainee(info, CorrectEnrolment, input, CorrectEnrolmentPayload)

    @strawberry.mutation
    async def correct_trial_verdict(
        self, info: Info, input: CorrectTrialVerdictInput
    ) -> CorrectTrialVerdictPayload:
        return await change_trainee(info, CorrectTrialVerdict, input, CorrectTrialVerdictPayload)

    @strawberry.mutation
    async def correct_exam_result(
        self, info: Info, input: CorrectExamResultInput
    ) -> CorrectExamResultPayload:
        return await change_trainee(info, CorrectExamResult, input, CorrectExamResultPayload)

    @strawberry.mutation
    async def correct_go_live(self, info: Info, input: CorrectGoLiveInput) -> CorrectGoLivePayload:
        return await change_trainee(info, CorrectGoLive, input, CorrectGoLivePayload)

    @strawberry.mutation
    async def correct_order(self, info: Info, input: CorrectOrderInput) -> CorrectOrderPayload:
        return await change_trainee(info, CorrectOrder, input, CorrectOrderPayload)

    @strawberry.mutation
    async def correct_leaving(
        self, info: Info, input: CorrectLeavingInput
    ) -> CorrectLeavingPayload:
        return await change_trainee(info, CorrectLeaving, input, CorrectLeavingPayload)

    @strawberry.mutation
    async def withdraw_leaving(
        self, info: Info, input: WithdrawLeavingInput
    ) -> WithdrawLeavingPayload:
        return await change_trainee(info, WithdrawLeaving, input, WithdrawLeavingPayload)
