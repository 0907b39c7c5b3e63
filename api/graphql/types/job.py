"""Work under way: reports and imports, and the files that come of them."""

from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from api.errors import body
from api.graphql.engine.context import Info, OperationContext
from api.graphql.engine.scalars import JOB_KIND, JOB_STATE, own_uuid
from api.graphql.engine.structs import Node, View, showing
from services.jobs import jobs


@showing()
class JobError:
    """What went wrong with a job."""

    code: str
    message: str
    params: JSON


@showing(
    jobs.Job,
    "kind done total attempts result created_at updated_at state",
    kind=JOB_KIND,
    state=JOB_STATE,
)
class Job(View, Node):
    """Work that a worker does; done of total are its steps."""

    kind = "Job"

    @classmethod
    async def load(cls, context: OperationContext, job_id: UUID) -> "Job | None":
        """By its own id."""
        found = await context.system.jobs.get_job(context.tenant, job_id)
        return None if found is None else cls(row=found)

    @property
    def file_url(self) -> str | None:
        file_id = (self.row.result or {}).get("file_id")
        return f"/files/{file_id}" if file_id else None

    @property
    def report_id(self) -> strawberry.ID | None:
        return (self.row.result or {}).get("report_id") or None

    @strawberry.field
    def error(self, info: Info) -> JobError | None:
        code, params = self.row.error, self.row.error_params
        return JobError(**body(code, params, info.context.language)) if code else None


async def job(info: Info, id: strawberry.ID) -> Job | None:
    """By global id, or by the bare id that an upload answers."""
    return await Job.load(info.context, job_id_of(id))


def job_id_of(given: str) -> UUID:
    """Refuses `id_invalid`."""
    return own_uuid(given, Job.kind)
