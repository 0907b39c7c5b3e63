"""An import taken back as a whole: withdrawn to the last fact, or not touched at all."""

import asyncio
from collections.abc import Coroutine
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
from services.importing.undoing import ImportedEvent, UndoImport
from services.jobs.jobs import Job, JobState, NewFile, cancel_job
from services.kernel.context import Context, Principal
from services.kernel.ports import Append, Receipt
from services.trainees.correction import CorrectOrder
from services.trainees.selling import ReassignOrder, RecordOrder
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


async def cancelled(app: App, manager: Principal) -> Job:
    """An import that is over; what follows is recorded by its cause."""
    files = [NewFile("a.csv", "", BytesIO(as_bytes(PEOPLE)))]
    job = await app.imports.request_import(manager, files)
    return await app.jobs.cancel_job(manager.tenant, job.id)


def as_bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


async def undone(app: App, manager: Principal, job: Job) -> dict[str, Any]:
    done = await perform(app, await app.imports.undo(manager, job, "导入错了文件"))
    assert done.result is not None, done.error
    return done.result


STAYS = (
    "工号,姓名,批次,入职日期,重新入职,上岗日期,离职日期,笔试,演练,试岗,试岗反馈\n"
    "007,赵一,X1,2026-03-02,,2026-03-10,2026-03-31,90,合格,通过,好\n"
    "007,赵一,X2,2026-04-06,是,2026-04-15,2026-04-30,90,合格,通过,好\n"
    "007,赵一,X3,2026-06-01,是,2026-06-10,,90,合格,通过,好\n",
    "工号,姓名,日期,笔试\n007,赵一,2026-03-05,70\n007,赵一,2026-06-05,80\n",
    f"{ORDERS}JO1,007,2026-03-20,网站,10\nJO2,007,2026-06-20,网站,10\n",
)
"""The sheets of somebody who rejoined twice."""


@pytest.mark.parametrize(
    ("contents", "employee_no"), [((ROSTER.read_bytes(),), "HZ2026002"), (STAYS, "007")]
)
async def test_the_file_of_an_import_that_was_undone_imports_anew(
    app: App, manager: Principal, contents: tuple[str | bytes, ...], employee_no: str
) -> None:
    first = await imported(app, manager, *contents)
    assert first.result is not None
    result = await undone(app, manager, first)
    assert (result["undone"], result["in_the_way"]) == (True, [])
    assert await app.log.owner(manager.tenant, "employee_no", number_key(employee_no)) is None
    again = await imported(app, manager, *contents)
    assert again.result is not None and again.result["counts"] == first.result["counts"]
    assert again.result["events"] == first.result["events"] - result["cohorts"]


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
    assert why["trainee_id"] == (await person(app, manager, "U2")).id
    assert await app.imports.undone_of(manager, [job]) == set()
    assert await app.log.position(manager.tenant) == before
    leaving = (await person(app, manager, "U2")).known[-1]
    await execute(ctx, WithdrawFact(fact=leaving.fact_id, reason="录错", employee_no="U2"))
    assert (await undone(app, manager, job))["undone"]
    assert await app.imports.undone_of(manager, [job]) == {job.id}


async def test_who_leaves_while_others_are_withdrawn_is_left_until_it_is_undone_again(
    app: App, manager: Principal, ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await imported(app, manager, f"{PEOPLE}T1,赵一,X1,{LIVE}T2,钱二,X1,{LIVE}")
    asked = await app.imports.undo(manager, job, "导入错了文件")
    leaving = RecordLeaving(employee_no="T2", on=ctx.today, reason="个人原因")
    before_the_first_write_of(asked, app, monkeypatch, execute(ctx, leaving))
    first = await perform(app, asked)
    assert first.result is not None
    assert (first.result["undone"], first.result["events"]) == (False, 5)
    assert [why["who"] for why in first.result["in_the_way"]] == ["T2"]
    left = (await person(app, manager, "T2")).known[-1]
    await execute(ctx, WithdrawFact(fact=left.fact_id, reason="录错", employee_no="T2"))
    result = await undone(app, manager, job)
    assert (result["undone"], result["events"]) == (True, 5)


def before_the_first_write_of(
    job: Job, app: App, monkeypatch: pytest.MonkeyPatch, happens: Coroutine[Any, Any, Any]
) -> None:
    """Has something happen after a job's rehearsal, before its first event is written."""
    append = app.log.append
    happening: list[asyncio.Task[Any]] = []

    async def held_up(one: Append) -> Receipt:
        if one.envelope.causation_id == job.id:
            if not happening:
                happening.append(asyncio.create_task(happens))
            await happening[0]
        return await append(one)

    monkeypatch.setattr(app.log, "append", held_up)


async def test_an_undoing_that_is_begun_again_counts_what_its_earlier_attempt_withdrew(
    app: App, manager: Principal, ctx: Context
) -> None:
    job = await imported(app, manager, f"{PEOPLE}P1,赵一,X1,{LIVE}P2,钱二,X1,{LIVE}")
    asked = await app.imports.undo(manager, job, "导入错了文件")
    its = app.context(manager, causation_id=asked.id)
    await execute(its, WithdrawFact(fact=5, reason="导入错了文件", employee_no="P1"))
    await execute(ctx, RecordLeaving(employee_no="P2", on=ctx.today, reason="个人原因"))
    result = (await perform(app, asked)).result
    assert result is not None
    assert (result["undone"], result["events"], result["count"]) == (False, 1, 1)


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


async def test_an_undoing_that_stopped_among_filled_in_orders_is_gone_on_with(
    app: App, manager: Principal
) -> None:
    people = f"{PEOPLE}I1,李四,X3,{LIVE}I2,王五,X3,{LIVE}"
    await imported(app, manager, people, f"{ORDERS}IO1,I1,2026-06-20,,\nIO2,I2,2026-06-20,,\n")
    lines = "IO1,I1,2026-06-20,网站,10\nIO2,I2,2026-06-20,网站,10\n"
    job = await imported(app, manager, f"{ORDERS}{lines}")
    stopped = await app.imports.undo(manager, job, "导入错了文件")
    corrected = (await person(app, manager, "I1")).known[-1]
    its = app.context(manager, causation_id=stopped.id)
    event = ImportedEvent(corrected.originator_id, corrected.originator_version)
    await execute(its, UndoImport([event], "导入错了文件"))
    await cancel_job(manager, app.jobs, stopped.id)
    result = await undone(app, manager, job)
    assert (result["undone"], result["in_the_way"]) == (True, [])
    for no in ("1", "2"):
        order = (await person(app, manager, f"I{no}")).selling.orders[f"IO{no}"]
        assert (order.product, order.amount) == (None, None)


async def test_of_two_imports_of_one_order_the_later_is_undone_and_then_the_earlier(
    app: App, manager: Principal
) -> None:
    first = await imported(
        app, manager, f"{PEOPLE}K1,李四,X3,{LIVE}", f"{ORDERS}KO1,K1,2026-06-20,,\n"
    )
    second = await imported(app, manager, f"{ORDERS}KO1,K1,2026-06-20,网站,10\n")
    assert not (await undone(app, manager, first))["undone"]
    assert (await undone(app, manager, second))["undone"]
    assert (await undone(app, manager, first))["undone"]
    assert await app.log.owner(manager.tenant, "order_no", number_key("KO1")) is None


async def test_an_order_that_was_handed_on_since_it_was_filled_in_stands_in_the_way(
    app: App, manager: Principal, ctx: Context
) -> None:
    people = f"{PEOPLE}N1,李四,X3,{LIVE}N2,王五,X3,{LIVE}"
    await imported(app, manager, people, f"{ORDERS}NO1,N1,2026-06-20,,\n")
    job = await imported(app, manager, f"{ORDERS}NO1,N1,2026-06-20,网站,10\n")
    await execute(ctx, ReassignOrder("NO1", "N2", date(2026, 7, 1), "换人跟进"))
    result = await undone(app, manager, job)
    assert (result["undone"], result["events"]) == (False, 0)
    [why] = result["in_the_way"]
    assert (why["who"], why["code"]) == ("N1", "fact_rested_on")
    assert why["params"]["what"] == Trainee.OrderReassigned.TOPIC
    taken = (await person(app, manager, "N2")).known[-1]
    await execute(ctx, WithdrawFact(fact=taken.fact_id, reason="转错", employee_no="N2"))
    assert (await undone(app, manager, job))["undone"]
    assert (await person(app, manager, "N1")).selling.orders["NO1"].product is None


@pytest.mark.parametrize("given_back", [False, True])
async def test_an_order_of_several_sellers_is_corrected_back_at_who_has_it(
    app: App, manager: Principal, ctx: Context, given_back: bool
) -> None:
    people = f"{PEOPLE}M1,李四,X3,{LIVE}M2,王五,X3,{LIVE}"
    await imported(app, manager, people, f"{ORDERS}MO1,M1,2026-06-20,,\n")
    await execute(ctx, ReassignOrder("MO1", "M2", date(2026, 7, 1), "换人跟进"))
    job = await imported(app, manager, f"{ORDERS}MO1,M2,2026-06-20,网站,10\n")
    if given_back:
        taken = (await person(app, manager, "M2")).selling.orders["MO1"]
        await execute(ctx, WithdrawFact(fact=taken.fact_id, reason="转错", employee_no="M2"))
    result = await undone(app, manager, job)
    assert (result["undone"], result["in_the_way"]) == (True, [])
    assert result["events"] == (1 if given_back else 2)
    for seller in ("M1",) if given_back else ("M1", "M2"):
        assert (await person(app, manager, seller)).selling.orders["MO1"].product is None


async def test_an_order_that_went_back_to_its_first_seller_by_withdrawals_is_corrected_back_there(
    app: App, manager: Principal, ctx: Context
) -> None:
    people = f"{PEOPLE}G1,李四,X3,{LIVE}G2,王五,X3,{LIVE}"
    await imported(app, manager, people, f"{ORDERS}GO1,G1,2026-06-20,,\n")
    await execute(ctx, ReassignOrder("GO1", "G2", date(2026, 7, 1), "换人跟进"))
    await execute(ctx, ReassignOrder("GO1", "G1", date(2026, 7, 2), "换回"))
    job = await imported(app, manager, f"{ORDERS}GO1,G1,2026-06-20,网站,10\n")
    for holder in ("G1", "G2"):
        taken = (await person(app, manager, holder)).selling.orders["GO1"]
        await execute(ctx, WithdrawFact(fact=taken.fact_id, reason="转错", employee_no=holder))
    assert (await person(app, manager, "G1")).selling.orders["GO1"].product == "网站"
    assert (await undone(app, manager, job))["undone"]
    assert (await person(app, manager, "G1")).selling.orders["GO1"].product is None


async def test_an_order_that_says_already_what_it_said_before_is_passed_over(
    app: App, manager: Principal, ctx: Context
) -> None:
    await imported(app, manager, f"{PEOPLE}O1,李四,X3,{LIVE}", f"{ORDERS}OO1,O1,2026-06-20,,\n")
    job = await imported(
        app, manager, f"{PEOPLE}O2,王五,X3,{LIVE}", f"{ORDERS}OO1,O1,2026-06-20,网站,10\n"
    )
    await execute(ctx, CorrectOrder("OO1", date(2026, 6, 20), "撤销导入"))
    assert (await undone(app, manager, job))["undone"]


async def test_a_correction_by_hand_while_the_import_ran_stands_in_the_way(
    app: App, manager: Principal, ctx: Context
) -> None:
    job = await cancelled(app, manager)
    its = app.context(manager, causation_id=job.id)
    await imported(app, manager, f"{PEOPLE}L1,李四,X3,{LIVE}")
    await execute(its, RecordOrder("L1", "LO1", date(2026, 6, 20), "网站"))
    await execute(ctx, CorrectOrder("LO1", date(2026, 6, 21), "日期填错", "网站"))
    await execute(its, RecordOrder("L1", "LO2", date(2026, 6, 20), "网站"))
    result = await undone(app, manager, job)
    assert [why["code"] for why in result["in_the_way"]] == ["restated_since"]


async def test_an_order_of_several_sellers_that_an_import_declared_void_is_valid_again(
    app: App, manager: Principal, ctx: Context
) -> None:
    people = f"{PEOPLE}H1,李四,X3,{LIVE}H2,王五,X3,{LIVE}"
    await imported(app, manager, people, f"{ORDERS}HO1,H1,2026-06-20,网站,10\n")
    await execute(ctx, ReassignOrder("HO1", "H2", date(2026, 7, 1), "换人跟进"))
    voided = "订单号,工号,出单日期,产品,金额,作废日期,作废原因\n"
    line = "HO1,H2,2026-06-20,网站,10,2026-07-05,退款\n"
    job = await imported(app, manager, voided + line)
    assert (await person(app, manager, "H1")).selling.orders["HO1"].voided_on
    result = await undone(app, manager, job)
    assert (result["undone"], result["in_the_way"]) == (True, [])


async def test_an_import_is_undone_once(app: App, manager: Principal) -> None:
    job = await imported(app, manager, f"{PEOPLE}Y1,周五,X4,{LIVE}")
    first = await app.imports.undo(manager, job, "导入错了文件")
    assert (await perform(app, first)).state is JobState.DONE
    position = await app.log.position(manager.tenant)
    again = await app.imports.undo(manager, job, "再来一次")
    assert again.id == first.id
    assert await app.log.position(manager.tenant) == position


async def test_what_was_written_after_the_import_was_over_is_withdrawn_too(
    app: App, manager: Principal
) -> None:
    job = await cancelled(app, manager)
    await imported(app, manager, f"{PEOPLE}K1,周五,X4,{LIVE}")
    its = app.context(manager, causation_id=job.id)
    await execute(its, RecordOrder("K1", "KO1", date(2026, 6, 20), "网站"))
    result = await undone(app, manager, job)
    assert (result["undone"], result["events"]) == (True, 1)


async def test_an_import_of_which_no_record_is_found_is_not_said_to_be_undone(
    app: App, manager: Principal
) -> None:
    job = await cancelled(app, manager)
    refused = await perform(app, await app.imports.undo(manager, job, "导入错了文件"))
    assert (refused.state, refused.error) == (JobState.FAILED, "import_left_no_record")


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
