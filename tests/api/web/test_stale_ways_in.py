"""What was entered about ways in outlives its session like other forms; a secret does not."""

import re
from html import unescape

import httpx
import pytest

from infra.bootstrap import App
from services.kernel.context import Role
from tests.api.web.test_sent_twice import HIDDEN
from tests.api.web.test_stale_forms import NOT_SAVED, after_log_in
from tests.api.web.visiting import SESSION, fresh, hidden, log_in
from tests.browser.story import PASSWORD, join

ADMINISTRATOR = f"{fresh('administrator')}@partner.example"


@pytest.fixture(scope="module")
async def partner(app: App) -> str:
    """The code of a partner with an administrator."""
    code = fresh("STALE-WAYS")
    await join(app, code)
    await app.accounts.create_user(
        email=ADMINISTRATOR, name="韩薇", role=Role.ADMINISTRATOR, password=PASSWORD, partner=code
    )
    return code


@pytest.fixture
async def administrator(http: httpx.AsyncClient, app: App, partner: str) -> httpx.AsyncClient:
    """Who manages access, where passkeys work; with two tokens."""
    for label in ("报表程序", "对账程序"):
        await app.tokens.issue(
            role="integration", partner=partner, label=label, scopes=["read_people"]
        )
    http.base_url = "http://localhost"
    return await log_in(http, ADMINISTRATOR)


async def sent_late(client: httpx.AsyncClient, place: str, **entered: str) -> str:
    """The log-in page that answers a form when its session is over."""
    page = (await client.get("/tokens")).text
    sent = {"csrf": hidden(page, "csrf"), "token": hidden(page, "token"), **entered}
    client.cookies.delete(SESSION)
    return (await client.post(place, data=sent)).text


@pytest.mark.parametrize(
    ("place", "entered"),
    [
        ("/tokens/rotate", {"days": "41", "overlap_days": "3"}),
        ("/tokens/codes", {"on": "2027-01-05"}),
        ("/myself/passkeys", {"passkey_name": "随身密钥"}),
    ],
)
async def test_what_was_entered_is_shown_again_after_the_log_in_and_not_carried_out(
    administrator: httpx.AsyncClient, place: str, entered: dict[str, str]
) -> None:
    page = await sent_late(administrator, place, **entered)
    inside = (await after_log_in(administrator, page, ADMINISTRATOR)).text
    carried = {name: unescape(text) for name, text in HIDDEN.findall(inside)}
    assert entered.items() <= carried.items()
    back = await administrator.post(place, data=carried)
    assert back.status_code == 422 and NOT_SAVED in back.text
    for name, text in entered.items():
        assert len(re.findall(rf'name="{name}"[^>]* value="{text}"', back.text)) == 1
    again = await administrator.post(place, data=carried | {"csrf": hidden(back.text, "csrf")})
    assert NOT_SAVED not in again.text


async def test_a_token_that_is_not_replaced_as_asked_is_shown_with_what_was_asked(
    administrator: httpx.AsyncClient,
) -> None:
    page = (await administrator.get("/tokens")).text
    sent = {"csrf": hidden(page, "csrf"), "token": hidden(page, "token"), "days": "一年"}
    back = (await administrator.post("/tokens/rotate", data=sent | {"overlap_days": "3"})).text
    assert back.count('<details class="more" open>') == back.count('value="一年"') == 1
    assert back.count('<details class="more">') >= 1


@pytest.mark.parametrize(
    ("place", "secret"),
    [
        ("/myself/codes", "code"),
        ("/myself/codes/recovery", "code"),
        ("/myself/codes/off", "code"),
        ("/myself/password", "password"),
    ],
)
async def test_no_secret_is_kept_and_it_is_said_that_nothing_was_done(
    administrator: httpx.AsyncClient, place: str, secret: str
) -> None:
    page = await sent_late(administrator, place, **{secret: "three ducks at a brook"})
    assert "刚才的操作没有执行" in page and 'name="unsaved"' not in page
