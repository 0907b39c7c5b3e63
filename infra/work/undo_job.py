"""The job that takes an import back: all that it recorded is withdrawn, or nothing.

What an import recorded is known by its cause, the import's job. First it is decided of every
trainee without writing; where anything stands in the way, nothing is withdrawn.
"""

import asyncio
from collections import defaultdict
from typing import Any

import msgspec

from domain.kernel.errors import NotFoundError, Refusal
from domain.teaching.cohort import Cohort
from domain.trainees.trainee import Trainee
from infra.app import App
from infra.log.feed import position_at
from infra.work.leases import RunningJob
from services.execute import execute
from services.importing.undoing import UndoImport
from services.jobs.imports import UndoOrder
from services.jobs.jobs import Job
from services.kernel.context import Context
from services.kernel.rehearsal import rehearsing

AT_ONCE = 64
"""Trainees under way at once."""

SHOWN = 50
"""Of what stands in the way, as many as are said; the others are counted."""

_RECORDED = """
    select stream_id, version, position, topic from events
    where tenant_id = $1 and position > $2 and position <= $3 and causation_id = $4
    order by position
"""


class Imported(msgspec.Struct):
    """What an import recorded of one trainee: versions, and the last position."""

    versions: list[int] = []
    position: int = 0


async def perform(app: App, running: RunningJob) -> dict[str, Any]:
    """Answers whether it was `undone`, the number of `events`, of `cohorts` that the import opened
    and that stay, and what stands `in_the_way`, of which there are `count`.

    Raises NotFoundError `job_unknown`.
    """
    job = running.job
    order = msgspec.convert(job.payload, UndoOrder)
    imported = await app.jobs.get_job(job.tenant_id, order.imported)
    if imported is None:
        raise NotFoundError("job_unknown", id=str(order.imported))
    people, cohorts = await _recorded(app, imported)
    ctx = app.context(order.principal(job.tenant_id), causation_id=job.id)
    undoing = _Undoing(ctx, order.reason, str(job.id), running, 2 * len(people))
    in_the_way = await undoing.each(people, is_rehearsal=True)
    undone = not in_the_way
    if undone:
        in_the_way = await undoing.each(people, is_rehearsal=False)
    said = [await _said(app, job, *one) for one in in_the_way[:SHOWN]]
    found = {"in_the_way": said, "count": len(in_the_way)}
    return {"undone": undone, "events": undoing.events, "cohorts": cohorts, **found}


class _Undoing:
    def __init__(
        self, ctx: Context, reason: str, key: str, running: RunningJob, steps: int
    ) -> None:
        self._ctx, self._reason, self._key = ctx, reason, key
        self._running, self._done, self._steps = running, 0, steps
        self.events = 0

    async def each(
        self, people: dict[str, Imported], *, is_rehearsal: bool
    ) -> list[tuple[str, Refusal]]:
        """Takes back what was recorded of everyone; answers what was refused, and of whom."""
        ctx = rehearsing(self._ctx) if is_rehearsal else self._ctx
        refused: list[tuple[str, Refusal]] = []
        waiting = list(people.items())
        while waiting:
            some, waiting = waiting[:AT_ONCE], waiting[AT_ONCE:]
            answers = await asyncio.gather(*(self._one(ctx, *one) for one in some))
            refused += [one for one in answers if one is not None]
        return refused

    async def _one(
        self, ctx: Context, trainee_id: str, recorded: Imported
    ) -> tuple[str, Refusal] | None:
        is_rehearsal = ctx is not self._ctx
        key = None if is_rehearsal else f"{self._key}:{trainee_id}"
        its = msgspec.structs.replace(ctx, as_seen=recorded.position, idempotency_key=key)
        try:
            done = await execute(its, UndoImport(trainee_id, recorded.versions, self._reason))
        except Refusal as refused:
            return trainee_id, refused
        finally:
            self._done += 1
            self._running.progress(self._done, self._steps)
        self.events += 0 if is_rehearsal else done.events
        return None


async def _recorded(app: App, imported: Job) -> tuple[dict[str, Imported], int]:
    """What an import recorded of each trainee, and how many cohorts it opened."""
    async with app.db.tenant(imported.tenant_id) as tenant:
        first = await position_at(tenant, imported.created_at)
        last = await position_at(tenant, imported.updated_at)
        rows = await tenant.fetch(_RECORDED, first, last, imported.id)
    people: dict[str, Imported] = defaultdict(lambda: Imported([]))
    for row in rows:
        if row["stream_id"].startswith(Trainee.TOPIC):
            its = people[row["stream_id"]]
            its.versions.append(row["version"])
            its.position = row["position"]
    return people, sum(row["topic"] == Cohort.Opened.TOPIC for row in rows)


async def _said(app: App, job: Job, trainee_id: str, refused: Refusal) -> dict[str, Any]:
    """A refusal as the job's result keeps it, with the number of whom it is about."""
    trainee = await app.log.aggregate(job.tenant_id, trainee_id)
    who = trainee.employee_no if isinstance(trainee, Trainee) else trainee_id
    params = msgspec.to_builtins(refused.params, enc_hook=str)
    return {"who": who, "code": refused.code, "params": params}
