"""The golden cases that are facts in and figures out, G1 to G7 and G11 to G15."""

import json
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from tests.oracle.asking import local_day
from tests.oracle.causes import causes
from tests.oracle.groups import Wanted
from tests.oracle.known import ZONE
from tests.oracle.kpis import (
    average_orders,
    missing_papers,
    order_rate,
    trial_pass_rate,
    trial_pass_rate_of_entered,
)
from tests.oracle.telling import Telling, counted
from tests.oracle.units import meets, shown, unit_of
from tests.place import FIGURES

CASES: dict[str, dict[str, Any]] = {
    case["id"]: case for case in json.loads(FIGURES.read_text())["cases"]
}
JUNE_1 = date(2026, 6, 1)


def june(day: int) -> date:
    return JUNE_1.replace(day=day)


def told(facts: list[dict[str, Any]], **rules: Any) -> Telling:
    """The people of a case; rules: those of its scheme that are not the default."""
    case = Telling(date(2022, 1, 1))
    case.tell("scheme published", date(2022, 1, 1), month="2022-01", rules=rules)
    for fact in facts:
        day = {name: date.fromisoformat(fact[name]) for name in DAYS if fact[name]}
        case.enrol(fact["trainee"], day["entered_on"])
        for kind, name in (("live", "went_live_on"), ("left", "left_on")):
            if name in day:
                case.tell(kind, day[name], who=fact["trainee"])
        for order in fact["orders"]:
            case.tell("order", date.fromisoformat(order["on"]), who=fact["trainee"], no=order["no"])
    return case


DAYS = ("entered_on", "went_live_on", "left_on")


@pytest.mark.parametrize("number", CASES)
def test_a_case_of_the_file(number: str) -> None:
    case = CASES[number]
    story = told(case["facts"], window_days=case["window_days"])
    day = date.fromisoformat(case["happened_by"])
    group, got = story.group(day), story.answer(day)
    expect = case["expect"]
    for slug, share in (("order_rate", order_rate), ("average_orders", average_orders)):
        ratio = expect[slug]
        assert counted(group, share) == f"{ratio['numerator']}/{ratio['denominator']}"
        assert shown(got.of[slug], unit_of(slug)) == ratio["shown"]
    live = got.of["went_live"]
    for name in ("floor", "ceiling"):
        assert getattr(got, name) == (None if not live else Fraction(expect[name], int(live)))
    assert got.is_final == expect["final"]
    assert got.final_on == (expect["final_on"] and date.fromisoformat(expect["final_on"]))


def test_rounded_half_up_where_the_scheme_says_so_in_g1_and_g2() -> None:
    got = told(CASES["G2"]["facts"]).answer(june(30))
    assert shown(got.of["order_rate"], "percent", "half_up") == "66.7%"
    assert shown(got.of["average_orders"], "average", "half_up") == "1.17"


def test_the_populations_of_the_sources_own_example() -> None:
    got = told(CASES["G1"]["facts"]).answer(june(30))
    assert [got.of[slug] for slug in ("entered", "went_live", "employed")] == [20, 18, 15]


@pytest.mark.parametrize(
    ("instant", "orders"), [("2026-06-30T23:59:59", 1), ("2026-07-01T00:00:00", 0)]
)
def test_g6_an_order_of_the_last_second_and_of_the_one_after_it(instant: str, orders: int) -> None:
    case = Telling()
    case.live("T1", JUNE_1)
    closed_on = local_day(datetime.fromisoformat(instant).replace(tzinfo=ZONE))
    case.tell("order", closed_on, who="T1", no="A")
    assert counted(case.group(date(2026, 7, 5)), average_orders) == f"{orders}/1"


@pytest.mark.parametrize(("cutoff", "rate"), [("window_close", "1/2"), ("report_time", "0/2")])
def test_g7_who_leaves_after_the_window_and_before_the_report(cutoff: str, rate: str) -> None:
    case = told(CASES["G7"]["facts"], leaver_cutoff=cutoff)
    assert counted(case.group(date(2026, 7, 5)), order_rate) == rate


@pytest.mark.parametrize(
    ("passed", "of", "is_met"), [(8, 10, True), (4, 5, True), (15, 18, True), (27, 34, False)]
)
def test_g11_a_trial_pass_rate_beside_eighty_percent(passed: int, of: int, is_met: bool) -> None:
    assert meets(Fraction(passed, of), Fraction(80, 100)) is is_met


def test_g12_trials_over_those_judged_and_over_all_who_entered() -> None:
    case = Telling()
    for number in range(20):
        case.enrol(f"T{number}", JUNE_1)
        if number < 18:
            case.tell("trial", june(10), who=f"T{number}", passed=number < 15, feedback=True)
    group = case.group(june(30))
    assert counted(group, trial_pass_rate) == "15/18"
    assert counted(group, trial_pass_rate_of_entered) == "15/20"


def test_g14_two_corrections_of_a_submitted_month_that_cancel_each_other_out() -> None:
    case = told(CASES["G1"]["facts"])
    submitted = len(case.log)
    case.tell("order", june(28), recorded=date(2026, 7, 8), who="T15", no="late")
    case.tell("left", june(29), recorded=date(2026, 7, 9), who="T03")
    month = Wanted(month="2026-06")
    found = causes(case.log, submitted, date(2026, 7, 5), month, order_rate)
    assert [(cause.numerator, cause.denominator) for cause in found] == [(1, 0), (-1, 0)]
    assert counted(case.group(date(2026, 7, 5), month), order_rate) == "12/18"


def test_g15_a_makeup_that_was_missed_counts_no_points() -> None:
    case = Telling()
    case.enrol("T1", JUNE_1)
    for score in (80, 90):
        case.tell("exam", june(5), who="T1", paper="written", passed=True, score=score)
    case.tell("makeup missed", june(9), who="T1", paper="written")
    mean = case.answer(june(30)).of["average_exam_score"]
    assert mean == Fraction(170, 3)
    assert shown(mean, unit_of("average_exam_score")) == "56.6"


def test_g16_what_is_missing_for_a_go_live_after_a_failed_drill() -> None:
    case = Telling()
    case.enrol("T1", JUNE_1)
    case.tell("exam", june(5), who="T1", paper="written", passed=True, score=95)
    case.tell("exam", june(5), who="T1", paper="drill", passed=False, score=None)
    (one,) = case.standings(june(5))
    assert missing_papers(one.person, june(5)) == ["drill"]


@pytest.mark.parametrize(("regolive", "rate"), [("first", "0/1"), ("latest", "1/1")])
def test_g20_a_second_go_live_goes_on_or_restarts_as_the_scheme_says(
    regolive: str, rate: str
) -> None:
    case = told([], regolive=regolive)
    case.live("T1", JUNE_1)
    case.tell("live", date(2026, 7, 10), who="T1")
    case.tell("order", date(2026, 7, 20), who="T1", no="A")
    assert counted(case.group(date(2026, 8, 20)), order_rate) == rate
    before = case.group(date(2026, 7, 9))
    assert counted(before, order_rate) == "0/1"
    assert before[0].window and before[0].window.last_day == JUNE_1 + timedelta(days=29)
