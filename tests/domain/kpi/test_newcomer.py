"""Folding a trainee's events into the facts that figures need."""

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from domain.cohort import Cohort
from domain.kpi.facts import Exam, Live, Order, Trial
from domain.kpi.newcomer import Newcomer, evolve, key
from domain.trainee import Trainee

WHO = "trainee-00000000-0000-0000-0000-000000000001"


def life() -> list[Trainee.Event]:
    """One of every event, in the order of life."""
    trainee = Trainee.enrol(
        WHO,
        cohort_id="cohort-1",
        cohort_code="2026-05",
        employee_no="T01",
        name="王芳",
        entered_on=date(2026, 5, 18),
        manager="李明",
    )
    trainee.record_trial_verdict(passed=False, on=date(2026, 5, 20), feedback="再来一次")
    trainee.record_trial_verdict(passed=True, on=date(2026, 5, 22), feedback="好")
    trainee.record_written_exam(passed=True, on=date(2026, 5, 25), score=Decimal("92.5"))
    trainee.record_drill(passed=True, on=date(2026, 5, 26), score=None)
    trainee.go_live(on=date(2026, 6, 1), trial_required=True)
    trainee.close_order(order_no="A1", closed_on=date(2026, 6, 9), product=None, amount=None)
    trainee.close_order(order_no="A2", closed_on=date(2026, 6, 10), product=None, amount=None)
    trainee.void_order(order_no="A1", on=date(2026, 6, 12), reason="退单")
    trainee.leave(on=date(2026, 6, 20), reason="个人原因")
    return trainee.collect_events()


def folded() -> Newcomer | None:
    newcomer = None
    for position, event in enumerate(life(), 11):
        newcomer = evolve(newcomer, event, position)
    return newcomer


def test_a_whole_life_becomes_facts_with_their_positions() -> None:
    assert folded() == Newcomer(
        trainee_id=WHO,
        employee_no="T01",
        cohort_id="cohort-1",
        cohort_code="2026-05",
        manager="李明",
        post="sales",
        entered_on=date(2026, 5, 18),
        enrolled_position=11,
        trials=(Trial(date(2026, 5, 20), False, 12), Trial(date(2026, 5, 22), True, 13)),
        exams=(
            Exam("written", date(2026, 5, 25), True, 14, Decimal("92.5")),
            Exam("drill", date(2026, 5, 26), True, 15),
        ),
        lives=(Live(date(2026, 6, 1), 16),),
        orders=(
            Order("A1", date(2026, 6, 9), 17, date(2026, 6, 12), 19),
            Order("A2", date(2026, 6, 10), 18),
        ),
        left_on=date(2026, 6, 20),
        left_position=20,
    )


def test_the_facts_survive_storing() -> None:
    newcomer = folded()
    stored = msgspec.json.encode(newcomer)
    assert msgspec.json.decode(stored, type=Newcomer) == newcomer
    assert "王芳" not in stored.decode()


def test_every_event_of_a_trainee_has_a_place() -> None:
    assert {type(event) for event in life()} == {
        member
        for member in vars(Trainee).values()
        if isinstance(member, type) and member is not Trainee.Event
    }
    assert {key(event) for event in life()} == {WHO}


def test_an_event_of_something_else_changes_nothing() -> None:
    (opened,) = Cohort.open(
        "cohort-1", code="C", name="N", opened_on=date(2026, 5, 1), trial_required=False
    ).collect_events()
    newcomer = folded()
    assert evolve(newcomer, opened, 30) is newcomer
    assert key(opened) is None


def test_a_fact_of_somebody_never_enrolled_is_an_error() -> None:
    with pytest.raises(LookupError, match=WHO):
        evolve(None, life()[-1], 1)
