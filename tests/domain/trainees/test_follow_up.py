"""A follow-up of a newcomer: from the visit to the agreed action (S12)."""

from datetime import date
from typing import Any

import pytest

from domain.trainees.follow_up import FollowUp
from tests.gwt import Given, fact, given, refused

JULY_1, JULY_2, JULY_3, JULY_8 = (date(2026, 7, day) for day in (1, 2, 3, 8))
OPENED = fact(FollowUp.Opened, code="GJ-01", trainee_id="trainee-1", employee_no="HZ001", on=JULY_2)
NOTED = fact(FollowUp.Noted, on=JULY_2, note="报价不清楚")
AGREED = fact(FollowUp.ActionAgreed, on=JULY_2, action="练报价", due_on=JULY_8)
DONE = fact(FollowUp.ActionDone, on=JULY_8)
DROPPED = fact(FollowUp.Dropped, on=JULY_8, reason="转岗")


def follow_up(*facts: Any) -> Given:
    return given(FollowUp, OPENED, *facts)


def agree(**changed: Any) -> Any:
    return lambda one: one.agree_action(**{**AGREED.fields, **changed})


def correct(**changed: Any) -> Any:
    return lambda one: one.correct_action(**{**AGREED.fields, "reason": "录错", **changed})


def done(on: date) -> Any:
    return lambda one: one.do_action(on=on)


def test_is_opened_noted_agreed_and_done() -> None:
    given(FollowUp).when(lambda kind: kind.open("follow_up-1", **OPENED.fields)).then(OPENED)
    follow_up().when(lambda one: one.note(**NOTED.fields)).then(NOTED)
    follow_up(NOTED).when(agree()).then(AGREED)
    follow_up(AGREED).when(done(JULY_8)).then(DONE)


def test_is_dropped_without_an_action_for_a_reason() -> None:
    follow_up().when(lambda one: one.drop(**DROPPED.fields)).then(DROPPED)
    follow_up().when(lambda one: one.drop(on=JULY_8, reason=" ")).then(refused("reason_missing"))


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"on": JULY_1}, "before_follow_up"),
        ({"action": ""}, "action_missing"),
        ({"due_on": JULY_1}, "due_before_agreed"),
    ],
    ids=["before the visit", "without words", "due before it is agreed"],
)
def test_an_action_is_refused_that_cannot_be(changed: dict[str, Any], code: str) -> None:
    follow_up().when(agree(**changed)).then(refused(code))
    follow_up(AGREED).when(correct(**changed)).then(refused(code))


def test_a_note_is_refused_without_words() -> None:
    follow_up().when(lambda one: one.note(on=JULY_2, note="")).then(refused("note_missing"))


def test_nothing_is_done_before_it_is_agreed() -> None:
    follow_up().when(done(JULY_8)).then(refused("action_not_agreed"))
    later = fact(FollowUp.ActionAgreed, on=JULY_3, action="练报价", due_on=JULY_8)
    follow_up(later).when(done(JULY_2)).then(refused("action_not_agreed"))
    follow_up(AGREED, later).when(done(JULY_2)).then(refused("action_not_agreed"))


def test_the_action_in_force_is_corrected_and_must_change() -> None:
    again = fact(FollowUp.ActionAgreed, on=JULY_3, action="练开场", due_on=JULY_8)
    follow_up(AGREED, again).when(correct(on=JULY_3)).then(
        fact(FollowUp.ActionCorrected, fact=3, on=JULY_3, action="练报价", due_on=JULY_8)
    )
    follow_up(AGREED).when(correct()).then(refused("nothing_to_correct"))
    follow_up().when(correct()).then(refused("action_not_agreed"))


def test_a_corrected_day_leaves_the_last_action_the_one_that_is_corrected() -> None:
    again = fact(FollowUp.ActionAgreed, on=JULY_3, action="练开场", due_on=JULY_8)
    moved = fact(
        FollowUp.ActionCorrected, fact=3, on=JULY_2, action="练开场", due_on=JULY_8, reason="录错"
    )
    once_more = fact(FollowUp.ActionCorrected, fact=3, on=JULY_2, action="练跟单", due_on=JULY_8)
    follow_up(AGREED, again, moved).when(correct(on=JULY_2, action="练跟单")).then(once_more)


@pytest.mark.parametrize(
    "named", [{"fact": 2}, {"was_on": JULY_2}], ids=["by its id", "by its day"]
)
def test_an_action_that_is_named_is_corrected_whichever_is_in_force(named: dict[str, Any]) -> None:
    again = fact(FollowUp.ActionAgreed, on=JULY_3, action="练开场", due_on=JULY_8)
    follow_up(AGREED, again).when(correct(action="练跟单", **named)).then(
        fact(FollowUp.ActionCorrected, fact=2, on=JULY_2, action="练跟单", due_on=JULY_8)
    )
    follow_up(AGREED).when(correct(fact=9)).then(refused("action_unknown"))


@pytest.mark.parametrize("end", [DONE, DROPPED], ids=["done", "dropped"])
def test_nothing_follows_its_end_until_that_is_withdrawn(end: Any) -> None:
    def withdraw(reason: str = "录错人") -> Any:
        return lambda one: one.withdraw_end(reason=reason)

    follow_up(AGREED, end).when(agree()).then(refused("follow_up_over", on=JULY_8))
    withdrawn = fact(FollowUp.EndWithdrawn, fact=3, was_on=JULY_8, reason="录错人")
    follow_up(AGREED, end).when(withdraw()).then(withdrawn)
    follow_up(AGREED, end, withdrawn).when(done(JULY_3)).then(fact(FollowUp.ActionDone, on=JULY_3))
    follow_up(AGREED, end).when(withdraw(" ")).then(refused("reason_missing"))
    follow_up(AGREED).when(withdraw()).then(refused("follow_up_not_over"))
