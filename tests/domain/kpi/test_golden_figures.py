"""The golden cases of the KPIs, exactly, through the pure figures."""

from datetime import date
from typing import Any

import pytest

from domain.kpi.catalog import NEWCOMER_FIGURES
from domain.kpi.evidence import Basis
from domain.kpi.proof.breakdown import break_down
from domain.kpi.rounding import shown
from domain.kpi.scheme.versions import Parameters
from tests.adding_up import Recomputed, recompute
from tests.domain.kpi.counted import evidence, figures
from tests.domain.kpi.facts import from_golden
from tests.golden_facts import CASES


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> dict[str, Any]:
    return CASES[request.param]


def test_a_golden_case_is_counted_from_its_facts(case: dict[str, Any]) -> None:
    people = from_golden(case["facts"])
    day = date.fromisoformat(case["happened_by"])
    rules = Parameters(window_days=case["window_days"])
    got = figures(people, day, rules)
    expect = case["expect"]
    for name, unit in (("order_rate", "percent"), ("average_orders", "per_person")):
        ratio = getattr(got, name)
        assert ratio.numerator == expect[name]["numerator"]
        assert ratio.denominator == expect[name]["denominator"]
        assert shown(ratio, unit) == expect[name]["shown"]
    for name in ("floor", "ceiling"):
        bound = getattr(got, name)
        assert bound.denominator == got.went_live
        assert (bound.numerator if bound.denominator else None) == expect[name]
    assert got.is_final is expect["final"]
    assert (got.final_on.isoformat() if got.final_on else None) == expect["final_on"]
    for kpi in NEWCOMER_FIGURES:
        figure = got.evaluated.figures[kpi.slug]
        recomputed = recompute(break_down(kpi, Basis(evidence(people, rules), day)))
        assert recomputed == Recomputed(figure.ratio, figure.floor, figure.ceiling)


def test_the_source_batch_populations() -> None:
    people = from_golden(CASES["G1"]["facts"])
    got = figures(people, date(2026, 6, 30), Parameters())
    assert (got.entered, got.went_live, got.employed) == (20, 18, 15)


def test_rounded_half_up_where_the_scheme_says_so() -> None:
    people = from_golden(CASES["G2"]["facts"])
    got = figures(people, date(2026, 6, 30), Parameters(rounding="half_up"))
    assert shown(got.order_rate, "percent", got.rounding) == "66.7%"
    assert shown(got.average_orders, "per_person", got.rounding) == "1.17"
