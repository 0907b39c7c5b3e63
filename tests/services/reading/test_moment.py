"""What the two times of a question mean, whatever the clock of who answers says."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.kernel.errors import Refusal
from infra.bootstrap import App
from services.execute import execute
from services.kernel.context import Principal
from services.reading.moment import Times
from services.teaching.cohort import OpenCohort

BEHIND = timedelta(milliseconds=50)


async def newest(app: App, principal: Principal) -> tuple[int, datetime]:
    """The position and the instant of a record that is made now."""
    command = OpenCohort("2026-06-1", "六月第1期", date(2026, 5, 18))
    done = await execute(app.context(principal), command)
    recorded_at = await app.time_travel.recorded_at(principal.tenant, done.position)
    assert recorded_at is not None
    return done.position, recorded_at


async def test_what_was_just_recorded_is_known_by_then_where_our_clock_is_behind(
    app: App, manager: Principal
) -> None:
    position, recorded_at = await newest(app, manager)
    times = Times(app.time_travel, lambda: recorded_at - BEHIND)
    moment = await times.moment(manager, None, recorded_at)
    assert moment is not None
    assert moment.position == position


async def test_an_instant_after_the_newest_record_and_our_clock_is_refused_as_it_is_there(
    app: App, manager: Principal
) -> None:
    _, recorded_at = await newest(app, manager)
    now = max(recorded_at, datetime(2099, 6, 1, 16, 0, 5, tzinfo=UTC))
    with pytest.raises(Refusal, match="instant_in_future") as refused:
        await Times(app.time_travel, lambda: now).moment(manager, None, now + BEHIND)
    assert refused.value.params == {
        "instant": "2099-06-02 00:00:05.050+08:00",
        "now": "2099-06-02 00:00:05.000+08:00",
    }


@pytest.mark.parametrize("position", [-1, 10**18, 2**63])
async def test_a_position_that_no_log_has_is_refused_where_it_becomes_a_moment(
    app: App, manager: Principal, position: int
) -> None:
    with pytest.raises(Refusal, match="position_invalid"):
        await app.times.question(manager, None, position)
