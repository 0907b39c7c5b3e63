"""The page by which somebody is invited to log in, for who manages people."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date

import httpx
import pytest
from litestar import Litestar

from api.auth import SYSTEM
from domain.people.person import Person
from infra.bootstrap import App
from infra.readside.projector import catch_up
from services.execute import execute
from services.kernel.context import Role
from services.people.access import Tenant
from services.people.person import RegisterPerson
from tests.api.web.visiting import fresh, hidden, log_in
from tests.browser.story import PASSWORD
from tests.read_models import plant

SHORTLY = "数据正在更新，稍后即可显示"


@dataclass
class Desk:
    """An HR manager at a browser."""

    app: App
    partner: Tenant
    browser: httpx.AsyncClient
    today: date

    async def person(self) -> str:
        """The address of the page of somebody who is on record."""
        ctx = self.app.context(self.partner.operator)
        return f"/people/{(await execute(ctx, RegisterPerson('李娜', self.today))).stream_id}"

    async def invite(self, address: str, mail: str, role: str = "hr_officer") -> httpx.Response:
        page = (await self.browser.get(f"{address}/invite")).text
        sent = {name: hidden(page, name) for name in ("csrf", "key")}
        sent |= {"mail": mail, "on": str(self.today), "role": role, "scope": "all"}
        return await self.browser.post(f"{address}/invite", data=sent)


@pytest.fixture
async def desk(app: App, http: httpx.AsyncClient) -> AsyncIterator[Desk]:
    code = fresh("DESK")
    partner = await app.accounts.create_partner(code, "宁波渠道")
    email = f"hr@{code.lower()}.example"
    await app.accounts.create_user(
        email=email, name="何经理", role=Role.HR_MANAGER, password=PASSWORD, partner=code
    )
    await catch_up(app, partner.tenant_id)
    today = app.context(partner.operator).today
    yield Desk(app, partner, await log_in(http, email), today)
    http.cookies.clear()


async def test_who_is_on_record_is_invited_before_any_list_shows_them(
    desk: Desk, web: Litestar
) -> None:
    await plant(desk.app, desk.partner.tenant_id, Person.Registered.TOPIC, "{}")
    await catch_up(desk.app, desk.partner.tenant_id)
    await web.state[SYSTEM].incomplete_models.look()
    person = await desk.person()
    assert (await desk.browser.get(person)).status_code == 404
    answer = await desk.invite(person, f"{fresh('li')}@desk.example")
    assert answer.status_code == 303
    page = await desk.browser.get(answer.headers["location"])
    assert page.status_code == 200 and f"已保存：邀请登录。{SHORTLY}" in page.text
    assert (await desk.browser.get("/people/person-0/invite")).status_code == 404


async def test_an_invitation_that_nobody_accepted_is_sent_to_another_address(desk: Desk) -> None:
    person, mails = await desk.person(), [f"{fresh(one)}@desk.example" for one in ("lee", "li")]
    await catch_up(desk.app, desk.partner.tenant_id)
    mistyped, mail = (one.lower() for one in mails)
    await desk.invite(person, mistyped)
    page = (await desk.browser.get(person)).text
    assert f'href="{person}/invite">改用其他邮箱邀请<' in page
    again = await desk.invite(person, mistyped, role="")
    assert re.search('id="field-mail-error"[^>]*>发往该邮箱的邀请仍然有效', again.text)
    answer = await desk.invite(person, mail, role="")
    page = (await desk.browser.get(answer.headers["location"])).text
    assert f"邀请邮件已交给系统发送至 {mail}" in page and mistyped not in page


async def test_what_no_database_can_hold_is_refused_in_words(desk: Desk) -> None:
    person = await desk.person()
    page = (await desk.browser.get(f"{person}/invite")).text
    asked = [await desk.browser.get("/people/%00/invite")]
    for what in ("invite", "reset", "unlock"):
        sent = {name: hidden(page, name) for name in ("csrf", "key")}
        asked.append(await desk.browser.post(f"/people/%00/{what}", data=sent))
    for answer in asked:
        assert answer.status_code == 422 and "文字里有无法保存的字符" in answer.text
