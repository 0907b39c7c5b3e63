"""The golden cases of today, stays, attribution and the report day: G21 to G28."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from tests.oracle.asking import DayInFutureError, Times, asked
from tests.oracle.causes import causes
from tests.oracle.groups import Wanted
from tests.oracle.known import ZONE
from tests.oracle.kpis import average_orders, order_rate
from tests.oracle.standing import DEFAULTS
from tests.oracle.telling import Telling, counted, noon
from tests.oracle.test_golden_figures import CASES, told

JUNE_30 = date(2026, 6, 30)
DAY = timedelta(days=1)


def bounds(case: Telling, day: date, today: date = date.max) -> tuple[Any, ...]:
    got = case.answer(day, today)
    return got.of["order_rate"], got.floor, got.ceiling, got.is_final


def test_g21_today_is_the_last_day_of_the_only_window() -> None:
    case = Telling()
    case.live("T1", date(2026, 6, 1))
    assert bounds(case, JUNE_30, today=JUNE_30) == (0, 0, 1, False)
    case.tell("order", JUNE_30, who="T1", no="A")
    assert bounds(case, JUNE_30, today=JUNE_30) == (1, 0, 1, False)
    assert bounds(case, JUNE_30, today=JUNE_30 + DAY) == (1, 1, 1, True)
    assert bounds(case, JUNE_30 + DAY, today=JUNE_30 + DAY) == (1, 1, 1, True)


@pytest.mark.parametrize("ahead", [1, 2, 365])
def test_g22_a_day_that_lies_ahead_is_refused(ahead: int) -> None:
    late = datetime.combine(JUNE_30, time(23, 59, 59), ZONE)
    with pytest.raises(DayInFutureError):
        asked([], late, JUNE_30 + ahead * DAY)
    assert asked([], late, JUNE_30).day == asked([], late).day == JUNE_30


def test_g23_a_last_day_of_next_week() -> None:
    case = Telling()
    case.live("T1", date(2026, 6, 10))
    case.tell("left", date(2026, 6, 22), recorded=date(2026, 6, 15), who="T1")
    for day, has_left in ((15, False), (21, False), (22, True), (30, True)):
        (one,) = case.standings(JUNE_30.replace(day=day))
        assert one.has_left is has_left
        assert case.answer(one.day).of["employed"] == int(not has_left)


@pytest.mark.parametrize(
    ("changed_on", "manager"),
    [("2026-06-15", "孙主管"), ("2026-06-30", "孙主管"), ("2026-07-05", "钱主管")],
)
def test_g24_the_manager_changed_inside_on_the_last_day_of_and_after_the_window(
    changed_on: str, manager: str
) -> None:
    case = Telling()
    case.live("T1", date(2026, 6, 1))
    case.tell("manager changed", date.fromisoformat(changed_on), who="T1", manager="孙主管")
    (one,) = case.standings(date(2026, 8, 1))
    assert one.manager == manager


def test_g25_go_lives_around_the_day_of_a_handover() -> None:
    case = Telling()
    case.tell("handed over", date(2026, 6, 10), batch="A1", training_manager="李经理")
    for who, day in (("T1", 5), ("T2", 10), ("T3", 12)):
        case.live(who, JUNE_30.replace(day=day), entered_on=date(2026, 6, 1))
    of = {
        name: [one.person.who for one in case.group(JUNE_30, Wanted(training_manager=name))]
        for name in ("陈经理", "李经理")
    }
    assert of == {"陈经理": ["T1"], "李经理": ["T2", "T3"]}


def test_g26_an_order_of_the_first_stay_is_recorded_after_the_rejoining() -> None:
    case = Telling()
    case.live("T1", date(2025, 3, 1))
    case.tell("left", date(2025, 3, 20), who="T1")
    case.enrol("T1 again", date(2025, 4, 1), was="T1")
    case.tell("live", date(2025, 4, 1), who="T1 again")
    april = Wanted(month="2025-04")
    second_stay = case.answer(date(2025, 6, 1), wanted=april)
    case.tell("order", date(2025, 3, 10), recorded=date(2025, 4, 20), who="T1 again", no="A")
    march = case.group(date(2025, 6, 1), Wanted(month="2025-03"))
    assert (counted(march, average_orders), counted(march, order_rate)) == ("1/1", "0/1")
    assert case.answer(date(2025, 6, 1), wanted=april) == second_stay


def test_g27_a_shorter_window_and_a_void_after_the_submission() -> None:
    case, day, month = told(CASES["G2"]["facts"]), date(2026, 7, 5), Wanted(month="2026-06")
    submitted = len(case.log)
    assert counted(case.group(day, month), order_rate) == "12/18"
    assert counted(case.group(day, month), average_orders) == "21/18"
    rules = DEFAULTS | {"window_days": 5}
    case.tell("scheme published", date(2026, 7, 8), month="2026-06", rules=rules)
    case.tell("voided", JUNE_30, recorded=date(2026, 7, 9), no="B1")
    for share, now, added in (
        (order_rate, "1/18", [("scheme published", -11)]),
        (average_orders, "1/18", [("scheme published", -19), ("voided", -1)]),
    ):
        assert counted(case.group(day, month), share) == now
        found = causes(case.log, submitted, day, month, share)
        assert [(cause.fact["kind"], cause.numerator) for cause in found] == added
        assert not any(cause.denominator for cause in found)


def test_g28_a_report_day_that_is_fixed() -> None:
    case = told([], leaver_cutoff="report_time")
    case.live("T1", date(2025, 3, 1))
    case.tell("order", date(2025, 3, 10), who="T1", no="A")
    for day in (date(2025, 4, 1), date(2025, 4, 5)):
        assert bounds(case, day, today=day) == (1, 0, 1, False)
        assert case.answer(day, day).final_on == date(2025, 4, 5)
    final = (1, 1, 1, True)
    assert bounds(case, date(2025, 4, 6), today=date(2025, 4, 6)) == final
    case.tell("left", date(2025, 6, 1), who="T1")
    assert bounds(case, date(2025, 7, 1)) == final
    case.tell("leaving corrected", date(2025, 4, 3), who="T1")
    assert bounds(case, date(2025, 7, 1)) == (0, 0, 0, True)


def test_two_times_of_one_question_and_what_was_known_inside_a_reassignment() -> None:
    case = Telling()
    case.live("T1", date(2026, 6, 1))
    case.live("T2", date(2026, 6, 1))
    case.tell("order", date(2026, 6, 3), who="T1", no="A")
    before = case.log[-1]["position"]
    day = date(2026, 6, 5)
    after = case.tell("reassigned", day, recorded=day + DAY, events=2, no="A", to="T2")
    now = noon(JUNE_30)
    assert asked(case.log, now, known_by=after - 1) == Times(before, day - 2 * DAY, day - 2 * DAY)
    assert asked(case.log, now, JUNE_30, noon(day + DAY)) == Times(after, JUNE_30, day + DAY)
    assert asked(case.log, now, known_by=after) == Times(after, day + DAY, day + DAY)
