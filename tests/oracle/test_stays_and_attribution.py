"""Stays, and for whom a newcomer counts: single cases."""

from datetime import date, timedelta

import pytest

from tests.oracle import explained
from tests.oracle.groups import Wanted, classes
from tests.oracle.known import known
from tests.oracle.kpis import average_orders, order_rate, order_rate_ceiling, order_rate_floor
from tests.oracle.standing import standings
from tests.oracle.telling import Telling, counted

DAY = timedelta(days=1)
LATER = date(2025, 8, 1)


def march(day: int) -> date:
    return date(2025, 3, day)


def april(day: int) -> date:
    return date(2025, 4, day)


def two_stays() -> Telling:
    """From 1 to 20 March and from 1 April on, live from the first day of each."""
    case = Telling()
    case.live("T1", march(1))
    case.tell("left", march(20), who="T1")
    case.enrol("T1 again", april(1), was="T1", manager="孙主管")
    case.tell("live", april(1), who="T1")
    return case


def orders_of(case: Telling) -> dict[str, str]:
    return {one.person.who: counted([one], average_orders) for one in case.standings(LATER)}


@pytest.mark.parametrize(
    ("on", "stay"),
    [(march(1), "T1"), (march(20), "T1"), (march(25), "T1"), (april(1), "T1 again")],
)
def test_an_order_on_the_edge_of_a_stay_and_between_two(on: date, stay: str) -> None:
    case = two_stays()
    case.tell("order", on, who="T1", no="A")
    assert orders_of(case) == {"T1": "0/1", "T1 again": "0/1"} | {stay: "1/1"}


def test_an_order_moves_with_its_corrected_day() -> None:
    case = two_stays()
    case.tell("order", april(10), who="T1", no="A")
    case.tell("order corrected", march(10), no="A")
    assert orders_of(case) == {"T1": "1/1", "T1 again": "0/1"}


def test_an_order_goes_to_the_stay_of_its_receiver_on_the_closing_day() -> None:
    case = two_stays()
    case.live("T2", march(1))
    case.tell("order", march(10), who="T2", no="A")
    case.tell("reassigned", april(10), events=2, no="A", to="T1")
    assert orders_of(case) == {"T1": "1/1", "T1 again": "0/1", "T2": "0/1"}


def test_a_fact_follows_the_corrected_beginning_of_a_stay() -> None:
    case = two_stays()
    case.tell("trial", march(25), who="T1", passed=True, feedback=True)
    trials = {one.person.who: len(one.person.trials) for one in case.standings(LATER)}
    assert trials == {"T1": 1, "T1 again": 0}
    case.tell("enrolment corrected", march(22), who="T1 again", was_on=april(1))
    trials = {one.person.who: len(one.person.trials) for one in case.standings(LATER)}
    assert trials == {"T1": 0, "T1 again": 1}


def test_a_correction_finds_the_stay_by_the_recorded_day() -> None:
    case = two_stays()
    mistaken = case.tell("left", april(20), who="T1")
    case.tell("leaving corrected", march(18), who="T1 again", was_on=march(20))
    case.tell("enrolment corrected", march(2), who="T1 again", was_on=march(1))
    case.tell("withdrawn", LATER, of=mistaken)
    people = known(case.log).people
    assert people["T1"].left and people["T1"].left["on"] == march(18)
    assert people["T1"].enrolled["on"] == march(2)
    assert people["T1 again"].left is None


def test_a_correction_finds_a_go_live_of_another_stay_than_it_names() -> None:
    case = two_stays()
    case.tell("live corrected", march(5), who="T1 again", was_on=march(1))
    first_days = [one.window.first_day for one in case.standings(LATER) if one.window]
    assert first_days == [march(5), april(1)]


@pytest.mark.parametrize(("changed_on", "manager"), [(march(20), "孙主管"), (march(21), "钱主管")])
def test_the_manager_of_who_left_inside_the_window(changed_on: date, manager: str) -> None:
    case = Telling()
    case.live("T1", march(1))
    case.tell("left", march(20), who="T1")
    case.tell("manager changed", changed_on, who="T1", manager="孙主管")
    assert [one.manager for one in case.standings(LATER)] == [manager]


def test_the_manager_of_the_evening_while_the_window_is_open() -> None:
    case = Telling()
    case.live("T1", march(1))
    case.tell("manager changed", march(15), who="T1", manager="孙主管")
    of = [case.standings(day)[0].manager for day in (march(14), march(15))]
    assert of == ["钱主管", "孙主管"]


@pytest.mark.parametrize(("changed_on", "counted"), [(march(1), 0), (march(2), 1)])
def test_the_post_on_the_go_live_day_says_who_is_a_newcomer(changed_on: date, counted: int) -> None:
    case = Telling()
    case.live("T1", march(1), entered_on=date(2025, 2, 1))
    case.tell("post changed", changed_on, who="T1", post="customer_service")
    assert len(case.standings(LATER)) == counted


def test_the_post_of_the_evening_or_the_last_day_says_it_of_who_is_not_live() -> None:
    case = Telling()
    case.enrol("T1", march(1))
    case.tell("post changed", march(15), who="T1", post="customer_service")
    assert [len(case.standings(day)) for day in (march(14), march(15))] == [1, 0]
    case.tell("left", march(14), who="T1")
    assert len(case.standings(LATER)) == 1


def test_a_corrected_manager_moves_the_figure_of_the_past() -> None:
    case = Telling()
    case.live("T1", march(1))
    case.tell("enrolment corrected", march(1), who="T1", manager="孙主管")
    assert [one.manager for one in case.standings(LATER)] == ["孙主管"]


def test_who_entered_before_the_batch_was_opened_counts_for_who_opened_it() -> None:
    case = Telling(opened_on=march(10))
    case.enrol("T1", march(5))
    case.tell("handed over", march(12), batch="A1", training_manager="李经理")
    teaching = known(case.log).teaching
    of = [case.standings(day)[0].training_manager(teaching) for day in (march(9), march(20))]
    assert of == [None, "陈经理"]


def test_a_class_counts_for_the_head_teacher_of_its_planned_day() -> None:
    case = Telling()
    case.tell("class planned", march(1), session="K", batch="A1", planned_on=march(10), topics=())
    case.tell("handed over", march(11), batch="A1", training_manager="李经理")
    facts = known(case.log)
    assert [one.session for one in classes(facts, Wanted(training_manager="陈经理"), LATER)] == [
        "K"
    ]
    case.tell("handed over", march(10), batch="A1", training_manager="李经理")
    facts = known(case.log)
    assert classes(facts, Wanted(training_manager="陈经理"), LATER) == []


def test_who_rejoined_without_a_post_is_on_the_one_that_was_known_then_until_one_is_said() -> None:
    case, entered = Telling(), {"T1": march(1), "T1 again": april(1)}
    case.enrol("T1", march(1))
    case.tell("left", march(20), who="T1")
    stay = {"who": "T1 again", "was": "T1", "cohort": "A1", "manager": None, "post": None}
    case.tell("rejoined", april(1), **stay)
    for who, post, then in (
        ("T1", "customer_service", "sales"),
        ("T1 again", "customer_service", "customer_service"),
        ("T1", "sales", "customer_service"),
        ("T1 again", "channel_assistant", "channel_assistant"),
        ("T1", "customer_service", "channel_assistant"),
    ):
        case.tell("enrolment corrected", entered[who], who=who, post=post)
        assert known(case.log).people["T1 again"].post_on(LATER) == then


def test_an_order_given_to_a_stay_that_was_withdrawn_is_the_same_persons_of_its_day() -> None:
    case = Telling()
    for who in ("T1", "T2"):
        case.live(who, march(1))
    case.tell("left", march(20), who="T1")
    stay = {"who": "T1 again", "was": "T1", "cohort": "A1", "manager": None, "post": "sales"}
    again = case.tell("rejoined", april(1), **stay)
    case.tell("order", march(5), who="T2", no="A")
    case.tell("reassigned", april(10), events=2, no="A", to="T1 again")
    case.tell("withdrawn", LATER, of=again)
    rules = {("T2", "A"): "reassigned", ("T1", "A"): None}
    assert explained.orders(known(case.log), case.standings(LATER)) == rules


def test_a_void_order_of_another_seller_is_excluded_as_void() -> None:
    case = Telling()
    for who in ("T1", "T2"):
        case.live(who, march(1))
    case.tell("order", march(5), who="T1", no="A")
    case.tell("reassigned", march(6), events=2, no="A", to="T2")
    rules = {("T1", "A"): "reassigned", ("T2", "A"): None}
    assert explained.orders(known(case.log), case.standings(LATER)) == rules
    case.tell("voided", march(7), no="A")
    voided = dict.fromkeys(rules, "voided")
    assert explained.orders(known(case.log), case.standings(LATER)) == voided
    early = case.standings(march(6))
    assert explained.orders(known(case.log), early) == rules


def test_a_report_day_inside_the_window() -> None:
    case = Telling()
    rules = {"window_days": 60, "leaver_cutoff": "report_time"}
    case.tell("scheme published", march(1), month="2025-01", rules=rules)
    for who in ("ordered", "stayed", "left"):
        case.live(who, march(1))
    case.tell("order", march(5), who="ordered", no="A")
    case.tell("left", april(10), who="left")

    def bounds(day: date, today: date) -> list[str]:
        group = case.group(day, today=today)
        shares = (order_rate_floor, order_rate, order_rate_ceiling)
        return [counted(group, share) for share in shares]

    assert bounds(april(5), april(5)) == ["0/3", "1/3", "3/3"]
    assert bounds(april(9), april(9)) == ["1/3", "1/3", "3/3"]
    assert bounds(april(10), april(10)) == ["1/3", "1/3", "2/3"]
    assert not case.answer(april(29), april(29)).is_final
    assert case.answer(april(29)).final_on == april(29)
    assert case.answer(april(29), april(30)).is_final


def test_two_managers_who_turn_out_to_be_one_are_one_from_then_on_until_they_are_parted() -> None:
    case = Telling()
    case.live("T1", march(1))
    case.live("T2", march(1))
    case.tell("manager changed", march(1), who="T2", manager="钱大海")
    joined = case.tell("staff joined", march(2), who="钱大海", into="钱主管")
    case.live("T3", march(3))
    case.tell("manager changed", march(3), who="T3", manager="钱大海")
    case.tell("staff parted", march(4), who="钱大海")

    def managers(known_by: int) -> list[str | None]:
        return [one.manager for one in standings(known(case.log, known_by), LATER)]

    last = case.log[-1]["position"]
    assert managers(joined - 1) == ["钱主管", "钱大海"]
    assert managers(last - 1) == ["钱主管", "钱主管", "钱主管"]
    # What was recorded meanwhile was recorded of the one they were.
    assert managers(last) == ["钱主管", "钱大海", "钱主管"]


def test_a_manager_with_another_name_is_the_same_by_either() -> None:
    case = Telling()
    case.live("T1", march(1))
    case.tell("staff renamed", march(5), who="钱主管", name="钱多多")
    for who, name in (("T2", "钱多多"), ("T3", "钱 主管")):
        case.live(who, march(1))
        case.tell("manager changed", march(1), who=who, manager=name)
    facts = known(case.log)
    (manager,) = {str(one.manager) for one in case.standings(LATER)}
    assert [facts.staff.called(manager, march(day)) for day in (4, 5)] == ["钱主管", "钱多多"]
