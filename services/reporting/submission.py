"""The commands of submissions: submitting figures, recording restatements, submitting again."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from domain.kernel.errors import TakenError
from domain.kernel.values import Month
from domain.kpi.proof.restatement import Restatement
from domain.reporting.report import NEWCOMER_FIGURES, Report
from domain.reporting.submission import Submission
from services.kernel import fields
from services.kernel.handler import handler, handler_on
from services.kernel.work import Work

MONTH = "submission_month"


class SubmitFigures(msgspec.Struct, frozen=True):
    """Submits (上报) what a rendered report states as the figures of its month."""

    report_id: fields.ReportId


class RecordRestatement(msgspec.Struct, frozen=True):
    """Records that events up to the position `until` touched figures of a vintage."""

    submission_id: fields.SubmissionId
    vintage: int
    until: int
    restatements: tuple[Restatement, ...]


class AcknowledgeRestatement(fields.Amending, frozen=True):
    """Acknowledges every restatement that is recorded so far."""

    submission_id: fields.SubmissionId
    note: Annotated[fields.NoteText, fields.OF_NOBODY]


class SubmitAgain(msgspec.Struct, frozen=True):
    """Submits a month again, as a newer report states it."""

    submission_id: fields.SubmissionId
    report_id: Annotated[
        fields.ReportId,
        Meta(description="The id of a report that was requested after every recorded restatement."),
    ]


def month_key(kind: str, month: str) -> str:
    """What is claimed, as a MONTH, by the submission of figures of a kind."""
    return f"{kind}:{month}"


@handler
async def submit_figures(work: Work, command: SubmitFigures) -> str:
    report = await work.load(Report, command.report_id)
    submission = Submission.submit(work.new_id(Submission), report)
    work.claim(
        MONTH,
        month_key(submission.kind, str(submission.month)),
        submission.id,
        lambda _: TakenError("month_already_submitted", field="report_id", month=submission.month),
    )
    return work.add(submission)


async def submitted_months(work: Work) -> Sequence[Month]:
    """The months whose figures of newcomers were submitted, in order; none is submitted until what
    is decided on them is written."""
    places = [claimed.split(":") for claimed in await work.claimed(MONTH)]
    return [Month.parse(month) for kind, month in places if kind == NEWCOMER_FIGURES]


@handler
async def submit_again(work: Work, command: SubmitAgain) -> str:
    submission = await work.load(Submission, command.submission_id)
    report = await work.load(Report, command.report_id)
    submission.submit_again(report)
    return submission.id


on_submission = handler_on(
    lambda work, command: work.load(Submission, command.submission_id), "submission_id"
)

record_restatement = on_submission(RecordRestatement, Submission.record_restatement)
acknowledge_restatement = on_submission(AcknowledgeRestatement, Submission.acknowledge)
