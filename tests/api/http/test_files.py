"""A file is its partner's alone, and of its people's for whom its contents are."""

from contextlib import suppress
from io import BytesIO
from urllib.parse import unquote
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from api.http.downloads import disposition
from domain.kernel.errors import NotFoundError
from infra.bootstrap import App
from infra.work.worker import KINDS
from services.jobs.jobs import (
    JOB_NEEDS,
    OF_FIGURES,
    OF_IMPORTS,
    SEND_MAIL,
    XLSX,
    NewFile,
    own_file,
)
from services.kernel.context import Principal, Role
from services.kernel.permissions import Permission
from services.kernel.roles import in_role
from services.kernel.scopes import EVERYTHING, Scope
from services.people.access import Tenant
from services.scheme.head_office import FOR_HEAD_OFFICE
from tests.api.conftest import open_door
from tests.api.door import Door

NAME = "杭州渠道-新人出单报表-2026-06.xlsx"


@pytest.fixture
async def path(app: App, partner: Tenant) -> str:
    new = NewFile(NAME, XLSX, BytesIO(b"PK content"), OF_FIGURES)
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


async def test_a_file_that_somebody_may_not_read_is_as_one_that_is_not_there(
    app: App, web: Litestar, http: httpx.AsyncClient, partner: Tenant, path: str
) -> None:
    door = await open_door(app, web, http, partner.code, Role.HR_OFFICER)
    answer = await http.get(path, headers=door.headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "file_unknown")


READERS = {
    OF_IMPORTS: {"training_manager", "training_specialist", "integration"},
    OF_FIGURES: {
        *("training_manager", "training_specialist", "integration"),
        *("hr_manager", "general_manager"),
    },
}


@pytest.mark.parametrize("needs", READERS, ids=["OF_IMPORTS", "OF_FIGURES"])
async def test_a_file_is_read_by_whoever_may_read_all_that_it_holds(
    app: App, partner: Tenant, needs: tuple[Permission, ...]
) -> None:
    new = NewFile("名单.csv", "text/csv", BytesIO(b"E1"), needs)
    file = await app.files.store_file(partner.tenant_id, new)
    reading = set()
    for role in Role:
        for scopes in (EVERYTHING, {Scope.OWN_COHORTS: frozenset(["person-1"])}):
            held = in_role(partner.tenant_id, "somebody", role).rights
            its = {one: scopes for one, reached in held.items() if Scope.ALL in reached}
            asks = Principal(partner.tenant_id, "somebody", (role,), its)
            with suppress(NotFoundError):
                assert (await own_file(asks, app.files, file.id)).id == file.id
                reading.add((str(role), scopes is EVERYTHING))
    assert reading == {(role, True) for role in (*READERS[needs], "operator")}


def test_every_kind_of_job_says_who_may_follow_it_or_is_followed_by_nobody_here() -> None:
    assert {*KINDS} - {*JOB_NEEDS} == {SEND_MAIL, FOR_HEAD_OFFICE}
    assert {*JOB_NEEDS} <= {*KINDS}


def test_a_name_cannot_break_out_of_its_header() -> None:
    assert disposition('a"b\\c\r\n.xlsx') == (
        "attachment; filename=\"a_b_c__.xlsx\"; filename*=UTF-8''a%22b%5Cc%0D%0A.xlsx"
    )
