"""What the mutations answer: the changed thing, the position to wait for, or the errors."""

import strawberry

from api.graphql.job import Job
from api.graphql.payload import UserError
from api.graphql.trainee import Trainee


@strawberry.type
class EnrolTraineePayload:
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
class GoLivePayload:
    trainee: Trainee | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class RecordOrderPayload:
    trainee: Trainee | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class VoidOrderPayload:
    trainee: Trainee | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class RecordLeavingPayload:
    trainee: Trainee | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class RequestReportPayload:
    job: Job | None
    position: int | None
    errors: list[UserError]
