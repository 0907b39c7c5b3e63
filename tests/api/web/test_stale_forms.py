"""A form that outlives its session comes back with what was entered, and nothing is carried out."""

import base64
import hashlib
import json
import time
from html import unescape
from uuid import UUID, uuid4

import httpx
import pytest
from cryptography.fernet import Fernet

from api.web.kit.seal import AddressSeal
from api.web.kit.unsaved import LARGEST_UNSAVED
from infra.bootstrap import App
from services.kernel.context import Role
from tests.api.web.test_sent_twice import HIDDEN
from tests.api.web.visiting import SESSION, fresh, hidden, log_in
from tests.browser.story import PASSWORD, Told, join

NAME = "二期 <b>晚班</b>"
FOREIGN = ("//evil.example/x", "javascript:alert(1)")
NOT_SAVED = "打开此表单后重新登录过，内容尚未保存"


@pytest.fixture(scope="module")
async def told(app: App) -> Told:
    return await join(app, fresh("STALE"))


@pytest.fixture
async def typed(browser: httpx.AsyncClient, told: Told) -> dict[str, str]:
    """A new cohort, filled in and not sent."""
    page = (await browser.get("/cohorts/new")).text
    day = str(told.live_on)
    return dict(HIDDEN.findall(page)) | {"code": fresh("C"), "name": NAME, "opened_on": day}


async def send(browser: httpx.AsyncClient, form: dict[str, str]) -> httpx.Response:
    return await browser.post("/cohorts/new", data=form)


async def log_in_again(browser: httpx.AsyncClient, email: str) -> None:
    """In another tab, the first one staying as it is."""
    await browser.post("/logout", data={"csrf": hidden((await browser.get("/")).text, "csrf")})
    await log_in(browser, email, anew=False)


async def colleague(app: App, told: Told) -> str:
    """The address of another training manager of the partner."""
    email = f"{uuid4().hex}@partner.example"
    partner = await app.accounts.organisation_of(told.principal.tenant)
    await app.accounts.create_user(
        email=email,
        name="郑老师",
        role=Role.TRAINING_MANAGER,
        password=PASSWORD,
        partner=partner.code,
    )
    return email


async def test_a_form_of_an_earlier_session_comes_back_and_is_saved_when_it_is_sent_again(
    browser: httpx.AsyncClient, told: Told, typed: dict[str, str]
) -> None:
    before = await told.app.log.position(told.principal.tenant)
    await log_in_again(browser, told.email)
    back = await send(browser, typed)
    assert back.status_code == 422
    assert NOT_SAVED in back.text and f'value="{typed["code"]}"' in back.text
    assert NAME in unescape(back.text)
    assert await told.app.log.position(told.principal.tenant) == before
    assert hidden(back.text, "key") == typed["key"]
    saved = await send(browser, typed | {"csrf": hidden(back.text, "csrf")})
    assert saved.status_code == 303
    assert await told.app.log.position(told.principal.tenant) == before + 1


async def test_a_form_of_another_person_or_another_browser_stays_refused(
    browser: httpx.AsyncClient, app: App, told: Told, typed: dict[str, str]
) -> None:
    others = [await colleague(app, told), (await join(app, fresh("OTHERS"))).email]
    before = await app.log.position(told.principal.tenant)
    for email in others:
        await log_in_again(browser, email)
        answer = await send(browser, typed)
        assert answer.status_code == 403
        assert NAME not in unescape(answer.text)
    await log_in(browser, told.email)
    assert (await send(browser, typed)).status_code == 403
    assert await app.log.position(told.principal.tenant) == before


async def test_another_site_gets_no_form_back(
    browser: httpx.AsyncClient, told: Told, typed: dict[str, str]
) -> None:
    await log_in_again(browser, told.email)
    elsewhere = {"sec-fetch-site": "cross-site"}
    answer = await browser.post("/cohorts/new", data=typed, headers=elsewhere)
    assert answer.status_code == 403


async def test_a_report_asked_for_in_an_earlier_session_is_asked_for_again_on_its_page(
    browser: httpx.AsyncClient, told: Told
) -> None:
    month = str(told.month)
    page = (await browser.get("/submissions")).text
    sent = {"csrf": hidden((await browser.get("/trainees")).text, "csrf"), "month": month}
    sent |= {"key": str(uuid4())}
    before = await told.app.log.position(told.principal.tenant)
    await log_in_again(browser, told.email)
    back = await browser.post("/submissions/reports", data=sent)
    assert back.status_code == 422 and NOT_SAVED in back.text
    assert "<h1>" in page and page.partition("<h1>")[2][:10] in back.text
    assert await told.app.log.position(told.principal.tenant) == before
    again = sent | {"csrf": hidden(back.text, "csrf")}
    assert (await browser.post("/submissions/reports", data=again)).status_code == 303


async def test_an_import_confirmed_or_cancelled_in_an_earlier_session_is_shown_as_it_is(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    token = hidden((await browser.get("/import")).text, "csrf")
    file = {"file": ("名单.csv", "工号,姓名,批次,入职日期\n".encode())}
    check = (await browser.post("/import", data={"csrf": token}, files=file)).headers["location"]
    await log_in_again(browser, told.email)
    for address in (f"{check}/cancel", check):
        back = await browser.post(address, data={"csrf": token})
        assert back.status_code == 422
        assert NOT_SAVED in back.text and f'hx-get="{check}"' in back.text
    job = await app.jobs.get_job(told.principal.tenant, UUID(check.rpartition("/")[2]))
    assert job is not None and not job.is_over
    again = await browser.post(f"{check}/cancel", data={"csrf": hidden(back.text, "csrf")})
    assert again.status_code == 303
    job = await app.jobs.get_job(told.principal.tenant, job.id)
    assert job is not None and job.state == "cancelled"


@pytest.mark.parametrize("place", ["/trainees", "/figures/members?kpi=order_rate"])
async def test_a_search_of_an_earlier_session_finds_all_the_same(
    browser: httpx.AsyncClient, told: Told, place: str
) -> None:
    sent = {"csrf": hidden((await browser.get("/trainees")).text, "csrf"), "search": "王芳"}
    await log_in_again(browser, told.email)
    found = await browser.post(place, data=sent)
    assert found.status_code == 303
    assert 'value="王芳"' in (await browser.get(found.headers["location"])).text
    browser.cookies.delete(SESSION)
    page = (await browser.post(place, data=sent)).text
    inside = await after_log_in(browser, page, told.email)
    carried = {name: unescape(text) for name, text in HIDDEN.findall(inside.text)}
    assert f'action="{place}" data-at-once' in inside.text and carried == sent


async def after_log_in(browser: httpx.AsyncClient, page: str, email: str) -> httpx.Response:
    """The log-in page, filled in."""
    form = dict(HIDDEN.findall(page)) | {"email": email, "password": PASSWORD}
    return await browser.post("/login", data=form)


async def over(browser: httpx.AsyncClient, form: dict[str, str]) -> httpx.Response:
    """What is answered to a form that is sent when its session is over."""
    browser.cookies.delete(SESSION)
    return await send(browser, form)


async def test_a_form_that_is_sent_after_its_session_is_shown_again_after_the_log_in(
    browser: httpx.AsyncClient, told: Told, typed: dict[str, str]
) -> None:
    before = await told.app.log.position(told.principal.tenant)
    page = await over(browser, typed)
    assert page.status_code == 401
    assert "刚才填写的内容尚未保存" in page.text
    assert typed["code"] not in page.text and "晚班" not in page.text
    wrong = await browser.post("/login", data=dict(HIDDEN.findall(page.text)) | {"email": "x"})
    assert wrong.status_code == 422 and "刚才填写的内容尚未保存" in wrong.text
    inside = await after_log_in(browser, wrong.text, told.email)
    assert inside.status_code == 200 and 'action="/cohorts/new" data-at-once' in inside.text
    carried = {name: unescape(text) for name, text in HIDDEN.findall(inside.text)}
    assert carried == typed
    back = await send(browser, carried)
    assert back.status_code == 422 and NOT_SAVED in back.text and NAME in unescape(back.text)
    assert await told.app.log.position(told.principal.tenant) == before
    assert (await send(browser, typed | {"csrf": hidden(back.text, "csrf")})).status_code == 303


async def test_a_form_that_is_sent_where_nothing_is_read_comes_back_to_there(
    browser: httpx.AsyncClient, told: Told, typed: dict[str, str]
) -> None:
    sent = {"csrf": typed["csrf"], "month": str(told.month), "key": str(uuid4())}
    came = {"referer": "http://127.0.0.1/submissions?all"}
    browser.cookies.delete(SESSION)
    page = (await browser.post("/submissions/reports", data=sent, headers=came)).text
    inside = (await after_log_in(browser, page, told.email)).text
    assert 'action="/submissions/reports" data-at-once' in inside
    assert 'hx-replace-url="/submissions?all"' in inside
    back = await browser.post("/submissions/reports", data=dict(HIDDEN.findall(inside)))
    assert back.status_code == 422 and NOT_SAVED in back.text


async def test_a_form_is_kept_also_where_its_person_logged_in_in_another_tab_first(
    browser: httpx.AsyncClient, told: Told, typed: dict[str, str]
) -> None:
    page = (await over(browser, typed)).text
    await log_in(browser, told.email, anew=False)
    inside = await after_log_in(browser, page, told.email)
    assert inside.status_code == 200 and 'action="/cohorts/new" data-at-once' in inside.text


async def test_a_log_in_drawn_before_another_goes_on(
    browser: httpx.AsyncClient, told: Told
) -> None:
    browser.cookies.delete(SESSION)
    page = (await browser.get("/login?next=/trainees")).text
    await log_in(browser, told.email, anew=False)
    answer = await after_log_in(browser, page, told.email)
    assert (answer.status_code, answer.headers["location"]) == (303, "/trainees")


@pytest.mark.parametrize(
    "kept",
    ["{}", "null", '["/x"]', '["/x",[]]', "\ufffe"],
)
async def test_what_was_never_a_form_is_none_though_it_bears_the_browsers_seal(
    browser: httpx.AsyncClient, told: Told, kept: str
) -> None:
    browser.cookies.delete(SESSION)
    page = (await browser.get("/login")).text
    sealed = AddressSeal(browser.cookies["chudan_visit"]).close(kept)
    form = {"unsaved": sealed, "email": told.email, "password": PASSWORD}
    answer = await browser.post("/login", data=dict(HIDDEN.findall(page)) | form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


@pytest.mark.parametrize(
    ("address", "place", "is_kept"),
    [
        ("/cohorts/new", "/cohorts/new", True),
        *((one, "/cohorts/new", False) for one in FOREIGN),
        *(("/cohorts/new", one, False) for one in FOREIGN),
    ],
)
async def test_a_form_of_elsewhere_is_not_sent_there_though_it_bears_the_persons_token(
    browser: httpx.AsyncClient,
    told: Told,
    typed: dict[str, str],
    address: str,
    place: str,
    is_kept: bool,
) -> None:
    browser.cookies.delete(SESSION)
    page = (await browser.get("/login")).text
    kept = json.dumps([address, place, [["csrf", typed["csrf"]]]])
    sealed = AddressSeal(browser.cookies["chudan_visit"]).close(kept)
    form = {"unsaved": sealed, "email": told.email, "password": PASSWORD}
    answer = await browser.post("/login", data=dict(HIDDEN.findall(page)) | form)
    assert ("data-at-once" in answer.text) is is_kept


async def test_whoever_else_logs_in_then_gets_the_page_without_what_was_entered(
    browser: httpx.AsyncClient, app: App, told: Told, typed: dict[str, str]
) -> None:
    page = (await over(browser, typed)).text
    answer = await after_log_in(browser, page, await colleague(app, told))
    assert (answer.status_code, answer.headers["location"]) == (303, "/cohorts/new")


async def test_what_was_kept_is_opened_in_no_other_browser(
    browser: httpx.AsyncClient, told: Told, typed: dict[str, str]
) -> None:
    kept = hidden((await over(browser, typed)).text, "unsaved")
    browser.cookies.clear()
    page = (await browser.get("/login")).text
    form = {"unsaved": kept, "email": told.email, "password": PASSWORD}
    answer = await browser.post("/login", data=dict(HIDDEN.findall(page)) | form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


@pytest.mark.parametrize(("age", "status"), [(3000, 200), (3700, 303)])
async def test_what_was_kept_is_opened_for_an_hour(
    browser: httpx.AsyncClient, told: Told, typed: dict[str, str], age: int, status: int
) -> None:
    page = (await over(browser, typed)).text
    key = hashlib.sha256(f"chudan address {browser.cookies['chudan_visit']}".encode()).digest()
    cipher = Fernet(base64.urlsafe_b64encode(key))
    kept = hidden(page, "unsaved")
    opened = cipher.decrypt(kept.encode())
    older = cipher.encrypt_at_time(opened, int(time.time()) - age).decode()
    answer = await after_log_in(browser, page.replace(kept, older), told.email)
    assert answer.status_code == status


async def test_with_scripts_the_log_in_takes_the_whole_pages_place(
    browser: httpx.AsyncClient, typed: dict[str, str]
) -> None:
    browser.cookies.delete(SESSION)
    headers = {"hx-request": "true", "hx-boosted": "true"}
    page = await browser.post("/cohorts/new", data=typed, headers=headers)
    assert (page.status_code, page.headers["hx-retarget"]) == (200, "body")
    assert hidden(page.text, "unsaved")


async def test_the_log_in_says_that_nothing_was_done_of_what_it_does_not_keep(
    browser: httpx.AsyncClient, typed: dict[str, str]
) -> None:
    huge = typed | {"name": "x" * 2 * LARGEST_UNSAVED}
    browser.cookies.delete(SESSION)
    came = {"referer": "http://127.0.0.1/submissions"}
    for path, where in (("/cohorts/new", "/cohorts/new"), ("/submissions/reports", "/submissions")):
        page = await browser.post(path, data=huge, headers=came)
        assert page.status_code == 401
        assert "刚才的操作没有执行" in page.text
        assert (hidden(page.text, "next"), 'name="unsaved"' in page.text) == (where, False)
    file = {"file": ("名单.csv", "工号,姓名\n".encode())}
    page = await browser.post("/import", data={"csrf": typed["csrf"]}, files=file)
    assert "刚才的操作没有执行" in page.text and 'name="unsaved"' not in page.text


@pytest.mark.parametrize("path", ["/submissions/reports", f"/import/{UUID(int=1)}/cancel"])
async def test_the_language_of_an_address_that_shows_nothing_is_chosen_where_the_form_was(
    browser: httpx.AsyncClient, path: str
) -> None:
    token = hidden((await browser.get("/submissions")).text, "csrf")
    headers = {"referer": "http://127.0.0.1/submissions", "accept": "text/html"}
    sent = {"csrf": token, "month": "2026-13"}
    for came, back in ((headers, "%2Fsubmissions"), ({"accept": "text/html"}, "%2F")):
        page = await browser.post(path, data=sent, headers=came)
        assert page.status_code in (404, 422)
        assert f'href="/language/en?back={back}"'.replace("%2F", "/") in page.text


async def test_logging_out_of_a_page_of_an_earlier_session_is_asked_for_again(
    browser: httpx.AsyncClient, told: Told, typed: dict[str, str]
) -> None:
    await log_in_again(browser, told.email)
    headers = {"accept": "text/html"}
    asked = await browser.post("/logout", data={"csrf": typed["csrf"]}, headers=headers)
    assert asked.status_code == 403
    assert "<h1>操作失败</h1>" in asked.text
    form = asked.text.partition('<div class="ways">')[2]
    assert ">退出</button>" in form
    out = await browser.post("/logout", data={"csrf": hidden(form, "csrf")})
    assert out.headers["location"] == "/login"
    assert (await browser.get("/")).status_code == 303
