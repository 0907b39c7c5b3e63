"""Submitting a month by real commands, without a worker: the report says what one would."""

import contextlib
from datetime import datetime
from uuid import uuid4

import msgspec

from domain.kernel.errors import Refusal
from domain.reporting.report import Report
from domain.reporting.submission import Submission
from infra.bootstrap import App
from infra.readside.reactors import Reactors
from infra.work.leases import JobTimes, Leases
from infra.work.report_job import read_content
from services.execute import execute
from services.jobs.jobs import RENDER
from services.kernel.context import Principal
from services.kernel.work import Work
from services.reporting.report import RecordRendered, RequestReport, job_of
from services.reporting.submission import MONTH, AcknowledgeRestatement, SubmitAgain, SubmitFigures


class Submit(msgspec.Struct, frozen=True):
    """A step of a history: what touched the month is told and acknowledged, and it is submitted."""

    month: str


async def report(
    app: App,
    principal: Principal,
    month: str,
    now: datetime | None = None,
    *,
    notes_provisional: bool = True,
) -> str:
    """Asked for at an instant, and rendered. notes_provisional: as workers do by now."""
    asking = app.context(principal)
    done = await execute(
        msgspec.structs.replace(asking, now=now or asking.now), RequestReport(month=month)
    )
    ctx = app.context(Principal.of_system(principal.tenant, "worker"))
    asked = await Work(ctx).load(Report, done.stream_id)
    content = await read_content(app, principal.tenant, asked)
    rendered = RecordRendered(
        report_id=asked.id,
        file_id=uuid4(),
        sha256="0" * 64,
        pinned_position=content.pinned.position,
        scheme_versions=content.whole.versions,
        calendar_version=(await app.working_days()).version,
        figures=content.figures,
        provisional=content.provisional if notes_provisional else None,
        went_live=content.went_live,
    )
    await execute(ctx, rendered)
    return asked.id


async def rendered_by_worker(
    app: App, principal: Principal, report_id: str, *, error: str | None = None
) -> str:
    """The page of a report whose job has ended. error: that it ended with."""
    asked = await Work(app.context(principal)).load(Report, report_id)
    job_id, payload = job_of(report_id), {"report_id": report_id, "month": str(asked.month)}
    await app.jobs.create_job(principal.tenant, RENDER, payload, job_id=job_id)
    leases = Leases(app.db, JobTimes())
    lease = await leases.take(principal.tenant, job_id)
    assert lease is not None
    if error is None:
        await leases.finish(lease, {"file_id": str(uuid4())})
    else:
        await leases.fail(lease, error, {})
    return f"/submissions/reports/{job_id}"


async def react(app: App, principal: Principal, batch: int = 1_000) -> None:
    """Lets the reactors come up to the head of now."""
    await Reactors(app, batch=batch).catch_up(principal.tenant)


async def submit(app: App, principal: Principal, month: str) -> None:
    """The first vintage, or the next; raises what is refused."""
    ctx = app.context(principal)
    known = await Work(ctx).find(Submission, MONTH, f"newcomer_figures:{month}")
    if known is None:
        await execute(ctx, SubmitFigures(await report(app, principal, month)))
        return
    await react(app, principal)
    with contextlib.suppress(Refusal):
        await execute(ctx, AcknowledgeRestatement(known.id, "已核对"))
    await execute(ctx, SubmitAgain(known.id, await report(app, principal, month)))
