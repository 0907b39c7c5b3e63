"""What an import recorded, and what of it is left to be taken back."""

from datetime import date

from domain.trainees.events import OrderClosed
from infra.bootstrap import App
from services.execute import execute
from services.importing.teaching import TeachWord
from services.importing.undoing import ImportedEvent, UndoImport
from services.kernel.context import Context, Principal
from services.trainees.selling import RecordOrder
from services.trainees.withdrawal import WithdrawFact
from tests.infra.work.undoing import LIVE, ORDERS, PEOPLE, cancelled, imported, person, undone


async def test_what_came_since_a_position_leaves_out_only_imports_that_came_and_went_after_it(
    app: App, manager: Principal
) -> None:
    empty = await app.log.position(manager.tenant)
    earlier = await imported(app, manager, f"{PEOPLE}CA1,赵一,CA,{LIVE}")
    between = await app.log.position(manager.tenant)
    later = await imported(app, manager, f"{PEOPLE}CA2,钱二,CA,{LIVE}")
    its = await app.log.position(manager.tenant) - between
    assert await app.recorded_since(manager.tenant, between) == its
    await undone(app, manager, later)
    assert await app.recorded_since(manager.tenant, between) == 0
    withdrawn = (await undone(app, manager, earlier))["events"]
    assert await app.recorded_since(manager.tenant, between) == withdrawn
    assert await app.recorded_since(manager.tenant, empty) == 0


async def test_what_is_withdrawn_already_is_not_left_and_whoever_withdrew_it_recorded_nothing_else(
    app: App, manager: Principal, ctx: Context
) -> None:
    people = f"{PEOPLE}CB1,赵一,CB,{LIVE}CB2,钱二,CB,{LIVE}"
    job = await imported(app, manager, people, f"{ORDERS}CBO1,CB1,2026-06-20,网站,10\n")
    before = await app.left_of_import(manager, job)
    assert (before.by_topic[OrderClosed.TOPIC], before.people, before.opened) == (1, 2, 1)
    order = (await person(app, manager, "CB1")).known[-1]
    await execute(ctx, WithdrawFact(order.fact_id, "录错", employee_no="CB1"))
    left = await app.left_of_import(manager, job)
    assert OrderClosed.TOPIC not in left.by_topic and left.followed == 0
    assert {**left.by_topic, OrderClosed.TOPIC: 1} == before.by_topic
    await execute(ctx, RecordOrder("CB2", "CBO2", date(2026, 6, 20)))
    assert (await app.left_of_import(manager, job)).followed == 1


async def test_of_whom_an_undoing_took_all_back_before_it_was_cancelled_nothing_is_left(
    app: App, manager: Principal
) -> None:
    blank = f"{PEOPLE}CC1,赵一,CC,{LIVE}", f"{ORDERS}CCO1,CC1,2026-06-20,,\n"
    first = await imported(app, manager, *blank)
    filling = await imported(app, manager, f"{ORDERS}CCO1,CC1,2026-06-20,网站,10\n")
    left = await app.left_of_import(manager, filling)
    assert (dict(left.by_topic), left.filled_in, left.people) == ({}, 1, 1)
    assert (await app.left_of_import(manager, first)).followed == 1
    its = (await person(app, manager, "CC1")).known[-1]
    asked = await app.imports.undo(manager, filling, "导入错了文件")
    cause = app.context(manager, causation_id=asked.id)
    events = [ImportedEvent(its.originator_id, its.originator_version)]
    await execute(cause, UndoImport(events, "导入错了文件"))
    await app.jobs.cancel_job(manager.tenant, asked.id)
    left = await app.left_of_import(manager, filling)
    assert (left.filled_in, left.people, left.is_recorded) == (0, 0, True)


async def test_what_an_import_recorded_of_no_trainee_and_no_cohort_is_not_counted_as_withdrawn(
    app: App, manager: Principal
) -> None:
    job = await cancelled(app, manager)
    cause = app.context(manager, causation_id=job.id)
    await execute(cause, TeachWord("roster", "人员代码", "employee_no"))
    left = await app.left_of_import(manager, job)
    assert (dict(left.by_topic), left.people, left.is_recorded) == ({}, 0, True)
