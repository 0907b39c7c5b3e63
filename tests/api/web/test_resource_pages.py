"""Lists, pages of one thing and forms over the application, for the batch of the source."""

import re
from datetime import timedelta
from html import escape, unescape
from urllib.parse import quote

import httpx
import pytest
from litestar import Litestar

from api.auth import SYSTEM
from domain.teaching.cohort import Cohort
from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections.kernel.paging import Paging, cursor
from projections.reporting.submissions import SUBMISSION_LIST
from projections.teaching.cohorts import COHORT_LIST
from projections.trainees.cohort_roster import TRAINEE_LIST
from projections.trainees.follow_ups import FOLLOW_UP_LIST
from tests.api.web.visiting import hidden, log_in
from tests.browser.story import PASSWORD, Told, join, tell
from tests.follow_ups import follow_up_noted, follow_up_opened
from tests.read_models import plant
from tests.situation import batch_opened

ROW = re.compile(r'<tr data-id="([^"]+)"')
MANY_NOTES = 205
EARLIER, LATEST = (rf'href="([?][^"]*#timeline)" rel="{rel}"' for rel in ("next", "prev"))


@pytest.fixture(scope="module")
async def told(app: App) -> Told:
    told = await tell(app, "PAGED")
    await catch_up(app, told.principal.tenant)
    return told


async def test_a_list_is_put_in_the_order_of_a_column_and_of_its_reverse(
    browser: httpx.AsyncClient,
) -> None:
    rising = ROW.findall((await browser.get("/trainees?sort=employee_no")).text)
    falling = ROW.findall((await browser.get("/trainees?sort=-employee_no")).text)
    assert len(rising) == 20
    assert rising == falling[::-1]


async def test_a_page_of_a_list_goes_on_behind_a_row_whose_address_tells_no_name(
    browser: httpx.AsyncClient,
) -> None:
    whole = ROW.findall((await browser.get("/trainees")).text)
    rest = (await browser.get(f"/trainees?after={whole[7]}")).text
    assert ROW.findall(rest) == whole[8:]
    before = (await browser.get(f"/trainees?before={whole[8]}")).text
    assert ROW.findall(before) == whole[:8]


async def test_beyond_either_end_of_a_list_its_last_or_first_page_is_shown(
    browser: httpx.AsyncClient,
) -> None:
    whole = ROW.findall((await browser.get("/trainees")).text)
    for query in (f"after={whole[-1]}", f"before={whole[0]}"):
        answer = await browser.get(f"/trainees?{query}")
        assert (answer.status_code, ROW.findall(answer.text)) == (200, whole)
    held = await browser.get(f"/trainees?status=held&after={whole[0]}")
    assert (held.status_code, ROW.findall(held.text)) == (200, [])
    last = cursor(SUBMISSION_LIST.name, ("2000-01", "submission-1"))
    assert (await browser.get(f"/submissions?after={last}")).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/trainees?after=%00",
        "/trainees?before=%00&sort=name",
        "/trainees?after=%00&known=1",
        "/trainees?cohort=%00",
        "/trainees/%00",
        "/trainees/%00/go-live",
        "/trainees/new?cohort=%00",
        "/submissions/%00/1/order_rate",
    ],
)
async def test_what_no_database_can_hold_is_refused_in_words_wherever_an_id_is_asked_for(
    browser: httpx.AsyncClient, path: str
) -> None:
    answer = await browser.get(path)
    assert answer.status_code == 422
    assert "文字里有无法保存的字符" in answer.text


async def test_people_are_searched_for_without_a_name_in_an_address(
    browser: httpx.AsyncClient, told: Told
) -> None:
    page = (await browser.get("/trainees")).text
    sent = {"csrf": hidden(page, "csrf"), "search": "t0", "status": "live", "sort": "-employee_no"}
    answer = await browser.post("/trainees", data=sent)
    assert answer.status_code == 303
    address = answer.headers["location"]
    assert (
        "status=live" in address and "sort=-employee_no" in address and "search=t0" not in address
    )
    found = (await browser.get(address)).text
    assert 'value="t0"' in found
    assert len(ROW.findall(found)) == 9
    # As a word: what is sealed is a text in which these two letters may stand by chance.
    assert not re.search(r'(?:href|action)="[^"]*(?:\b|%3D)t0\b', found)
    (rising,) = re.findall(r'href="(/trainees[?][^"]*sort=employee_no[^"]*)"', found)
    resorted = (await browser.get(unescape(rising))).text
    assert ROW.findall(resorted) == ROW.findall(found)[::-1]


async def test_what_another_session_sealed_is_told_and_not_searched_for(
    browser: httpx.AsyncClient, told: Told
) -> None:
    page = (await browser.get("/trainees")).text
    sent = {"csrf": hidden(page, "csrf"), "search": "t07"}
    address = (await browser.post("/trainees", data=sent)).headers["location"]
    assert len(ROW.findall((await browser.get(address)).text)) == 1
    await log_in(browser, told.email)
    for other in (address, "/trainees?search=t07", "/trainees?search=%FF%00"):
        answer = await browser.get(other)
        assert answer.status_code == 422 and "请重新查找" in answer.text
        assert len(ROW.findall(answer.text)) == 20


async def test_the_next_form_has_what_stays_in_it_and_its_address_no_name(
    http: httpx.AsyncClient, app: App
) -> None:
    told = await join(app, "ANOTHER")
    await told.does(batch_opened("B-01", name="第一期", on=told.live_on))
    await log_in(http, told.email)
    page = (await http.get("/trainees/new")).text
    sent = {"csrf": hidden(page, "csrf"), "key": hidden(page, "key"), "again": "yes"}
    sent |= {"employee_no": "N1", "name": "陈晨", "cohort": "B-01", "entered_on": "2026-05-01"}
    answer = await http.post("/trainees/new", data=sent | {"manager": "Zhao"})
    assert answer.status_code == 303
    address = answer.headers["location"]
    assert "Zhao" not in address and quote("陈晨") not in address
    fresh = (await http.get(address)).text
    assert "已保存：入训登记 · 陈晨 N1" in fresh
    for kept in ("Zhao", "B-01", "2026-05-01"):
        assert f'value="{kept}"' in fresh
    assert 'value="N1"' not in fresh and 'value="陈晨"' not in fresh
    assert hidden(fresh, "key") != sent["key"]
    await log_in(http, told.email)
    assert "已保存" not in (await http.get(address)).text
    http.cookies.clear()


async def test_a_list_is_shown_as_it_was(browser: httpx.AsyncClient, told: Told) -> None:
    first = told.live_on - timedelta(days=60)
    page = (await browser.get(f"/trainees?on={first}")).text
    assert ROW.findall(page) == []
    live = (await browser.get(f"/trainees?status=live&on={told.live_on}")).text
    assert len(ROW.findall(live)) == 18


async def test_a_thing_of_another_partner_is_no_page(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    other = await tell(app, "OTHERS")
    await catch_up(app, other.principal.tenant)
    row = await app.lists(other.principal).get(TRAINEE_LIST, employee_no="T01")
    assert row is not None
    for path in ("", "/go-live", "/record-order"):
        assert (await browser.get(f"/trainees/{row.trainee_id}{path}")).status_code == 404


async def test_the_records_of_a_long_history_are_shown_page_by_page_with_their_own_texts(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    on = told.live_on
    notes = [follow_up_noted("LONG", on=on, note=f"第{n}次") for n in range(1, MANY_NOTES + 1)]
    await told.does(follow_up_opened("T01", "LONG", on=on), *notes)
    await catch_up(app, told.principal.tenant)
    row = await app.lists(told.principal).get(FOLLOW_UP_LIST, code="LONG")
    assert row is not None
    address = f"/follow-ups/{row.follow_up_id}"
    last = (await browser.get(address)).text
    assert _noted(last) == list(range(MANY_NOTES, MANY_NOTES - 200, -1))
    assert not re.search(LATEST, last)
    assert "<dt>姓名</dt><dd>&lt;b&gt;新人&lt;/b&gt;T01</dd>" in last
    earlier = re.search(EARLIER, last)
    assert earlier
    first = (await browser.get(address + unescape(earlier[1]))).text
    assert _noted(first) == list(range(MANY_NOTES - 200, 0, -1))
    assert re.search(LATEST, first) and not re.search(EARLIER, first)


def _noted(page: str) -> list[int]:
    """The notes of a page's timeline, the last first."""
    return [int(n) for n in re.findall(r"第(\d+)次", page[page.index('class="timeline"') :])]


async def test_a_file_in_the_place_of_a_text_is_as_if_nothing_had_been_typed(
    browser: httpx.AsyncClient,
) -> None:
    page = (await browser.get("/cohorts/new")).text
    sent = {"csrf": hidden(page, "csrf"), "key": hidden(page, "key"), "opened_on": "2026-05-01"}
    files = {"code": ("x.txt", b"B9"), "name": ("y.txt", b"Nine")}
    answer = await browser.post("/cohorts/new", data=sent, files=files)
    assert answer.status_code == 422


async def test_what_was_typed_for_a_day_stays_as_it_was_typed(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/cohorts/new")).text
    sent = {"csrf": hidden(page, "csrf"), "key": hidden(page, "key"), "opened_on": "Tomorrow"}
    answer = await browser.post("/cohorts/new", data=sent | {"code": "B9", "name": "Nine"})
    assert answer.status_code == 422
    assert 'value="Tomorrow"' in answer.text
    known = (await browser.get("/trainees?known=2026-06-30T09:00")).text
    assert 'value="2026-06-30 09:00"' in known


async def test_a_form_sent_twice_is_one_command(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    page = (await browser.get("/cohorts/new")).text
    sent = {"csrf": hidden(page, "csrf"), "key": hidden(page, "key")}
    sent |= {"code": "TWICE", "name": "二次", "opened_on": "2026-05-01"}
    first, second = [await browser.post("/cohorts/new", data=sent) for _ in range(2)]
    assert (first.status_code, second.status_code) == (303, 303)
    places = {one.headers["location"].partition("?")[0] for one in (first, second)}
    assert len(places) == 1


async def test_what_was_carried_out_is_said_to_be_saved_while_no_read_model_shows_it(
    http: httpx.AsyncClient, app: App, web: Litestar
) -> None:
    told = await join(app, "PARKED")
    await plant(app, told.principal.tenant, Cohort.Opened.TOPIC, "{}")
    await catch_up(app, told.principal.tenant)
    await web.state[SYSTEM].incomplete_models.look()
    await log_in(http, told.email)
    page = (await http.get("/cohorts/new")).text
    sent = {"csrf": hidden(page, "csrf"), "key": hidden(page, "key")}
    sent |= {"code": "SAVED", "name": "一期", "opened_on": "2026-05-01"}
    answer = await http.post("/cohorts/new", data=sent)
    assert answer.status_code == 303
    address = answer.headers["location"]
    opened = await http.get(address)
    assert opened.status_code == 200
    assert "已保存：新建批次。数据正在更新，稍后即可显示。" in opened.text
    assert "以下内容可能缺少部分记录：批次" in opened.text
    assert f'href="{escape(address)}"' in opened.text
    assert (await http.get(address.partition("?")[0])).status_code == 404
    http.cookies.clear()


async def test_a_form_leads_back_to_the_page_that_it_was_opened_from(
    browser: httpx.AsyncClient, told: Told
) -> None:
    row = (await told.app.lists(told.principal).page(COHORT_LIST, Paging(1))).rows[0]
    of_cohort = (await browser.get(f"/trainees/new?cohort={row.cohort_id}")).text
    assert f'<a href="/cohorts/{row.cohort_id}">返回</a>' in of_cohort
    assert '<a href="/trainees">返回</a>' in (await browser.get("/trainees/new")).text


async def test_an_address_that_nobody_was_led_to_tells_of_nothing_carried_out(
    browser: httpx.AsyncClient,
) -> None:
    for done in ("record-leaving", "%FF%00", ""):
        answer = await browser.get(f"/cohorts/new?done={done}")
        assert answer.status_code == 200
        assert "已保存" not in answer.text


@pytest.mark.parametrize(
    "word", ["x", '["record_leaving","王芳",0]', '["record_leaving","王芳",9]']
)
async def test_a_word_that_was_sealed_to_be_looked_for_tells_of_nothing_carried_out(
    browser: httpx.AsyncClient, word: str
) -> None:
    page = (await browser.get("/trainees")).text
    found = await browser.post("/trainees", data={"csrf": hidden(page, "csrf"), "search": word})
    sealed = httpx.URL(found.headers["location"]).params["search"]
    answer = await browser.get("/cohorts/new", params={"done": sealed})
    assert answer.status_code == 200 and "已保存" not in answer.text


async def test_a_partner_without_anything_is_offered_what_to_do_first(
    http: httpx.AsyncClient, app: App
) -> None:
    empty = await join(app, "BLANK")
    http.cookies.clear()
    page = await http.get("/login")
    form = {"email": empty.email, "password": PASSWORD, "csrf": hidden(page.text, "csrf")}
    await http.post("/login", data=form | {"next": "/"})
    board = (await http.get("/")).text
    assert 'href="/cohorts/new"' in board
    assert 'href="/import"' in board
    http.cookies.clear()


async def test_of_what_is_asked_to_be_confirmed_only_what_takes_something_away_is_red(
    browser: httpx.AsyncClient,
) -> None:
    who = ROW.findall((await browser.get("/trainees?status=left")).text)[0]
    red = {}
    for form in ("rejoin-trainee", "transfer-trainee", "record-leaving", "void-order"):
        page = (await browser.get(f"/trainees/{who}/{form}")).text
        assert 'name="confirmed"' in page
        red[form] = 'type="submit" class="danger"' in page
    assert [form for form, is_red in red.items() if is_red] == ["record-leaving", "void-order"]
