"""Charts are data: what is drawn, and how a provisional figure looks."""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from api.web.kit.charts import BESIDE_WHISKER, chart
from api.web.kit.figures_view import groups
from api.web.kit.filters import Filters
from api.web.kit.wording import Wording
from api.web.pages.board_view import board_of
from domain.kpi.catalog import HEADLINES, NEWCOMER_FIGURES
from domain.kpi.catalog.orders import AVERAGE_ORDERS, ORDER_RATE
from domain.kpi.evidence import Evidence
from domain.kpi.kpi import Kpi
from services.words.texts import read_texts
from tests.api.web.visiting import view_of
from tests.source_batch import AS_OF, batch

OPEN = date(2026, 6, 15)


@pytest.fixture(scope="module")
def english() -> Wording:
    return Wording(read_texts("en"), "Asia/Shanghai")


def drawn(kpi: Kpi, day: date, wording: Wording) -> dict[str, Any]:
    view = view_of(Evidence(batch()), Filters(on=day), date.max)
    return chart(kpi, board_of(view, groups(view, NEWCOMER_FIGURES)).lines, wording)


def test_final_figure_is_a_plain_bar(english: Wording) -> None:
    option = drawn(ORDER_RATE, AS_OF, english)
    (bar,) = option["series"][0]["data"]
    assert bar["value"] == 66.67
    assert "decal" not in bar["itemStyle"]
    assert bar["tip"] == "Jun 2026\n66.6%  (12/18)"
    assert option["series"][1]["data"] == []


def test_a_figure_of_zero_is_named_where_its_bar_has_no_height(english: Wording) -> None:
    batch_alone = Evidence([replace(one, orders=()) for one in batch()])
    view = view_of(batch_alone, Filters(on=AS_OF), date.max)
    lines = board_of(view, groups(view, NEWCOMER_FIGURES)).lines
    (bar,) = chart(ORDER_RATE, lines, english)["series"][0]["data"]
    assert (bar["value"], bar["label"]["formatter"]) == (0, "0.0%")
    (bar,) = drawn(ORDER_RATE, AS_OF, english)["series"][0]["data"]
    assert "label" not in bar


def test_a_figure_of_zero_that_may_rise_is_named_beside_its_whisker(english: Wording) -> None:
    batch_alone = Evidence([replace(one, orders=()) for one in batch()])
    view = view_of(batch_alone, Filters(on=OPEN), date.max)
    lines = board_of(view, groups(view, NEWCOMER_FIGURES)).lines
    bars, whiskers = chart(ORDER_RATE, lines, english)["series"]
    assert bars["data"][0]["label"]["offset"] == [BESIDE_WHISKER, 0] and len(whiskers["data"]) == 1


def test_provisional_figure_is_hatched_with_a_whisker_from_floor_to_ceiling(
    english: Wording,
) -> None:
    option = drawn(ORDER_RATE, OPEN, english)
    (bar,) = option["series"][0]["data"]
    assert "decal" in bar["itemStyle"]
    assert "Provisional until Jun 30, 2026" in bar["tip"]
    (whisker,) = option["series"][1]["data"]
    assert whisker[0] == 0
    assert whisker[1] <= bar["value"] <= whisker[2]


def test_average_orders_have_no_whisker(english: Wording) -> None:
    assert len(drawn(AVERAGE_ORDERS, OPEN, english)["series"]) == 1


@pytest.mark.parametrize("kpi", HEADLINES, ids=lambda kpi: kpi.slug)
def test_every_kpi_can_be_drawn_with_colours_of_the_page(kpi: Kpi, english: Wording) -> None:
    (bar,) = drawn(kpi, AS_OF, english)["series"][0]["data"]
    assert bar["itemStyle"]["color"] == f"var(--chart-{kpi.slug.replace('_', '-')})"
    assert bar["kpi"] == kpi.slug
    assert "month=2026-06" in bar["open"]
