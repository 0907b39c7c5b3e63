"""Work under way: reports, imports and what-ifs, and the files that come of them."""

from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from api.errors import body
from api.graphql.engine.context import Info, OperationContext
from api.graphql.engine.fields import Connection, paged, taking
from api.graphql.engine.scalars import JOB_KIND
from api.graphql.engine.structs import Node, View, showing
from api.ids import own_uuid
from projections.kernel.paging import LARGEST_PAGE, Paging
from services.jobs import jobs
from services.scheme.head_office import PartnerAnswer
from services.scheme.head_office import WhatIfForAll as Asked


@showing()
class JobError:
    """What went wrong with a job."""

    code: str
    message: str
    params: JSON


@showing(jobs.Job, "kind done total attempts result created_at updated_at state", kind=JOB_KIND)
class Job(View, Node):
    """Work that a worker does; done of total are its steps."""

    kind = "Job"

    @classmethod
    async def load(cls, context: OperationContext, job_id: UUID) -> "Job | None":
        """By its own id."""
        found = await jobs.find_job(context.principal, context.system.jobs, job_id)
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
    return await Job.load(info.context, own_uuid(id, Job.kind))


@showing(PartnerAnswer, "code name done error months", months=JSON | None)
class PartnerWhatIf(View):
    """What a draft makes of one partner's figures."""

    state: jobs.JobState


@showing(
    Asked,
    "happened_by requested_at actor partners answered done total is_cancelled is_over "
    "months=asked.months kpis=asked.kpis",
)
class WhatIfForAll(View):
    """A draft over all partners; done of total are their months."""

    kind, key, id = "WhatIfForAll", Node.key, Node.id

    @taking(paged(LARGEST_PAGE))
    async def answers(self, info: Info, paging: Paging) -> Connection[PartnerWhatIf]:
        context, found = info.context, self.row
        start, stop = paging.window(found.begun)
        answers = await context.system.head_office.what_if_answers(
            context.principal, found.id, first=stop - start, after=start
        )
        nodes = [
            PartnerWhatIf(row=one, state=one.state(is_cancelled=found.is_cancelled))
            for one in answers
        ]
        return Connection.numbered(nodes, start, found.begun)


async def what_if_for_all(info: Info, id: strawberry.ID) -> WhatIfForAll:
    """A what-if of head office, by its global id."""
    office, asked = info.context.system.head_office, own_uuid(id, WhatIfForAll.kind)
    return WhatIfForAll(row=await office.what_if(info.context.principal, asked))
