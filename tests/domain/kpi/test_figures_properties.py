"""What holds of every group of newcomers on every day."""

from datetime import date, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.kpi.scheme.versions import CHOICES, Parameters
from domain.kpi.subjects.newcomer import Newcomer
from tests.domain.kpi.counted import explain, figures
from tests.domain.kpi.facts import START, from_people, random_people, windows_on

groups = st.randoms(use_true_random=False).map(
    lambda random: from_people(random_people(random, most=6))
)
days = st.integers(min_value=0, max_value=240).map(lambda n: START + timedelta(days=n))
rules = st.builds(
    Parameters,
    window_days=st.integers(min_value=1, max_value=90),
    **{name: st.sampled_from(choices) for name, choices in CHOICES.items()},
)


@given(groups, days, rules)
def test_floor_current_and_ceiling_are_in_order(
    group: list[Newcomer], today: date, scheme: Parameters
) -> None:
    got = figures(group, today, scheme)
    could = got.ceiling.numerator
    assert got.floor.numerator <= got.ordered <= could
    assert could <= (got.employed if scheme.leaver_rule == "excluded" else got.went_live)
    assert got.employed <= got.went_live <= got.entered
    passed = got.trial_pass_rate.numerator
    assert got.trial_pass_rate_of_entered.numerator <= passed <= got.trial_pass_rate.denominator
    if got.is_final:
        assert got.floor == got.order_rate == got.ceiling


@given(groups, days, rules)
def test_nothing_is_final_while_a_window_is_open(
    group: list[Newcomer], today: date, scheme: Parameters
) -> None:
    windows = windows_on(scheme, today)
    live = [window for window in map(windows.of, group) if window]
    got = figures(group, today, scheme)
    assert got.is_final is (bool(live) and all(window.is_final for window in live))
    assert not (got.is_final and any(window.is_open for window in live))
    assert got.final_on == max((window.final_on for window in live), default=None)


@given(groups, days, rules)
def test_an_explanation_recomputes_to_its_figure(
    group: list[Newcomer], today: date, scheme: Parameters
) -> None:
    opened = explain(group, today, scheme)
    got = figures(group, today, scheme)
    assert len(opened.members) == got.went_live
    assert len(opened.members) + len(opened.in_training) == got.entered
    assert sum(line.numerator for line in opened.members) == got.ordered
    assert sum(line.denominator for line in opened.members) == got.order_rate.denominator
    assert sum(len(member.state.orders) for member in opened.members) == got.valid_orders
    assert len(opened.orders_counted) == got.valid_orders


@given(groups, days, rules)
def test_leavers_stay_among_those_who_went_live(
    group: list[Newcomer], today: date, scheme: Parameters
) -> None:
    scheme = replace(scheme, denominator="went_live")
    stayed = [replace(newcomer, left_on=None, left_position=None) for newcomer in group]
    with_leavers, without = figures(group, today, scheme), figures(stayed, today, scheme)
    assert with_leavers.went_live == without.went_live
    assert with_leavers.average_orders == without.average_orders
    assert with_leavers.ordered <= without.ordered


@given(groups, days, rules, st.randoms(use_true_random=False))
def test_the_order_of_facts_and_people_does_not_matter(
    group: list[Newcomer], today: date, scheme: Parameters, random: Random
) -> None:
    shuffled = [
        replace(
            newcomer,
            trials=tuple(random.sample(newcomer.trials, len(newcomer.trials))),
            lives=tuple(random.sample(newcomer.lives, len(newcomer.lives))),
            orders=tuple(random.sample(newcomer.orders, len(newcomer.orders))),
        )
        for newcomer in random.sample(group, len(group))
    ]
    assert figures(shuffled, today, scheme) == figures(group, today, scheme)


@given(groups, days, rules)
def test_what_happens_later_changes_nothing_today(
    group: list[Newcomer], today: date, scheme: Parameters
) -> None:
    known = [
        replace(
            newcomer,
            trials=tuple(trial for trial in newcomer.trials if trial.on <= today),
            lives=tuple(live for live in newcomer.lives if live.on <= today),
            orders=tuple(
                replace(
                    order,
                    voided_on=_until(order.voided_on, today),
                    reassigned_on=_until(order.reassigned_on, today),
                )
                for order in newcomer.orders
                if order.closed_on <= today
            ),
            left_on=_until(newcomer.left_on, today),
        )
        for newcomer in group
    ]
    assert figures(known, today, scheme) == figures(group, today, scheme)


@given(groups, rules)
def test_a_closed_figure_stands_when_leaving_is_judged_at_the_window_close(
    group: list[Newcomer], scheme: Parameters
) -> None:
    """Only a later void or reassignment may still change it, so these are left out."""
    scheme = replace(scheme, leaver_cutoff="window_close", regolive="first")
    lasting = [
        replace(
            newcomer,
            orders=tuple(
                replace(order, voided_on=None, reassigned_on=None) for order in newcomer.orders
            ),
        )
        for newcomer in group
        if newcomer.lives
    ]
    closed = START + timedelta(days=300)
    assert figures(lasting, closed, scheme).order_rate == (
        figures(lasting, closed + timedelta(days=365), scheme).order_rate
    )


def _until(on: date | None, today: date) -> date | None:
    return on if on is not None and on <= today else None
