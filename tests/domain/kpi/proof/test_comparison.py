"""Two moments side by side: who moved adds up to the difference, and a draft changes only what it
says."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.errors import Refusal
from domain.kernel.values import Month, Ratio
from domain.kpi.catalog import BY_SLUG, CATALOG
from domain.kpi.evaluation import evaluate
from domain.kpi.evidence import Basis, Evidence
from domain.kpi.group import EVERYBODY, Group
from domain.kpi.proof.comparison import Comparison, compare, scored
from domain.kpi.scheme.draft import Draft, StatedParameters
from domain.kpi.scheme.lines import Criterion, Line
from domain.kpi.scheme.versions import CHOICES, HEAD_OFFICE, Parameters, Scheme, Version
from domain.kpi.subjects.newcomer import Newcomer
from tests import source_batch
from tests.domain.kpi.facts import always
from tests.domain.kpi.test_figures_properties import days, groups, rules

PARAMETERS = Parameters.__struct_fields__
JUNE = Month(2026, 6)
SOURCE = Basis(Evidence(source_batch.batch(), source_batch.classes()), source_batch.AS_OF)
"""The source's own batch: 12/18 and 21/18."""

within = st.sampled_from((EVERYBODY, Group(month=Month(2026, 2)), Group(cohort="C1")))
drafts = st.builds(
    Draft.of,
    window_days=st.none() | st.integers(min_value=1, max_value=90),
    **{name: st.none() | st.sampled_from(choices) for name, choices in CHOICES.items()},
)


def moment(newcomers: list[Newcomer], day: date, scheme: Parameters, group: Group) -> Basis:
    return Basis(Evidence(newcomers, source_batch.classes(), always(scheme)), day, group)


def check_sums(found: Comparison) -> None:
    for kpi in CATALOG:
        was, now = found.before.figures[kpi.slug].ratio, found.after.figures[kpi.slug].ratio
        added = found.moved[kpi.slug]
        assert sum(one.numerator for one in added) == now.numerator - was.numerator, kpi.slug
        assert sum(one.denominator for one in added) == now.denominator - was.denominator, kpi.slug


@given(groups, groups, days, days, rules, rules, within, within)
def test_who_moved_adds_up_to_the_difference_of_every_figure(
    known: list[Newcomer],
    known_later: list[Newcomer],
    day: date,
    later: date,
    scheme: Parameters,
    other: Parameters,
    group: Group,
    other_group: Group,
) -> None:
    before, after = (
        moment(known, day, scheme, group),
        moment(known_later, later, other, other_group),
    )
    check_sums(compare(CATALOG, before, after))


@given(groups, days, rules, drafts, within)
def test_a_draft_gives_the_figures_of_a_scheme_that_says_so(
    known: list[Newcomer], day: date, scheme: Parameters, draft: Draft, group: Group
) -> None:
    before = moment(known, day, scheme, group)
    found = compare(CATALOG, before, draft.applied(before))
    check_sums(found)
    stated = {field: draft.stated.get(field, getattr(scheme, field)) for field in PARAMETERS}
    said = moment(known, day, Parameters(**stated), group)
    assert found.after == evaluate(CATALOG, said)


@given(groups, days, rules, within)
def test_nobody_moves_where_nothing_differs(
    known: list[Newcomer], day: date, scheme: Parameters, group: Group
) -> None:
    before = moment(known, day, scheme, group)
    found = compare(CATALOG, before, Draft().applied(before))
    assert found.after == found.before
    assert not any(found.moved.values())


def told(found: Comparison, slug: str) -> list[tuple[str, int, int]]:
    return [(one.label, one.numerator, one.denominator) for one in found.moved[slug]]


def test_the_leaver_who_ordered_moves_where_leavers_are_counted() -> None:
    found = compare(CATALOG, SOURCE, Draft.of(leaver_rule="counted").applied(SOURCE))
    assert found.before.figures["order_rate"].ratio == Ratio(12, 18)
    assert found.after.figures["order_rate"].ratio == Ratio(13, 18)
    assert told(found, "order_rate") == [("T16", 1, 0)]
    (leaver,) = found.moved["order_rate"]
    assert leaver.before and leaver.before.rule == "left_before_cutoff"
    assert leaver.after and leaver.after.rule is None


def test_the_three_leavers_move_where_only_the_employed_are_counted() -> None:
    found = compare(CATALOG, SOURCE, Draft.of(denominator="employed").applied(SOURCE))
    assert found.after.figures["order_rate"].ratio == Ratio(12, 15)
    assert told(found, "order_rate") == [("T16", 0, -1), ("T17", 0, -1), ("T18", 0, -1)]
    assert all(one.after is None for one in found.moved["order_rate"])


def test_a_later_day_says_who_came_in() -> None:
    before = Basis(SOURCE.evidence, date(2026, 5, 31))
    found = compare([BY_SLUG["went_live"]], before, SOURCE)
    assert [one.numerator for one in found.moved["went_live"]] == [1] * 18
    assert {one.before and one.before.rule for one in found.moved["went_live"]} == {"not_live"}


def test_a_draft_keeps_what_each_version_says_of_everything_else() -> None:
    scheme = Scheme(
        (
            Version(1, JUNE, Parameters(window_days=45)),
            Version(
                2, JUNE.next(), Parameters(rounding="half_up"), (), HEAD_OFFICE, mandatory=True
            ),
        )
    )
    drafted = Draft.of(leaver_rule="counted").over(scheme)
    assert drafted.in_force(Month(2026, 5)).parameters == Parameters(leaver_rule="counted")
    assert drafted.in_force(JUNE).parameters == Parameters(window_days=45, leaver_rule="counted")
    later = drafted.in_force(Month(2027, 1))
    assert later.parameters == Parameters(rounding="half_up", leaver_rule="counted")
    assert (later.number, later.mandatory, later.lines) == (2, True, ())


def test_scorecards_stand_side_by_side_where_weights_and_targets_are_drafted() -> None:
    line = Line("1.1", Decimal(40), (Criterion("order_rate", Ratio(2, 3)),))
    before, after = scored(SOURCE), scored(Draft(lines=(line,)).applied(SOURCE))
    assert (before.defined, before.earned) == (Decimal(65), Fraction(10))
    assert (after.defined, after.earned) == (Decimal(40), Fraction(40))


def test_a_draft_states_every_parameter_and_the_lines() -> None:
    assert StatedParameters.__struct_fields__ == PARAMETERS
    assert Draft.__struct_fields__ == ("parameters", "lines")


def test_refuses_a_draft_that_could_not_be_published() -> None:
    with pytest.raises(Refusal) as refused:
        Draft.of(window_days=0)
    assert refused.value.code == "window_days_invalid"
    with pytest.raises(Refusal) as refused:
        Draft(lines=(Line("1.1", Decimal(101), (Criterion("order_rate"),)),))
    assert refused.value.code == "weight_invalid"
