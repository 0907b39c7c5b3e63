"""A batch is opened with its rules, and one training manager answers for it at a time (S14)."""

from datetime import date

import pytest

from domain.teaching.cohort import Cohort
from tests.gwt import fact, given, refused

JUNE_1, JUNE_10, JUNE_20 = date(2026, 6, 1), date(2026, 6, 10), date(2026, 6, 20)
FACTS = {"code": "2026-06-1", "name": "六月第1期", "opened_on": JUNE_1}
OPENED = fact(Cohort.Opened, **FACTS, training_manager="陈经理")


def handed_over(on: date, training_manager: str) -> object:
    return fact(Cohort.HandedOver, on=on, training_manager=training_manager)


@pytest.mark.parametrize("trial_required", [True, False])
def test_opens_with_its_rule_about_the_trial(trial_required: bool) -> None:
    given(Cohort).when(
        lambda kind: kind.open("cohort-1", **FACTS, trial_required=trial_required)
    ).then(fact(Cohort.Opened, **FACTS, trial_required=trial_required, training_manager=None))


def test_opens_under_a_training_manager() -> None:
    given(Cohort).when(
        lambda kind: kind.open("cohort-1", **FACTS, trial_required=False, training_manager="陈经理")
    ).then(OPENED)


@pytest.mark.parametrize("on", [JUNE_1, JUNE_20])
def test_is_handed_over_from_its_opening_day_on(on: date) -> None:
    given(Cohort, OPENED).when(lambda c: c.hand_over(on=on, training_manager="李经理")).then(
        fact(Cohort.HandedOver, on=on, training_manager="李经理")
    )


def test_is_not_handed_over_before_its_opening() -> None:
    given(Cohort, OPENED).when(
        lambda c: c.hand_over(on=date(2026, 5, 31), training_manager="李经理")
    ).then(refused("handover_before_opening", opened_on=JUNE_1))


def test_is_not_handed_over_to_whoever_has_it() -> None:
    given(Cohort, OPENED).when(lambda c: c.hand_over(on=JUNE_10, training_manager="陈经理")).then(
        refused("handover_changes_nothing")
    )


def test_a_handover_told_late_is_compared_with_its_own_day() -> None:
    later = handed_over(JUNE_20, "李经理")
    given(Cohort, OPENED, later).when(
        lambda c: c.hand_over(on=JUNE_10, training_manager="李经理")
    ).then(fact(Cohort.HandedOver, on=JUNE_10, training_manager="李经理"))
    given(Cohort, OPENED, later).when(
        lambda c: c.hand_over(on=JUNE_10, training_manager="陈经理")
    ).then(refused("handover_changes_nothing"))


def test_of_one_days_handovers_the_one_recorded_last_holds() -> None:
    both = handed_over(JUNE_10, "李经理"), handed_over(JUNE_10, "周经理")
    given(Cohort, OPENED, *both).when(
        lambda c: c.hand_over(on=JUNE_10, training_manager="周经理")
    ).then(refused("handover_changes_nothing"))
