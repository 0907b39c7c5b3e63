"""Every figure of the catalog opens to lines that add up to it."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from domain.kpi.catalog import BY_SLUG, CATALOG, measures
from domain.kpi.proof import example
from domain.kpi.proof.opened import Recomputed, open_kpi
from domain.kpi.scheme.versions import Parameters
from domain.kpi.subjects.classes import class_figures, class_standings
from domain.kpi.subjects.figures import figures, standings
from domain.kpi.subjects.newcomer import Newcomer
from domain.kpi.subjects.window import Windows
from tests.domain.kpi.test_figures_properties import days, groups, rules

NEWCOMERS = [kpi for kpi in CATALOG if kpi.subject == "newcomers"]
CLASSES = [kpi for kpi in CATALOG if kpi.subject == "classes"]


@given(groups, days, rules)
def test_the_lines_of_newcomers_add_up_to_every_figure(
    group: list[Newcomer], today: date, scheme: Parameters
) -> None:
    got = figures(group, today, scheme, measures(NEWCOMERS))
    standing = standings(group, Windows(scheme, today))
    for kpi in NEWCOMERS:
        figure = kpi.figure(got)
        opened = open_kpi(kpi, standing).recompute()
        assert opened == Recomputed(figure.ratio, figure.floor, figure.ceiling), kpi.slug


@given(st.dates(date(2026, 5, 1), date(2026, 7, 31)), rules)
def test_the_lines_of_classes_add_up_to_every_figure(today: date, scheme: Parameters) -> None:
    standing = class_standings(example.classes(), today, scheme)
    got = class_figures(standing, today, scheme, measures(CLASSES))
    for kpi in CLASSES:
        figure = kpi.figure(got)
        opened = open_kpi(kpi, standing).recompute()
        assert opened == Recomputed(figure.ratio, figure.floor, figure.ceiling), kpi.slug


@given(groups, days, rules)
def test_floor_figure_and_ceiling_of_one_denominator_are_in_order(
    group: list[Newcomer], today: date, scheme: Parameters
) -> None:
    got = figures(group, today, scheme, measures(NEWCOMERS))
    for kpi in NEWCOMERS:
        figure = kpi.figure(got)
        for low, high in ((figure.floor, figure.ratio), (figure.ratio, figure.ceiling)):
            if low and high and low.denominator == high.denominator:
                assert low.numerator <= high.numerator, kpi.slug


def test_who_does_not_count_says_why() -> None:
    standing = standings(example.batch(), Windows(Parameters(), example.AS_OF))
    opened = open_kpi(BY_SLUG["order_rate"], standing)
    assert len(opened.counted) == 12
    assert [line.rule for line in opened.not_counted] == [
        *["no_order_in_window"] * 3,
        *["left_before_cutoff"] * 3,
    ]
    assert all(line.positions for line in opened.lines)


def test_a_class_that_does_not_count_says_why() -> None:
    standing = class_standings(example.classes(), example.AS_OF, Parameters())
    assert [line.rule for line in open_kpi(BY_SLUG["plan_kept"], standing).not_counted] == ["moved"]
    late = open_kpi(BY_SLUG["class_opened_on_time"], standing).not_counted
    assert [(line.label, line.rule, line.trainee_id) for line in late] == [
        ("K3", "opened_late", None)
    ]


def test_what_nobody_records_has_no_line_and_no_figure() -> None:
    opened = open_kpi(BY_SLUG["attendance_rate"], [])
    assert opened.lines == ()
    assert opened.recompute().ratio.value is None
