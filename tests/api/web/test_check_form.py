"""The one form of a check: whichever button is pressed, nothing that was entered is lost."""

import html
import json
import re
from uuid import UUID

import httpx
import pytest

from infra.bootstrap import App
from infra.work.worker import KINDS, JobRunner
from services.execute import execute
from services.importing.teaching import TeachWord
from tests.api.web.test_import_checks import send
from tests.api.web.visiting import fresh, hidden
from tests.browser.story import Told, join


@pytest.fixture(scope="module")
async def told(app: App) -> Told:
    return await join(app, fresh("CHECK-FORM"))


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


async def test_an_import_that_was_taken_back_says_so_at_its_result_its_check_and_in_the_list(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    rows = "工号,姓名,批次,入职日期\nE777,张三,2026-07,2026-07-01\n"
    files = {"file": ("名单.csv", rows.encode())}
    check = (await send(browser, "/import", files=files)).headers["location"]
    await performed(browser, app, told, check)
    run = (await send(browser, check)).headers["location"]
    assert "已新增" in await performed(browser, app, told, run)
    imported = await app.jobs.get_job(told.principal.tenant, UUID(run.rpartition("/")[2]))
    assert imported is not None
    undoing = await app.imports.undo(told.principal, imported, "导入错了")
    await JobRunner(app, KINDS).perform(told.principal.tenant, undoing.id)
    result = (await browser.get(run)).text
    assert "已撤销" in result and "已新增" not in result
    again = (await browser.get(check)).text
    assert "已撤销" in again and f'href="{run}"' in again and "确认导入" in again
    assert "又登记了" not in again, "what was undone is told as recorded since"
    listed = re.findall(r"<tr data-import.*?</tr>", (await browser.get("/import")).text, re.S)
    [of_run] = [one for one in listed if f'href="{run}"' in one]
    assert "已撤销" in of_run and "已新增" not in of_run


async def test_a_meaning_is_remembered_once_a_check_was_made_with_it_and_asked_anew_where_it_failed(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    rows = "工号,姓名,批次,入职日期,上岗日期,到店日\nE950,张三,2026-07,2026-07-01,,2026-07-09\n"
    files = {"file": ("名单.csv", rows.encode())}
    check = (await send(browser, "/import", files=files)).headers["location"]
    page = await performed(browser, app, told, check)

    async def chosen(check: str, means: str) -> tuple[str, str]:
        form = {"csrf": hidden(page, "csrf"), "word": f"roster/{means}/到店日"}
        anew = (await browser.post(f"{check}/check", data=form)).headers["location"]
        return anew, await performed(browser, app, told, anew)

    wrong, page = await chosen(check, "live_on")
    assert "到店日（F 列）与 上岗日期（E 列）表示同一列" in page
    assert 'value="roster/live_on/到店日" selected' in page
    assert "到店日" not in (await browser.get("/import")).text and 'id="remembered"' not in page
    _, page = await chosen(wrong, "trial_on")
    assert 'data-row="' in page and "表示同一列" not in page
    assert "<strong>到店日</strong> = 试岗" in page.partition('id="remembered"')[2]
    assert "到店日" in (await browser.get("/import")).text.partition('id="words"')[2]
    files = {"file": ("又一份.csv", rows.replace("上岗日期", "离职日期").encode())}
    await execute(app.context(told.principal), TeachWord("roster", "到店日", "left_on"))
    check = (await send(browser, "/import", files=files)).headers["location"]
    page = await performed(browser, app, told, check)
    assert "已记住为“离职日期”" in page and 'href="/import#words"' in page


async def test_of_several_columns_of_one_heading_each_is_asked_by_its_letter_for_this_import_alone(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    person = "E960,张三,2026-07,2026-07-01,80,2026-07-08,2026-07-02"
    rows = f"工号,姓名,批次,入职日期,笔试,时间,时间\n{person}\n"
    files = {"file": ("名单.csv", rows.encode())}
    check = (await send(browser, "/import", files=files)).headers["location"]
    page = await performed(browser, app, told, check)

    async def chosen(*headings: str) -> str:
        cells = [html.unescape(one) for one in re.findall(r'name="at" value="([^"]+)"', page)]
        assert [json.loads(one)["column"] for one in cells] == [*"FG"]
        form = {"csrf": hidden(page, "csrf"), "at": cells, "to": headings}
        anew = (await browser.post(f"{check}/check", data=form)).headers["location"]
        return await performed(browser, app, told, anew)

    twice = await chosen("上岗日期", "上岗日期")
    assert "上岗日期（G 列）与 上岗日期（F 列）表示同一列" in twice
    assert twice.count('<option value="-">') == 2
    assert "F 列 · 本次不导入" in await chosen("-", "离职日期")
    page = await chosen("笔试日期", "离职日期")
    assert 'data-row="create"' in page and "本次按“离职日期”读取" in page
    assert "G 列原为 时间，已改为 离职日期" in page
    files = {"file": ("又一份.csv", rows.encode())}
    check = (await send(browser, "/import", files=files)).headers["location"]
    again = await performed(browser, app, told, check)
    assert "多列同名，仅用于本次导入" in again and again.count('<select name="to">') == 2


async def test_a_number_in_the_column_of_posts_is_no_word_to_be_taught(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    rows = "工号,姓名,批次,入职日期,岗位\nE961,张三,2026-07,2026-07-01,13812340000\n"
    rows += "E962,李四,2026-07,2026-07-01,大区统筹\n"
    files = {"file": ("名单.csv", rows.encode())}
    check = (await send(browser, "/import", files=files)).headers["location"]
    page = await performed(browser, app, told, check)
    assert "/大区统筹" in page and "/13812340000" not in page
