"""An import taken back as a whole: withdrawn to the last fact, or not touched at all."""

import asyncio
from collections.abc import Coroutine
from datetime import date
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest

from domain.kernel.errors import Refusal
from domain.kernel.values import name_key, number_key
from infra.bootstrap import App
from infra.work import undo_job
from infra.work.leases import JobTimes, Leases, RunningJob
from services.execute import execute
from services.jobs.jobs import OF_IMPORTS, Job, JobState, NewFile, cancel_job
from services.kernel.context import Context, Principal
from services.kernel.ports import Append, Receipt
from services.people.person import ConfirmPerson
from services.teaching.cohort import CorrectCohortOpening, HandOverCohort, OpenCohort
from services.teaching.session import PlanSession
from services.trainees.correction import CorrectOrder
from services.trainees.selling import RecordOrder
from services.trainees.trainee import EnrolTrainee, RecordLeaving
from services.trainees.withdrawal import WithdrawFact
from tests.carrying import hand_of
from tests.infra.work.undoing import (
    LIVE,
    ORDERS,
    PEOPLE,
    as_bytes,
    cancelled,
    imported,
    outcome,
    perform,
    person,
    undone,
)
from tests.place import ROSTER

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
    undoing = await app.imports.undoing(manager, first)
    assert undoing is not None
    taken_up = RunningJob(undoing, {}, uuid4())
    assert await undo_job.perform(app, taken_up) == undoing.result
    assert taken_up.done == taken_up.total == undoing.total
    again = await imported(app, manager, *contents)
    assert again.result is not None and again.result["counts"] == first.result["counts"]
    assert (again.result["events"], result["cohorts"]) == (first.result["events"], 0)


async def test_of_the_cohorts_that_an_import_opened_those_stay_in_which_something_else_is(
    app: App, manager: Principal, ctx: Context
) -> None:
    people = "".join(f"C{code},赵一,C{code},{LIVE}" for code in "ABCDE")
    job = await imported(app, manager, f"{PEOPLE}{people}")
    await execute(ctx, HandOverCohort("CB", "周老师", date(2026, 6, 2)))
    await imported(app, manager, f"{PEOPLE}C4,李四,CC,{LIVE}")
    await execute(ctx, PlanSession("CD", "CD1", date(2026, 6, 2), ("产品",)))
    await execute(ctx, CorrectCohortOpening(cohort="CE", name="六月第5期", reason="名称有误"))
    result = await undone(app, manager, job)
    assert (result["undone"], result["cohorts"]) == (True, 4)
    undoing = await app.imports.undoing(manager, job)
    assert undoing is not None and undoing.total == 2 * 5 + 5
    owners = [await app.log.owner(manager.tenant, "cohort_code", f"C{one}") for one in "ABCDE"]
    assert [owner is None for owner in owners] == [True, False, False, False, False]


async def test_of_whom_an_import_named_first_those_stay_whom_somebody_else_knows(
    app: App, manager: Principal, ctx: Context
) -> None:
    async def people_named() -> list[bool]:
        keys = [name_key(f"主管{one}") for one in "甲乙丙丁"]
        return [bool(await app.log.owner(manager.tenant, "person_name", key)) for key in keys]

    await execute(ctx, OpenCohort("CN", "一期", date(2026, 6, 1), training_manager="主管丁"))
    lines = "".join(f"N{n},赵{n},CN,2026-06-01,主管{one}\n" for n, one in enumerate("甲甲乙丙丁"))
    job = await imported(app, manager, f"工号,姓名,批次,入职日期,直属主管\n{lines}")
    await execute(ctx, HandOverCohort("CN", "主管乙", date(2026, 6, 2)))
    owner = await app.log.owner(manager.tenant, "person_name", name_key("主管丙"))
    confirming = ConfirmPerson(owner or "")
    await execute(app.context(hand_of(manager, confirming)), confirming)
    assert await people_named() == [True] * 4
    assert (await undone(app, manager, job))["undone"]
    assert await people_named() == [False, True, True, True]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["the earlier first", "the later first"])
async def test_a_cohort_goes_with_the_last_of_the_imports_that_filled_it(
    app: App, manager: Principal, order: tuple[int, int]
) -> None:
    imports = [await imported(app, manager, f"{PEOPLE}D{no},赵一,DA,{LIVE}") for no in (1, 2)]
    results = [await undone(app, manager, imports[one]) for one in order]
    assert [one["undone"] for one in results] == [True, True]
    assert await app.log.owner(manager.tenant, "cohort_code", "DA") is None


async def test_imports_that_built_on_each_other_and_are_undone_at_once_go_from_the_last_on(
    app: App, manager: Principal
) -> None:
    people = "".join(f"G{no},赵一,GA,{LIVE}" for no in range(3))
    phones = "".join(f"G{no},赵一,GA,2026-06-01,1380000791{no}\n" for no in range(3))
    blank, filled = (
        ORDERS + "".join(f"GO{no},G{no},2026-06-20,{product},\n" for no in range(3))
        for product in ("", "网站")
    )
    imports = [
        await imported(app, manager, f"{PEOPLE}{people}"),
        await imported(app, manager, f"工号,姓名,批次,入职日期,手机号\n{phones}", blank),
        await imported(app, manager, filled),
    ]
    while imports:
        asked = [await app.imports.undo(manager, one, "导入错了文件") for one in imports]
        undoing = map(outcome, [app] * len(imports), imports, asked)
        *earlier, last = await asyncio.gather(*undoing)
        assert last["undone"]
        assert all(one["undone"] or one["events"] == 0 for one in earlier)
        imports = [one for one in imports if not await app.imports.is_undone(one)]
    for kind, key in (("employee_no", "G0"), ("order_no", "GO0"), ("cohort_code", "GA")):
        assert await app.log.owner(manager.tenant, kind, number_key(key)) is None


async def test_a_cohort_goes_where_the_import_that_opened_it_is_undone_as_another_is_begun(
    app: App, manager: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening, filling = [
        await imported(app, manager, f"{PEOPLE}D{no},赵一,DB,{LIVE}") for no in (3, 4)
    ]
    asked = await app.imports.undo(manager, filling, "导入错了文件")
    meanwhile = undone(app, manager, opening)
    before_the_first_write_of(asked, app, monkeypatch, meanwhile)
    assert (await outcome(app, filling, asked))["undone"]
    assert await state_of(app, opening) is JobState.UNDONE
    assert await app.log.owner(manager.tenant, "cohort_code", "DB") is None


async def test_a_cohort_goes_where_the_import_that_filled_it_is_undone_as_another_ends(
    app: App, manager: Principal
) -> None:
    opening, filling = [
        await imported(app, manager, f"{PEOPLE}D{no},赵一,DC,{LIVE}") for no in (5, 6)
    ]
    leases = Leases(app.db, JobTimes())
    asked = await app.imports.undo(manager, opening, "导入错了文件")
    lease = await leases.take(manager.tenant, asked.id)
    assert lease is not None
    result = await undo_job.perform(app, lease)
    assert (await undone(app, manager, filling))["undone"]
    await leases.finish(lease, result, undo_job.finished)
    assert await state_of(app, opening) is JobState.UNDONE
    assert await app.log.owner(manager.tenant, "cohort_code", "DC") is None


async def test_a_cohort_that_another_import_left_open_stays_where_this_one_put_nobody_into_it(
    app: App, manager: Principal, ctx: Context
) -> None:
    first = await imported(app, manager, f"{PEOPLE}E1,赵一,EA,{LIVE}")
    await execute(ctx, EnrolTrainee("EA", "E2", "钱二", date(2026, 6, 1)))
    assert (await undone(app, manager, first))["cohorts"] == 1
    await execute(ctx, WithdrawFact(fact=1, reason="录错", employee_no="E2"))
    other = await imported(app, manager, f"{PEOPLE}E3,孙三,EB,{LIVE}")
    assert (await undone(app, manager, other))["undone"]
    owners = [await app.log.owner(manager.tenant, "cohort_code", one) for one in ("EA", "EB")]
    assert [owner is None for owner in owners] == [False, True]


async def test_an_undoing_that_is_faster_than_its_cancelling_leaves_no_cohort_of_the_import_open(
    app: App, manager: Principal
) -> None:
    job = await imported(app, manager, f"{PEOPLE}F1,赵一,FA,{LIVE}")
    asked = await app.imports.undo(manager, job, "导入错了文件")
    leases = Leases(app.db, JobTimes())
    lease = await leases.take(manager.tenant, asked.id)
    assert lease is not None
    await cancel_job(manager, app.jobs, asked.id)
    assert (await undo_job.perform(app, lease))["cohorts"] == 0
    assert await app.log.owner(manager.tenant, "cohort_code", "FA") is None
    assert await state_of(app, job) is JobState.DONE
    await leases.cancel(lease)
    assert (await undone(app, manager, job))["undone"]


async def test_cohorts_of_a_partner_who_records_all_the_time_are_withdrawn_by_a_later_attempt(
    app: App, manager: Principal, ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    await imported(app, manager, f"{PEOPLE}B1,赵一,BA,{LIVE}")
    job = await imported(app, manager, f"{PEOPLE}B2,钱二,BB,{LIVE}B3,孙三,BC,{LIVE}")
    append = app.log.append

    async def faster(one: Append) -> Receipt:
        if one.at is not None:
            number = f"BO{await app.log.position(manager.tenant)}"
            await execute(ctx, RecordOrder("B1", number, date(2026, 6, 20)))
        return await append(one)

    asked = await app.imports.undo(manager, job, "导入错了文件")
    with monkeypatch.context() as busy:
        busy.setattr(app.log, "append", faster)
        put_off = await perform(app, asked)
    assert (put_off.state, put_off.result) == (JobState.QUEUED, None)
    result = await outcome(app, job, asked)
    assert (result["undone"], result["cohorts"]) == (True, 0)
    for code in ("BB", "BC"):
        assert await app.log.owner(manager.tenant, "cohort_code", code) is None


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED, JobState.UNDONE])
async def test_an_import_that_came_to_nothing_is_carried_out_from_its_check_again(
    app: App, manager: Principal, state: JobState
) -> None:
    files = [NewFile("名册.xlsx", "", BytesIO(ROSTER.read_bytes()), OF_IMPORTS)]
    requested = await app.imports.request_import(manager, files, dry_run=True)
    checked = await perform(app, requested)
    first = await app.imports.carry_out(manager, checked)
    assert await app.imports.run_of(manager, checked) == first
    if state is JobState.CANCELLED:
        await cancel_job(manager, app.jobs, first.id)
    elif state is JobState.FAILED:
        await perform(app, first, kinds={})
    else:
        await undone(app, manager, await perform(app, first))
    assert await state_of(app, first) is state
    assert await app.imports.run_of(manager, checked) is None
    run = await app.imports.carry_out(manager, checked)
    assert run.id != first.id
    assert (await perform(app, run)).state is JobState.DONE
    assert await app.log.owner(manager.tenant, "employee_no", "HZ2026002") is not None
    assert (await app.imports.carry_out(manager, checked)).id == run.id


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
    assert (why["who"], why["code"], result["cohorts"]) == ("U2", "fact_rested_on", 0)
    assert why["trainee_id"] == (await person(app, manager, "U2")).id
    assert await state_of(app, job) is JobState.DONE
    assert await app.log.position(manager.tenant) == before
    leaving = (await person(app, manager, "U2")).known[-1]
    await execute(ctx, WithdrawFact(fact=leaving.fact_id, reason="录错", employee_no="U2"))
    assert (await undone(app, manager, job))["undone"]
    assert await state_of(app, job) is JobState.UNDONE


async def state_of(app: App, job: Job) -> JobState:
    found = await app.jobs.get_job(job.tenant_id, job.id)
    assert found is not None
    return found.state


async def test_who_leaves_while_others_are_withdrawn_is_left_until_it_is_undone_again(
    app: App, manager: Principal, ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await imported(app, manager, f"{PEOPLE}T1,赵一,X1,{LIVE}T2,钱二,X1,{LIVE}")
    asked = await app.imports.undo(manager, job, "导入错了文件")
    leaving = RecordLeaving(employee_no="T2", on=ctx.today, reason="个人原因")
    before_the_first_write_of(asked, app, monkeypatch, execute(ctx, leaving))
    first = await outcome(app, job, asked)
    of_one = len(["registration", "enrolment", "trial", "written exam", "drill", "go-live"])
    assert (first["undone"], first["events"]) == (False, of_one)
    assert [why["who"] for why in first["in_the_way"]] == ["T2"]
    left = (await person(app, manager, "T2")).known[-1]
    await execute(ctx, WithdrawFact(fact=left.fact_id, reason="录错", employee_no="T2"))
    result = await undone(app, manager, job)
    assert (result["undone"], result["events"]) == (True, of_one + len(["batch"]))


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
    result = await outcome(app, job, asked)
    assert (result["undone"], result["events"], result["count"]) == (False, 1, 1)


async def test_what_was_corrected_since_stands_in_the_way(
    app: App, manager: Principal, ctx: Context
) -> None:
    await imported(app, manager, f"{PEOPLE}V1,孙三,X2,{LIVE}")
    job = await imported(app, manager, f"{ORDERS}VO1,V1,2026-06-20,网站,10\n")
    correcting = CorrectOrder("vo1", date(2026, 6, 21), "日期填错", "网站")
    await execute(ctx, correcting)
    result = await undone(app, manager, job)
    assert [why["code"] for why in result["in_the_way"]] == ["imported_amended_since"]


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
    files = [NewFile("a.csv", "", BytesIO(as_bytes(f"{PEOPLE}Q1,郑七,X6,{LIVE}")), OF_IMPORTS)]
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
        await app.imports.undo(manager, job, "\u200b")
    assert refused.value.code == "reason_missing"


async def test_earlier_imports_are_listed_from_the_last_on(app: App, manager: Principal) -> None:
    first = await imported(app, manager, f"{PEOPLE}S1,冯九,X8,{LIVE}")
    undo = await app.imports.undo(manager, first, "导入错了文件")
    [last, before] = await app.imports.earlier(manager, None, 2)
    assert (last.id, before.id) == (undo.id, first.id)
    older = await app.imports.earlier(manager, first.id, 100)
    assert {undo.id, first.id}.isdisjoint(one.id for one in older)
