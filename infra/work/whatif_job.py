"""The jobs that answer a what-if month by month, from the state of the log that it is pinned to.

A repeated run goes on after the last month that was kept, and makes the same bytes under the same
id. Head office sees figures alone, so nothing else is kept for it.
"""

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any
from uuid import uuid5

import msgspec

from domain.kernel.values import Month
from domain.kpi.catalog import kpis
from domain.people.partner import HEAD_OFFICE_ID
from infra.app import App
from infra.headoffice.head_office_what_ifs import report_part
from infra.work.leases import RunningJob
from services.jobs.jobs import JSON, OF_FIGURES, OF_WHAT_IFS, Job, NewFile
from services.kernel.permissions import Permission
from services.reading.evidence import evidence_at
from services.scheme.head_office import PartOrder
from services.scheme.whatif import Pinned, WhatIfAnswer, WhatIfMonth, WhatIfOrder, brief, month_of
from services.words.texts import read_texts


async def perform(app: App, running: RunningJob) -> dict[str, Any]:
    """Answers `file_id` of all of it (JSON), `position`, `happened_by`, and `months` in brief.
    Refuses `permission_refused` once who asked for it may not any more."""
    job = running.job
    order = msgspec.convert(job.payload, WhatIfOrder)
    months = msgspec.convert(_kept(running, order), list[WhatIfMonth])
    asked = order.asked_by.principal(job.tenant_id)
    async for month in _after(app, job, order, len(months)):
        (await app.as_now(asked)).require_everything(*OF_WHAT_IFS)
        months.append(month)
        _keep(running, order, msgspec.to_builtins(month))
    answer = WhatIfAnswer(order.draft, order.happened_by, order.position, tuple(months))
    texts = await asyncio.to_thread(read_texts, order.language)
    name = texts("whatif.file", since=order.months[0], until=order.months[-1])
    content = BytesIO(await asyncio.to_thread(msgspec.json.encode, answer))
    new = NewFile(name, JSON, content, OF_FIGURES, uuid5(job.id, "what-if"))
    file = await app.files.store_file(job.tenant_id, new)
    return _result(order, list(map(brief, months))) | {"file_id": str(file.id)}


async def perform_for_head_office(app: App, running: RunningJob) -> dict[str, Any]:
    """Answers `position`, `happened_by`, and `months` in brief, which head office sees. Refuses
    `permission_refused` once who asked for it may not any more."""
    job = running.job
    order = msgspec.convert(job.payload, PartOrder)
    done = len(_kept(running, order))
    asked = order.asked_by.principal(HEAD_OFFICE_ID)
    async for month in _after(app, job, order, done):
        (await app.as_now(asked)).require_everything(Permission.WRITE_SCHEME_FOR_ALL)
        done += 1
        _keep(running, order, brief(month))
        await report_part(app.db, job.tenant_id, order.what_if_id, done=done)
    months = running.kept["months"]
    await report_part(app.db, job.tenant_id, order.what_if_id, done=done, months=months)
    return _result(order, months)


async def failed_for_head_office(app: App, job: Job, code: str) -> None:
    """Reports to head office that it will have no answer."""
    order = msgspec.convert(job.payload, PartOrder)
    await report_part(app.db, job.tenant_id, order.what_if_id, done=job.done, error=code)


async def _after(app: App, job: Job, order: Pinned, done: int) -> AsyncIterator[WhatIfMonth]:
    """The months after the first `done` ones."""
    evidence = await evidence_at(app.time_travel, job.tenant_id, order.position, order.zone)
    chosen = kpis(order.kpis)
    for text in order.months[done:]:
        yield await asyncio.to_thread(
            month_of, evidence, order.happened_by, Month.parse(text), order.draft, chosen
        )


def _kept(running: RunningJob, order: Pinned) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = running.kept.get("months", [])
    running.progress(len(kept), len(order.months))
    return kept


def _keep(running: RunningJob, order: Pinned, month: dict[str, Any]) -> None:
    months = [*running.kept.get("months", []), month]
    running.keep({"months": months})
    running.progress(len(months), len(order.months))


def _result(order: Pinned, months: list[dict[str, Any]]) -> dict[str, Any]:
    day = order.happened_by.isoformat()
    return {"position": order.position, "happened_by": day, "months": months}
