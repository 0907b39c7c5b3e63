"""Lists of today, and what a name means in them."""

import gc
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from weakref import WeakSet

import pytest

from domain.kernel.errors import Refusal
from domain.planning.calendar import local_day
from infra.bootstrap import App
from infra.readside import evaluator
from infra.readside.projector import catch_up
from infra.readside.time_travel import TimeTravel
from projections.kernel.paging import Paging
from projections.kernel.projection import Projection
from projections.people.joinings import JOININGS
from projections.trainees.cohort_roster import TRAINEE_LIST
from services.kernel.context import Principal
from services.reading import lists
from services.reading.evaluations import RemoteQuestion, V
from services.reading.lists import PastReader
from services.reading.moment import Moment
from services.reading.tables import TableReader
from tests.carrying import carry_out, new_partner
from tests.elsewhere import past_elsewhere
from tests.situation import batch_opened, enrolled, left, passed_gate, rejoined, went_live
from tests.staff import joined, registered


@pytest.fixture
async def leaving(app: App) -> tuple[Principal, date]:
    """A partner, and its today: E1 is live, leaves tomorrow and rejoins two days after that."""
    principal = await new_partner(app)
    today = local_day(app.clock(), principal.zone)
    steps = (
        batch_opened("A1", on=today),
        enrolled("E1", on=today),
        passed_gate("E1", on=today),
        went_live("E1", on=today),
        left("E1", on=today + timedelta(days=1)),
        rejoined("E1", cohort="A1", on=today + timedelta(days=3)),
    )
    await carry_out(app, principal, steps)
    await catch_up(app, principal.tenant)
    return principal, today


@pytest.mark.parametrize("is_folded", [False, True])
@pytest.mark.parametrize("no_stay", ["", "E1", "person-1", "cohort-1"])
async def test_what_is_no_stays_id_is_no_trainees(
    app: App, leaving: tuple[Principal, date], no_stay: str, is_folded: bool
) -> None:
    principal, _ = leaving
    position = await app.log.position(principal.tenant) if is_folded else None
    reader = app.lists(principal, await app.times.moment(principal, None, position))
    assert await reader.get(TRAINEE_LIST, id=no_stay) is None
    assert await reader.by_id(TRAINEE_LIST, [no_stay]) == {}


@pytest.mark.parametrize("is_folded", [False, True])
async def test_a_list_is_narrowed_to_the_manager_whom_a_text_is_certain_to_mean(
    app: App, is_folded: bool
) -> None:
    principal, names = (
        await new_partner(app),
        {"M1": "王芳", "M2": "王芳", "M3": "李娜", "M4": "李那"},
    )
    steps = (
        *(registered(who, name=name) for who, name in names.items()),
        batch_opened("A1"),
        *(enrolled(f"E{who}", manager=who) for who in names),
        joined("M4", into="M3"),
        registered("M5", name="李娜"),
    )
    await carry_out(app, principal, steps)
    await catch_up(app, principal.tenant)
    position = await app.log.position(principal.tenant) if is_folded else None
    reader = app.lists(principal, await app.times.moment(principal, None, position))
    ids = [await app.log.owner(principal.tenant, "employee_no", who) for who in ("M3", "M4")]
    counts = {
        "m1": 1,
        "M2": 1,
        "李娜": 2,
        "李 那": 2,
        "M5": 0,
        "没有人": 0,
        **dict.fromkeys(ids, 2),
    }
    for said, count in counts.items():
        assert await reader.count(TRAINEE_LIST, manager=said) == count
        assert len((await reader.page(TRAINEE_LIST, Paging(), manager=said)).rows) == count
    with pytest.raises(Refusal, match="person_not_certain"):
        await reader.count(TRAINEE_LIST, manager="王芳")
    assert len(await reader.values(TRAINEE_LIST, "manager", 9)) == 3


@pytest.mark.parametrize("is_folded", [False, True])
async def test_a_number_means_the_enrolment_that_lasts_where_a_rejoining_is_recorded_ahead(
    app: App, leaving: tuple[Principal, date], is_folded: bool
) -> None:
    principal, today = leaving
    position = await app.log.position(principal.tenant) if is_folded else None
    reader = app.lists(principal, await app.times.moment(principal, None, position))
    found = await reader.get(TRAINEE_LIST, employee_no="E1")
    assert found is not None
    assert (found.status, found.entered_on) == ("live", today)


async def test_what_one_reader_asks_of_the_past_elsewhere_is_read_there_once(
    app: App, leaving: tuple[Principal, date], monkeypatch: pytest.MonkeyPatch
) -> None:
    principal, today = leaving
    state, read = TimeTravel.state, list[str]()

    async def noted(self: TimeTravel, tenant_id: UUID, of: Projection[Any], *known: Any) -> Any:
        read.append(of.name)
        return await state(self, tenant_id, of, *known)

    monkeypatch.setattr(TimeTravel, "state", noted)
    moment = Moment(today, await app.log.position(principal.tenant), today)
    with past_elsewhere(app, principal, moment) as reader:
        assert len((await reader.page(TRAINEE_LIST, Paging(1))).rows) == 1
        assert await reader.count(TRAINEE_LIST) == 2
        assert await reader.values(TRAINEE_LIST, "manager", 1) == []
    assert read == [TRAINEE_LIST.projection.name, JOININGS.name]


async def test_what_was_read_elsewhere_is_forgotten_whatever_else_is_asked_there(
    app: App, leaving: tuple[Principal, date], monkeypatch: pytest.MonkeyPatch
) -> None:
    principal, today = leaving
    begun = WeakSet[PastReader]()

    class Noted(PastReader):
        def __init__(self, *of: Any) -> None:
            super().__init__(*of)
            begun.add(self)

    monkeypatch.setattr(evaluator, "PastReader", Noted)
    monkeypatch.setattr(evaluator, "KEPT_SECONDS", 0.0)
    moment = Moment(today, await app.log.position(principal.tenant), today)
    with past_elsewhere(app, principal, moment) as reader:
        assert await reader.count(TRAINEE_LIST) == 2
        assert len(begun) == 1
        await app.log.position(principal.tenant)
    gc.collect()
    assert not begun


async def test_who_is_asked_for_by_number_waits_for_no_other_process(
    app: App, leaving: tuple[Principal, date], monkeypatch: pytest.MonkeyPatch
) -> None:
    principal, today = leaving
    moment = Moment(today, await app.log.position(principal.tenant), today)
    monkeypatch.setattr(lists, "MOST_POSITIONS_HERE", 0)
    reader = PastReader(principal, app.db, app.time_travel, moment, NoEvaluators())
    found = await reader.get(TRAINEE_LIST, employee_no="E1")
    assert found is not None and found.status == "live"
    with pytest.raises(Refusal, match="figures_not_evaluated"):
        await reader.count(TRAINEE_LIST)


class NoEvaluators:
    """None of them can be started."""

    async def evaluate(self, asked: RemoteQuestion[V]) -> V:
        raise Refusal("figures_not_evaluated")


async def test_a_number_means_the_last_enrolment_where_none_lasts(
    app: App, leaving: tuple[Principal, date]
) -> None:
    principal, today = leaving
    reader = TableReader(principal, partial(app.read, principal.tenant), today + timedelta(days=2))
    found = await reader.get(TRAINEE_LIST, employee_no="E1")
    assert found is not None
    assert (found.status, found.entered_on) == ("to_come", today + timedelta(days=3))
