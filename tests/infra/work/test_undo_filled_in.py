"""What an import filled in says again what it said before, once the import is taken back."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.kernel.values import number_key
from domain.trainees.trainee import Trainee
from infra.bootstrap import App
from services.execute import execute
from services.importing.undoing import ImportedEvent, UndoImport
from services.jobs.jobs import cancel_job
from services.kernel.context import Context, Principal
from services.trainees.correction import CorrectEnrolment, CorrectOrder
from services.trainees.selling import ReassignOrder, RecordOrder
from services.trainees.trainee import RecordLeaving, RejoinTrainee
from services.trainees.withdrawal import WithdrawFact
from tests.infra.work.undoing import (
    LIVE,
    ORDERS,
    PEOPLE,
    cancelled,
    contacts,
    imported,
    outcome,
    person,
    undone,
)


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


async def test_an_enrolment_that_an_import_filled_in_says_again_what_it_said_before(
    app: App, manager: Principal
) -> None:
    headings, who = "工号,姓名,批次,入职日期,岗位,手机号,邮箱\n", "FE1,李四,X3,2026-06-01"
    await imported(app, manager, f"{headings}{who},总裁,,\n")
    job = await imported(app, manager, f"{headings}{who},客服,13800007919,li@qq.com\n")
    assert (await person(app, manager, "FE1")).employment.enrolled.post == "customer_service"
    assert await contacts(app, manager, "FE1") == ["13800007919", "li@qq.com"]
    left = await app.left_of_import(manager, job)
    assert (left.filled_in, left.people, left.by_topic) == (2, 1, {})
    assert (await undone(app, manager, job))["undone"]
    assert (await person(app, manager, "FE1")).employment.enrolled.post == "unknown"
    assert await contacts(app, manager, "FE1") == [None, None]


async def test_an_enrolment_that_says_already_what_it_said_before_is_passed_over(
    app: App, manager: Principal, ctx: Context
) -> None:
    people = [f"FA{no},李四,X3,2026-06-01" for no in (1, 2, 3)]
    unknown, sales = ("".join(f"{who},{post}\n" for who in people) for post in ("不详", "销售"))
    headings = "工号,姓名,批次,入职日期,岗位\n"
    await imported(app, manager, headings + unknown)
    job = await imported(app, manager, headings + sales)
    await execute(ctx, CorrectEnrolment("FA1", "撤销导入", post="unknown"))
    asked = await app.imports.undo(manager, job, "导入错了文件")
    filled_in = (await person(app, manager, "FA2")).known[-1]
    event = ImportedEvent(filled_in.originator_id, filled_in.originator_version)
    its = app.context(manager, causation_id=asked.id)
    await execute(its, UndoImport([event], "导入错了文件"))
    result = await outcome(app, job, asked)
    assert (result["undone"], result["events"], result["in_the_way"]) == (True, 2, [])
    for no in (1, 2, 3):
        assert (await person(app, manager, f"FA{no}")).employment.enrolled.post == "unknown"


@pytest.mark.parametrize("as_a_change", [False, True])
async def test_a_later_stay_keeps_what_was_said_with_it_and_nothing_else_of_the_person(
    app: App, manager: Principal, ctx: Context, as_a_change: bool
) -> None:
    headings, who = (
        "工号,姓名,批次,入职日期,岗位,手机号,邮箱\n",
        f"FR{as_a_change:d},李四,X3,2026-06-01",
    )
    number = who[:3]
    await imported(app, manager, f"{headings}{who},{'销售' if as_a_change else '不详'},,\n")
    more = f"{headings}{who},客服,13800007919,li@qq.com\n"
    changed_on = date(2026, 6, 5) if as_a_change else None
    job = await imported(app, manager, more, changed_on=changed_on)
    await execute(ctx, RecordLeaving(number, date(2026, 6, 10)))
    again = RejoinTrainee(number, "X3", date(2026, 6, 20), phone="13800007919")
    await execute(ctx, again)
    await execute(ctx, CorrectEnrolment(number, "漏录主管", manager="钱主管"))
    later = (await person(app, manager, number)).employment.enrolled
    assert later.post == "customer_service"
    assert await contacts(app, manager, number) == ["13800007919", "li@qq.com"]
    result = await undone(app, manager, job)
    assert (result["undone"], result["in_the_way"]) == (True, [])
    later = (await person(app, manager, number)).employment.enrolled
    assert later.post == "customer_service"
    assert await contacts(app, manager, number) == ["13800007919", None]
    named: Any = await app.log.aggregate(manager.tenant, later.manager_id or "")
    assert named.name == "钱主管"


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


@pytest.mark.parametrize("handed_on", [False, True])
async def test_what_was_corrected_of_other_fields_of_an_order_since_it_was_filled_in_stays(
    app: App, manager: Principal, ctx: Context, handed_on: bool
) -> None:
    one, two, no = (f"{kind}{handed_on:d}" for kind in ("Q", "R", "QO"))
    people = f"{PEOPLE}{one},李四,X3,{LIVE}{two},王五,X3,{LIVE}"
    await imported(app, manager, people, f"{ORDERS}{no},{one},2026-06-20,,\n")
    if handed_on:
        await execute(ctx, ReassignOrder(no, two, date(2026, 7, 1), "换人跟进"))
    sellers = (one, two) if handed_on else (one,)
    job = await imported(app, manager, f"{ORDERS}{no},{sellers[-1]},2026-06-20,网站,\n")
    await execute(ctx, CorrectOrder(no, date(2026, 6, 21), "漏录金额", "网站", Decimal(20)))
    result = await undone(app, manager, job)
    assert (result["undone"], result["in_the_way"]) == (True, [])
    for seller in sellers:
        order = (await person(app, manager, seller)).selling.orders[no]
        assert (order.closed_on, order.product, order.amount) == (date(2026, 6, 21), None, 20)


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
    assert [why["code"] for why in result["in_the_way"]] == ["imported_amended_since"]


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
