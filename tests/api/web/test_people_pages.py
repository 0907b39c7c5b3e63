"""The pages of people and departments, for who manages people and for who reads of them."""

import re
from datetime import timedelta
from uuid import uuid4

import asyncpg
import httpx
import pytest

from infra.access import accounts
from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections.people.people import PERSON_LIST
from services.execute import execute
from services.kernel.context import Role
from services.kernel.roles import in_role
from services.people.access import hashed_secret
from services.people.access_rules import LeaveCodes
from services.people.person import JoinPersons, RegisterPerson
from services.people.sessions import RECENT
from tests.api.web.test_sent_twice import HIDDEN
from tests.api.web.visiting import SESSION, hidden, log_in
from tests.api.web.walking import recent_routes
from tests.browser.story import PASSWORD, Told, join
from tests.situation import batch_opened, enrolled
from tests.staff import (
    assigned,
    department_opened,
    registered,
    registration_corrected,
    suspended,
    went_away,
)

HR, ADMINISTRATOR = "hr@people.example", "first@people.example"
NAME = "赵老师"


@pytest.fixture(scope="module")
async def told(app: App) -> Told:
    told = await join(app, "PEOPLE")
    on = told.live_on
    await told.does(
        registered("M1", name="钱主管", on=on),
        registered("M2", name="孙主管", on=on),
        department_opened("XS", on=on, head="M1"),
        assigned("M2", on=on + timedelta(days=1), department="XS", manager="M1"),
        went_away("M2", on=on + timedelta(days=2), deputy="M1"),
        suspended("M2"),
        batch_opened("B-01", on=on, training_manager=NAME),
    )
    for email, role in ((HR, Role.HR_MANAGER), (ADMINISTRATOR, Role.ADMINISTRATOR)):
        await app.accounts.create_user(
            email=email, name="何经理", role=role, password=PASSWORD, partner="PEOPLE"
        )
    await catch_up(app, told.principal.tenant)
    return told


@pytest.fixture
async def hr(http: httpx.AsyncClient, told: Told) -> httpx.AsyncClient:
    return await log_in(http, HR)


async def _page(told: Told, number: str) -> str:
    row = await told.app.lists(told.principal).get(PERSON_LIST, number=number)
    assert row is not None
    return f"/people/{row.person_id}"


async def _send(client: httpx.AsyncClient, address: str, **said: str) -> httpx.Response:
    page = (await client.get(address)).text
    hides = {name: hidden(page, name) for name in ("csrf", "key")}
    return await client.post(address, data=hides | said)


async def test_a_name_of_a_sheet_is_found_and_joined_with_one_of_several_of_a_name(
    hr: httpx.AsyncClient, told: Told
) -> None:
    staff = in_role(told.principal.tenant, "hr", Role.HR_MANAGER)
    for since in (told.live_on, told.live_on + timedelta(days=1)):
        await execute(told.app.context(staff), RegisterPerson("钱同名", since))
    await catch_up(told.app, told.principal.tenant)
    unconfirmed = (await hr.get("/people?confirmed=false")).text
    (address,) = {*re.findall(rf'href="(/people/[^"]+)">{NAME}<', unconfirmed)}
    form = f"{address}/join-persons"
    answer = await _send(hr, form, into_id="钱同名", reason="两种写法")
    assert answer.status_code == 422
    several = re.findall(r'name="meant.into_id" value="(person-[^"]+)"', answer.text)
    assert len(several) == 2
    chosen = {"into_id": "钱同名", "meant.into_id": several[1]}
    answer = await _send(hr, form, reason="两种写法", **chosen)
    assert answer.status_code == 303
    page = (await hr.get(answer.headers["location"])).text
    assert f'href="/people/{several[1]}">钱同名<' in page
    assert "与他人合并" in page and f"{address}/withdraw-joining" in page
    assert "/people/new?manager=" not in page


@pytest.mark.parametrize("said", ["m1", "钱主管"], ids=["a number", "a name"])
async def test_a_manager_is_named_by(hr: httpx.AsyncClient, told: Told, said: str) -> None:
    fields = {"name": f"李四{said}", "since": str(told.live_on), "manager_id": said}
    answer = await _send(hr, "/people/new", **fields)
    assert answer.status_code == 303
    page = (await hr.get(answer.headers["location"])).text
    assert f'href="{await _page(told, "M1")}">钱主管</a>' in page


async def test_a_name_that_nobody_has_is_refused_beside_its_field(
    hr: httpx.AsyncClient, told: Told
) -> None:
    fields = {"on": str(told.live_on), "manager_id": "无名氏"}
    answer = await _send(hr, f"{await _page(told, 'M2')}/assign-manager", **fields)
    assert answer.status_code == 422
    assert re.search('id="field-manager_id-error"[^>]*>没有这个人', answer.text)
    assert 'value="无名氏"' in answer.text


async def test_only_who_manages_people_learns_of_a_suspension(
    hr: httpx.AsyncClient, told: Told
) -> None:
    address = await _page(told, "M2")
    page = (await hr.get(address)).text
    assert "person.suspended" in page and f"{address}/record-return" in page
    await log_in(hr, ADMINISTRATOR)
    page = (await hr.get(address)).text
    assert "person.suspended" in page and f'href="{await _page(told, "M1")}">钱主管</a>' in page
    await log_in(hr, told.email)
    page = (await hr.get(address)).text
    assert "person.went_away" in page and "person.department_assigned" in page
    assert "person.suspended" not in page and f"{address}/record-return" not in page


async def test_a_correction_begins_without_the_phone_that_the_one_before_took_back(
    hr: httpx.AsyncClient, told: Told
) -> None:
    await told.does(
        registered("M9", name="郑主管", on=told.live_on, phone="13800000001"),
        registration_corrected("M9", phone=""),
    )
    await catch_up(told.app, told.principal.tenant)
    address = await _page(told, "M9")
    form = (await hr.get(f"{address}/correct-registration?fact=1")).text
    assert 'value="郑主管"' in form and "13800000001" not in form
    assert "138****0001" in (await hr.get(address)).text


async def test_a_list_calls_what_its_rows_name_by_their_names(
    hr: httpx.AsyncClient, told: Told
) -> None:
    page = (await hr.get("/people?post=lecturer")).text
    assert re.search('<a href="/departments/[^"]+">销售部</a>', page)
    assert f'<a href="{await _page(told, "M1")}">钱主管</a>' in page


async def test_the_list_begins_with_the_staff_and_leads_from_a_trainee_to_the_stay(
    hr: httpx.AsyncClient, told: Told
) -> None:
    number = "T-1"
    await told.does(enrolled(number, cohort="B-01", on=told.live_on, name="钱主管"))
    await catch_up(told.app, told.principal.tenant)
    menu = (await hr.get("/departments")).text
    assert 'href="/people?staff=true"' in menu and 'href="/people"' not in menu
    staff = (await hr.get("/people?staff=true")).text
    assert '<option value="true" selected>内部员工<' in staff and ">M1<" in staff
    assert number not in staff and ' · 内部员工 · <a class="reset" href="/people">' in staff
    everybody = (await hr.get("/people")).text
    assert ">M1<" in everybody and f">{number}<" in everybody
    (trainee,) = re.findall(r'<a class="badge is-trainee" href="([^"]+)">学员<', everybody)
    its = await hr.get(trainee, follow_redirects=True)
    assert its.url.path.startswith("/trainees/trainee-") and "B-01" in its.text
    page = (await hr.get(re.findall(rf'href="([^"]+)">{number}<', everybody)[0])).text
    assert f'href="{trainee}">学员<' in page and 'href="/people?staff=true">人员<' in page


async def test_of_one_name_the_staff_alone_are_offered_and_meant(
    hr: httpx.AsyncClient, told: Told
) -> None:
    await told.does(enrolled("T-2", cohort="B-01", on=told.live_on, name="孙主管"))
    await catch_up(told.app, told.principal.tenant)
    page = (await hr.get("/people/new")).text
    sent = {"csrf": hidden(page, "csrf"), "manager_id": "孙主管"}
    offered = (await hr.post("/suggestions/manager_id", data=sent)).text
    assert "M2" in offered and "T-2" not in offered
    fields = {"name": "周同名", "since": str(told.live_on), "manager_id": "孙主管"}
    assert (await _send(hr, "/people/new", **fields)).status_code == 303
    await log_in(hr, ADMINISTRATOR)
    page = (await hr.get("/people?staff=false")).text
    assert "is-trainee" in page and "/trainees/" not in page


async def test_a_person_is_invited_and_seen_to_log_in_by_who_manages_people(
    hr: httpx.AsyncClient, told: Told
) -> None:
    address, mail = await _page(told, "M1"), "m1@people.example"
    assert f'href="{address}/invite"' in (await hr.get(address)).text
    answer = await _send(hr, f"{address}/invite", mail="m1", on=str(told.live_on))
    assert answer.status_code == 422
    assert 'id="field-mail-error"' in answer.text and 'id="field-role-error"' in answer.text
    invited = {"mail": mail, "on": str(told.live_on), "role": "hr_officer", "scope": "all"}
    answer = await _send(hr, f"{address}/invite", **invited)
    assert answer.status_code == 303
    page = (await hr.get(answer.headers["location"])).text
    assert f"邀请邮件已交给系统发送至 {mail}" in page and "/welcome#" not in page
    assert "不经邮件服务器发送" in page
    answer = await hr.post(f"{address}/reset", data={"csrf": hidden(page, "csrf")})
    assert f"发送至 {mail}" in (await hr.get(answer.headers["location"])).text
    assert await _refused(hr, f"{address}/unlock", page) == 422
    assert "邀请尚未接受；链接有效至" in (await hr.get(address)).text
    people = (await hr.get("/people")).text
    assert re.search(r">钱主管</a> <span[^>]*>已邀请，尚未接受<", people)
    assert re.search(r">何经理</a> <span[^>]*>可登录<", people)
    answer = await _send(hr, f"{await _page(told, 'M2')}/invite", **invited)
    assert re.search('id="field-mail-error"[^>]*>该渠道商已有', answer.text)
    await log_in(hr, told.email)
    for place in (address, "/people"):
        page = (await hr.get(place)).text
        assert mail not in page and "已邀请" not in page and "可登录" not in page
    assert (await hr.get(f"{address}/invite")).status_code == 403
    assert await _refused(hr, f"{address}/reset", page) == 403


async def test_whose_invitation_lapsed_is_invited_with_that_address_once_more_in_one_way(
    hr: httpx.AsyncClient, told: Told
) -> None:
    address, mail = await _page(told, "M2"), "m2@people.example"
    its = await told.app.accounts.organisation_of(told.principal.tenant)
    await told.app.accounts.add_account(its, mail, "孙主管", address.rpartition("/")[2])
    page = (await hr.get(address)).text
    assert f'href="{address}/invite"' in page and f'action="{address}/reset"' not in page
    assert f'value="{mail}"' in (await hr.get(f"{address}/invite")).text
    invited = {"mail": mail, "on": str(told.live_on), "role": "hr_officer", "scope": "all"}
    assert (await _send(hr, f"{address}/invite", **invited)).status_code == 303
    page = (await hr.get(address)).text
    assert ">改用其他邮箱邀请</a>" in page and f'action="{address}/reset"' in page


async def _refused(client: httpx.AsyncClient, address: str, page: str, **sent: str) -> int:
    data = {"csrf": hidden(page, "csrf")} | sent
    return (await client.post(address, data=data)).status_code


async def test_a_token_is_shown_once_and_revoked_by_who_manages_access(
    hr: httpx.AsyncClient, told: Told
) -> None:
    assert (await hr.get("/tokens")).status_code == 403
    await log_in(hr, ADMINISTRATOR)
    page = (await hr.get("/tokens")).text
    assert 'href="/tokens"' in page and 'value="read_people"' in page
    assert 'value="read_scores"' not in page
    said = {"label": "对账程序", "days": "30", "scopes": "read_people"}
    assert await _refused(hr, "/tokens", page, **said | {"days": "x"}) == 422
    assert await _refused(hr, "/tokens", page, **said | {"scopes": "read_scores"}) == 422
    made = (await hr.post("/tokens", data={"csrf": hidden(page, "csrf")} | said)).text
    (token,) = re.findall(r"<code data-token>(chudan_[^<]+)<", made)
    page = (await hr.get("/tokens")).text
    assert token not in page and "对账程序" in page
    chosen = {"token": hidden(page, "token"), "days": "9", "overlap_days": "0"}
    rotated = await hr.post("/tokens/rotate", data={"csrf": hidden(page, "csrf")} | chosen)
    assert "<code data-token>chudan_" in rotated.text and token not in rotated.text
    page = (await hr.get("/tokens")).text
    sent = {"csrf": hidden(page, "csrf"), "token": hidden(page, "token")}
    answer = await hr.post("/tokens/revoke", data=sent)
    assert answer.headers["location"] == "/tokens?revoked"
    page = (await hr.get("/tokens?revoked")).text
    assert page.count("对账程序") == 2 and 'name="token"' not in page
    assert page.count("服务令牌，由") == 2
    assert await _refused(hr, "/tokens/revoke", page, token="x") == 404


async def test_whoever_is_logged_in_makes_a_token_of_their_own_and_who_manages_access_sees_it(
    hr: httpx.AsyncClient, told: Told
) -> None:
    assert 'href="/myself/tokens"' in (await hr.get("/myself")).text
    page = (await hr.get("/myself/tokens")).text
    assert 'value="manage_people"' in page and 'value="read_orders"' not in page
    said = {"csrf": hidden(page, "csrf"), "label": "花名册", "days": "30", "scopes": "read_people"}
    made = (await hr.post("/myself/tokens", data=said)).text
    assert "<code data-token>chudan_" in made and 'href="/myself/tokens"' in made
    page = (await hr.get("/myself/tokens")).text
    token = hidden(page, "token")
    assert 'action="/myself/tokens/rotate"' in page and "/tokens/codes" not in page
    await log_in(hr, ADMINISTRATOR)
    assert "花名册" not in (await hr.get("/myself/tokens")).text
    its, gone = told.principal.tenant, uuid4()
    await told.app.tokens.add(
        its, Role.INTEGRATION, label="旧接口", scopes=None, days=9, made_by=gone
    )
    page = (await hr.get("/tokens")).text
    assert "请确认是否仍需保留的服务令牌：旧接口<" in page and page.count("待确认") == 1
    assert "花名册" in page and "的个人令牌" in page and f'"{token}"' in page
    chosen = {"token": token, "days": "9", "overlap_days": "0"}
    assert await _refused(hr, "/tokens/rotate", page, **chosen) == 422
    assert await _refused(hr, "/myself/tokens/revoke", page, token=token) == 404
    assert await _refused(hr, "/tokens/revoke", page, token=token) == 303


async def test_where_codes_are_required_who_has_none_reaches_nothing_but_how_they_are_turned_on(
    hr: httpx.AsyncClient, app: App, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "RESOLVED_SECONDS", 0)
    page = (await hr.get("/people/new")).text
    typed = dict(HIDDEN.findall(page)) | {"name": "何新人", "since": str(told.live_on)}
    kept = hr.cookies[SESSION]
    await log_in(hr, ADMINISTRATOR)
    page = (await hr.get("/tokens")).text
    assert await _refused(hr, "/tokens/codes", page, on="x") == 422
    assert await _refused(hr, "/tokens/codes", page, on="") == 303
    hr.cookies.set(SESSION, kept)
    owed = await hr.post("/people/new", data=typed, headers={"accept": "text/html"})
    assert owed.status_code == 403 and 'href="/myself" target="_blank"' in owed.text
    carried = owed.text.partition('<form method="post" action="/people/new"')[2]
    assert dict(HIDDEN.findall(carried)) == typed
    await log_in(hr, HR)
    first = await hr.get("/people", follow_redirects=True)
    assert first.url.path == "/myself" and "要求登录时使用一次性验证码" in first.text
    assert 'href="/people' not in first.text
    for address in ("/", "/people/new", "/myself/nowhere"):
        answer = await hr.get(address)
        assert answer.headers.get("location") == "/myself" or answer.status_code == 404
    part = await hr.get("/people", headers={"hx-request": "true"})
    assert part.headers["hx-redirect"] == "/myself"
    begun = await hr.post("/myself/codes/begin", data={"csrf": hidden(first.text, "csrf")})
    assert begun.headers["location"] == "/myself/codes"
    assert (await hr.get("/myself/codes")).status_code == 200
    its = await app.accounts.partner("PEOPLE")
    await execute(app.context(its.operator), LeaveCodes())
    hr.cookies.set(SESSION, kept)
    assert (await hr.post("/people/new", data=typed)).status_code == 303
    await log_in(hr, HR)
    assert (await hr.get("/people")).status_code == 200


async def test_who_logged_in_a_while_ago_does_so_once_more_and_comes_back_to_what_was_meant(
    hr: httpx.AsyncClient, app: App
) -> None:
    await log_in(hr, ADMINISTRATOR)
    owner = await asyncpg.connect(app.settings.dsn("owner"))
    statement = "update sessions set expires_at = expires_at - $2::interval where hash = $1"
    await owner.execute(
        statement, hashed_secret(hr.cookies[SESSION]), RECENT + timedelta(minutes=1)
    )
    await owner.close()
    page = (await hr.get("/tokens")).text
    typed = {"csrf": hidden(page, "csrf"), "label": "报表程序", "days": "30"}
    typed["scopes"] = "read_people"
    headers = {"referer": f"{hr.base_url}/myself"}
    drawn = {"/tokens", "/myself/tokens"}
    kept = {"/tokens/rotate", "/myself/tokens/rotate", "/tokens/codes", "/myself/passkeys"}
    drawn |= {f"/people/{{thing:str}}/{one}" for one in ("invite", "{command:str}")}
    of_others = {f"/people/{{thing:str}}/{one}" for one in ("reset", "unlock")}
    assert drawn | kept | of_others | {"/myself/password", "/myself/unlink"} <= recent_routes()
    named = {"{provider:str}": "oidc", "{thing:str}": "P1", "{command:str}": "assign-role"}
    for path in sorted(recent_routes()):
        address = re.sub("{[^}]+}", lambda found: named[found[0]], path)
        asked = await hr.post(address, data=typed, headers=headers)
        assert (asked.status_code, "15 分钟" in asked.text) == (401, True), path
        assert f'value="{ADMINISTRATOR}"' in asked.text
        back = "/myself" if path not in {*drawn, "/myself/codes"} else address
        assert hidden(asked.text, "next") == back
        assert (path in {*drawn, *kept}) is ('name="unsaved"' in asked.text)
    # What lets nobody in asks for no other log-in.
    assert (await hr.post("/people/P1/assign-post", data=typed)).status_code == 404
    asked = await hr.get("/myself/codes")
    there = asked.headers["location"]
    assert (asked.status_code, there) == (303, "/login?next=%2Fmyself%2Fcodes&anew=yes")
    assert hidden((await hr.get(there)).text, "next") == "/myself/codes"
    forged = await hr.post("/tokens", data=typed | {"csrf": "0"})
    assert forged.status_code == 403

    asked = await hr.post("/tokens", data=typed)
    carried = {name: hidden(asked.text, name) for name in ("csrf", "next", "unsaved")}
    proof = {"email": ADMINISTRATOR, "password": PASSWORD}
    before = hr.cookies[SESSION]
    brought = await hr.post("/login", data=carried | proof)
    assert hr.cookies[SESSION] != before
    assert await app.accounts.principal_of_session(before) is None
    again = await hr.post("/tokens", data=dict(HIDDEN.findall(brought.text)))
    assert (again.status_code, "尚未保存" in again.text) == (422, True)
    assert 'value="报表程序"' in again.text
    made = await hr.post("/tokens", data=typed | {"csrf": hidden(again.text, "csrf")})
    assert "<code data-token>chudan_" in made.text
    assert (await hr.get(there)).headers["location"] == "/myself/codes"


async def test_a_kept_address_of_figures_leads_from_who_was_joined_to_the_other(
    hr: httpx.AsyncClient, told: Told
) -> None:
    await told.does(enrolled("E1", cohort="B-01", on=told.live_on, manager="M1"))
    staff = told.app.context(in_role(told.principal.tenant, "hr", Role.HR_MANAGER))
    gone = (await execute(staff, RegisterPerson("卫经理", told.live_on))).stream_id
    kept = (await _page(told, "M1")).rpartition("/")[2]
    await execute(staff, JoinPersons(gone, kept, "同一人"))
    await catch_up(told.app, told.principal.tenant)
    pages = [(await hr.get(f"/?by=manager&manager={one}")).text for one in (kept, gone)]
    for page in pages:
        assert re.search(f'<option value="{kept}" selected', page)
