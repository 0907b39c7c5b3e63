"""An import taken back as a whole: withdrawn to the last fact, or not touched at all."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest

from domain.kernel.errors import Refusal
from domain.kernel.values import number_key
from domain.trainees.trainee import Trainee
from infra.bootstrap import App
from infra.work.worker import KINDS, JobRunner
from services.execute import execute
from services.jobs.jobs import Job, JobState, NewFile, cancel_job
from services.kernel.context import Context, Principal
from services.trainees.correction import CorrectOrder
from services.trainees.trainee import RecordLeaving
from services.trainees.withdrawal import WithdrawFact
from tests.place import ROSTER

PEOPLE = "工号,姓名,批次,入职日期,上岗日期,笔试,演练,试岗,试岗反馈\n"
LIVE = "2026-06-01,2026-06-10,90,合格,通过,好\n"
ORDERS = "订单号,工号,出单日期,产品,金额\n"


@pytest.fixture
def ctx(app: App, manager: Principal) -> Context:
    return app.context(manager)


async def perform(app: App, job: Job) -> Job:
    """As a worker does."""
    await JobRunner(app, KINDS).perform(job.tenant_id, job.id)
    found = await app.jobs.get_job(job.tenant_id, job.id)
    assert found is not None
    return found


async def imported(app: App, manager: Principal, *contents: str | bytes) -> Job:
    files = [
        NewFile(f"{n}.{'csv' if isinstance(one, str) else 'xlsx'}", "", BytesIO(as_bytes(one)))
        for n, one in enumerate(contents)
    ]
    done = await perform(app, await app.imports.request_import(manager, files))
    assert done.state is JobState.DONE, done.error
    return done


def as_bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


async def undone(app: App, manager: Principal, job: Job) -> dict[str, Any]:
    done = await perform(app, await app.imports.undo(manager, job, "导入错了文件"))
    assert done.result is not None, done.error
    return done.result


async def test_the_file_of_an_import_that_was_undone_imports_anew(
    app: App, manager: Principal
) -> None:
    workbook = ROSTER.read_bytes()
    first = await imported(app, manager, workbook)
    assert first.result is not None
    result = await undone(app, manager, first)
    assert (result["undone"], result["in_the_way"]) == (True, [])
    again = await imported(app, manager, workbook)
    assert again.result is not None and again.result["counts"] == first.result["counts"]
    assert again.result["events"] == first.result["events"] - result["cohorts"]
    trainee = await person(app, manager, "HZ2026002")
    assert trainee.employment.enrolled.rejoins is None


async def test_an_import_that_came_to_nothing_is_carried_out_from_its_check_again(
    app: App, manager: Principal
) -> None:
    files = [NewFile("名册.xlsx", "", BytesIO(ROSTER.read_bytes()))]
    requested = await app.imports.request_import(manager, files, dry_run=True)
    checked = await perform(app, requested)
    cancelled = await app.imports.carry_out(manager, checked)
    assert await app.imports.run_of(manager, checked) == cancelled
    await cancel_job(manager, app.jobs, cancelled.id)
    assert await app.imports.run_of(manager, checked) is None
    run = await app.imports.carry_out(manager, checked)
    assert run.id != cancelled.id
    assert (await perform(app, run)).state is JobState.DONE
    assert (await app.imports.carry_out(manager, checked)).id == run.id


async def person(app: App, manager: Principal, employee_no: str) -> Trainee:
    owner = await app.log.owner(manager.tenant, "employee_no", number_key(employee_no))
    assert owner is not None
    trainee = await app.log.aggregate(manager.tenant, owner)
    assert isinstance(trainee, Trainee)
    return trainee


async def test_nothing_is_withdrawn_where_something_was_recorded_since(
    app: App, manager: Principal, ctx: Context
) -> None:
    job = await imported(app, manager, f"{PEOPLE}U1,赵一,X1,{LIVE}U2,钱二,X1,{LIVE}")
    left = RecordLeaving(employee_no="U2", on=ctx.today, reason="个人原因")
    await execute(ctx, left)
    before = await app.log.position(manager.tenant)
    result = await undone(app, manager, job)
    assert not result["undone"]
    [why] = result["in_the_way"]
    assert (why["who"], why["code"]) == ("U2", "fact_rested_on")
    assert await app.log.position(manager.tenant) == before
    leaving = (await person(app, manager, "U2")).known[-1]
    await execute(ctx, WithdrawFact(fact=leaving.fact_id, reason="录错", employee_no="U2"))
    assert (await undone(app, manager, job))["undone"]


async def test_what_was_corrected_since_stands_in_the_way(
    app: App, manager: Principal, ctx: Context
) -> None:
    await imported(app, manager, f"{PEOPLE}V1,孙三,X2,{LIVE}")
    job = await imported(app, manager, f"{ORDERS}VO1,V1,2026-06-20,网站,10\n")
    correcting = CorrectOrder("vo1", date(2026, 6, 21), "日期填错", "网站")
    await execute(ctx, correcting)
    result = await undone(app, manager, job)
    assert [why["code"] for why in result["in_the_way"]] == ["restated_since"]


async def test_an_order_that_an_import_filled_in_says_again_what_it_said_before(
    app: App, manager: Principal
) -> None:
    await imported(app, manager, f"{PEOPLE}W1,李四,X3,{LIVE}", f"{ORDERS}WO1,W1,2026-06-20,,\n")
    job = await imported(app, manager, f"{ORDERS}WO1,W1,2026-06-20,网站,10\n")
    filled_in = (await person(app, manager, "W1")).selling.orders["WO1"]
    assert (filled_in.product, filled_in.amount) == ("网站", 10)
    assert (await undone(app, manager, job))["undone"]
    order = (await person(app, manager, "W1")).selling.orders["WO1"]
    assert (order.product, order.amount) == (None, None)


async def test_an_import_is_undone_once(app: App, manager: Principal) -> None:
    job = await imported(app, manager, f"{PEOPLE}Y1,周五,X4,{LIVE}")
    first = await app.imports.undo(manager, job, "导入错了文件")
    assert (await perform(app, first)).state is JobState.DONE
    position = await app.log.position(manager.tenant)
    again = await app.imports.undo(manager, job, "再来一次")
    assert again.id == first.id
    assert await app.log.position(manager.tenant) == position


async def test_an_undoing_that_was_cancelled_can_be_asked_for_again(
    app: App, manager: Principal
) -> None:
    job = await imported(app, manager, f"{PEOPLE}Z1,吴六,X5,{LIVE}")
    first = await app.imports.undo(manager, job, "导入错了文件")
    await cancel_job(manager, app.jobs, first.id)
    assert (await undone(app, manager, job))["undone"]


async def test_a_check_and_an_import_under_way_are_not_undone(app: App, manager: Principal) -> None:
    files = [NewFile("a.csv", "", BytesIO(as_bytes(f"{PEOPLE}Q1,郑七,X6,{LIVE}")))]
    for is_check in (True, False):
        job = await app.imports.request_import(manager, files, dry_run=is_check)
        if is_check:
            job = await perform(app, job)
        with pytest.raises(Refusal) as refused:
            await app.imports.undo(manager, job, "导入错了文件")
        assert refused.value.code == "import_not_over"


async def test_a_reason_must_be_given(app: App, manager: Principal) -> None:
    job = await imported(app, manager, f"{PEOPLE}R1,王八,X7,{LIVE}")
    with pytest.raises(Refusal) as refused:
        await app.imports.undo(manager, job, " ")
    assert refused.value.code == "reason_missing"


async def test_earlier_imports_are_listed_from_the_last_on(app: App, manager: Principal) -> None:
    first = await imported(app, manager, f"{PEOPLE}S1,冯九,X8,{LIVE}")
    undo = await app.imports.undo(manager, first, "导入错了文件")
    [last, before] = await app.imports.earlier(manager, None, 2)
    assert (last.id, before.id) == (undo.id, first.id)
    older = await app.imports.earlier(manager, first.id, 100)
    assert {undo.id, first.id}.isdisjoint(one.id for one in older)
