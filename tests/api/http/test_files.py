"""A file is its partner's alone."""

from io import BytesIO
from urllib.parse import unquote
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from api.http.downloads import disposition
from infra.bootstrap import App
from services.jobs.jobs import XLSX, NewFile
from services.kernel.context import Role
from services.people.access import Tenant
from tests.api.conftest import open_door
from tests.api.door import Door

NAME = "杭州渠道-新人出单报表-2026-06.xlsx"


@pytest.fixture
async def path(app: App, partner: Tenant) -> str:
    new = NewFile(NAME, XLSX, BytesIO(b"PK content"))
    file = await app.files.store_file(partner.tenant_id, new)
    return f"/files/{file.id}"


async def test_gives_a_partner_its_file_with_its_name(
    http: httpx.AsyncClient, door: Door, path: str
) -> None:
    answer = await http.get(path, headers=door.headers)
    assert (answer.status_code, answer.content) == (200, b"PK content")
    assert answer.headers["content-type"] == XLSX
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-store"
    said = answer.headers["content-disposition"]
    assert said.startswith('attachment; filename="')
    assert unquote(said.partition("filename*=UTF-8''")[2]) == NAME


async def test_another_partner_gets_the_same_as_for_no_file(
    app: App, web: Litestar, http: httpx.AsyncClient, path: str
) -> None:
    other = await app.accounts.create_partner(f"p-{uuid4().hex[:12]}", "另一渠道")
    door = await open_door(app, web, http, other.code, Role.TRAINING_MANAGER)
    answers = [
        await http.get(wanted, headers=door.headers)
        for wanted in (path, f"/files/{uuid4()}", "/files/no-id")
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert {answer.json()["code"] for answer in answers} == {"file_unknown"}


async def test_without_a_credential_there_is_no_file(http: httpx.AsyncClient, path: str) -> None:
    assert (await http.get(path)).status_code == 401


@pytest.mark.parametrize("role", [Role.TRAINEE, Role.ASSISTANT])
async def test_who_may_not_see_figures_gets_no_file(
    app: App, web: Litestar, http: httpx.AsyncClient, partner: Tenant, path: str, role: Role
) -> None:
    door = await open_door(app, web, http, partner.code, role)
    assert (await http.get(path, headers=door.headers)).status_code == 403


def test_a_name_cannot_break_out_of_its_header() -> None:
    assert disposition('a"b\\c\r\n.xlsx') == (
        "attachment; filename=\"a_b_c__.xlsx\"; filename*=UTF-8''a%22b%5Cc%0D%0A.xlsx"
    )
