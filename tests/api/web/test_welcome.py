"""The page of a one-time link: what it asks for, what it says, where it leads."""

from uuid import uuid4

import httpx

from infra.bootstrap import App
from services.people.access import Tenant
from tests.api.web.visiting import ask_to_log_in, hidden

CHOSEN = "three ducks at a brook"


async def test_the_link_of_an_invitation_leads_to_a_password_and_the_log_in(
    http: httpx.AsyncClient, app: App, partner: Tenant
) -> None:
    mail = f"{uuid4().hex}@partner.example"
    issued = await app.links.invite(
        email=mail, name="李小龙", role="training_manager", partner=partner.code, by_mail=False
    )
    http.cookies.clear()
    page = await http.get("/welcome")
    assert "data-from-link" in page.text
    form = {"csrf": hidden(page.text, "csrf"), "link": issued.url, "password": CHOSEN}
    for changed, said in (
        ({"password": ""}, "请填写新密码。"),
        ({"link": " "}, "请填写链接。"),
        ({"password": "Chudan2026!"}, "密码太容易猜到"),
        ({"link": "nobody's"}, "链接无效、已使用或已过期"),
        ({"csrf": "0" * 256}, 'role="alert"'),
    ):
        refused = await http.post("/welcome", data=form | changed)
        assert (refused.status_code, said in refused.text) == (422, True)
        assert CHOSEN not in refused.text
    chosen = await http.post("/welcome", data=form)
    assert chosen.status_code == 200
    assert "密码已设置，请登录。" in chosen.text
    assert f'value="{mail}"' in chosen.text
    assert 'href="/language/en?back=/login"' in chosen.text
    assert (await ask_to_log_in(http, mail, password=CHOSEN)).status_code == 303
    http.cookies.clear()
