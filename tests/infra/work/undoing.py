"""Imports that are carried out and taken back, as a worker does both."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from domain.kernel.values import number_key
from domain.kernel.whose import own_stream
from domain.trainees.trainee import Trainee
from infra.bootstrap import App
from infra.work.worker import KINDS, JobKind, JobRunner
from services.jobs.jobs import OF_IMPORTS, Job, JobState, NewFile
from services.kernel.context import Principal

PEOPLE = "工号,姓名,批次,入职日期,上岗日期,笔试,演练,试岗,试岗反馈\n"
LIVE = "2026-06-01,2026-06-10,90,合格,通过,好\n"
ORDERS = "订单号,工号,出单日期,产品,金额\n"


async def perform(app: App, job: Job, kinds: Mapping[str, JobKind] = KINDS) -> Job:
    """As a worker does. kinds: of jobs that it knows; another kind fails."""
    await JobRunner(app, kinds).perform(job.tenant_id, job.id)
    found = await app.jobs.get_job(job.tenant_id, job.id)
    assert found is not None
    return found


async def imported(app: App, manager: Principal, *contents: str | bytes, **how: Any) -> Job:
    files = [
        NewFile(
            f"{n}.{'csv' if isinstance(one, str) else 'xlsx'}",
            "",
            BytesIO(as_bytes(one)),
            OF_IMPORTS,
        )
        for n, one in enumerate(contents)
    ]
    done = await perform(app, await app.imports.request_import(manager, files, **how))
    assert done.state is JobState.DONE, done.error
    return done


async def cancelled(app: App, manager: Principal) -> Job:
    """An import that is over; what follows is recorded by its cause."""
    files = [NewFile("a.csv", "", BytesIO(as_bytes(PEOPLE)), OF_IMPORTS)]
    job = await app.imports.request_import(manager, files)
    return await app.jobs.cancel_job(manager.tenant, job.id)


def as_bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


async def undone(app: App, manager: Principal, job: Job) -> dict[str, Any]:
    return await outcome(app, job, await app.imports.undo(manager, job, "导入错了文件"))


async def outcome(app: App, imported: Job, asked: Job) -> dict[str, Any]:
    """The result of an undoing, which says as the import does whether that is `undone` by it."""
    done = await perform(app, asked)
    assert done.result is not None, done.error
    assert done.result["undone"] is await app.imports.is_undone(imported)
    return done.result


async def contacts(app: App, manager: Principal, employee_no: str) -> list[str | None]:
    """The phone and the mail of somebody by now."""
    stay = await person(app, manager, employee_no)
    who: Any = await app.log.aggregate(manager.tenant, own_stream(stay.id))
    return [who.reached_by(one) for one in ("phone", "mail")]


async def person(app: App, manager: Principal, employee_no: str) -> Trainee:
    owner = await app.log.owner(manager.tenant, "employee_no", number_key(employee_no))
    assert owner is not None
    trainee = await app.log.aggregate(manager.tenant, owner)
    assert isinstance(trainee, Trainee)
    return trainee
