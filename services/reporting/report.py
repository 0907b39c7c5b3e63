"""The commands of reports: requesting one, and recording its file or its failure."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec.structs import asdict

from domain.kernel.bounds import Text
from domain.kernel.values import Ratio
from domain.reporting.report import Report
from services.jobs.behalf import on_behalf
from services.jobs.jobs import RENDER
from services.kernel import fields
from services.kernel.handler import handler, handler_on
from services.kernel.work import Work


class RequestReport(msgspec.Struct, frozen=True):
    """Requests the workbook of a month's newcomers, which a job renders."""

    month: fields.MonthText
    language: fields.ReportLanguage = "zh-CN"


class RecordRendered(msgspec.Struct, frozen=True):
    """Records that the worker stored the file of a report.

    sha256: hexadecimal. figures: KPI slug -> what it shows; provisional: of which of them it may
    still become something else. None: not noted, by a worker of an earlier version. went_live: how
    many of the month's newcomers had been on the post.
    """

    report_id: fields.ReportId
    file_id: UUID
    sha256: Annotated[str, Text(64)]
    pinned_position: int
    scheme_versions: tuple[int, ...]
    calendar_version: Annotated[str, Text(64)]
    figures: dict[str, Ratio] | None = None
    provisional: tuple[str, ...] | None = None
    went_live: int = 0


class RecordRenderingFailed(msgspec.Struct, frozen=True):
    """Records that the worker gave up rendering a report. code: that of the refusal."""

    report_id: fields.ReportId
    code: Annotated[str, Text(64)]


@handler
async def request_report(work: Work, command: RequestReport) -> str:
    """Requests a report, whose stream id it answers; `answer["job_id"]` is the job for it."""
    report = Report.request(work.new_id(Report), today=work.ctx.today, **asdict(command))
    work.add(report)
    job_id = str(job_of(report.id))
    asked_by = on_behalf(work.ctx.principal)
    work.effect(RENDER, job_id=job_id, report_id=report.id, month=command.month, asked_by=asked_by)
    work.answer["job_id"] = job_id
    return report.id


on_report = handler_on(lambda work, command: work.load(Report, command.report_id), "report_id")

record_rendered = on_report(RecordRendered, Report.record_rendered)
record_rendering_failed = on_report(RecordRenderingFailed, Report.record_rendering_failed)


def job_of(report_id: str) -> UUID:
    """The id of the job that renders a report; it follows from the report's id."""
    return UUID(report_id.partition("-")[2])
