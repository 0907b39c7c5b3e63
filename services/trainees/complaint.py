"""Complaints and violations of the rules: filed about a trainee, perhaps withdrawn (S44)."""

from typing import Annotated

import msgspec
from msgspec import Meta

from domain.kernel.bounds import Text
from domain.kernel.errors import NotFoundError, Refusal, TakenError
from domain.kernel.values import number_key, tidy
from domain.trainees.trainee import Trainee
from services.kernel.fields import ComplaintNo, Day, EmployeeNo, Reason
from services.kernel.handler import handler
from services.kernel.work import Work
from services.trainees.trainee import trainee_by_number

COMPLAINT_NO = "complaint_no"


class FileComplaint(msgspec.Struct, frozen=True):
    """Files a complaint or a violation of the rules (投诉违规, S44)."""

    employee_no: EmployeeNo
    complaint_no: ComplaintNo
    on: Day
    about: Annotated[
        str | None,
        Text(2_000, multiline=True),
        Meta(description="What it says; sealed with the person's own key."),
    ] = None


class WithdrawComplaint(msgspec.Struct, frozen=True):
    """Withdraws a complaint that was taken back or turned out unfounded."""

    complaint_no: ComplaintNo
    on: Day
    reason: Reason


@handler
async def file_complaint(work: Work, command: FileComplaint) -> str:
    """Refuses `complaint_no_missing` and, tenant-wide, `complaint_no_taken`."""
    complaint_no = tidy(command.complaint_no)
    if not complaint_no:
        raise Refusal("complaint_no_missing", field="complaint_no")

    key = number_key(complaint_no)
    trainee = await trainee_by_number(work, command.employee_no)
    trainee.file_complaint(
        complaint_no=key, on=command.on, about=(command.about or "").strip() or None
    )
    taken = TakenError("complaint_no_taken", field="complaint_no", complaint_no=complaint_no)
    work.claim(COMPLAINT_NO, key, trainee.id, taken)
    return trainee.id


@handler
async def withdraw_complaint(work: Work, command: WithdrawComplaint) -> str:
    """Refuses `complaint_unknown`, and what the trainee does."""
    key = number_key(command.complaint_no)
    trainee = await work.find(Trainee, COMPLAINT_NO, key)
    if trainee is None:
        raise NotFoundError(
            "complaint_unknown", field="complaint_no", complaint_no=tidy(command.complaint_no)
        )
    trainee.withdraw_complaint(complaint_no=key, on=command.on, reason=command.reason.strip())
    return trainee.id
