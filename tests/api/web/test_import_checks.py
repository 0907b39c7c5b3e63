"""Only a check, and one that has ended, can be carried out."""

import html
import re
from uuid import UUID

import httpx
import pytest

from infra.bootstrap import App
from infra.work.leases import JobTimes, Leases
from infra.work.worker import KINDS, JobRunner
from tests.api.web.visiting import fresh, hidden
from tests.browser.story import Told, join


@pytest.fixture(scope="module")
async def told(app: App) -> Told:
    return await join(app, fresh("CHECKS"))


async def send(browser: httpx.AsyncClient, address: str, **more: object) -> httpx.Response:
    token = hidden((await browser.get("/import")).text, "csrf")
    return await browser.post(address, data={"csrf": token}, **more)  # type: ignore[arg-type]


async def ended(app: App, told: Told, address: str) -> None:
    """A worker has done the job of a page."""
    leases, job = Leases(app.db, JobTimes()), UUID(address.rpartition("/")[2])
    lease = await leases.take(told.principal.tenant, job)
    assert lease is not None
    await leases.finish(lease, {})


async def checked(browser: httpx.AsyncClient) -> str:
    """The address of a check that was asked for."""
    files = {"file": ("名单.csv", "工号,姓名,批次,入职日期\n".encode())}
    return (await send(browser, "/import", files=files)).headers["location"]


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


async def entered(browser: httpx.AsyncClient, app: App, told: Told, heading: str) -> dict[str, str]:
    """A check of one refused row, by its address, and what its form was filled in with."""
    rows = f"工号,姓名,批次,入职日期,{heading}\nE901,张三,2026-07,昨天,90\n"
    files = {"file": ("名单.csv", rows.encode())}
    check = (await send(browser, "/import", files=files)).headers["location"]
    page = await performed(browser, app, told, check)
    word = re.search(r'<option value="(roster/written_exam/[^"]+)"', page)
    assert word
    at = html.unescape(hidden(page, "at"))
    return {"check": check, "csrf": hidden(page, "csrf"), "at": at, "to": "2026-07-01"} | {
        "word": html.unescape(word[1])
    }


async def performed(browser: httpx.AsyncClient, app: App, told: Told, address: str) -> str:
    """The page of a job that a worker has done."""
    job_id = UUID(address.partition("?")[0].rpartition("/")[2])
    await JobRunner(app, KINDS).perform(told.principal.tenant, job_id)
    return (await browser.get(address)).text


async def test_what_was_entered_since_the_check_is_checked_before_it_is_imported(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    form = await entered(browser, app, told, "理论卷")
    anew = (await browser.post(form["check"], data=form)).headers["location"]
    page = await performed(browser, app, told, anew)
    assert "请核对后再确认导入" in page and 'data-row="create"' in page
    assert "理论卷" not in page.partition('id="notes"')[2]
    job = await app.jobs.get_job(told.principal.tenant, UUID(anew.partition("?")[0][8:]))
    assert job is not None and job.payload["dry_run"]


async def test_a_form_that_is_refused_comes_back_with_all_that_was_entered(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    form = await entered(browser, app, told, "书面卷")
    answer = await browser.post(f"{form['check']}/check", data=form | {"to": "字" * 3000})
    assert answer.status_code == 422
    assert 'value="字字' in answer.text
    assert f'value="{form["word"]}" selected' in answer.text
