"""What is told as it changes."""

import asyncio
from collections.abc import AsyncIterator

import strawberry

from api.figures import Question
from api.graphql.engine.context import Info
from api.graphql.types.figures import NewcomerFigures, newcomer_figures
from api.graphql.types.job import Job, job_id_of, unknown

PAUSE = 0.25
"""Seconds between two looks at the tenant's position."""


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def figures_changed(
        self, info: Info, cohort: str | None = None
    ) -> AsyncIterator[NewcomerFigures]:
        ask = info.context
        position = -1
        told: object = None
        while True:
            now = await ask.figures.position(ask.tenant)
            if now != position:
                position = now
                asked = Question(happened_by=ask.local_day(), cohort=cohort)
                figured = await ask.figures.figures(ask.principal, asked)
                if figured.figures != told:
                    told = figured.figures
                    yield await newcomer_figures(info, asked)
            await asyncio.sleep(PAUSE)

    @strawberry.subscription
    async def job_progress(self, info: Info, id: strawberry.ID) -> AsyncIterator[Job]:
        ask = info.context
        known = False
        async for found in ask.system.jobs.watch_job(ask.tenant, job_id_of(id)):
            known = True
            yield Job.of(found, ask.language)
        if not known:
            raise unknown(id)
