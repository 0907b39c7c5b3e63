"""The page of a check of an import: what a person has to do comes first."""

import asyncio
import html
import re
from datetime import date
from io import BytesIO
from typing import Any
from uuid import UUID

import httpx
import pytest

from domain.kernel.errors import Refusal
from domain.people.person import Person
from domain.teaching.cohort import Cohort
from infra.bootstrap import App
from infra.readside.projector import catch_up
from services.execute import execute
from services.jobs.jobs import OF_IMPORTS, NewFile
from services.trainees.selling import RecordOrder
from tests.api.web.visiting import fresh, hidden
from tests.browser.story import Told, join
from tests.infra.work.undoing import (
    LIVE,
    ORDERS,
    PEOPLE,
    cancelled,
    imported,
    perform,
    person,
    undone,
)
from tests.read_models import plant
from tests.situation import ordered

ROW = re.compile(r'<tr data-row="(\w+)">.*?第 (\d+) 行.*?</tr>', re.DOTALL)
GOOD = "A1,赵一,X1,2026-06-01,2026-06-10,90,合格,通过,好\n"
UNREADABLE = "A2,钱二,X1,六月初,2026-06-10,90,合格,通过,好\n"
NOT_READY = "A3,孙三,X1,2026-06-01,2026-06-10,40,合格,通过,好\n"


@pytest.fixture
async def told(app: App) -> Told:
    return await join(app, fresh("CHECKED"))


async def sent(browser: httpx.AsyncClient, app: App, told: Told, to: str, **form: Any) -> str:
    """The address of the job that a form asks for, which a worker has done."""
    token = hidden((await browser.get("/import")).text, "csrf")
    data = {"csrf": token, **form.pop("data", {})}
    answer = await browser.post(to, data=data, **form)
    address = answer.headers["location"]
    job = await app.jobs.get_job(told.principal.tenant, UUID(address.rpartition("/")[2]))
    assert job is not None
    await perform(app, job)
    return address


async def checked(browser: httpx.AsyncClient, app: App, told: Told) -> tuple[str, str]:
    """The check of a good row, an unreadable one and one that is refused in part: where it stands,
    and its page."""
    files = {"file": ("名单.csv", f"{PEOPLE}{GOOD}{UNREADABLE}{NOT_READY}".encode())}
    check = await sent(browser, app, told, "/import", files=files)
    page = (await browser.get(check)).text
    return check, page


async def mended(
    browser: httpx.AsyncClient,
    app: App,
    told: Told,
    check: str,
    page: str,
    text: str,
) -> str:
    """The page of the next check, after the last cell that could be mended was."""
    at = html.unescape(re.findall(r'name="at" value="([^"]+)"', page)[-1])
    again = await sent(browser, app, told, f"{check}/check", data={"at": at, "to": text})
    return (await browser.get(again)).text


def shown(page: str) -> list[tuple[str, str]]:
    """Outcome and number of the rows on a page."""
    return [(row[1], row[2]) for row in ROW.finditer(page)]


async def test_rows_of_which_a_part_is_refused_are_shown_with_those_refused_as_a_whole(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    check, page = await checked(browser, app, told)
    assert shown(page) == [("refuse", "3"), ("part", "4")]
    assert "未全部通过的行" in page
    everything = (await browser.get(f"{check}?outcome=all")).text
    assert [row for _, row in shown(everything)] == ["2", "3", "4"]
    assert re.findall(r"data-about>(\w+)<", everything) == ["A1", "A2", "A3"]
    assert f'href="{check}?outcome=trouble#rows"' in everything


async def test_a_row_that_was_mended_and_is_refused_still_stands_first(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    check, page = await checked(browser, app, told)
    page = await mended(browser, app, told, check, page, "50")
    assert shown(page) == [("part", "4"), ("refuse", "3")]


async def test_a_cell_that_was_mended_so_that_it_can_be_read_may_be_mended_anew(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    files = {"file": ("名单.csv", f"{PEOPLE}{UNREADABLE}".encode())}
    check = await sent(browser, app, told, "/import", files=files)
    page = (await browser.get(check)).text
    page = await mended(browser, app, told, check, page, "2026-06-02")
    assert shown(page) == [("create", "2")] and 'name="at"' in page
    page = await mended(browser, app, told, check, page, "2026-06-05")
    assert shown(page) == [("create", "2")]
    assert "2026-06-05" in page and "2026-06-02" not in page


async def test_a_cell_to_be_mended_is_named_with_its_sheet(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    rows = {"一组": UNREADABLE, "二组": UNREADABLE.replace("A2", "A4")}
    files = [("file", (f"{one}.csv", (PEOPLE + row).encode())) for one, row in rows.items()]
    check = await sent(browser, app, told, "/import", files=files)
    page = (await browser.get(check)).text
    named = re.findall(r'name="to" value="[^"]*" aria-label="([^"]+)"', page)
    assert [one.split("D2")[0] for one in named] == ["一组 ", "二组 "]


async def test_a_manager_who_may_be_mistyped_is_replaced_in_all_rows_or_kept(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    await imported(
        app, told.principal, "工号,姓名,批次,入职日期,主管\nB0,周零,X1,2026-06-01,王小明\n"
    )
    await catch_up(app, told.principal.tenant)
    rows = "".join(
        f"B{n},周{n},X1,2026-06-0{n},{name}\n" for n, name in enumerate(["王晓明"] * 2, 1)
    )
    below = "工号,主管,批次,入职日期,姓名\nB3,王小明,X1,2026-06-03,王晓明\n"
    files = {"file": ("名单.csv", f"工号,姓名,批次,入职日期,主管\n{rows}{below}".encode())}
    check = await sent(browser, app, told, "/import", files=files)
    page = (await browser.get(check)).text
    assert 'id="managers"' in page and "改为“王小明”" in page
    again = await mended(browser, app, told, check, page, "王小明")
    assert 'id="managers"' not in again
    assert again.count('<p class="quiet">E 列原为 王晓明，已改为 王小明') == 2
    at = html.unescape(re.findall(r'name="at" value="([^"]+)"', page)[-1])
    kept = await browser.post(check, data={"csrf": hidden(page, "csrf"), "at": at, "to": ""})
    assert "confirmed" not in kept.headers["location"]


@pytest.mark.parametrize("beside", [{"at": "x"}, {"changing": "S", "changed_on": "2026-07-01"}])
async def test_a_form_whose_fields_do_not_stand_beside_one_another_is_refused(
    browser: httpx.AsyncClient, app: App, told: Told, beside: dict[str, str]
) -> None:
    check, page = await checked(browser, app, told)
    sent = {"csrf": hidden(page, "csrf")} | beside
    answer = await browser.post(f"{check}/check", data=sent)
    assert answer.status_code in (400, 422) and "location" not in answer.headers


async def test_a_cell_in_a_column_that_the_file_lacks_is_written_on_the_page(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    rows = "制表：人事部\n工号,姓名,批次,入训日期,试岗结果\nA1,赵一,X1,2026-06-01,通过\n"
    check = await sent(browser, app, told, "/import", files={"file": ("名单.csv", rows.encode())})
    page = (await browser.get(check)).text
    assert shown(page) == [("part", "3")] and "新增“试岗书面反馈”列" in page
    page = await mended(browser, app, told, check, page, "表达清楚")
    assert shown(page) == [("create", "3")]


async def test_columns_that_the_file_lacks_are_written_side_by_side_behind_its_last(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    rows = "工号,姓名,批次,入训日期,试岗结果\nA1,赵一,X1,2026-06-01,通过\n"
    files = {"file": ("名单.csv", f"{rows}A2,钱二,X1,2026-06-01,通过\n".encode())}
    check = await sent(browser, app, told, "/import", files=files)
    page = (await browser.get(check)).text
    at = [html.unescape(one) for one in re.findall(r'name="at" value="([^"]+)"', page)]
    at.insert(1, at[0].replace("试岗书面反馈", "主管"))
    mends = {"at": at, "to": ["表达清楚", "王主管", "流程熟练"]}
    again = await sent(browser, app, told, f"{check}/check", data=mends)
    page = (await browser.get(again)).text
    assert shown(page) == [("create", "2"), ("create", "3")]
    noted = re.findall(r"([A-Z]) 列原为 空白，已改为 (.+?)；", page)
    assert sorted(noted) == [("F", "流程熟练"), ("F", "表达清楚"), ("G", "王主管")]


async def test_after_a_check_was_confirmed_its_page_and_the_days_that_were_assumed_say_so(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    files = {"file": ("名单.csv", f"{PEOPLE}{GOOD}".encode())}
    check = await sent(browser, app, told, "/import", files=files)
    assert "还没有写入任何内容" in (await browser.get(check)).text
    await sent(browser, app, told, check)
    page = (await browser.get(check)).text
    assert "已确认导入" in page and "还没有写入任何内容" not in page
    await catch_up(app, told.principal.tenant)
    thing = (await person(app, told.principal, "A1")).id
    lines = (await browser.get(f"/trainees/{thing}")).text.split('data-topic="')[1:]
    assumed = {line.partition('"')[0] for line in lines if "此日期为推定" in line}
    results = ("trial_passed", "written_exam_recorded", "drill_recorded")
    assert assumed == {f"trainee.{one}" for one in results}


async def test_where_the_lists_do_not_show_yet_what_was_imported_the_result_says_so(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    tenant, later = told.principal.tenant, "稍后即可显示"
    files = {"file": ("名单.csv", f"{PEOPLE}{GOOD}".encode())}
    run = await sent(browser, app, told, await sent(browser, app, told, "/import", files=files))
    result, _ = await asyncio.gather(browser.get(run), catch_up(app, tenant))
    assert "已新增" in result.text and later not in result.text
    await plant(app, tenant, Cohort.Opened.TOPIC, "{}")
    await catch_up(app, tenant)
    files = {"file": ("名单.csv", f"{PEOPLE}{GOOD.replace('A1', 'A5')}".encode())}
    run = await sent(browser, app, told, await sent(browser, app, told, "/import", files=files))
    assert later in (await browser.get(run)).text


async def test_the_day_on_which_managers_changed_is_asked_at_the_check_and_kept_for_the_import(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    roster = "工号,姓名,批次,入职日期,主管\nA1,赵一,X1,2026-06-01,"
    await imported(app, told.principal, f"{roster}钱")
    files = {"file": ("名单.csv", f"{roster}孙".encode())}
    check = await sent(browser, app, told, "/import", files=files)
    page = (await browser.get(check)).text
    assert shown(page) == [("refuse", "2")] and "1 行的主管或岗位与已登记的不同" in page
    form = {"csrf": hidden(page, "csrf"), "changing": hidden(page, "changing"), "had": ""}
    bad = await browser.post(f"{check}/check", data=form | {"changed_on": "六月"})
    assert bad.status_code == 422 and 'value="六月"' in bad.text
    far = await browser.post(f"{check}/check", data=form | {"changed_on": "1899-12-31"})
    assert far.status_code == 422 and "过于遥远；请核对年份" in far.text

    async def checked_anew(address: str, to: str, day: str, had: str = "") -> str:
        answer = await browser.post(f"{address}{to}", data=form | {"changed_on": day, "had": had})
        anew = answer.headers["location"]
        job = await app.jobs.get_job(told.principal.tenant, UUID(anew[8:].partition("?")[0]))
        assert job is not None and job.payload["dry_run"]
        await perform(app, job)
        return str(anew)

    early = await checked_anew(check, "/check", "2026-06-01")
    assert shown((await browser.get(early)).text) == [("refuse", "2")]
    late = await checked_anew(
        early, "", "2026-06-10", hidden((await browser.get(early)).text, "had")
    )
    page = (await browser.get(late)).text
    assert "?confirmed" in late and shown(page) == [("change", "2")]
    assert 'value="2026-06-10"' in page and "的变更自 2026年6月10日 起生效" in page
    run = await sent(
        browser,
        app,
        told,
        late.partition("?")[0],
    )
    managers = (await person(app, told.principal, "A1")).employment.managers
    [changed] = managers
    manager = await app.log.aggregate(told.principal.tenant, changed.manager_id or "")
    assert isinstance(manager, Person)
    assert (changed.on, manager.name) == (date(2026, 6, 10), "孙")
    job = await app.jobs.get_job(told.principal.tenant, UUID(run[8:]))
    assert job is not None and not job.payload.get("dry_run")
    await undone(app, told.principal, job)
    assert not [*(await person(app, told.principal, "A1")).employment.managers]
    taken_back = (await browser.get(run)).text
    assert "这次导入已撤销" in taken_back and "data-note" not in taken_back


async def test_the_day_that_was_given_for_all_sheets_is_taken_back_for_one_at_the_check(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    roster = "工号,姓名,批次,入职日期,主管\nA1,赵一,X1,2026-06-01,"
    await imported(app, told.principal, f"{roster}钱")
    files = [NewFile("名单.csv", "text/csv", BytesIO(f"{roster}孙".encode()), OF_IMPORTS)]
    job = await app.imports.request_import(
        told.principal, files, changed_on=date(2026, 6, 10), dry_run=True
    )
    await perform(app, job)
    page = (await browser.get(f"/import/{job.id}")).text
    assert shown(page) == [("change", "2")] and hidden(page, "had") == "2026-06-10"
    entered = {one: hidden(page, one) for one in ("csrf", "changing", "had")}
    answer = await browser.post(f"/import/{job.id}/check", data=entered | {"changed_on": ""})
    again = await app.jobs.get_job(told.principal.tenant, UUID(answer.headers["location"][8:]))
    assert again is not None
    await perform(app, again)
    assert shown((await browser.get(f"/import/{again.id}")).text) == [("refuse", "2")]


async def test_what_rows_became_is_linked_and_the_workbook_offered_before_the_report_for_programs(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    orders = f"{ORDERS[:-1]},籍贯\nO1,A1,2026-06-20,诚信通,6688,杭州\nO1,A1,2026-06-20,出口通,100\n"
    job = await imported(app, told.principal, f"{PEOPLE}{GOOD}{UNREADABLE}{NOT_READY}", orders)
    await catch_up(app, told.principal.tenant)
    page = (await browser.get(f"/import/{job.id}?outcome=all")).text
    linked = re.findall(r'href="([^"]+)" data-about>(\w+)<', page)
    assert [name for _, name in linked] == ["A1", "A3", "O1", "O1"]
    opened = re.findall(r'href="(/cohorts/named[^"]+)"', page)
    homes = [
        (await browser.get(one)).headers["location"]
        for one in ({*opened} | {linked[0][0], linked[2][0]})
    ]
    assert sorted(one.split("/")[1] for one in homes) == ["cohorts", "trainees", "trainees"]
    assert 'name="word"' not in page, "it cannot be checked anew"
    workbook, report = re.findall(r'href="/files/[^>]+>([^<]+)<', page)
    assert "Excel" in workbook and "JSON" in report
    await undone(app, told.principal, job)
    assert "data-about>A1</a>" not in (await browser.get(f"/import/{job.id}?outcome=all")).text


async def test_an_import_that_was_cancelled_and_undone_is_told_as_undone(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    job = await cancelled(app, told.principal)
    await imported(app, told.principal, f"{PEOPLE}CU1,周五,X4,{LIVE}")
    its = app.context(told.principal, causation_id=job.id)
    await execute(its, RecordOrder("CU1", "CUO1", date(2026, 6, 20)))
    await undone(app, told.principal, job)
    page, listed = (
        (await browser.get(f"/import/{job.id}")).text,
        (await browser.get("/import")).text,
    )
    assert "这次导入已撤销" in page and "已取消" not in page
    rows = re.findall(r"<tr data-import.*?</tr>", listed, re.DOTALL)
    [row] = [one for one in rows if f'"/import/{job.id}"' in one]
    assert "已撤销" in row and "已取消" not in row
    with pytest.raises(Refusal) as refused:
        await app.jobs.cancel_job(told.principal.tenant, job.id)
    assert refused.value.code == "job_over"


async def test_before_an_import_is_taken_back_it_is_said_what_goes_and_of_whom_more_was_recorded(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    rows = f"GO1,周五,GO,{LIVE}GO2,周六,GO,{LIVE}"
    job = await imported(app, told.principal, PEOPLE + rows)
    page = (await browser.get(f"/import/{job.id}/undo")).text
    goes = re.findall(r"<li>(\S+) <span class=\"value\">(\d+)</span>", page)
    assert "涉及 2 位学员" in page and {("入训登记", "2"), ("上岗", "2")} < {*goes}
    assert ("导入时新开的批次（其中另有登记的保留）", "1") in goes and "开班" not in dict(goes)
    assert "在导入之后另有登记" not in page
    await told.does(ordered("GO1", "GOO1", on=date(2026, 6, 20)))
    page = (await browser.get(f"/import/{job.id}/undo")).text
    assert "其中 1 位学员在导入之后另有登记" in page


async def test_where_an_import_recorded_nothing_it_is_not_asked_whether_to_take_it_back(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    job = await cancelled(app, told.principal)
    page = (await browser.get(f"/import/{job.id}/undo")).text
    assert "没有写入任何记录" in page and 'name="reason"' not in page


async def test_a_check_that_found_all_recorded_says_that_what_it_knew_was_taken_back(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    job = await imported(app, told.principal, f"{PEOPLE}{GOOD}")
    files = {"file": ("名单.csv", f"{PEOPLE}{GOOD}".encode())}
    check = await sent(browser, app, told, "/import", files=files)
    assert "此次校验之后" not in (await browser.get(check)).text
    await undone(app, told.principal, job)
    assert "此次校验之后又登记了" in (await browser.get(check)).text
