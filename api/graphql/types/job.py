"""Work under way: reports and imports, and the files that come of them."""

from datetime import datetime
from enum import Enum
from typing import Self
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from api.errors import sentence
from api.graphql.engine.context import Info
from api.graphql.engine.relay import Node, global_id, own_uuid
from domain.kernel.errors import NotFoundError
from services.jobs import jobs

KIND = "Job"


@strawberry.enum(description="Where a job stands.")
class JobState(Enum):
    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = strawberry.enum_value(
        "cancelling", description="To be cancelled; what is under way has yet to stop."
    )
    DONE = "done"
    FAILED = "failed"
    CANCELLED = strawberry.enum_value(
        "cancelled", description="Stopped by somebody; what was written stays."
    )


@strawberry.type(description="What went wrong with a job.")
class JobError:
    code: str
    message: str
    params: JSON


@strawberry.type(description="Work that a worker does; done of total are its steps.")
class Job(Node):
    id: strawberry.ID
    kind: str
    state: JobState
    done: int
    total: int
    attempts: int
    result: JSON | None
    file_url: str | None = strawberry.field(description="The path of the file that came of it.")
    report_id: strawberry.ID | None = strawberry.field(
        description="Of the report that came of it: names it where it is submitted."
    )
    error: JobError | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, job: jobs.Job, language: str) -> Self:
        file_id = (job.result or {}).get("file_id")
        report_id = (job.result or {}).get("report_id")
        error = None
        if job.error is not None:
            message = sentence(job.error, job.error_params, language)
            error = JobError(code=job.error, message=message, params=JSON(job.error_params))
        return cls(
            id=global_id(KIND, str(job.id)),
            kind=job.kind,
            state=JobState(job.state.value),
            done=job.done,
            total=job.total,
            attempts=job.attempts,
            result=None if job.result is None else JSON(job.result),
            file_url=f"/files/{file_id}" if file_id else None,
            report_id=strawberry.ID(report_id) if report_id else None,
            error=error,
            created_at=job.created_at,
            updated_at=job.updated_at,
        )


async def job(info: Info, given: str) -> Job | None:
    """By global id, or by the bare id that an upload answers."""
    ask = info.context
    found = await ask.system.jobs.get_job(ask.tenant, job_id_of(given))
    return None if found is None else Job.of(found, ask.language)


def job_id_of(given: str) -> UUID:
    """Refuses `id_invalid`."""
    return own_uuid(given, KIND)


def unknown(given: str) -> NotFoundError:
    """There is no such job of this partner."""
    return NotFoundError("job_unknown", id=given[:200])
