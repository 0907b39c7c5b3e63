"""The mutations of a trainee's way: their inputs, what they answer, and the commands they give."""

from datetime import date
from decimal import Decimal
from enum import Enum

import strawberry

from api.graphql.engine.context import Info
from api.graphql.engine.payload import UserError
from api.graphql.types.changed import change_trainee
from api.graphql.types.trainee import Trainee
from domain.trainees.events import SALES
from services.trainees.trainee import (
    ChangeManager,
    EliminateTrainee,
    EnrolTrainee,
    GoLive,
    HoldOffPost,
    RecordExamResult,
    RecordLeaving,
    RecordMakeupMissed,
    RecordSpotCheck,
    RecordTrialVerdict,
    RejoinTrainee,
    TransferTrainee,
)


@strawberry.enum
class Verdict(Enum):
    PASSED = "PASSED"
    FAILED = "FAILED"


@strawberry.enum
class ExamKind(Enum):
    WRITTEN = "WRITTEN"
    DRILL = "DRILL"


@strawberry.enum
class SpotCheckTopic(Enum):
    BASICS = "BASICS"
    RULES = "RULES"


@strawberry.input
class EnrolTraineeInput:
    cohort: str = strawberry.field(description="The cohort's code.")
    employee_no: str
    name: str
    entered_on: date
    post: str = SALES
    manager: str | None = None
    phone: str | None = None
    mail: str | None = None
    id_number: str | None = None
    idempotency_key: str | None = None


@strawberry.input
class RejoinTraineeInput:
    employee_no: str
    cohort: str = strawberry.field(description="The cohort's code.")
    entered_on: date
    manager: str | None = None
    post: str | None = strawberry.field(default=None, description="Default: as before.")
    name: str | None = strawberry.field(default=None, description="Default: as before.")
    phone: str | None = None
    mail: str | None = None
    id_number: str | None = None
    idempotency_key: str | None = None


@strawberry.input
class TransferTraineeInput:
    employee_no: str
    cohort: str = strawberry.field(description="The cohort's code.")
    on: date
    reason: str
    idempotency_key: str | None = None


@strawberry.input
class ChangeManagerInput:
    employee_no: str
    on: date
    manager: str | None = strawberry.field(default=None, description="Nobody, if not given.")
    idempotency_key: str | None = None


@strawberry.input
class RecordTrialVerdictInput:
    employee_no: str
    verdict: Verdict
    on: date
    feedback: str
    idempotency_key: str | None = None


@strawberry.input
class RecordExamResultInput:
    employee_no: str
    kind: ExamKind
    passed: bool
    on: date
    score: Decimal | None = None
    idempotency_key: str | None = None


@strawberry.input
class RecordMakeupMissedInput:
    employee_no: str
    kind: ExamKind
    on: date = strawberry.field(description="The day of the makeup; it counts as a score of 0.")
    idempotency_key: str | None = None


@strawberry.input
class GoLiveInput:
    employee_no: str
    on: date
    idempotency_key: str | None = None


@strawberry.input
class HoldOffPostInput:
    employee_no: str
    on: date
    reason: str
    idempotency_key: str | None = None


@strawberry.input
class RecordSpotCheckInput:
    employee_no: str
    topic: SpotCheckTopic
    passed: bool
    on: date
    feedback: str | None = strawberry.field(default=None, description="Written feedback.")
    idempotency_key: str | None = None


@strawberry.input
class RecordLeavingInput:
    employee_no: str
    on: date
    reason: str
    idempotency_key: str | None = None


@strawberry.input
class EliminateTraineeInput:
    employee_no: str
    on: date = strawberry.field(description="The last day.")
    reason: str
    idempotency_key: str | None = None


@strawberry.type
class EnrolTraineePayload:
    trainee: Trainee | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class RejoinTraineePayload:
    trainee: Trainee | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class TransferTraineePayload:
    trainee: Trainee | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class ChangeManagerPayload:
    trainee: Trainee | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class RecordTrialVerdictPayload:
    trainee: Trainee | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class RecordExamResultPayload:
    trainee: Trainee | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class RecordMakeupMissedPayload:
    trainee: Trainee | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class GoLivePayload:
    trainee: Trainee | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class HoldOffPostPayload:
    trainee: Trainee | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class RecordSpotCheckPayload:
    trainee: Trainee | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class RecordLeavingPayload:
    trainee: Trainee | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class EliminateTraineePayload:
    trainee: Trainee | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class TraineeChanges:
    @strawberry.mutation
    async def enrol_trainee(self, info: Info, input: EnrolTraineeInput) -> EnrolTraineePayload:
        return await change_trainee(info, EnrolTrainee, input, EnrolTraineePayload)

    @strawberry.mutation
    async def rejoin_trainee(self, info: Info, input: RejoinTraineeInput) -> RejoinTraineePayload:
        return await change_trainee(info, RejoinTrainee, input, RejoinTraineePayload)

    @strawberry.mutation
    async def transfer_trainee(
        self, info: Info, input: TransferTraineeInput
    ) -> TransferTraineePayload:
        return await change_trainee(info, TransferTrainee, input, TransferTraineePayload)

    @strawberry.mutation
    async def change_manager(self, info: Info, input: ChangeManagerInput) -> ChangeManagerPayload:
        return await change_trainee(info, ChangeManager, input, ChangeManagerPayload)

    @strawberry.mutation
    async def record_trial_verdict(
        self, info: Info, input: RecordTrialVerdictInput
    ) -> RecordTrialVerdictPayload:
        return await change_trainee(info, RecordTrialVerdict, input, RecordTrialVerdictPayload)

    @strawberry.mutation
    async def record_exam_result(
        self, info: Info, input: RecordExamResultInput
    ) -> RecordExamResultPayload:
        return await change_trainee(info, RecordExamResult, input, RecordExamResultPayload)

    @strawberry.mutation
    async def record_makeup_missed(
        self, info: Info, input: RecordMakeupMissedInput
    ) -> RecordMakeupMissedPayload:
        return await change_trainee(info, RecordMakeupMissed, input, RecordMakeupMissedPayload)

    @strawberry.mutation
    async def go_live(self, info: Info, input: GoLiveInput) -> GoLivePayload:
        return await change_trainee(info, GoLive, input, GoLivePayload)

    @strawberry.mutation
    async def hold_off_post(self, info: Info, input: HoldOffPostInput) -> HoldOffPostPayload:
        return await change_trainee(info, HoldOffPost, input, HoldOffPostPayload)

    @strawberry.mutation
    async def record_spot_check(
        self, info: Info, input: RecordSpotCheckInput
    ) -> RecordSpotCheckPayload:
        return await change_trainee(info, RecordSpotCheck, input, RecordSpotCheckPayload)

    @strawberry.mutation
    async def record_leaving(self, info: Info, input: RecordLeavingInput) -> RecordLeavingPayload:
        return await change_trainee(info, RecordLeaving, input, RecordLeavingPayload)

    @strawberry.mutation
    async def eliminate_trainee(
        self, info: Info, input: EliminateTraineeInput
    ) -> EliminateTraineePayload:
        return await change_trainee(info, EliminateTrainee, input, EliminateTraineePayload)
