"""Complaints and violations of the rules: filed about a trainee, perhaps withdrawn (S44)."""

from datetime import date

import msgspec

from domain.kernel.errors import NotFoundError, Refusal, TakenError
from domain.kernel.values import number_key, tidy
from domain.trainees.trainee import Trainee
from services.kernel.work import Work
from services.trainees.trainee import require_past, trainee_by_number

COMPLAINT_NO = "complaint_no"


class FileComplaint(msgspec.Struct, frozen=True):
    """`about`: what it says, sealed with the trainee's key."""

    employee_no: str
    complaint_no: str
    on: date
    about: str | None = None


class WithdrawComplaint(msgspec.Struct, frozen=True):
    complaint_no: str
    on: date
    reason: str


async def file_complaint(work: Work, command: FileComplaint) -> str:
    """Refuses `complaint_no_missing` and, tenant-wide, `complaint_no_taken`."""
    complaint_no = tidy(command.complaint_no)
    if not complaint_no:
        raise Refusal("complaint_no_missing")
    require_past(work, command.on)

    def taken() -> Refusal:
        return TakenError("complaint_no_taken", complaint_no=complaint_no)

    key = number_key(complaint_no)
    trainee = await trainee_by_number(work, command.employee_no)
    trainee.file_complaint(
        complaint_no=key, on=command.on, about=(command.about or "").strip() or None
    )
    work.claim(COMPLAINT_NO, key, trainee.id, taken)
    return trainee.id


async def withdraw_complaint(work: Work, command: WithdrawComplaint) -> str:
    """Refuses `complaint_unknown`, and what the trainee does."""
    require_past(work, command.on)
    key = number_key(command.complaint_no)
    trainee = await work.find(Trainee, COMPLAINT_NO, key)
    if trainee is None:
        raise NotFoundError("complaint_unknown", complaint_no=tidy(command.complaint_no))
    trainee.withdraw_complaint(complaint_no=key, on=command.on, reason=command.reason.strip())
    return trainee.id
