"""Submitting the figures of a month, and what may be done with them afterwards."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest

from domain.kernel.errors import NotFoundError, PermissionRefusedError, Refusal, TakenError
from domain.kernel.values import Month, Ratio
from domain.kpi.proof.restatement import Cause, Restatement
from domain.reporting.submission import Submission
from infra.bootstrap import App
from services.execute import execute
from services.kernel.context import Context, Principal, Role
from services.kernel.roles import in_role
from services.kernel.work import Work
from services.reporting.report import RecordRendered, RequestReport
from services.reporting.submission import (
    AcknowledgeRestatement,
    RecordRestatement,
    SubmitAgain,
    SubmitFigures,
)

NOW = datetime(2026, 7, 5, 9, tzinfo=UTC)
CHANGED = Restatement(
    "order_rate",
    Ratio(12, 18),
    Ratio(13, 18),
    (Cause(3, "trainee.order_closed", "trainee-15", 1, 0),),
)


@pytest.fixture
def ctx(app: App, manager: Principal) -> Context:
    return msgspec.structs.replace(app.context(manager), now=NOW)


@pytest.fixture
def worker(app: App, manager: Principal) -> Context:
    return app.context(Principal.of_system(manager.tenant, "worker"))


async def rendered(ctx: Context, worker: Context, month: str = "2026-06") -> str:
    """A report on the state of the log when it was asked for."""
    done = await execute(ctx, RequestReport(month=month))
    figures = {"order_rate": Ratio(12, 18)}
    command = RecordRendered(
        done.stream_id, UUID(int=2), "0" * 64, done.position, (0,), "cn-2026-2026-0", figures
    )
    await execute(worker, command)
    return done.stream_id


async def submitted(ctx: Context, worker: Context) -> str:
    report_id = await rendered(ctx, worker)
    return (await execute(ctx, SubmitFigures(report_id))).stream_id


async def test_a_month_is_submitted_once_whatever_report_states_it(
    ctx: Context, worker: Context
) -> None:
    await submitted(ctx, worker)
    with pytest.raises(TakenError) as refused:
        await submitted(ctx, worker)
    assert refused.value == TakenError("month_already_submitted", month=Month(2026, 6))
    other = await rendered(ctx, worker, month="2026-05")
    assert (await execute(ctx, SubmitFigures(other))).events == 1


async def test_restated_acknowledged_and_submitted_again(ctx: Context, worker: Context) -> None:
    submission_id = await submitted(ctx, worker)
    told = RecordRestatement(submission_id, vintage=1, until=3, restatements=(CHANGED,))
    assert (await execute(worker, told)).events == 1
    assert (await execute(worker, told)).events == 0
    newer = await rendered(ctx, worker)
    with pytest.raises(Refusal) as refused:
        await execute(ctx, SubmitAgain(submission_id, newer))
    assert refused.value.code == "restatement_open"
    await execute(ctx, AcknowledgeRestatement(submission_id, note="已核对"))
    await execute(ctx, SubmitAgain(submission_id, newer))
    assert (await Work(ctx).load(Submission, submission_id)).vintage == 2


async def test_only_who_answers_for_the_figures_submits_them(
    app: App, ctx: Context, worker: Context
) -> None:
    report_id = await rendered(ctx, worker)
    for role in Role:
        principal = in_role(ctx.principal.tenant, "somebody", role)
        if role in (
            Role.TRAINING_MANAGER,
            Role.GENERAL_MANAGER,
            Role.HR_MANAGER,
            Role.OPERATOR,
        ):
            continue
        with pytest.raises(PermissionRefusedError):
            await execute(app.context(principal), SubmitFigures(report_id))


async def test_only_the_reactor_restates(ctx: Context, worker: Context) -> None:
    submission_id = await submitted(ctx, worker)
    with pytest.raises(PermissionRefusedError):
        await execute(ctx, RecordRestatement(submission_id, 1, 3, (CHANGED,)))


async def test_refuses_what_is_not_there(ctx: Context) -> None:
    with pytest.raises(NotFoundError) as refused:
        await execute(ctx, AcknowledgeRestatement("submission-1", "已核对"))
    assert refused.value.code == "submission_unknown"
    with pytest.raises(NotFoundError) as refused:
        await execute(ctx, SubmitFigures("report-1"))
    assert refused.value.code == "report_unknown"
    report_id = (await execute(ctx, RequestReport(month="2026-06"))).stream_id
    with pytest.raises(Refusal) as not_yet:
        await execute(ctx, SubmitFigures(report_id))
    assert not_yet.value.code == "report_not_rendered"
