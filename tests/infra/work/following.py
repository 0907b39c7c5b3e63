"""Following a job to a state of it."""

import asyncio
from uuid import UUID

from infra.bootstrap import App
from services.jobs.jobs import Job, JobState

MOST_SECONDS = 60


async def until(app: App, tenant: UUID, job_id: UUID, *states: JobState) -> Job:
    """Follows the job until it is in one of the states."""
    async with asyncio.timeout(MOST_SECONDS):
        async for job in app.jobs.watch_job(tenant, job_id):
            if job.state in states:
                return job
    raise AssertionError("the job ended otherwise")


async def over(app: App, tenant: UUID, job_id: UUID) -> Job:
    return await until(app, tenant, job_id, JobState.DONE, JobState.FAILED)
