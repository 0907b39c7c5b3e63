"""The rules of the figures, one circumstance at a time."""

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from domain.kernel.values import Month, Ratio
from domain.kpi.scheme.versions import Parameters, Scheme, Version
from domain.kpi.subjects.facts import PostFact, TrialFact
from domain.planning.calendar import local_day
from tests.domain.kpi.counted import Figures, figures
from tests.domain.kpi.facts import newcomer, order

LIVE = date(2026, 6, 1)
LAST = date(2026, 6, 30)


def of(*people, by: date = LAST, **rules) -> Figures:
    return figures(people, by, Parameters(**rules))


@pytest.mark.parametrize(
    ("days", "last_day"), [(28, "2023-02-27"), (30, "2023-03-01"), (31, "2023-03-02")]
)
def test_the_window_counts_the_go_live_as_day_one(days: int, last_day: str) -> None:
    who = newcomer(live=date(2023, 1, 31), entered_on=date(2023, 1, 1))
    got = of(who, by=date(2023, 12, 31), window_days=days)
    assert got.final_on == date.fromisoformat(last_day)


def test_g6_last_second_of_the_last_day_is_in_and_midnight_is_out() -> None:
    before = datetime(2026, 6, 30, 15, 59, 59, tzinfo=UTC)
    midnight = before + timedelta(seconds=1)
    for instant, counted in ((before, 1), (midnight, 0)):
        closed_on = local_day(instant, "Asia/Shanghai")
        got = of(newcomer(orders=(order(closed_on),)), by=date(2026, 7, 31))
        assert got.order_rate == Ratio(counted, 1)


def test_an_order_before_the_go_live_does_not_count() -> None:
    got = of(newcomer(orders=(order(date(2026, 5, 31)),)))
    assert got.average_orders == Ratio(0, 1)


def test_an_order_after_the_day_has_not_happened() -> None:
    who = newcomer(orders=(order(date(2026, 6, 11)),))
    assert of(who, by=date(2026, 6, 10)).order_rate == Ratio(0, 1)
    assert of(who, by=date(2026, 6, 11)).order_rate == Ratio(1, 1)


@pytest.mark.parametrize("taken", ["voided_on", "reassigned_on"])
def test_an_order_counts_until_it_is_taken_away(taken: str) -> None:
    who = newcomer(orders=(order(date(2026, 6, 5), **{taken: date(2026, 7, 10)}),))
    assert of(who, by=date(2026, 7, 9)).order_rate == Ratio(1, 1)
    assert of(who, by=date(2026, 7, 10)).order_rate == Ratio(0, 1)


def test_g7_leaving_after_the_window_matters_only_at_report_time() -> None:
    who = newcomer(left_on=date(2026, 7, 2), orders=(order(date(2026, 6, 10)),))
    report = date(2026, 7, 5)
    assert of(who, by=report).order_rate == Ratio(1, 1)
    assert of(who, by=report).employed == 1
    assert of(who, by=report, leaver_cutoff="report_time").order_rate == Ratio(0, 1)
    assert of(who, by=report, leaver_cutoff="report_time").employed == 0
    assert of(who, by=date(2026, 7, 1), leaver_cutoff="report_time").employed == 1


def test_a_leaver_on_the_last_day_of_the_window_is_out() -> None:
    who = newcomer(left_on=LAST, orders=(order(LAST),))
    got = of(who)
    assert (got.order_rate, got.average_orders) == (Ratio(0, 1), Ratio(1, 1))


def test_a_leaving_after_the_day_has_not_happened() -> None:
    who = newcomer(left_on=date(2026, 6, 20), orders=(order(date(2026, 6, 5)),))
    assert of(who, by=date(2026, 6, 19)).employed == 1
    assert of(who, by=date(2026, 6, 20)).employed == 0


def test_the_window_is_closed_on_the_evening_of_its_last_day() -> None:
    who = newcomer(orders=(order(LIVE),))
    eve = of(who, by=LAST - timedelta(days=1))
    assert (eve.is_final, eve.floor, eve.ceiling) == (False, Ratio(0, 1), Ratio(1, 1))
    last = of(who, by=LAST)
    assert (last.is_final, last.floor, last.ceiling) == (True, Ratio(1, 1), Ratio(1, 1))
    between = [got.evaluated.figures["order_rate"].bounds for got in (eve, last)]
    assert between == [(Ratio(0, 1), Ratio(1, 1)), None]


def test_a_leaver_in_an_open_window_can_no_longer_order() -> None:
    who = newcomer(left_on=date(2026, 6, 5))
    assert of(who, by=date(2026, 6, 10)).ceiling == Ratio(0, 1)


def test_special_posts_are_in_no_figure() -> None:
    got = of(newcomer(1), newcomer(2, post="customer_service"))
    assert (got.entered, got.went_live) == (1, 1)


def test_who_went_live_in_sales_is_a_newcomer_whatever_the_post_was_before_and_is_later() -> None:
    to_sales = PostFact(LIVE, "sales", 8)
    away = PostFact(LIVE + timedelta(days=1), "customer_service", 9)
    got = of(
        newcomer(1, posts=(away,)),
        newcomer(2, post="customer_service", posts=(to_sales, away)),
        newcomer(3, posts=(replace(away, on=LIVE),)),
        newcomer(4, post="customer_service", posts=(replace(to_sales, on=away.on),)),
    )
    assert (got.entered, got.went_live) == (2, 2)


def test_going_live_again_on_a_special_post_takes_nobody_out_of_a_figure() -> None:
    away = PostFact(LIVE + timedelta(days=1), "customer_service", 9)
    who = newcomer(again=LIVE + timedelta(days=2), posts=(away,))
    for regolive in ("first", "latest"):
        got = of(who, regolive=regolive)
        assert (got.entered, got.went_live) == (1, 1)


def test_who_is_not_live_is_a_newcomer_by_the_post_of_the_evening_or_the_last_day() -> None:
    away = PostFact(LIVE, "customer_service", 9)
    who = newcomer(live=None, posts=(away,))
    assert [of(who, by=LIVE - timedelta(days=n)).entered for n in (1, 0)] == [1, 0]
    left = newcomer(live=None, posts=(away,), left_on=LIVE - timedelta(days=1))
    assert of(left).entered == 1


def test_who_has_not_entered_by_the_day_is_nobody_yet() -> None:
    assert of(newcomer(live=None), by=date(2026, 5, 17)).entered == 0
    assert of(newcomer(live=None), by=date(2026, 5, 18)).entered == 1


def test_trials_pass_over_verdicts_and_over_all_who_entered() -> None:
    on = date(2026, 5, 25)
    people = [newcomer(n, live=None, trials=(TrialFact(on, n <= 15, n),)) for n in range(1, 19)]
    people += [newcomer(n, live=None) for n in (19, 20)]
    got = of(*people)
    assert got.trial_pass_rate == Ratio(15, 18)
    assert got.trial_pass_rate_of_entered == Ratio(15, 20)
    assert of(*people, by=on - timedelta(days=1)).trial_pass_rate == Ratio(0, 0)


def test_g20_a_second_go_live_restarts_the_window_only_if_the_scheme_says_so() -> None:
    who = newcomer(again=date(2026, 8, 1), orders=(order(date(2026, 8, 10)),))
    by = date(2026, 8, 31)
    assert of(who, by=by).order_rate == Ratio(0, 1)
    assert of(who, by=by).final_on == LAST
    latest = of(who, by=by, regolive="latest")
    assert (latest.order_rate, latest.final_on) == (Ratio(1, 1), date(2026, 8, 30))
    before = of(who, by=date(2026, 7, 31), regolive="latest")
    assert (before.order_rate, before.final_on) == (Ratio(0, 1), LAST)


def test_each_newcomer_is_scored_by_the_version_of_its_month() -> None:
    scheme = Scheme((Version(1, Month(2026, 7), Parameters(window_days=60, rounding="half_up")),))
    june = newcomer(1, live=date(2026, 6, 15), orders=(order(date(2026, 7, 20)),))
    july = newcomer(2, live=date(2026, 7, 1), orders=(order(date(2026, 8, 20)),))
    got = figures([june, july], date(2026, 12, 31), scheme)
    assert got.order_rate == Ratio(1, 2)
    assert (got.versions, got.rounding) == ((0, 1), "half_up")
    assert figures([june], date(2026, 12, 31), scheme).rounding == "truncate"


def test_nobody_live_is_shown_by_the_rules_of_the_day() -> None:
    got = of(rounding="half_up")
    assert (got.order_rate.value, got.is_final, got.final_on) == (None, False, None)
    assert got.rounding == "half_up"
