"""Lists narrowed to those of a manager: by the person, whatever the name is, and whose else."""

import re
from collections.abc import Mapping

import httpx
import pytest

from api.web.kit.filters import PersonKeys
from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections.kernel.paging import Paging
from projections.people.people import PERSON_LIST
from services.kernel.context import Role
from services.kernel.roles import in_role
from tests.api.web.visiting import fresh, log_in
from tests.browser.story import Told, join
from tests.carrying import carry_out
from tests.situation import batch_opened, enrolled
from tests.staff import joined, registered

ROW = re.compile(r'<tr data-id="([^"]+)"')
NAMES = {"M1": "王芳", "M2": "王芳", "M3": "李娜", "M4": "李那"}


@pytest.fixture
async def told(app: App) -> Told:
    """Two managers of one name, and one who was written in two ways."""
    told = await join(app, fresh("NAMESAKES"))
    on, office = told.live_on, in_role(told.principal.tenant, "office", Role.HR_MANAGER)
    await carry_out(app, office, [registered(who, name=NAMES[who], on=on) for who in NAMES])
    people = (enrolled(f"E{who}", on=on, manager=who) for who in NAMES)
    await told.does(
        batch_opened("A1", on=on),
        *people,
        enrolled("E5", on=on, manager="M2"),
        joined("M4", into="M3"),
    )
    await catch_up(app, told.principal.tenant)
    return told


@pytest.fixture
async def managers(app: App, told: Told) -> dict[str, str]:
    """The ids of the managers by their numbers."""
    rows = (await app.lists(told.principal).page(PERSON_LIST, Paging(), staff=True)).rows
    return {row.number: row.person_id for row in rows}


@pytest.fixture
async def visitor(http: httpx.AsyncClient, told: Told) -> httpx.AsyncClient:
    return await log_in(http, told.email)


def offered(page: str) -> Mapping[str, str]:
    """What is offered to choose from, by what stands in the address."""
    return dict(re.findall(r'<option value="(person-[^"]+)"[^>]*>([^<]+)</option>', page))


async def test_of_two_managers_of_one_name_each_has_the_own_people(
    visitor: httpx.AsyncClient, managers: dict[str, str]
) -> None:
    page = (await visitor.get("/trainees")).text
    assert offered(page) == {
        managers["M1"]: "王芳 (M1)",
        managers["M2"]: "王芳 (M2)",
        managers["M3"]: "李娜",
    }
    for number, count in (("M1", 1), ("M2", 2)):
        asked = f"manager={managers[number]}"
        assert len(ROW.findall((await visitor.get(f"/trainees?{asked}")).text)) == count
        sheet = (await visitor.get(f"/trainees/list.csv?{asked}")).text
        assert len(sheet.splitlines()) == 1 + count


async def test_who_was_joined_into_another_is_found_as_that_one(
    visitor: httpx.AsyncClient, managers: dict[str, str]
) -> None:
    for person in (managers["M3"], managers["M4"], "m4"):
        page = (await visitor.get(f"/trainees?manager={person}")).text
        assert len(ROW.findall(page)) == 2
        assert f'<option value="{managers["M3"]}" selected>李娜</option>' in page


async def test_an_address_of_before_leads_to_whom_its_name_is_certain_to_mean(
    visitor: httpx.AsyncClient, app: App, told: Told, managers: dict[str, str]
) -> None:
    keys = PersonKeys(app.settings.secret_key, told.principal.tenant)
    page = (await visitor.get(f"/trainees?manager={keys.of('李娜')}")).text
    assert f'<option value="{managers["M3"]}" selected>李娜</option>' in page
    for text in (keys.of("王芳"), "王芳"):
        answer = await visitor.get("/trainees", params={"manager": text})
        assert answer.status_code == 422
        assert not ROW.findall(answer.text)
        assert 'id="amiss-manager"' in answer.text and "请改填工号" in answer.text
