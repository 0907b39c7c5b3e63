"""Lists of today, and what a name means in them."""

from datetime import date, timedelta
from functools import partial

import pytest

from domain.kernel.errors import Refusal
from domain.planning.calendar import local_day
from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections.kernel.paging import Paging
from projections.trainees.cohort_roster import TRAINEE_LIST
from services.kernel.context import Principal
from services.reading import lists
from services.reading.lists import TableReader
from tests.carrying import carry_out, new_partner
from tests.situation import batch_opened, enrolled, left, passed_gate, rejoined, went_live


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
async def test_a_number_means_the_enrolment_that_lasts_where_a_rejoining_is_recorded_ahead(
    app: App, leaving: tuple[Principal, date], is_folded: bool
) -> None:
    principal, today = leaving
    position = await app.log.position(principal.tenant) if is_folded else None
    reader = app.lists(principal, await app.times.moment(principal, None, position))
    found = await reader.get(TRAINEE_LIST, employee_no="E1")
    assert found is not None
    assert (found.status, found.entered_on) == ("live", today)


async def test_what_was_known_is_not_read_by_its_deadline(
    app: App, leaving: tuple[Principal, date], monkeypatch: pytest.MonkeyPatch
) -> None:
    principal, _ = leaving
    position = await app.log.position(principal.tenant)
    reader = app.lists(principal, await app.times.moment(principal, None, position))
    monkeypatch.setattr(lists, "DEADLINE", 0.0)
    with pytest.raises(Refusal, match="past_took_too_long"):
        await reader.page(TRAINEE_LIST, Paging(1))


async def test_a_number_means_the_last_enrolment_where_none_lasts(
    app: App, leaving: tuple[Principal, date]
) -> None:
    principal, today = leaving
    reader = TableReader(partial(app.read, principal.tenant), today + timedelta(days=2))
    found = await reader.get(TRAINEE_LIST, employee_no="E1")
    assert found is not None
    assert (found.status, found.entered_on) == ("to_come", today + timedelta(days=3))
