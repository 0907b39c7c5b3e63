"""The expected final order rate: worked by hand, in general, and against known chances."""

from datetime import date, timedelta
from fractions import Fraction
from random import Random
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.kernel.values import Month, Ratio
from domain.kpi.scheme.versions import CHOICES, Parameters, Scheme, Version
from domain.kpi.statistics.forecast import FEWEST_BATCHES, LEVEL, Forecast
from domain.kpi.subjects.newcomer import Newcomer
from tests.domain.kpi.counted import figures, forecast
from tests.domain.kpi.facts import START, from_people, newcomer, order, random_people, windows_on
from tests.domain.kpi.reference_forecast import reference_forecast
from tests.domain.kpi.simulated import batches
from tests.domain.kpi.test_figures_properties import days, rules

DEFAULTS = Parameters()
LIVE = date(2026, 6, 1)
TODAY = date(2026, 6, 10)
"""Day 10 of the group's windows."""


def small_batches(number: int) -> list[Newcomer]:
    """Of four live on the first of a month, two order on day 20; nobody leaves."""
    return [
        newcomer(
            10 * k + n,
            live=date(2026, k + 1, 1),
            orders=(order(date(2026, k + 1, 20), f"{k}-{n}"),) if n < 2 else (),
            cohort_code=f"B{k}",
        )
        for k in range(number)
        for n in range(4)
    ]


def small_group() -> list[Newcomer]:
    return [newcomer(100 + n, live=LIVE, cohort_code="B9") for n in range(4)]


def mixed(random: Random) -> list[Newcomer]:
    """Random histories, likely and unlikely ones, in eight batches."""
    people = from_people(random_people(random, most=40))
    return [replace(who, cohort_code=f"B{random.randrange(8)}") for who in people]


of_all_live = rules.map(lambda scheme: replace(scheme, denominator="went_live"))
tenants = st.randoms(use_true_random=False).map(mixed)


def test_five_batches_alike_worked_by_hand() -> None:
    """Who made it waited on 19 of the 29 days before the last, the others on all 29."""
    group = small_group()
    usual, usual_of_four = Fraction(2 * 190 + 1, 2 * 481), Fraction(2 * 152 + 1, 2 * 385)
    assert forecast(group, [*small_batches(5), *group], TODAY, DEFAULTS) == Forecast(
        expected=(10 + usual) / 21,
        low=Ratio(1, 4),
        high=Ratio(2, 4),
        level=LEVEL,
        batches=5,
        mean_absolute_error=abs(Fraction(1, 2) - (8 + usual_of_four) / 17),
        coverage=Ratio(5, 5),
    )


def test_batches_that_differ_by_more_than_chance_widen_the_interval() -> None:
    group = small_group()
    unlike = [
        replace(who, orders=(order(date(2026, int(who.cohort_code[1:]) + 1, 20), who.trainee_id),))
        if who.cohort_code == "B4"
        else who
        for who in small_batches(5)
    ]
    alike = forecast(group, [*small_batches(5), *group], TODAY, DEFAULTS)
    got = forecast(group, [*unlike, *group], TODAY, DEFAULTS)
    assert alike is not None and got is not None
    assert got.high.numerator - got.low.numerator > alike.high.numerator - alike.low.numerator
    assert got.mean_absolute_error > alike.mean_absolute_error


def test_nothing_with_four_matured_batches() -> None:
    group = small_group()
    assert forecast(group, [*small_batches(4), *group], TODAY, DEFAULTS) is None


def test_nothing_before_the_fifth_has_matured() -> None:
    everybody = small_batches(5)
    closing = date(2026, 5, 30)
    assert forecast(everybody, everybody, closing, DEFAULTS) is not None
    assert forecast(everybody, everybody, closing - timedelta(days=1), DEFAULTS) is None


def test_nothing_where_nobody_went_live() -> None:
    nobody = [newcomer(100, live=None, cohort_code="B9")]
    assert forecast(nobody, [*small_batches(5), *nobody], TODAY, DEFAULTS) is None
    assert forecast([], small_batches(5), TODAY, DEFAULTS) is None


@pytest.mark.parametrize("effective_from", ["2026-06", "2026-03"])
def test_nothing_from_windows_of_another_length(effective_from: str) -> None:
    """Of the group's length there are no batches, or only those of March, April and May."""
    longer = Version(1, Month.parse(effective_from), Parameters(window_days=20))
    group = small_group()
    everybody = [*small_batches(5), *group]
    assert forecast(group, everybody, TODAY, Scheme((longer,))) is None
    always = forecast(group, everybody, TODAY, longer.parameters)
    assert always is not None and always.batches == 5


def test_nothing_for_a_group_with_open_windows_of_two_lengths() -> None:
    shorter = Version(1, Month.parse("2026-06"), Parameters(window_days=20))
    group = [*small_group(), newcomer(200, live=date(2026, 5, 25), cohort_code="B9")]
    assert forecast(group, [*small_batches(5), *group], TODAY, Scheme((shorter,))) is None


def test_nothing_where_leavers_are_not_in_the_denominator() -> None:
    group = small_group()
    of_employed = Parameters(denominator="employed")
    assert forecast(group, [*small_batches(5), *group], TODAY, of_employed) is None


@given(tenants, days, of_all_live, st.integers(min_value=1, max_value=8))
def test_it_lies_between_floor_and_ceiling(
    tenant: list[Newcomer], today: date, scheme: Parameters, part: int
) -> None:
    group = tenant[::part]
    got = forecast(group, tenant, today, scheme)
    if got is None:
        return
    now = figures(group, today, scheme)
    assert got.low.denominator == got.high.denominator == now.went_live
    low, high = (Fraction(end.numerator, end.denominator) for end in (got.low, got.high))
    assert low <= got.expected <= high
    assert now.floor.numerator <= got.low.numerator
    assert got.high.numerator <= now.ceiling.numerator
    assert got.batches >= FEWEST_BATCHES
    assert got.coverage.denominator == got.batches
    assert 0 <= got.mean_absolute_error <= 1


@given(tenants, days, of_all_live)
def test_there_is_none_unless_five_batches_have_matured(
    tenant: list[Newcomer], today: date, scheme: Parameters
) -> None:
    open_ones, live_ones = set(), set()
    windows = windows_on(scheme, today)
    for who in tenant:
        if window := windows.of(who):
            live_ones.add(who.cohort_code)
            if not window.is_final:
                open_ones.add(who.cohort_code)
    matured = len(live_ones - open_ones)
    got = forecast(tenant, tenant, today, scheme)
    if got is None:
        assert matured < FEWEST_BATCHES or open_ones
    else:
        assert FEWEST_BATCHES <= got.batches <= matured


@given(tenants, of_all_live)
def test_a_final_group_has_exactly_its_figure(tenant: list[Newcomer], scheme: Parameters) -> None:
    closed = START + timedelta(days=400)
    now = figures(tenant, closed, scheme)
    got = forecast(tenant, tenant, closed, scheme)
    if got is not None:
        assert got.expected == Fraction(now.order_rate.numerator, now.went_live)
        assert got.low == got.high == now.order_rate
        assert got.mean_absolute_error == 0
        assert got.coverage == Ratio(got.batches, got.batches)


@given(tenants, days, of_all_live, st.randoms(use_true_random=False))
def test_the_order_of_people_and_what_comes_later_change_nothing(
    tenant: list[Newcomer], today: date, scheme: Parameters, random: Random
) -> None:
    tomorrow = today + timedelta(days=1)
    later = [
        replace(
            who,
            orders=(*who.orders, order(tomorrow, f"later-{who.trainee_id}")),
            left_on=who.left_on if who.left_on and who.left_on <= today else tomorrow,
        )
        for who in random.sample(tenant, len(tenant))
    ]
    assert forecast(later, later, today, scheme) == forecast(tenant, tenant, today, scheme)


def test_agrees_with_a_second_implementation() -> None:
    random = Random(20260610)
    found = 0
    for _ in range(30):
        leaver_rule = random.choice(CHOICES["leaver_rule"])
        scheme = Parameters(window_days=random.randrange(2, 12), leaver_rule=leaver_rule)
        tenant = batches(random, START, 9, people=5, order_chance=0.08, leave_chance=0.03, spread=1)
        tenant = [_staggered(who, random.randrange(4)) for who in tenant]
        today = START + timedelta(days=random.randrange(70, 125))
        group = [who for who in tenant if who.cohort_code >= f"B{random.randrange(9):03d}"]
        got = forecast(group, tenant, today, scheme)
        expected = reference_forecast(group, tenant, today, scheme)
        assert (got is None) is (expected is None)
        if got is not None and expected is not None:
            found += 1
            for name, value in expected.items():
                mine = getattr(got, name)
                mine = mine.value if isinstance(mine, Ratio) else mine
                assert float(mine) == pytest.approx(value, abs=1e-9), name
    assert found > 15


def _staggered(who: Newcomer, days: int) -> Newcomer:
    (live,) = who.lives
    return replace(who, lives=(replace(live, on=live.on + timedelta(days=days)),))


@pytest.mark.parametrize("spread", [0.0, 0.5], ids=["batches alike", "batches that differ"])
@pytest.mark.parametrize("day", [5, 15])
def test_it_is_calibrated_where_the_chances_are_known(day: int, spread: float) -> None:
    """In 60 simulated tenants: the last of 13 batches, of which ten or more have matured."""
    errors, stated, held, coverages = [], [], [], []
    today = LIVE + timedelta(days=12 * 14 + day - 1)
    for seed in range(60):
        tenant = batches(Random(seed), LIVE, 13, spread=spread)
        group = [who for who in tenant if who.cohort_code == "B012"]
        got = forecast(group, tenant, today, DEFAULTS)
        assert got is not None and got.batches >= 10
        end = figures(group, today + timedelta(days=60), DEFAULTS)
        errors.append(float(got.expected) - float(end.order_rate.value or 0))
        stated.append(float(got.mean_absolute_error))
        held.append(got.low.numerator <= end.order_rate.numerator <= got.high.numerator)
        coverages.append(got.coverage.numerator / got.coverage.denominator)
    assert abs(mean(errors)) < 0.03
    assert mean(stated) == pytest.approx(mean(map(abs, errors)), abs=0.025)
    assert 0.7 <= mean(held) <= 0.95
    assert 0.7 <= mean(coverages) <= 0.95
