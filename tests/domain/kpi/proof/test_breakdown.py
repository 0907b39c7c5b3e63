"""Every figure of the catalog opens to lines that add up to it."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from domain.kpi.catalog import BY_SLUG, CATALOG
from domain.kpi.evaluation import evaluate
from domain.kpi.evidence import Basis, Evidence
from domain.kpi.proof.breakdown import break_down
from domain.kpi.scheme.versions import Parameters
from domain.kpi.subjects.newcomer import Newcomer
from tests import source_batch
from tests.adding_up import Recomputed, recompute
from tests.domain.kpi.facts import always, newcomer, order
from tests.domain.kpi.logs import folded, lives, log_of
from tests.domain.kpi.test_figures_properties import days, groups, rules
from tests.steps import Step

SOURCE = Evidence(source_batch.batch(), source_batch.classes())


@given(groups, days, rules)
def test_the_lines_of_newcomers_add_up_to_every_figure(
    group: list[Newcomer], today: date, scheme: Parameters
) -> None:
    evidence = Evidence(group, scheme=always(scheme))
    found = evaluate(CATALOG, Basis(evidence, today)).figures
    for kpi in CATALOG:
        figure = found[kpi.slug]
        opened = recompute(break_down(kpi, Basis(evidence, today)))
        assert opened == Recomputed(figure.ratio, figure.floor, figure.ceiling), kpi.slug


@given(st.dates(date(2026, 5, 1), date(2026, 7, 31)), rules)
def test_the_lines_of_classes_add_up_to_every_figure(today: date, scheme: Parameters) -> None:
    evidence = Evidence((), source_batch.classes(), always(scheme))
    found = evaluate(CATALOG, Basis(evidence, today)).figures
    for kpi in CATALOG:
        figure = found[kpi.slug]
        opened = recompute(break_down(kpi, Basis(evidence, today)))
        assert opened == Recomputed(figure.ratio, figure.floor, figure.ceiling), kpi.slug


@given(groups, days, rules)
def test_floor_figure_and_ceiling_of_one_denominator_are_in_order(
    group: list[Newcomer], today: date, scheme: Parameters
) -> None:
    found = evaluate(CATALOG, Basis(Evidence(group, scheme=always(scheme)), today)).figures
    for figure in found.values():
        for low, high in ((figure.floor, figure.ratio), (figure.ratio, figure.ceiling)):
            if low and high and low.denominator == high.denominator:
                assert low.numerator <= high.numerator, figure.slug


@given(lives, days, rules)
def test_every_line_of_every_figure_reaches_its_events(
    history: list[Step], today: date, scheme: Parameters
) -> None:
    people = list(folded(log_of(history)).values())
    evidence = Evidence(people, source_batch.classes(), always(scheme))
    for kpi in CATALOG:
        for line in break_down(kpi, Basis(evidence, today)).lines:
            assert line.positions, (kpi.slug, line.rule)
            assert min(line.positions) > 0, (kpi.slug, line.rule)


def test_who_does_not_count_says_why() -> None:
    opened = break_down(BY_SLUG["order_rate"], Basis(SOURCE, source_batch.AS_OF))
    assert len(opened.counted) == 12
    assert [line.rule for line in opened.not_counted] == [
        *["no_order_in_window"] * 3,
        *["left_before_cutoff"] * 3,
    ]
    assert all(line.positions for line in opened.lines)


def test_who_adds_less_than_could_be_counts_and_says_why_not_more() -> None:
    early, late = order(date(2026, 6, 3)), order(date(2026, 6, 20), "B")
    sellers = Evidence((newcomer(1, orders=(early, late)), newcomer(2, orders=(late,))))
    opened = break_down(BY_SLUG["orders_in_first_week"], Basis(sellers, date(2026, 7, 31)))
    (half,), (nothing,) = opened.counted, opened.not_counted
    assert (half.numerator, half.denominator) == (1, 2)
    assert (nothing.numerator, nothing.denominator) == (0, 1)
    assert half.rule == nothing.rule == "ordered_after_first_week"


def test_a_class_that_does_not_count_says_why() -> None:
    kept = break_down(BY_SLUG["plan_kept"], Basis(SOURCE, source_batch.AS_OF))
    assert [line.rule for line in kept.not_counted] == ["moved"]
    opened = break_down(BY_SLUG["class_opened_on_time"], Basis(SOURCE, source_batch.AS_OF))
    assert [(line.label, line.rule, line.trainee_id) for line in opened.not_counted] == [
        ("K3", "opened_late", None)
    ]


def test_what_nobody_records_has_no_line_and_no_figure() -> None:
    opened = break_down(BY_SLUG["attendance_rate"], Basis(SOURCE, source_batch.AS_OF))
    assert opened.lines == ()
    assert recompute(opened).ratio.value is None
