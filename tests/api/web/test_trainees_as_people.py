"""The page of a trainee among the people, which offers what can be said of a trainee there."""

import re

import httpx
import pytest

from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections.kernel.paging import Paging
from projections.people.people import PERSON_LIST
from services.kernel.context import Role
from tests.api.web.visiting import fresh, log_in
from tests.browser.story import PASSWORD, Told, join
from tests.situation import batch_opened, enrolled
from tests.staff import registered

PHONE = "13800000013"


@pytest.fixture
async def told(app: App) -> Told:
    """A manager, and a trainee whose phone is known."""
    told = await join(app, fresh("PERSONS"))
    await told.does(
        registered("M1", name="钱主管", on=told.live_on),
        batch_opened("A1", on=told.live_on),
        enrolled("E1", on=told.live_on, name="王芳", phone=PHONE),
    )
    await catch_up(app, told.principal.tenant)
    return told


@pytest.fixture
async def addresses(told: Told) -> dict[str, str]:
    """Of the pages of both, by their names."""
    rows = (await told.app.lists(told.principal).page(PERSON_LIST, Paging())).rows
    return {row.name: f"/people/{row.person_id}" for row in rows}


async def visiting(http: httpx.AsyncClient, told: Told, role: Role) -> httpx.AsyncClient:
    """The browser of somebody in a role."""
    partner = await told.app.accounts.organisation_of(told.principal.tenant)
    email = f"{role}@{partner.code.lower()}.example"
    await told.app.accounts.create_user(
        email=email, name="何经理", role=role, password=PASSWORD, partner=partner.code
    )
    return await log_in(http, email)


async def test_a_trainee_is_offered_no_people(
    http: httpx.AsyncClient, told: Told, addresses: dict[str, str]
) -> None:
    hr = await visiting(http, told, Role.HR_MANAGER)
    assert ">下属员工（不含学员） " in (await hr.get(addresses["钱主管"])).text
    page = (await hr.get(addresses["王芳"])).text
    assert ">王芳" in page and ">下属员工（不含学员） " not in page


def fields(page: str) -> set[str]:
    """The fields of a form that are typed."""
    return {*re.findall(r'<(?:input|select|textarea)[^>]* name="([^"]+)"[^>]* id="field-', page)}


async def test_the_correction_of_a_trainee_asks_for_what_it_takes(
    http: httpx.AsyncClient, told: Told, addresses: dict[str, str]
) -> None:
    hr = await visiting(http, told, Role.HR_MANAGER)
    address = f"{addresses['王芳']}/correct-registration?fact=1"
    page = (await hr.get(address)).text
    assert fields(page) == {"name", "phone", "mail", "id_number", "reason"}
    staff = (await hr.get(f"{addresses['钱主管']}/correct-registration?fact=1")).text
    assert fields(staff) == fields(page) | {"since", "post", "department", "manager_id"}


async def test_who_may_not_see_contacts_is_asked_for_the_rest(
    http: httpx.AsyncClient, told: Told, addresses: dict[str, str]
) -> None:
    first = await visiting(http, told, Role.ADMINISTRATOR)
    answer = await first.get(f"{addresses['王芳']}/correct-registration?fact=1")
    assert answer.status_code == 200
    assert fields(answer.text) == {"name", "reason"} and PHONE not in answer.text
    # Without the right to write of trainees, the command refuses whatever is said.
    assert "correct-registration" not in (await first.get(addresses["王芳"])).text
