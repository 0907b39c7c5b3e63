"""What holds of every log."""

from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.oracle import explained
from tests.oracle.causes import causes
from tests.oracle.drawn import (
    BEGIN,
    HEAD_TEACHERS,
    MANAGERS,
    days,
    evenings,
    tellings,
    turning_points,
)
from tests.oracle.groups import Wanted, classes, training_manager
from tests.oracle.known import Known, known
from tests.oracle.kpis import COUNTS, RATES, average_orders, class_shares, order_rate, total
from tests.oracle.standing import Standing
from tests.oracle.telling import Telling

DAY = timedelta(days=1)
EVERYBODY = Wanted()
SHARES = COUNTS | RATES

always = settings(deadline=None, suppress_health_check=list(HealthCheck))

who = st.sampled_from(("E0", "E0", "E1"))


def told(case: Telling) -> Known:
    return known(case.log)


def seen(case: Telling, day: date, today: date = date.max) -> dict[str, Any]:
    """By stay: whom it counts for, and what it gives to every figure; by class: the same."""
    facts = told(case)
    of_classes = class_shares(facts, classes(facts, EVERYBODY, day), day)
    people = {
        one.person.who: (_whose(one, facts), one.final_on if one.window else None, _shares(one))
        for one in case.standings(day, today)
    }
    return people | {
        session: [training_manager(facts, one, day), *(of[session] for of in of_classes.values())]
        for session, one in facts.teaching.classes.items()
    }


def _whose(one: Standing, facts: Known) -> tuple[str | None, ...]:
    month = one.window.month if one.window else None
    return month, one.cohort, one.manager, one.training_manager(facts.teaching)


def _shares(one: Standing) -> dict[str, Any]:
    return {slug: share(one) for slug, share in SHARES.items()}


@always
@given(turning_points())
def test_what_happens_after_a_day_changes_nothing_on_that_day(asked: tuple[Telling, date]) -> None:
    case, day = asked
    before = seen(case, day)
    fixed = ("enrolled", "class planned", "scheme published", "batch opened")
    case.log = [fact for fact in case.log if fact["kind"] in fixed or fact["on"] <= day]
    assert {name: before[name] for name in seen(case, day)} == seen(case, day)
    assert set(before) == set(seen(case, day))


@always
@given(tellings(), evenings, st.randoms(use_true_random=False))
def test_the_order_of_recording_changes_no_figure(case: Telling, day: date, random: Random) -> None:
    of_a_day = [
        (fact["kind"], fact.get("who"), fact.get("no"), fact.get("batch"), fact["on"])
        for fact in case.log
        if fact["kind"] != "order"
    ]
    assume(len(of_a_day) == len(set(of_a_day)))
    before = seen(case, day)
    first = ("batch opened", "enrolled", "rejoined", "class planned")
    order = dict.fromkeys(first, 0) | {"order": 1}
    case.log.sort(
        key=lambda fact: (order.get(fact["kind"], 2), random.random() * (fact["kind"] not in first))
    )
    case.log = [fact | {"position": place} for place, fact in enumerate(case.log, 1)]
    assert seen(case, day) == before


@always
@given(tellings(), who, days, st.sampled_from(MANAGERS), evenings)
def test_a_later_change_of_manager_moves_no_figure_of_the_past(
    case: Telling, who: str, on: date, manager: str, day: date
) -> None:
    assume(who in told(case).people)
    fixed = [one.person.who for one in case.standings(day) if one.attributed_on < on]
    before = seen(case, day)
    case.tell("manager changed", on, who=who, manager=manager)
    after = seen(case, day)
    assert {one: after[one] for one in fixed} == {one: before[one] for one in fixed}


@always
@given(tellings(), who, days, st.sampled_from(("A1", "B2")), evenings)
def test_a_transfer_after_the_go_live_moves_no_figure(
    case: Telling, who: str, on: date, batch: str, day: date
) -> None:
    assume(who in told(case).people)
    fixed = [
        one.person.who
        for one in case.standings(day)
        if (one.window.first_day if one.window else one.attributed_on) < on
    ]
    before = seen(case, day)
    case.tell("transferred", on, who=who, cohort=batch)
    after = seen(case, day)
    assert {one: after[one] for one in fixed} == {one: before[one] for one in fixed}


@always
@given(tellings(), days, st.sampled_from(HEAD_TEACHERS), evenings)
def test_a_later_handover_moves_nobody_who_is_live_and_no_class_that_was_due(
    case: Telling, on: date, head_teacher: str, day: date
) -> None:
    facts = told(case)
    on = max(on, date(2025, 3, 22))  # Both batches are open by then.
    fixed = [
        one.person.who
        for one in case.standings(day)
        if (one.window.first_day if one.window else one.person.enrolled["on"]) < on
    ]
    fixed += [
        session
        for session, one in facts.teaching.classes.items()
        if one.plan_on(day)["planned_on"] < on
    ]
    before = seen(case, day)
    case.tell("handed over", on, batch="A1", training_manager=head_teacher)
    after = seen(case, day)
    assert {one: after[one] for one in fixed} == {one: before[one] for one in fixed}


@always
@given(
    tellings(), st.sampled_from(("order", "trial", "live", "exam", "spot check")), days, evenings
)
def test_a_fact_of_one_stay_moves_no_other_stay(
    case: Telling, kind: str, on: date, day: date
) -> None:
    stay = told(case).stay_on("E0", on)
    before = seen(case, day)
    said = {"passed": True, "feedback": True, "paper": "written", "score": 60, "no": "late"}
    case.tell(kind, on, recorded=date(2026, 1, 1), who="E0", **said)
    after = seen(case, day)
    assert {one for one in after if before.get(one) != after[one]} <= {stay}


@always
@given(tellings())
def test_a_window_that_ends_today_is_open_until_the_day_is_over(case: Telling) -> None:
    last_days = [one.final_on for one in case.standings(date(2026, 1, 1)) if one.window]
    for day in last_days:
        open_today = [one for one in case.standings(day, day) if one.window]
        if day not in (one.final_on for one in open_today):
            continue  # By that day somebody was live again, or not yet.
        assert not case.answer(day, day).is_final
        over = all(one.final_on <= day for one in open_today)
        assert case.answer(day, day + DAY).is_final is over
        moved = [one for one in case.standings(day + DAY) if one.window]
        if {one.person.who for one in moved} == {one.person.who for one in open_today}:
            assert case.answer(day + DAY, day + DAY).is_final is all(
                one.final_on <= day for one in moved
            )


@always
@given(tellings(), evenings, st.booleans())
def test_floor_figure_and_ceiling_are_in_order_and_one_when_final(
    case: Telling, day: date, is_over: bool
) -> None:
    got = case.answer(day, day + DAY if is_over else day)
    rate = got.of["order_rate"]
    if rate is None or got.floor is None or got.ceiling is None:
        assert rate is got.floor is got.ceiling is None
        return
    assert got.floor <= rate <= got.ceiling
    if got.is_final:
        assert got.floor == rate == got.ceiling


@always
@given(tellings(moved=False, regolive="first"), evenings, st.integers(0, 60))
def test_as_days_go_by_what_is_open_narrows_and_what_is_final_stays(
    case: Telling, day: date, later: int
) -> None:
    """Of those live on the first of two days, none of whom closed an order after leaving."""

    def closed_after_leaving(one: Standing) -> bool:
        left = one.person.left
        return left is not None and any(on > left["on"] for on, _ in one.closed)

    steady = {
        one.person.who
        for one in case.standings(date(2026, 1, 1))
        if one.window and one.window.first_day <= day and not closed_after_leaving(one)
    }

    def bounds(on: date) -> tuple[int, int, int]:
        group = [one for one in case.standings(on, on) if one.person.who in steady]
        return floor(group), total(group, order_rate)[0], ceiling(group)

    low, rate, high = bounds(day)
    lower, then, higher = bounds(day + later * DAY)
    assert low <= lower <= then <= higher <= high
    settled = [one for one in case.standings(day, day) if one.person.who in steady]
    if all(one.is_over(one.final_on) for one in settled):
        assert rate == then


def floor(group: list[Standing]) -> int:
    return sum(bool(one.orders) and one.stays and one.is_over(one.cutoff) for one in group)


def ceiling(group: list[Standing]) -> int:
    """Counted, and who is on the post without an order, in an open window."""
    counted = [one for one in group if one.orders and one.stays]
    hopeful = [one for one in group if not one.orders and one.is_open and not one.has_left]
    return len(counted) + len(hopeful)


@always
@given(tellings(), evenings)
def test_batches_months_managers_and_training_managers_each_add_up_to_all(
    case: Telling, day: date
) -> None:
    whole = case.answer(day).of["entered"]
    months = {f"2025-{month:02d}" for month in range(1, 13)}
    for name, values in (
        ("cohort", {"A1", "B2"}),
        ("month", months),
        ("manager", set(MANAGERS)),
        ("training_manager", set(HEAD_TEACHERS)),
    ):
        parts = [case.answer(day, wanted=Wanted(**{name: value})).of["entered"] for value in values]
        assert sum(part or 0 for part in parts) == whole, name


@always
@given(tellings(), days, st.integers(0, 20), evenings)
def test_an_order_that_went_to_another_seller_and_came_back(
    case: Telling, on: date, wait: int, day: date
) -> None:
    case.live("another", BEGIN)
    case.tell("order", on, who="E0", no="A")
    back = on + 2 * wait * DAY
    day = max(day, back)
    before = seen(case, day)
    lines = explained.orders(told(case), case.standings(day))
    case.tell("reassigned", on + wait * DAY, events=2, no="A", to="another")
    case.tell("reassigned", back, events=2, no="A", to="E0")
    assert seen(case, day) == before
    more = explained.orders(told(case), case.standings(day))
    assert more.pop(("another", "A")) in ("before_go_live", "after_window", "reassigned")
    assert more == lines


@always
@given(tellings(), st.integers(0, 60), evenings)
def test_the_causes_of_facts_and_schemes_add_up_to_the_difference(
    case: Telling, since: int, day: date
) -> None:
    for share in (order_rate, average_orders):
        counted = total(case.group(day), share)
        known_then = Telling()
        known_then.log = [fact for fact in case.log if fact["position"] <= since]
        was = total(known_then.group(day), share)
        found = causes(case.log, since, day, EVERYBODY, share)
        assert was[0] + sum(cause.numerator for cause in found) == counted[0]
        assert was[1] + sum(cause.denominator for cause in found) == counted[1]
        places = [cause.fact["position"] for cause in found]
        assert places == sorted(places)


@always
@given(st.lists(st.booleans(), min_size=2, max_size=5), st.integers(0, 4))
def test_each_of_several_verdicts_of_one_day_can_be_corrected(
    passed: list[bool], which: int
) -> None:
    case, day = Telling(), date(2025, 3, 1)
    case.enrol("T1", day)
    places = [
        case.tell("trial", day, who="T1", passed=verdict, feedback=True) for verdict in passed
    ]
    which %= len(passed)
    said = {"passed": not passed[which], "feedback": True}
    case.tell("trial corrected", day, who="T1", was_on=day, of=places[which], **said)
    passed[which] = not passed[which]
    assert case.answer(day).of["trial_pass_rate"] == Fraction(sum(passed), len(passed))


CORRECTED = {
    "trial": {"passed": True, "feedback": False},
    "exam": {"passed": False, "score": 7},
    "live": {},
    "order": {},
}


@always
@given(tellings(), st.integers(0, 60), days, evenings)
def test_a_corrected_fact_reads_as_if_it_had_always_been_so(
    case: Telling, which: int, on: date, day: date
) -> None:
    facts = [fact for fact in case.log if fact["kind"] in CORRECTED]
    assume(facts)
    fact = facts[which % len(facts)]
    said = CORRECTED[fact["kind"]] | {"on": on}
    if "paper" in fact:
        said["paper"] = fact["paper"]
    corrected, told_so = Telling(), Telling()
    corrected.log = [*case.log]
    named = {name: fact[name] for name in ("who", "no") if name in fact}
    corrected.tell(f"{fact['kind']} corrected", of=fact["position"], **(named | said))
    told_so.log = [fact | said if one is fact else one for one in case.log]
    assert seen(corrected, day) == seen(told_so, day)
