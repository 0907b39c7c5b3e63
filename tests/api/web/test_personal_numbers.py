"""What of a person's numbers and addresses a page holds."""

import re

import httpx
import msgspec
import pytest

from domain.kernel.whose import own_stream
from infra.bootstrap import App
from infra.readside.projector import catch_up
from services.execute import execute
from services.kernel.context import Role
from services.kernel.work import Work
from services.trainees.correction import CorrectEnrolment
from services.trainees.trainee import EnrolTrainee, enrol_trainee
from tests.api.web.test_sent_twice import HIDDEN
from tests.api.web.visiting import fresh, log_in
from tests.browser.story import PASSWORD, Told, join
from tests.situation import batch_opened, withdrawn

PHONE, MAIL, ID_NUMBER = "13800000013", "wang@partner.example", "110101199003070011"
WHY = "录入有误"


@pytest.fixture
async def told(app: App) -> Told:
    told = await join(app, fresh("NUMBERS"))
    await told.does(batch_opened("A1", on=told.live_on))
    return told


async def given(told: Told, command: msgspec.Struct) -> str:
    """The trainee about whom a command was carried out."""
    done = await execute(told.app.context(told.principal), command)
    await catch_up(told.app, told.principal.tenant)
    return done.stream_id


def enrolment(told: Told) -> EnrolTrainee:
    person = ("A1", "E1", "王芳", told.live_on)
    return EnrolTrainee(*person, phone=PHONE, mail=MAIL, id_number=ID_NUMBER)


async def test_a_phone_and_a_mail_are_unfolded_and_an_identity_number_is_never_whole(
    browser: httpx.AsyncClient, told: Told
) -> None:
    thing = await given(told, enrolment(told))
    page = (await browser.get(f"/trainees/{thing}")).text
    assert f"<span>138****0013</span></summary>{PHONE}</details>" in page
    assert f"</summary>{MAIL}</details>" in page
    assert "110***********0011" in page
    assert ID_NUMBER not in page


async def test_who_may_not_read_contacts_finds_none_in_what_happened(
    http: httpx.AsyncClient, told: Told
) -> None:
    thing = await given(told, enrolment(told))
    partner = await told.app.accounts.organisation_of(told.principal.tenant)
    email = "assistant@numbers.example"
    await told.app.accounts.create_user(
        email=email, name="陈助理", role=Role.ASSISTANT, password=PASSWORD, partner=partner.code
    )
    await log_in(http, email)
    page = (await http.get(f"/trainees/{thing}")).text
    assert "王芳" in page
    for said in (PHONE, "138****0013", MAIL, "110***********0011"):
        assert said not in page
    http.cookies.clear()


async def test_who_manages_people_alone_finds_no_contacts_of_a_trainee_on_any_page(
    http: httpx.AsyncClient, told: Told
) -> None:
    address = f"/people/{own_stream(await given(told, enrolment(told)))}"
    partner = await told.app.accounts.organisation_of(told.principal.tenant)
    email = "lets-in@numbers.example"
    await told.app.accounts.create_user(
        email=email, name="陈管理", role=Role.ADMINISTRATOR, password=PASSWORD, partner=partner.code
    )
    await log_in(http, email)
    pages = [(await http.get(address)).text, (await http.get(f"{address}/invite")).text]
    known = await told.app.log.position(told.principal.tenant)
    await told.does(withdrawn("E1", 1))
    await catch_up(told.app, told.principal.tenant)
    for moment in ("", f"?known={known}"):
        pages.append((await http.get(f"{address}{moment}")).text)
    for page in pages:
        assert "王芳" in page
        for said in (PHONE, "138****0013", MAIL, "110***********0011"):
            assert said not in page
    http.cookies.clear()


async def test_who_manages_people_alone_is_not_led_to_say_anew_how_a_trainee_is_reached(
    http: httpx.AsyncClient, told: Told
) -> None:
    address = f"/people/{own_stream(await given(told, enrolment(told)))}"
    partner = await told.app.accounts.organisation_of(told.principal.tenant)
    for role, is_led in ((Role.ADMINISTRATOR, False), (Role.HR_MANAGER, True)):
        email = f"{role}@{partner.code.lower()}.example"
        await told.app.accounts.create_user(
            email=email, name="何经理", role=role, password=PASSWORD, partner=partner.code
        )
        await log_in(http, email)
        page = (await http.get(address)).text
        assert f"{address}/assign-role" in page
        for command in ("change-contacts", "rename-person"):
            assert (f"{address}/{command}" in page) == is_led
    http.cookies.clear()


async def test_of_a_number_that_was_corrected_the_former_is_hinted_at_wherever_it_is_told(
    browser: httpx.AsyncClient, told: Told
) -> None:
    thing = await given(told, enrolment(told))
    await given(told, CorrectEnrolment("E1", WHY, phone="13900000024", mail=""))
    page = (await browser.get(f"/trainees/{thing}")).text
    withdrawal = f"/trainees/{thing}/withdraw-fact?fact=1"
    was = re.findall(r"<del>(.+?)</del> (.+?)</span>", page)
    assert [one for one, _ in was] == ["138****0013", "wan*************mple"], page
    assert was[1][1] == "—"
    assert "139****0024" in was[0][1]
    form = (await browser.get(withdrawal)).text
    for said in (PHONE, "138****0013", "13900000024", MAIL):
        assert said not in form


async def test_an_identity_number_is_corrected_in_a_form_that_does_not_show_it(
    browser: httpx.AsyncClient, told: Told
) -> None:
    thing = await given(told, enrolment(told))
    address, other = f"/trainees/{thing}/correct-enrolment?fact=1", "11010519491231002X"

    async def sent(number: str) -> httpx.Response:
        page = (await browser.get(address)).text
        assert ID_NUMBER not in page and other not in page and "留空则不改" in page
        shown = dict(re.findall(r'name="(name|manager|phone|mail)"[^>]* value="([^"]*)"', page))
        said = {"entered_on": str(told.live_on), "post": "sales", "reason": WHY}
        form = dict(HIDDEN.findall(page)) | shown | said | {"id_number": number}
        return await browser.post(address, data=form)

    assert "最后一位校验码" in (await sent(other.replace("X", "1"))).text
    assert (await sent(other)).status_code == 303
    assert (await sent("")).status_code == 422
    await catch_up(told.app, told.principal.tenant)
    page = (await browser.get(f"/trainees/{thing}")).text
    assert re.search(r"<del>110\*+0011</del> 110\*+002X", page)


async def test_an_enrolment_is_corrected_beside_a_phone_that_nobody_could_enter_any_more(
    browser: httpx.AsyncClient, told: Told
) -> None:
    work = Work(told.app.context(told.principal), fresh=True)
    old = msgspec.structs.replace(enrolment(told), phone="12345")
    await told.app.log.append(work.append(await enrol_trainee(work, old), None))
    thing = await given(told, CorrectEnrolment("E1", WHY, manager="钱主管"))
    address = f"/trainees/{thing}/correct-enrolment?fact=1"

    async def begun() -> dict[str, str]:
        page = (await browser.get(address)).text
        restated = {"entered_on": str(told.live_on), "post": "sales", "reason": WHY}
        shown = dict(re.findall(r'name="(name|manager|phone|mail)"[^>]* value="([^"]*)"', page))
        return dict(HIDDEN.findall(page)) | restated | shown

    first = await begun()
    assert (first["phone"], first["mail"]) == ("12345", MAIL)
    corrected = first | {"manager": ""}
    assert (await browser.post(address, data=first | {"phone": "1234"})).status_code == 422
    assert (await browser.post(address, data=corrected)).status_code == 303
    called = await begun() | {"phone": PHONE, "mail": ""}
    for sent in (called, called, corrected):
        assert (await browser.post(address, data=sent)).status_code == 303
    tenant = told.principal.tenant
    trainee, person = [
        await told.app.log.aggregate(tenant, one, fresh=True) for one in (thing, own_stream(thing))
    ]
    assert trainee.employment.enrolled.manager_id is None
    assert [person.reached_by(one) for one in ("phone", "mail")] == [PHONE, None]
