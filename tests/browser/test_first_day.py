"""From an empty folder to somebody's first figures, in real browsers: nobody helps by a command."""

import email
import email.policy
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, expect

from services.people.person import RegisterPerson
from services.words.texts import read_texts
from tests.browser.conftest import Opens
from tests.browser.hands import Fingers, Hand, Keyboard
from tests.browser.manager import Manager
from tests.browser.story import PASSWORD
from tests.browser.test_importing import check
from tests.infra.installation import Installation, installation, until
from tests.place import ROSTER

HEAD_OFFICE, ADMINISTRATOR, HER = "hq@hq.example", "admin@hz.example", "lin@hz.example"
LINK = re.compile(r"http://\S+/welcome#\S+")
TRAINEES = "{ trainees(first: 100) { edges { node { name } } } }"


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    with installation(tmp_path / "var") as started:
        started.ready_line()
        yield started


@pytest.fixture
def site(installed: Installation) -> str:
    """Its address, in the place of the one on the tests' servers."""
    return f"http://localhost:{installed.port}"


def linked(installed: Installation, to: str) -> str:
    """The link in the mail to somebody, which is a file where no mail server is set."""

    def mails() -> list[str]:
        read = [
            email.message_from_bytes(one.read_bytes(), policy=email.policy.default)
            for one in (installed.data / "mail").glob("*.eml")
        ]
        return [one.get_content() for one in read if one["to"] == to]

    until(lambda: bool(mails()))
    (link,) = {*LINK.findall(mails()[0])}
    return link


async def enters(somebody: Manager, link: str, address: str) -> None:
    """Chooses a password by the link, and logs in with it."""
    await somebody.page.goto(link)
    await somebody.looks()
    await somebody.hand.fill(password=PASSWORD)
    await somebody.follows(somebody.main.locator("button[type=submit]").first)
    await somebody.hand.fill(email=address, password=PASSWORD)
    await somebody.follows(somebody.main.locator("button[type=submit]").first)


async def imports(page: Page) -> None:
    """Checks the workbook of the source's batch, and imports it."""
    await check(page, ROSTER)
    await page.get_by_role("button", name="确认导入").click()
    await expect(page.locator('[data-outcome="create"]')).to_contain_text("已新增", timeout=60_000)


def told(site: str, token: str) -> set[str]:
    """The names of trainees that a program is told; none where it is refused."""
    answer = httpx.post(
        f"{site}/graphql",
        headers={"Authorization": f"Bearer {token}"},
        json={"query": TRAINEES},
        timeout=30,
    ).json()
    found = (answer.get("data") or {}).get("trainees") or {"edges": []}
    return {one["node"]["name"] for one in found["edges"]}


async def test_an_empty_installation_becomes_a_partner_at_work(
    visit: Opens, site: str, installed: Installation
) -> None:
    async def somebody(kind: type[Hand], language: str) -> Manager:
        visitor = await visit(locale=language, **kind.options)
        return Manager(visitor, kind(visitor.page), read_texts(language))

    first = await somebody(Keyboard, "zh-CN")
    await first.page.goto(installed.first_link())
    await first.hand.fill(name="总部周", email=HEAD_OFFICE, password=PASSWORD)
    await first.follows(first.main.locator("button[type=submit]"))
    await first.hand.fill(code="hz", name="杭州渠道", admin_name="吴敏", email=ADMINISTRATOR)
    await first.follows(first.main.locator("#new button[type=submit]"))

    administrator = await somebody(Fingers, "en")
    await enters(administrator, linked(installed, ADMINISTRATOR), ADMINISTRATOR)
    await administrator.page.goto(f"{site}/people/new")
    await administrator.saves(
        RegisterPerson, name="林岚", since=date(2024, 7, 1), employee_no="M01"
    )
    await administrator.follows(administrator.main.locator("a[href$='/invite']").first)
    await administrator.hand.fill(mail=HER, role="training_manager")
    await administrator.follows(administrator.main.locator('form[method="post"] button').last)

    she = await somebody(Keyboard, "zh-CN")
    await enters(she, linked(installed, HER), HER)
    await imports(she.page)
    await she.goes_to("board")
    await she.sees("66.6% 12/18", she.main)

    await she.page.goto(f"{site}/myself")
    await she.follows(she.main.locator('[href="/myself/tokens"]'))
    await she.hand.write(she.main.locator('[name="label"]'), "日报")
    await she.hand.tick(she.main.locator('[value="read_trainees"]'))
    await she.follows(she.main.locator(".next button"))
    token = await she.main.locator("[data-token]").inner_text()
    assert len(told(site, token)) == 20
    await she.follows(she.main.locator("a.button"))
    await she.follows(she.main.locator('form[action="/myself/tokens/revoke"] button'))
    until(lambda: not told(site, token))

    await she.follows(she.page.get_by_role("button", name=she.t("login.out")))
    await she.page.goto(f"{site}/trainees")
    await expect(she.main.locator("[name=password]")).to_be_visible()
