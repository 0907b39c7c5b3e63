"""What is told as it changes."""

import asyncio
from collections.abc import AsyncIterator

import strawberry

from api.graphql.engine.context import Info
from api.graphql.types.figures import newcomer_figures
from api.graphql.types.job import Job, job_id_of, unknown
from api.graphql.types.newcomers import NewcomerFigures
from domain.kpi.catalog import NEWCOMER_FIGURES
from services.reading.question import Question

PAUSE = 0.25
"""Seconds between two looks at the tenant's position."""


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def figures_changed(
        self, info: Info, cohort: str | None = None
    ) -> AsyncIterator[NewcomerFigures]:
        context = info.context
        position = -1
        last: object = None
        while True:
            now = await context.figures.position(context.tenant)
            if now != position:
                position = now
                asked = Question(happened_by=context.local_day(), cohort=cohort)
                answer = await context.figures.answer(context.principal, asked, NEWCOMER_FIGURES)
                if answer.whole != last:
                    last = answer.whole
                    yield await newcomer_figures(info, asked)
            await asyncio.sleep(PAUSE)

    @strawberry.subscription
    async def job_progress(self, info: Info, id: strawberry.ID) -> AsyncIterator[Job]:
        context = info.context
        known = False
        async for found in context.system.jobs.watch_job(context.tenant, job_id_of(id)):
            known = True
            yield Job(row=found, language=context.language)
        if not known:
            raise unknown(id)
