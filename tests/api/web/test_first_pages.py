"""What somebody sees first: a new partner's steps, whom to ask, and head office's partners."""

import re
from datetime import timedelta
from io import BytesIO

import httpx
import openpyxl
import pytest

from domain.kernel.values import Month
from domain.kpi.catalog import HEADLINES
from domain.people.partner import DEFAULT_ZONE
from domain.planning.calendar import local_day
from domain.planning.deadline import figures_due_on
from infra.bootstrap import App
from infra.database.db import connection_to
from infra.readside.projector import catch_up
from services.execute import execute
from services.kernel.context import Role
from services.kernel.scopes import Scope
from services.people.person import AssignRole, SuspendPerson
from tests.api.web.visiting import fresh, hidden, log_in
from tests.browser.story import PASSWORD, join
from tests.situation import batch_opened, enrolled, march, passed_gate, went_live
from tests.stored_series import fill, partner_with, seen_by_head_office

STEP = re.compile(r'<li data-step="(\w+)"><span class="badge ([\w-]+)">.*?</span>(.*?)</li>', re.S)

MONTH_TO_CHOOSE = r'<option value="([0-9]{4}-[0-9]{2})"(.*?)>'


async def _account(app: App, role: Role, partner: str | None, name: str = "何经理") -> str:
    email = f"{fresh(str(role))}@first.example"
    await app.accounts.create_user(
        email=email, name=name, role=role, password=PASSWORD, partner=partner
    )
    return email


async def _steps(http: httpx.AsyncClient, email: str) -> dict[str, tuple[bool, str]]:
    """By their names, whether each is done, and what else is said of it."""
    page = (await (await log_in(http, email)).get("/")).text
    http.cookies.clear()
    return {name: (state == "is-done", said) for name, state, said in STEP.findall(page)}


async def test_a_new_partner_sees_what_is_done_and_what_to_do_until_there_are_figures(
    http: httpx.AsyncClient, app: App
) -> None:
    told = await join(app, code := fresh("NEW"))
    first = await _steps(http, told.email)
    assert {name: done for name, (done, _) in first.items()} == {
        "invite": False,
        "import": False,
        "targets": False,
        "figures": False,
    }
    assert 'href="/import"' in first["import"][1] and 'href="/scheme/new"' in first["targets"][1]
    assert "请联系系统管理员授予角色“人事经理”" in first["invite"][1]
    hr = await _account(app, Role.HR_MANAGER, code)
    on = told.live_on
    await told.does(batch_opened("B-01", on=on), enrolled("E1", cohort="B-01", on=on))
    await catch_up(app, told.principal.tenant)
    second = await _steps(http, hr)
    assert [name for name, (done, _) in second.items() if done] == ["invite", "import"]
    assert "请联系：杜玉璇" in second["targets"][1] and "href" not in second["targets"][1]
    await told.does(passed_gate("E1", on=on), went_live("E1", on=on + timedelta(days=1)))
    await catch_up(app, told.principal.tenant)
    assert await _steps(http, told.email) == await _steps(http, hr) == {}


async def test_an_administrator_is_led_to_the_role_that_nobody_has_yet(
    http: httpx.AsyncClient, app: App
) -> None:
    its = await app.accounts.create_partner(fresh("ALONE"), "新渠道")
    administrator = await _account(app, Role.ADMINISTRATOR, its.code)
    await catch_up(app, its.tenant_id)
    steps = await _steps(http, administrator)
    assert "/people/new" in steps["invite"][1]
    for name in ("import", "targets", "figures"):
        (address,) = re.findall(r'href="(/people/[^"]+/assign-role)"', steps[name][1])
        assert "角色“培训经理”" in steps[name][1]
    form = await (await log_in(http, administrator)).get(address)
    assert form.status_code == 200 and 'value="training_manager"' in form.text
    http.cookies.clear()


async def test_who_may_not_do_a_step_to_its_end_is_told_whom_to_ask(
    http: httpx.AsyncClient, app: App
) -> None:
    told = await join(app, code := fresh("PART"))
    await _account(app, Role.HR_MANAGER, code, "何人事")
    narrowed = await _account(app, Role.TRAINEE, code, "陈组长")
    person_id = await _person_of(app, narrowed)
    its = app.context((await app.accounts.partner(code)).operator)
    for role in (Role.TRAINING_MANAGER, Role.HR_MANAGER):
        await execute(its, AssignRole(person_id, its.today, role, Scope.OWN_DEPARTMENT))
    await catch_up(app, told.principal.tenant)
    steps = await _steps(http, narrowed)
    for name in ("import", "targets", "figures"):
        assert "请联系：杜玉璇" in steps[name][1] and "href" not in steps[name][1]
    page = await log_in(http, narrowed)
    assert 'href="/scheme/new"' not in (await page.get("/scheme")).text
    assert (await page.get("/scheme/new")).status_code == 403
    http.cookies.clear()


async def _person_of(app: App, email: str) -> str:
    async with connection_to(app.settings.dsn("owner")) as connection:
        found: str = await connection.fetchval(
            "select person_id from users where email = $1", email
        )
    return found


async def test_who_has_no_right_is_told_whom_to_ask(http: httpx.AsyncClient, app: App) -> None:
    await join(app, code := fresh("ASK"))
    nobody = await _account(app, Role.TRAINEE, code, "新人")
    person_id = await _person_of(app, nobody)
    its = await app.accounts.partner(code)
    await execute(app.context(its.operator), SuspendPerson(person_id, reason="试用结束"))
    page = await (await log_in(http, nobody)).get("/")
    assert page.status_code == 200 and "请联系系统管理员" in page.text
    await _account(app, Role.HR_MANAGER, code, "何人事")
    assert "何人事" in (await http.get("/")).text
    http.cookies.clear()


@pytest.fixture
async def office(http: httpx.AsyncClient, app: App) -> httpx.AsyncClient:
    return await log_in(http, await _account(app, Role.HEAD_OFFICE, None, "总部"))


async def test_head_office_sees_figures_of_all_partners_and_the_series_of_each(
    office: httpx.AsyncClient, app: App
) -> None:
    principal = await partner_with(app)
    await fill(app, principal.tenant, march(20))
    partner = await app.accounts.organisation_of(principal.tenant)
    assert partner is not None
    await join(app, without := fresh("EMPTY"))
    for place in ("/", "/login"):
        first = await office.get(place, follow_redirects=True)
        assert first.url.path == "/head-office" and 'href="/people' not in first.text
    month = Month.of(march(2))
    page = (await office.get(f"/head-office?month={month}")).text
    row = re.search(rf'<tr data-partner="{partner.code}">.*?</tr>', page, re.S)
    none = re.search(rf'<tr data-partner="{without}">.*?</tr>', page, re.S)
    ratio = (await seen_by_head_office(app, principal.tenant))[HEADLINES[0].series, str(month)]
    said = f"{ratio.numerator}/{ratio.denominator}"
    assert row and said in row[0] and f"/head-office/{partner.code}" in row[0]
    assert none and "%" not in none[0]
    assert page.index(row[0]) < page.index(none[0])
    series = (await office.get(f"/head-office/{partner.code}")).text
    assert said in series and f"month={month}" in series
    for path in (f"list.xlsx?month={month}", f"{partner.code}/series.xlsx"):
        made = (await office.get(f"/head-office/{path}")).content
        sheet = openpyxl.load_workbook(BytesIO(made)).worksheets[0]
        assert said in {cell for line in sheet.iter_rows(values_only=True) for cell in line}
    for nobody in ("nobody", "%00"):
        assert (await office.get(f"/head-office/{nobody}")).status_code == 404
    assert (await office.get("/head-office?month=x")).status_code == 422


async def test_head_office_begins_with_the_newest_month_whose_figures_are_due_and_leads_to_others(
    office: httpx.AsyncClient, app: App
) -> None:
    principal = await partner_with(app)
    await fill(app, principal.tenant, march(20))
    page = (await office.get("/head-office")).text
    months = {Month.parse(one): said for one, said in re.findall(MONTH_TO_CHOOSE, page)}
    today = local_day(app.clock(), DEFAULT_ZONE)
    begun = max(one for one in months if figures_due_on(one) <= today)
    assert [one for one, said in months.items() if "selected" in said] == [begun]
    assert "已到上报期限" in page
    later = min(one for one in months if one > begun)
    assert f'<a href="?month={later}&' in page
    page = (await office.get(f"/head-office?month={later}")).text
    assert f'<a href="?month={begun}&' in page and "已到上报期限" not in page


async def test_head_office_takes_a_partner_in_and_shows_no_link_of_its_administrator(
    office: httpx.AsyncClient, app: App
) -> None:
    page = (await office.get("/head-office")).text
    code, email = fresh("TAKEN"), f"{fresh('admin')}@partner.example"
    form = {"csrf": hidden(page, "csrf"), "code": code, "name": "新渠道", "zone": "Asia/Urumqi"}
    form |= {"email": email, "admin_name": "吴敏"}
    for changed, said in (
        ({"code": " "}, "请填写编号。"),
        ({"email": "nobody"}, "邮箱"),
        ({"admin_name": "\u200b"}, "没有填写名称"),
        ({"admin_name": "吴" * 101}, "101"),
        ({"zone": "Asia/Nowhere"}, "没有时区 Asia/Nowhere"),
    ):
        refused = await office.post("/head-office", data=form | changed)
        assert (refused.status_code, said in refused.text) == (422, True)
        assert 'value="新渠道"' in refused.text
    made = await office.post("/head-office", data=form)
    assert made.status_code == 200 and email in made.text and "/welcome" not in made.text
    assert re.search(r"mail/[0-9a-f-]{36}\.eml", made.text)
    assert f'data-partner="{code}"' in made.text
    again = await office.post("/head-office", data=form)
    assert again.status_code == 422 and "已被使用" in again.text


async def test_nobody_of_a_partner_sees_the_others(http: httpx.AsyncClient, app: App) -> None:
    told = await join(app, fresh("OTHER"))
    await log_in(http, told.email)
    for path in ("", "/list.xlsx", "/X", "/X/series.xlsx"):
        assert (await http.get(f"/head-office{path}")).status_code == 403
    form = {"csrf": hidden((await http.get("/")).text, "csrf"), "code": fresh("BY")}
    assert (await http.post("/head-office", data=form)).status_code == 403
    http.cookies.clear()
