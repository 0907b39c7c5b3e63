"""Local days."""

from datetime import UTC, date, datetime

import pytest

from domain.calendar import local_day
from domain.errors import Refusal


def test_the_day_changes_at_the_zone_s_midnight() -> None:
    assert local_day(datetime(2026, 6, 30, 15, 59, 59, tzinfo=UTC), "Asia/Shanghai") == date(
        2026, 6, 30
    )
    assert local_day(datetime(2026, 6, 30, 16, tzinfo=UTC), "Asia/Shanghai") == date(2026, 7, 1)


@pytest.mark.parametrize("zone", ["Asia/Nowhere", "", "../secret", "Asia"])
def test_refuses_a_zone_that_is_none(zone: str) -> None:
    with pytest.raises(Refusal) as refused:
        local_day(datetime(2026, 6, 30, tzinfo=UTC), zone)
    assert refused.value.code == "zone_unknown"


def test_refuses_an_instant_without_a_zone() -> None:
    with pytest.raises(Refusal) as refused:
        local_day(datetime(2026, 6, 30, tzinfo=UTC).replace(tzinfo=None), "Asia/Shanghai")
    assert refused.value.code == "instant_without_zone"
