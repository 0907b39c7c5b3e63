"""The mutations of complaints: their inputs, what they answer, and the commands they give."""

from datetime import date

import strawberry

from api.graphql.engine.context import Info
from api.graphql.engine.payload import UserError
from api.graphql.types.changed import change_trainee
from api.graphql.types.trainee import Trainee
from services.trainees.complaint import FileComplaint, WithdrawComplaint


@strawberry.input
class FileComplaintInput:
    employee_no: str
    complaint_no: str
    on: date
    about: str | None = None
    idempotency_key: str | None = None


@strawberry.input
class WithdrawComplaintInput:
    complaint_no: str
    on: date
    reason: str
    idempotency_key: str | None = None


@strawberry.type
class FileComplaintPayload:
    trainee: Trainee | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class WithdrawComplaintPayload:
    trainee: Trainee | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class ComplaintChanges:
    @strawberry.mutation
    async def file_complaint(self, info: Info, input: FileComplaintInput) -> FileComplaintPayload:
        return await change_trainee(info, FileComplaint, input, FileComplaintPayload)

    @strawberry.mutation
    async def withdraw_complaint(
        self, info: Info, input: WithdrawComplaintInput
    ) -> WithdrawComplaintPayload:
        return await change_trainee(info, WithdrawComplaint, input, WithdrawComplaintPayload)
