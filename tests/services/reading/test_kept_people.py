"""What a reader keeps of what it has read."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from domain.kernel.errors import Refusal
from infra.bootstrap import App
from infra.database.db import Database
from infra.readside.projector import catch_up
from projections.kernel.paging import Paging
from projections.kernel.progress import Standing, list_standings
from projections.people.people import PEOPLE, PERSON_LIST
from projections.trainees.cohort_roster import TRAINEE_LIST
from services.kernel.context import Principal
from services.reading import kept_rows, lists
from services.reading.lists import PastReader
from services.reading.moment import Moment
from tests.carrying import carry_out, new_partner
from tests.read_models import forgotten
from tests.services.reading.test_lists import NoEvaluators
from tests.situation import batch_opened, enrolled
from tests.staff import registered, renamed

ON = date(2025, 3, 3)


async def test_a_reader_keeps_no_more_people_than_so_many_and_names_all(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = await new_partner(app)
    people = [enrolled(f"E{number}", on=ON) for number in range(4)]
    await carry_out(app, manager, [batch_opened("A1", on=ON), *people])
    await catch_up(app, manager.tenant)
    monkeypatch.setattr(kept_rows, "MOST_KEPT", 3)
    reader = app.lists(manager)
    rows = (await reader.page(TRAINEE_LIST, Paging())).rows
    ids = [row.trainee_id for row in rows]
    for some in (ids[:2], ids[1:], ids):
        assert [*await reader.people(TRAINEE_LIST, some)] == some
    assert [*reader._people.among(ids)] == ids[:2]


@pytest.fixture
async def renamed_once(app: App) -> tuple[Principal, str]:
    """A partner with somebody of two names one after the other, and the id."""
    manager = await new_partner(app)
    await carry_out(app, manager, [registered("M1", name="钱主管", on=ON)])
    await carry_out(app, manager, [renamed("M1", to="钱经理", on=ON + timedelta(days=9))])
    await catch_up(app, manager.tenant)
    row = await app.lists(manager).get(PERSON_LIST, number="M1")
    assert row is not None
    return manager, row.person_id


async def standing(app: App, tenant_id: UUID) -> Standing:
    async with app.db.tenant(tenant_id) as tenant:
        (stands,) = await list_standings(tenant, [PEOPLE])
    return stands


async def name(
    app: App, whose: tuple[Principal, str], day: date, at: int, kept: Standing | None
) -> str:
    principal, person = whose
    reader = app.lists(principal, Moment(day, at, day), kept)
    (row,) = (await reader.people(PERSON_LIST, [person])).values()
    return row.name


async def test_whoever_was_read_once_is_called_on_each_day_as_on_that(
    app: App, renamed_once: tuple[Principal, str]
) -> None:
    stands = await standing(app, renamed_once[0].tenant)
    days = [ON, ON + timedelta(days=9), ON]
    called = [await name(app, renamed_once, day, stands.position, stands) for day in days]
    assert called == ["钱主管", "钱经理", "钱主管"]


async def test_where_nothing_changed_nobody_is_read_again(
    app: App, renamed_once: tuple[Principal, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stands = await standing(app, renamed_once[0].tenant)
    await name(app, renamed_once, ON, stands.position, stands)
    monkeypatch.delattr(Database, "snapshot")
    assert await name(app, renamed_once, ON, stands.position, stands) == "钱主管"
    with pytest.raises(AttributeError):
        await name(app, renamed_once, ON, stands.position, None)


async def test_rows_of_another_making_of_the_read_model_are_kept_by_nobody(
    app: App, renamed_once: tuple[Principal, str]
) -> None:
    tenant_id = renamed_once[0].tenant
    now = await standing(app, tenant_id)
    before = now._replace(generation=now.generation - 1)
    assert await name(app, renamed_once, ON, now.position, before) == "钱主管"
    stood, kept = app._people_kept[tenant_id]
    assert (stood, kept.among([renamed_once[1]])) == (before, {})


async def test_of_one_partner_rows_are_kept_of_the_last_standing_alone(
    app: App, renamed_once: tuple[Principal, str]
) -> None:
    manager = renamed_once[0]
    before = await standing(app, manager.tenant)
    await name(app, renamed_once, ON, before.position, before)
    await carry_out(app, manager, [registered("M2", name="孙主管", on=ON)])
    await catch_up(app, manager.tenant)
    now = await standing(app, manager.tenant)
    await name(app, renamed_once, ON, now.position, now)
    assert app._people_kept[manager.tenant][0] == now


async def test_two_partners_keep_their_people_apart(
    app: App, renamed_once: tuple[Principal, str]
) -> None:
    manager, person = renamed_once
    others = await new_partner(app)
    await carry_out(app, others, [registered("M1", name="吴主管", on=ON)])
    await catch_up(app, others.tenant)
    row = await app.lists(others).get(PERSON_LIST, number="M1")
    assert row is not None
    for whose, called in (((manager, person), "钱主管"), ((others, row.person_id), "吴主管")):
        stands = await standing(app, whose[0].tenant)
        assert await name(app, whose, ON, stands.position, stands) == called
    stands = await standing(app, others.tenant)
    reader = app.lists(others, Moment(ON, stands.position, ON), stands)
    assert await reader.people(PERSON_LIST, [person]) == {}


async def test_of_a_long_log_whoever_is_named_now_waits_for_no_other_process(
    app: App, renamed_once: tuple[Principal, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    manager, person = renamed_once
    monkeypatch.setattr(lists, "MOST_POSITIONS_HERE", 0)
    monkeypatch.setattr(lists, "FEW", 0)
    at = await app.log.position(manager.tenant)
    reader = PastReader(manager, app.db, app.time_travel, Moment(ON, at, ON), NoEvaluators())
    (row,) = (await reader.named(PERSON_LIST, [person])).values()
    assert row.name == "钱主管"
    earlier = Moment(ON, at - 1, ON)
    reader = PastReader(manager, app.db, app.time_travel, earlier, NoEvaluators())
    with pytest.raises(Refusal, match="figures_not_evaluated"):
        await reader.named(PERSON_LIST, [person])


async def test_a_forgotten_person_has_no_name_on_any_day_once_the_read_model_is_made_anew(
    app: App, renamed_once: tuple[Principal, str]
) -> None:
    tenant_id, person = renamed_once[0].tenant, renamed_once[1]
    before = await standing(app, tenant_id)
    await name(app, renamed_once, ON, before.position, before)
    await forgotten(app, tenant_id, person)
    await app.rebuilder.rebuild_tenant(tenant_id, PEOPLE)
    now = await standing(app, tenant_id)
    assert await name(app, renamed_once, ON, now.position, now) == ""
