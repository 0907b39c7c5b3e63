"""The log-in says beside each of its fields what is missing there."""

import httpx
import pytest

from tests.api.web.visiting import hidden

EMAIL, PASSWORD = "请填写邮箱。", "请填写密码。"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"email": "", "password": ""}, [EMAIL, PASSWORD]),
        ({"email": " ", "password": "x"}, [EMAIL]),
        ({"email": "a@partner.example"}, [PASSWORD]),
    ],
)
async def test_what_was_left_empty_is_said_beside_its_field(
    http: httpx.AsyncClient, sent: dict[str, str], said: list[str]
) -> None:
    http.cookies.clear()
    token = hidden((await http.get("/login")).text, "csrf")
    answer = await http.post("/login", data=sent | {"csrf": token})
    assert answer.status_code == 422
    assert [one for one in (EMAIL, PASSWORD) if one in answer.text] == said
    assert "邮箱或密码不对" not in answer.text
    assert answer.text.count('aria-invalid="true"') == len(said)
