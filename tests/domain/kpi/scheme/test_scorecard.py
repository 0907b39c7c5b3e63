"""The scorecard: exact points of what can be scored, and the rest said as it is."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.values import Ratio
from domain.kpi.kpi import KpiFigure
from domain.kpi.scheme.channel_trainer import CHANNEL_TRAINER
from domain.kpi.scheme.lines import Criterion, Dimension, Line
from domain.kpi.scheme.scorecard import LineVerdict, Missing, Scorecard, scorecard, shown_points

ALL = Ratio(7, 7)
NOBODY = Ratio(0, 0)
DAY = date(2026, 6, 30)


def figure(slug: str, ratio: Ratio, *, is_final: bool = True, has_source: bool = True) -> KpiFigure:
    return KpiFigure(slug, ratio, None, None, is_final, DAY, has_source)


def of(**ratios: Ratio) -> dict[str, KpiFigure]:
    return {slug: figure(slug, ratio) for slug, ratio in ratios.items()}


def source(targets: Mapping[str, Ratio]) -> tuple[Line, ...]:
    """The lines of the source with targets where it has none."""
    return tuple(
        Line(
            line.code,
            line.weight,
            tuple(Criterion(c.kpi, c.target or targets.get(c.kpi)) for c in line.criteria),
        )
        for line in CHANNEL_TRAINER
    )


SLUGS = [slug for line in CHANNEL_TRAINER for slug in line.kpis]
TARGETS = {"order_rate": Ratio(3, 5), "average_orders": Ratio(1, 1)}
FULL = {slug: figure(slug, ALL) for slug in SLUGS}


def totals(card: Scorecard) -> tuple[Fraction, Decimal, Decimal, Decimal]:
    return (card.earned, card.scored, card.defined, card.undefined)


def one(scoring: str, weight: str = "10", *criteria: Criterion) -> tuple[Line, ...]:
    return (Line("1", Decimal(weight), criteria, scoring),)


def test_the_source_fully_met_earns_65_of_65_and_35_stay_undefined() -> None:
    card = scorecard(source(TARGETS), FULL)
    assert totals(card) == (65, 65, 65, 35)
    assert [line.points for line in card.lines] == [15, 15, 10, 15, 10]
    assert card.is_final


def test_a_line_whose_target_nobody_set_is_not_scored() -> None:
    card = scorecard(CHANNEL_TRAINER, FULL)
    assert totals(card) == (35, 35, 65, 35)
    first = card.lines[0]
    assert (first.is_scored, first.points, first.missing) == (False, None, ("target_not_set",))
    assert first.criteria[0].verdict == "no_target"
    assert first.criteria[0].figure == FULL["order_rate"]


def test_where_nobody_went_live_the_figures_are_undefined_and_their_lines_not_scored() -> None:
    figures = FULL | of(order_rate=NOBODY, average_orders=NOBODY)
    card = scorecard(source(TARGETS), figures)
    assert totals(card) == (35, 35, 65, 35)
    for line in card.lines[:2]:
        assert not line.is_scored
        assert line.missing == ("figure_undefined",)
        assert line.criteria[0].verdict == "undefined"


@pytest.mark.parametrize(
    "figures",
    [{}, {"spot_checks_done": figure("spot_checks_done", Ratio(0, 0), has_source=False)}],
)
def test_a_figure_that_nobody_records_yet_has_no_source(figures: dict[str, KpiFigure]) -> None:
    card = scorecard(CHANNEL_TRAINER[-1:], figures)
    (line,) = card.lines
    assert (line.criteria[0].verdict, line.missing) == ("no_source", ("no_source",))
    assert totals(card) == (0, 0, 10, 90)
    assert not card.is_final


def test_all_that_is_missing_is_named_once() -> None:
    criteria = (Criterion("order_rate"), Criterion("average_orders"), Criterion("plan_kept"))
    figures = of(order_rate=NOBODY, average_orders=NOBODY)
    (line,) = scorecard(one("split", "10", *criteria), figures).lines
    assert set(line.missing) == set(get_args(Missing))
    assert len(line.missing) == len(get_args(Missing))


@pytest.mark.parametrize(
    ("ratio", "verdict"),
    [
        (Ratio(8, 10), "met"),
        (Ratio(4, 5), "met"),
        (Ratio(27, 34), "not_met"),
        (Ratio(15, 18), "met"),
        (Ratio(15, 20), "not_met"),
    ],
)
def test_a_target_is_compared_with_the_exact_fraction(ratio: Ratio, verdict: str) -> None:
    lines = one("all_met", "10", Criterion("trial_pass_rate", Ratio(4, 5)))
    (line,) = scorecard(lines, of(trial_pass_rate=ratio)).lines
    assert line.criteria[0].verdict == verdict
    assert line.points == (10 if verdict == "met" else 0)


def test_a_line_earns_its_weight_only_when_all_is_met() -> None:
    figures = FULL | of(plan_kept=Ratio(6, 7))
    line = scorecard(CHANNEL_TRAINER, figures).lines[3]
    verdicts = [criterion.verdict for criterion in line.criteria]
    assert verdicts == ["met", "met", "met", "not_met", "met"]
    assert (line.points, line.missing) == (0, ())


def test_a_proportional_line_earns_the_mean_of_what_was_reached_and_never_more() -> None:
    criteria = (Criterion("order_rate", Ratio(3, 5)), Criterion("average_orders", Ratio(1, 1)))
    figures = of(order_rate=Ratio(2, 5), average_orders=Ratio(9, 3))
    (line,) = scorecard(one("proportional", "10", *criteria), figures).lines
    assert line.points == Fraction(25, 3)


def test_a_split_line_earns_the_weight_of_each_that_is_met() -> None:
    criteria = (
        Criterion("order_rate", Ratio(3, 5), Decimal("2.5")),
        Criterion("average_orders", Ratio(1, 1), Decimal("7.5")),
    )
    figures = of(order_rate=Ratio(3, 5), average_orders=Ratio(2, 3))
    (line,) = scorecard(one("split", "10", *criteria), figures).lines
    assert line.points == Fraction(5, 2)


@pytest.mark.parametrize(
    ("kpi", "n", "d", "verdict"),
    [
        ("trial_pass_rate", 8, 10, "met"),
        ("trial_pass_rate", 4, 5, "met"),
        ("trial_pass_rate", 27, 34, "not_met"),
        ("trial_pass_rate", 15, 18, "met"),
        ("trial_pass_rate_of_entered", 15, 20, "not_met"),
    ],
)
def test_g11_targets_are_compared_as_fractions(kpi: str, n: int, d: int, verdict: str) -> None:
    lines = one("all_met", "10", Criterion(kpi, Ratio(80, 100)))
    (line,) = scorecard(lines, of(**{kpi: Ratio(n, d)})).lines
    assert line.criteria[0].verdict == verdict


@pytest.mark.parametrize(
    ("ratio", "target", "points"),
    [
        (Ratio(1, 20), Ratio(1, 20), Fraction(10)),
        (Ratio(1, 10), Ratio(1, 20), Fraction(5)),
        (Ratio(0, 20), Ratio(0, 1), Fraction(10)),
        (Ratio(1, 20), Ratio(0, 1), Fraction(0)),
    ],
)
def test_where_less_is_better_the_target_is_not_to_be_exceeded(
    ratio: Ratio, target: Ratio, points: Fraction
) -> None:
    lines = one("proportional", "10", Criterion("complaint_rate", target))
    card = scorecard(lines, of(complaint_rate=ratio))
    assert card.earned == points
    assert card.lines[0].criteria[0].verdict == ("met" if points == 10 else "not_met")


def test_a_target_of_zero_is_always_met_where_more_is_better() -> None:
    lines = one("proportional", "10", Criterion("order_rate", Ratio(0, 1)))
    assert scorecard(lines, of(order_rate=Ratio(0, 4))).earned == 10


def test_a_verdict_on_a_figure_that_is_not_final_is_provisional() -> None:
    open_rate = figure("order_rate", ALL, is_final=False)
    card = scorecard(source(TARGETS), FULL | {"order_rate": open_rate})
    assert [line.is_final for line in card.lines] == [False, True, True, True, True]
    assert not card.is_final
    assert card.final_on == DAY


@pytest.mark.parametrize(
    ("points", "rounding", "text"),
    [
        (Fraction(25, 3), "truncate", "8.33"),
        (Fraction(50, 3), "half_up", "16.67"),
        (Fraction(5, 2), "truncate", "2.5"),
        (Fraction(65), "truncate", "65"),
        (Fraction(0), "truncate", "0"),
    ],
)
def test_points_are_shown_with_up_to_two_decimals(
    points: Fraction, rounding: str, text: str
) -> None:
    assert shown_points(points, rounding) == text


RATIOS = st.builds(Ratio, st.integers(0, 30), st.integers(0, 20))
TARGET = st.none() | st.builds(Ratio, st.integers(0, 30), st.integers(1, 20))
FIGURES = st.builds(figure, st.just("x"), RATIOS, is_final=st.booleans(), has_source=st.booleans())


@st.composite
def lines(draw: st.DrawFn) -> tuple[Line, ...]:
    made = []
    for number in range(draw(st.integers(1, 5))):
        slugs = draw(st.lists(st.sampled_from(SLUGS), min_size=1, max_size=4, unique=True))
        scoring = draw(st.sampled_from(("all_met", "proportional", "split")))
        is_split = scoring == "split" and draw(st.booleans())
        weights = [Decimal(draw(st.integers(1, 500))) / 100 for _ in slugs]
        criteria = tuple(
            Criterion(slug, draw(TARGET), weight if is_split else None)
            for slug, weight in zip(slugs, weights, strict=True)
        )
        made.append(Line(str(number), sum(weights, Decimal(0)), criteria, scoring))
    return tuple(made)


@given(lines(), st.dictionaries(st.sampled_from(SLUGS), FIGURES))
def test_nothing_earns_more_than_it_weighs_and_only_what_is_complete_is_scored(
    made: tuple[Line, ...], figures: dict[str, KpiFigure]
) -> None:
    card = scorecard(made, figures)
    assert 0 <= card.earned <= card.scored <= card.defined == 100 - card.undefined
    for line in card.lines:
        judged = {criterion.verdict for criterion in line.criteria}
        assert judged <= set(get_args(LineVerdict))
        assert line.is_scored == (judged <= {"met", "not_met"} and not line.line.lacks_split)
        assert line.is_scored != bool(line.missing)
        if line.points is not None:
            assert 0 <= line.points <= line.line.weight
            assert (line.points == line.line.weight) == (judged == {"met"})


def test_the_source_has_30_points_for_results_and_35_for_the_training_work() -> None:
    card = scorecard(CHANNEL_TRAINER, FULL)
    subtotals = [
        (one.dimension and one.dimension.code, one.earned, one.scored, one.defined)
        for one in card.dimensions
    ]
    assert subtotals == [("1", 0, 0, 30), ("2", 35, 35, 35)]
    assert card.undefined == 35
    assert sum(one.defined for one in card.dimensions) + card.undefined == 100


def test_lines_of_no_dimension_have_a_subtotal_of_their_own() -> None:
    lines = (
        Line("1", Decimal(10), (Criterion("order_rate", ALL),), dimension=Dimension("A", "业绩")),
        Line("2", Decimal(5), (Criterion("average_orders", ALL),)),
        Line("3", Decimal(20), (Criterion("plan_kept", ALL),), dimension=Dimension("A", "业绩")),
    )
    card = scorecard(lines, FULL)
    assert [(one.dimension, len(one.lines), one.defined) for one in card.dimensions] == [
        (Dimension("A", "业绩"), 2, 30),
        (None, 1, 5),
    ]
