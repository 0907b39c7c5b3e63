"""Only a check, and one that has ended, can be carried out."""

import asyncio
import re
from datetime import date
from io import BytesIO
from uuid import UUID

import httpx
import msgspec
import pytest

from domain.kernel.errors import Refusal
from infra.bootstrap import App
from infra.work.leases import JobTimes, Leases, RunningJob
from services.execute import execute
from services.importing.mending import Mend
from services.importing.report import ImportReport
from services.jobs.jobs import JSON, OF_IMPORTS, Job, NewFile
from services.teaching.cohort import OpenCohort
from tests.api.web.visiting import fresh, hidden
from tests.browser.story import Told, join


@pytest.fixture(scope="module")
async def told(app: App) -> Told:
    return await join(app, fresh("CHECKS"))


async def send(browser: httpx.AsyncClient, address: str, **more: object) -> httpx.Response:
    token = hidden((await browser.get("/import")).text, "csrf")
    return await browser.post(address, data={"csrf": token}, **more)  # type: ignore[arg-type]


async def ended(app: App, told: Told, address: str, **result: object) -> None:
    """A worker has done the job of a page."""
    leases, lease = await taken(app, told, UUID(address.rpartition("/")[2]))
    await leases.finish(lease, result)


async def taken(app: App, told: Told, job: UUID) -> tuple[Leases, RunningJob]:
    """A worker's hold on a job."""
    leases = Leases(app.db, JobTimes())
    lease = await leases.take(told.principal.tenant, job)
    assert lease is not None
    return leases, lease


async def checked(browser: httpx.AsyncClient) -> str:
    """The address of a check that was asked for."""
    files = {"file": ("名单.csv", "工号,姓名,批次,入职日期\n".encode())}
    return (await send(browser, "/import", files=files)).headers["location"]


async def recorded(app: App, told: Told, run: str) -> None:
    """An import has recorded something."""
    its = app.context(told.principal, causation_id=UUID(run.rpartition("/")[2]))
    await execute(its, OpenCohort(fresh("BY-IMPORT"), "本期", date(2026, 6, 1)))


async def undone(browser: httpx.AsyncClient, app: App, told: Told) -> tuple[str, Job]:
    """The address of an import that is over, and the job by which it was to be taken back."""
    check = await checked(browser)
    await ended(app, told, check)
    run = (await send(browser, check)).headers["location"]
    await ended(app, told, run)
    await recorded(app, told, run)
    imported = await app.jobs.get_job(told.principal.tenant, UUID(run.rpartition("/")[2]))
    assert imported is not None
    undoing = await app.imports.undo(told.principal, imported, "导入错了")
    return run, undoing


async def test_a_check_that_has_not_ended_is_not_carried_out(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    check = await checked(browser)
    answer = await send(browser, check)
    assert answer.status_code == 422 and "这不是一次已完成的校验" in answer.text
    await ended(app, told, check)
    assert (await send(browser, check)).status_code == 303


async def test_an_import_that_was_carried_out_is_not_taken_for_a_check(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    check = await checked(browser)
    await ended(app, told, check)
    run = (await send(browser, check)).headers["location"]
    assert run != check
    await ended(app, told, run)
    answer = await send(browser, run)
    assert answer.status_code == 422 and "这不是一次已完成的校验" in answer.text
    assert (await send(browser, check)).headers["location"] == run


async def test_a_check_is_carried_out_though_somebody_checked_since(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    first, _ = await checked(browser), await checked(browser)
    await ended(app, told, first)
    assert (await send(browser, first)).status_code == 303


async def test_one_sheet_of_the_files_of_a_check_is_checked_alone_and_then_carried_out(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    check = await checked(browser)
    token = hidden((await browser.get("/import")).text, "csrf")
    asked = {"csrf": token, "sheet": "名单"}
    early = await browser.post(f"{check}/check", data=asked)
    assert early.status_code == 422 and "这不是一次已完成的校验" in early.text
    await ended(app, told, check)
    alone = (await browser.post(f"{check}/check", data=asked)).headers["location"]
    assert alone not in (check, "/import")
    assert (await browser.post(f"{check}/check", data=asked)).headers["location"] == alone
    job = await app.jobs.get_job(told.principal.tenant, UUID(alone.rpartition("/")[2]))
    assert job is not None and (job.payload["sheets"], job.payload["dry_run"]) == (["名单"], True)
    await ended(app, told, alone)
    assert (await send(browser, alone)).status_code == 303


async def test_a_sheet_whose_check_came_to_nothing_is_checked_again(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    check = await checked(browser)
    await ended(app, told, check)
    token = hidden((await browser.get("/import")).text, "csrf")
    asked = {"csrf": token, "sheet": "名单"}
    alone = (await browser.post(f"{check}/check", data=asked)).headers["location"]
    await app.jobs.cancel_job(told.principal.tenant, UUID(alone.rpartition("/")[2]))
    again = (await browser.post(f"{check}/check", data=asked)).headers["location"]
    assert again != alone
    assert (await browser.post(f"{check}/check", data=asked)).headers["location"] == again


async def test_of_two_who_mend_one_check_at_once_neither_loses_what_was_typed(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    address = await checked(browser)
    await ended(app, told, address)
    check = await app.jobs.get_job(told.principal.tenant, UUID(address.rpartition("/")[2]))
    assert check is not None
    typed = [
        [Mend("名单.csv", "名单", [2], "A", text, told.principal.actor)] for text in ("甲", "乙")
    ]
    mended = await asyncio.gather(
        *(app.imports.check_anew(told.principal, check, one) for one in typed)
    )
    stored = [
        await app.files.get_file(told.principal.tenant, UUID(file))
        for job in mended
        for file in job.payload["mends"]
    ]
    said = [app.files.path(told.principal.tenant, one).read_text() for one in stored if one]
    assert [text for text in "甲乙" if any(text in one for one in said)] == ["甲", "乙"]
    assert mended[0].id != mended[1].id


async def test_a_mend_that_is_refused_leaves_no_file_behind(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    address = await checked(browser)
    check = await app.jobs.get_job(told.principal.tenant, UUID(address.rpartition("/")[2]))
    assert check is not None
    uploaded = await app.files.get_file(told.principal.tenant, UUID(check.payload["files"][0]))
    assert uploaded is not None
    folder = app.files.path(told.principal.tenant, uploaded).parent
    before = set(folder.iterdir())
    mend = Mend("名单.csv", "名单", [2], "A", "甲", told.principal.actor)

    async def refused(mend: Mend, *sheets: str) -> str:
        job = await app.jobs.get_job(told.principal.tenant, check.id)
        assert job is not None
        with pytest.raises(Refusal) as said:
            await app.imports.check_anew(told.principal, job, [mend], sheets)
        return said.value.code

    assert await refused(mend) == "import_unchecked"
    await ended(app, told, address)
    assert await refused(mend, "名" * 300) == "text_too_long"
    assert await refused(msgspec.structs.replace(mend, text="甲" * 3_000)) == "text_too_long"
    assert set(folder.iterdir()) == before


async def test_an_import_without_a_marked_workbook_is_shown_with_its_report(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    address = await checked(browser)
    report = ImportReport(files=["名单.csv"], dry_run=True, sheets=[], rows=[], position=0)
    new = NewFile("report.json", JSON, BytesIO(msgspec.json.encode(report)), OF_IMPORTS)
    file = await app.files.store_file(told.principal.tenant, new)
    await ended(app, told, address, file_id=str(file.id))
    page = await browser.get(address)
    assert page.status_code == 200
    assert re.findall(r'href="/files/([^"]+)"', page.text) == [str(file.id)]


async def test_an_import_that_failed_can_be_taken_back(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    check = await checked(browser)
    await ended(app, told, check)
    run = (await send(browser, check)).headers["location"]
    leases, lease = await taken(app, told, UUID(run.rpartition("/")[2]))
    await leases.fail(lease, "job_failed", {})
    await recorded(app, told, run)
    assert f'href="{run}/undo"' in (await browser.get(run)).text
    assert "确认撤销" in (await browser.get(f"{run}/undo")).text


@pytest.mark.parametrize(
    ("events", "said"), [(5, "只撤销了一部分，共登记 5 条"), (0, "本次没有撤销任何记录")]
)
async def test_an_undoing_that_left_people_says_how_much_it_withdrew_and_can_be_asked_for_again(
    browser: httpx.AsyncClient, app: App, told: Told, events: int, said: str
) -> None:
    run, undoing = await undone(browser, app, told)
    leases, lease = await taken(app, told, undoing.id)
    left = {"who": "U2", "code": "conflict", "params": {}}
    result = {"events": events, "cohorts": 0, "in_the_way": [left], "count": 1}
    await leases.finish(lease, result)
    page = (await browser.get(f"{run}/undo")).text
    assert said in page and "U2" in page and "确认撤销" in page


async def test_an_undoing_that_was_cancelled_says_so_and_can_be_asked_for_again(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    run, undoing = await undone(browser, app, told)
    await app.jobs.cancel_job(told.principal.tenant, undoing.id)
    answer = await browser.get(f"{run}/undo")
    assert answer.status_code == 200
    assert "已取消" in answer.text and "确认撤销" in answer.text
