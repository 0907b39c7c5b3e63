"""What stands behind a mean of days: how they are spread, and who never got there."""

from itertools import pairwise

import pytest

from api.web.kit.wording import Wording
from api.web.pages.spreads import first_order_curve, spread
from domain.kpi.catalog.orders import DAYS_TO_FIRST_ORDER, ORDER_RATE
from domain.kpi.evidence import Basis, Evidence
from services.words.texts import read_texts
from tests.source_batch import AS_OF, batch

SOURCE = Basis(Evidence(batch()), AS_OF)
NOBODY = Basis(Evidence(()), AS_OF)


@pytest.fixture(scope="module")
def english() -> Wording:
    return Wording(read_texts("en"), "Asia/Shanghai")


def test_a_distribution_has_a_bar_for_every_day_from_the_first_to_the_last(
    english: Wording,
) -> None:
    found = spread(DAYS_TO_FIRST_ORDER, SOURCE, english)
    assert found is not None
    counts = found.distribution.counts
    (bars,) = (series["data"] for series in found.chart["series"])
    assert len(bars) == max(counts) - min(counts) + 1
    assert sum(bar["value"] for bar in bars) == found.distribution.people == 13
    assert found.median in counts


def test_a_share_has_no_distribution(english: Wording) -> None:
    assert spread(ORDER_RATE, SOURCE, english) is None
    assert first_order_curve(ORDER_RATE, SOURCE, english) is None


def test_where_nobody_is_counted_there_is_neither(english: Wording) -> None:
    assert spread(DAYS_TO_FIRST_ORDER, NOBODY, english) is None
    assert first_order_curve(DAYS_TO_FIRST_ORDER, NOBODY, english) is None


def test_the_two_shares_end_where_the_curve_ends(english: Wording) -> None:
    found = first_order_curve(DAYS_TO_FIRST_ORDER, SOURCE, english)
    assert found is not None
    ordered, left = (series["data"] for series in found.chart["series"])
    last = found.curve.points[-1]
    assert len(ordered) == len(left) == last.day
    assert ordered[-1]["value"] == round(float(last.incidence_of_order) * 100, 2)
    assert left[-1]["value"] == round(float(last.incidence_of_leaving) * 100, 2)
    assert all(a["value"] <= b["value"] for a, b in pairwise(ordered))
