"""A series is answered from what is stored while that is of the newest state, and equally."""

from typing import Any

import pytest

from domain.kpi.catalog import CATALOG
from domain.kpi.group import BYS
from infra.bootstrap import App, utc_now
from infra.readside.series import SeriesFiller
from services.people.access import Tenant
from tests.api.conftest import AFTER_THE_GOLDEN_CASES
from tests.api.door import Door
from tests.api.graphql.test_kpis import story

SERIES = """
query Q($kpi: String!, $by: SeriesBy!, $day: Date, $position: Int, $cohort: String, $known: Int) {
  series(kpi: $kpi, by: $by, happenedBy: $day, minPosition: $position, cohort: $cohort,
         knownByPosition: $known) {
    key
    figure {
      ratio { numerator denominator shown } floor { numerator denominator }
      ceiling { numerator denominator } isFinal finalOn
      asOf { position happenedBy schemeVersions }
      explanation {
        counted contributions(first: 20) { edges { node { label numerator denominator } } }
      }
    }
  }
}
"""
WAYS = [by.upper() for by in BYS]


async def asked(door: Door, kpi: str = "order_rate", by: str = "MONTH", **more: Any) -> Any:
    return (await door.lines(SERIES, kpi=kpi, by=by, **more))["series"]


async def fill(app: App, partner: Tenant) -> None:
    filler = SeriesFiller(app.db, lambda: max(utc_now(), AFTER_THE_GOLDEN_CASES))
    assert await filler.fill(partner.tenant_id) == len(CATALOG)


async def falsify(app: App, partner: Tenant) -> None:
    """So that an answer shows where it comes from."""
    async with app.db.tenant(partner.tenant_id) as connection:
        await connection.plain.execute("update kpi_series set numerator = 77")


@pytest.mark.parametrize("kpi", ["order_rate", "class_opened_on_time", "days_late", "employed"])
async def test_what_is_stored_is_what_is_computed(
    door: Door, app: App, partner: Tenant, kpi: str
) -> None:
    position = await story(door)
    computed = [await asked(door, kpi, way, position=position) for way in WAYS]
    await fill(app, partner)
    assert [await asked(door, kpi, way) for way in WAYS] == computed
    assert all(computed)


async def test_only_the_newest_state_of_everybody_is_read_from_it(
    door: Door, app: App, partner: Tenant
) -> None:
    position = await story(door)
    true = await asked(door, position=position)
    await fill(app, partner)
    await falsify(app, partner)
    (_, june) = await asked(door)
    assert june["figure"]["ratio"]["numerator"] == 77
    day = true[0]["figure"]["asOf"]["happenedBy"]
    assert await asked(door, day=day, known=position) == true
    for narrowed in ({"cohort": "B1"}, {"day": "2026-06-30"}):
        found = await asked(door, **narrowed)
        assert {point["figure"]["ratio"]["numerator"] for point in found} <= {0, 1}
    position = await door.changed(
        "recordOrder", employeeNo="E2", orderNo="A2", closedOn="2026-06-04"
    )
    (_, june) = await asked(door, position=position)
    assert june["figure"]["ratio"] == {"numerator": 2, "denominator": 2, "shown": "100.0%"}
