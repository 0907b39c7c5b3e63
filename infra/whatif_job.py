"""Answering a what-if: month by month, from the state of the log that it is pinned to.

Whoever begins it again goes on with the month after the last one that was kept, and makes the same
bytes under the same id.
"""

import asyncio
from typing import Any
from uuid import uuid5

import msgspec

from domain.kpi.catalog import kpis
from domain.values import Month
from infra.bootstrap import App
from infra.evidence import read_evidence
from infra.performing import Running
from infra.texts import read_texts
from services.files import JSON
from services.jobs import Job
from services.whatif import WhatIfOrder
from services.whatif_month import WhatIfAnswer, WhatIfMonth, brief, month_of


async def perform(app: App, running: Running) -> dict[str, Any]:
    """Answers `file_id` of all of it (JSON), `position`, `happened_by`, and `months` in brief."""
    job = running.job
    order = msgspec.convert(job.payload, WhatIfOrder)
    months = await _months(app, running, order)
    answer = WhatIfAnswer(order.draft, order.happened_by, order.position, tuple(months))
    texts = await asyncio.to_thread(read_texts, order.language)
    file = await app.files.store_file(
        job.tenant_id,
        await asyncio.to_thread(msgspec.json.encode, answer),
        name=texts("whatif.file", since=order.months[0], until=order.months[-1]),
        media_type=JSON,
        file_id=uuid5(job.id, "what-if"),
    )
    return {
        "file_id": str(file.id),
        "position": order.position,
        "happened_by": order.happened_by.isoformat(),
        "months": [brief(month) for month in months],
    }


async def failed(app: App, job: Job, code: str) -> None:
    """Nothing beside the job's own state: nothing was written."""


async def _months(app: App, running: Running, order: WhatIfOrder) -> list[WhatIfMonth]:
    found: list[WhatIfMonth] = msgspec.convert(running.kept.get("months", []), list[WhatIfMonth])
    running.progress(len(found), len(order.months))
    chosen = kpis(order.kpis)
    evidence = await read_evidence(
        app.time_travel, running.job.tenant_id, order.position, order.zone
    )
    for text in order.months[len(found) :]:
        month = await asyncio.to_thread(
            month_of, evidence, order.happened_by, Month.parse(text), order.draft, chosen
        )
        found.append(month)
        running.keep({"months": [*running.kept.get("months", []), msgspec.to_builtins(month)]})
        running.progress(len(found), len(order.months))
    return found
