"""The mutations of reports: asking for one, which is a job."""

import strawberry

from api.graphql.engine.context import Info
from api.graphql.engine.payload import UserError, change
from api.graphql.types import job as jobs_of
from api.graphql.types.job import Job
from services.reporting.report import RequestReport


@strawberry.input
class RequestReportInput:
    month: str = strawberry.field(description="YYYY-MM")
    language: str | None = strawberry.field(
        default=None, description="zh-CN or en; default: that of the request."
    )
    idempotency_key: str | None = None


@strawberry.type
class RequestReportPayload:
    job: Job | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class ReportChanges:
    @strawberry.mutation
    async def request_report(self, info: Info, input: RequestReportInput) -> RequestReportPayload:
        language = input.language or info.context.language
        command = RequestReport(month=input.month, language=language)
        outcome = await change(info.context, command, input.idempotency_key)
        job = await jobs_of.job(info, outcome.done.answer["job_id"]) if outcome.done else None
        return RequestReportPayload(job=job, position=outcome.position, errors=outcome.errors)
