"""Complaints and violations of the rules: filed about a trainee, perhaps withdrawn (S44)."""

from typing import Annotated

import msgspec
from msgspec import Meta

from domain.kernel.values import number_key
from domain.trainees.trainee import Trainee
from services.kernel.fields import ComplaintNo, Day, EmployeeNo, Prose, Reason
from services.kernel.handler import handler
from services.kernel.naming import Naming
from services.kernel.work import Work
from services.trainees.trainee import TRAINEES


class FileComplaint(msgspec.Struct, frozen=True):
    """Files a complaint or a violation of the rules (投诉违规, S44)."""

    employee_no: EmployeeNo
    complaint_no: ComplaintNo
    on: Day
    about: Annotated[
        Prose | None,
        Meta(description="What it says; sealed with the person's own key."),
    ] = None


class WithdrawComplaint(msgspec.Struct, frozen=True):
    """Withdraws a complaint that was taken back or turned out unfounded."""

    complaint_no: ComplaintNo
    on: Day
    reason: Reason


COMPLAINTS = Naming(Trainee, "complaint", "complaint_no")


@handler
async def file_complaint(work: Work, command: FileComplaint) -> str:
    complaint_no = COMPLAINTS.require(command.complaint_no)
    trainee = await TRAINEES.get(work, command.employee_no)
    trainee.file_complaint(
        complaint_no=number_key(complaint_no), on=command.on, about=command.about
    )
    COMPLAINTS.claim(work, complaint_no, trainee.id)
    return trainee.id


@handler
async def withdraw_complaint(work: Work, command: WithdrawComplaint) -> str:
    trainee = await COMPLAINTS.get(work, command.complaint_no)
    trainee.withdraw_complaint(
        complaint_no=number_key(command.complaint_no), on=command.on, reason=command.reason
    )
    return trainee.id
