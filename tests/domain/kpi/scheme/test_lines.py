"""The lines of the scheme: what cannot be, and what is left open."""

from decimal import Decimal
from typing import Any

import pytest

from domain.kernel.errors import Refusal
from domain.kernel.values import Ratio
from domain.kpi.catalog import UNITS
from domain.kpi.rounding import Unit
from domain.kpi.scheme.channel_trainer import CHANNEL_TRAINER
from domain.kpi.scheme.lines import Criterion, Dimension, Line, check_lines, defined

KPIS: dict[str, Unit] = {"order_rate": "percent", "average_orders": "per_person"}
RATE, AVERAGE = Criterion("order_rate"), Criterion("average_orders")


def line(code: str = "1", weight: str = "10", *criteria: Criterion, **more: Any) -> Line:
    return Line(code, Decimal(weight), criteria or (RATE,), **more)


def split(*weights: str | None) -> tuple[Criterion, ...]:
    kpis = ("order_rate", "average_orders")
    return tuple(
        Criterion(kpi, weight=None if weight is None else Decimal(weight))
        for kpi, weight in zip(kpis, weights, strict=True)
    )


def test_the_source_defines_65_of_100() -> None:
    assert defined(CHANNEL_TRAINER) == 65
    assert [(each.code, int(each.weight)) for each in CHANNEL_TRAINER] == [
        ("1.1", 15),
        ("1.2", 15),
        ("2.1", 10),
        ("2.2", 15),
        ("2.3", 10),
    ]


def test_the_targets_that_the_source_left_blank_are_not_set() -> None:
    unset = [c.kpi for each in CHANNEL_TRAINER for c in each.criteria if c.target is None]
    assert unset == ["order_rate", "average_orders"]


def test_the_lines_of_the_source_name_kpis_of_the_catalog() -> None:
    check_lines(CHANNEL_TRAINER, UNITS)


@pytest.mark.parametrize(
    ("refused_line", "code"),
    [
        (line(" "), "scheme_line_without_code"),
        (Line("1", Decimal(10), ()), "scheme_line_without_measure"),
        (line("1", "0"), "weight_invalid"),
        (line("1", "100.01"), "weight_invalid"),
        (line("1", "1.005"), "weight_invalid"),
        (line("1", "1e-9999999"), "weight_invalid"),
        (line("1", "nan"), "weight_invalid"),
        (line(scoring="some_met"), "scoring_unknown"),
        (line("1", "10", Criterion("luck")), "kpi_unknown"),
        (line("1", "10", RATE, RATE), "scheme_kpi_twice"),
        (line("1", "10", *split("4", "6")), "split_not_asked"),
        (line("1", "10", *split("4", "5"), scoring="split"), "split_incomplete"),
        (line("1", "10", *split("10", None), scoring="split"), "split_incomplete"),
        (line("1", "10", *split("0", "10"), scoring="split"), "weight_invalid"),
        (line("1", "10", Criterion("order_rate", Ratio(1, 0))), "target_invalid"),
        (line("1", "10", Criterion("order_rate", Ratio(-1, 2))), "target_invalid"),
        (line("1", "10", Criterion("order_rate", Ratio(80, 1))), "target_over_whole"),
        (line("1", "10", Criterion("order_rate", Ratio(101, 100))), "target_over_whole"),
    ],
)
def test_refuses_a_line_that_means_nothing(refused_line: Line, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_lines((line("9"), refused_line), KPIS)
    assert refused.value.code == code


def test_a_split_may_be_asked_for_before_anybody_said_how() -> None:
    assert line("1", "10", RATE, AVERAGE, scoring="split").lacks_split
    assert not line("1", "10", *split("2.5", "7.5"), scoring="split").lacks_split
    assert not line("1", "10", RATE, AVERAGE).lacks_split


@pytest.mark.parametrize(
    ("lines", "refusal"),
    [
        ((), Refusal("scheme_without_lines")),
        ((line("1"), line("1")), Refusal("scheme_line_twice", line="1")),
        (
            (line("1", "60"), line("2", "40.01")),
            Refusal("scheme_over_100", weight=Decimal("100.01")),
        ),
    ],
)
def test_refuses_lines_that_do_not_go_together(lines: tuple[Line, ...], refusal: Refusal) -> None:
    with pytest.raises(Refusal) as refused:
        check_lines(lines, KPIS)
    assert refused.value == refusal


def test_all_of_a_share_may_be_asked_for_and_more_than_one_of_what_is_no_share() -> None:
    check_lines((line("1", "10", Criterion("order_rate", Ratio(1, 1))),), KPIS)
    check_lines((line("1", "10", Criterion("average_orders", Ratio(80, 1))),), KPIS)


def test_lines_may_fill_100_and_need_not() -> None:
    check_lines((line("1", "60"), line("2", "40")), KPIS)
    check_lines((line("1", "0.01"),), KPIS)


@pytest.mark.parametrize(
    ("dimensions", "code"),
    [
        pytest.param(
            (Dimension("A", "业绩"), Dimension("A", "工作")),
            "scheme_dimension_differs",
            id="two names for one code",
        ),
        pytest.param(
            (Dimension(" "), None), "scheme_dimension_without_code", id="a code of blanks"
        ),
    ],
)
def test_refuses_dimensions_that_nobody_can_tell_apart(
    dimensions: tuple[Dimension | None, ...], code: str
) -> None:
    lines = [line(str(n), dimension=one) for n, one in enumerate(dimensions)]
    with pytest.raises(Refusal) as refused:
        check_lines(lines, KPIS)
    assert refused.value.code == code
