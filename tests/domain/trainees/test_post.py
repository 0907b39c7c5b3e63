"""Held off the post and back, moved to another batch, and what was typed wrong of it (S36, S42)."""

from datetime import date
from typing import Any

from domain.trainees.trainee import Trainee
from tests.domain.trainees.test_trainee import (
    DRILL,
    EXAM,
    JUNE_1,
    JUNE_10,
    JUNE_20,
    LIVE,
    MAY_18,
    TRIAL,
    go_live,
    trainee,
)
from tests.gwt import fact, refused

WHY = "录入有误"
HELD = fact(Trainee.HeldOffPost, on=JUNE_10, reason="抽查不通过")
MOVED = fact(
    Trainee.CohortTransferred, on=JUNE_10, cohort_id="cohort-2", cohort_code="C2", reason="补考"
)


def hold(on: date = JUNE_10, reason: str = "抽查不通过") -> Any:
    return lambda t: t.hold_off_post(on=on, reason=reason)


class TestHeld:
    def test_from_the_post_and_already_in_training(self) -> None:
        trainee(EXAM, DRILL, LIVE).when(hold()).then(HELD)
        trainee().when(hold()).then(HELD)

    def test_not_twice_nor_before_going_live_nor_without_a_reason(self) -> None:
        trainee(HELD).when(hold(JUNE_20)).then(refused("already_held", on=JUNE_10))
        trainee(EXAM, DRILL, LIVE).when(hold(MAY_18)).then(refused("held_before_live"))
        trainee().when(hold(reason=" ")).then(refused("reason_missing"))

    def test_goes_live_again_through_the_gate(self) -> None:
        held = trainee(EXAM, DRILL, LIVE, HELD)
        held.when(go_live(on=JUNE_20)).then(fact(Trainee.WentLive, on=JUNE_20))
        held.when(go_live(on=JUNE_1)).then(refused("before_hold", held_on=JUNE_10))
        failed = fact(Trainee.DrillRecorded, on=JUNE_10, passed=False)
        trainee(EXAM, DRILL, LIVE, HELD, failed).when(go_live(on=JUNE_20)).then(
            refused("gate_not_passed", missing=["drill"])
        )

    def test_may_be_tried_on_the_post_again(self) -> None:
        trainee(EXAM, DRILL, LIVE, HELD).when(
            lambda t: t.record_trial_verdict(verdict="passed", on=JUNE_20, feedback="好")
        ).then(fact(Trainee.TrialPassed, on=JUNE_20, feedback="好"))


class TestBatch:
    def test_changes_until_the_go_live(self) -> None:
        def move(on: date) -> Any:
            return lambda t: t.transfer(
                on=on, cohort_id="cohort-2", cohort_code="C2", reason="补考"
            )

        trainee(TRIAL).when(move(JUNE_10)).then(MOVED)
        trainee(MOVED).when(move(JUNE_20)).then(refused("already_in_cohort"))
        trainee(EXAM, DRILL, LIVE).when(move(JUNE_1)).then(refused("batch_fixed", live_on=JUNE_1))

    def test_nobody_goes_live_before_the_last_transfer(self) -> None:
        trainee(EXAM, DRILL, MOVED).when(go_live()).then(
            refused("before_transfer", transferred_on=JUNE_10)
        )


class TestCorrectedGoLive:
    def test_stays_between_what_is_around_it(self) -> None:
        def correct(on: date, was_on: date = JUNE_1) -> Any:
            return lambda t: t.correct_go_live(was_on=was_on, on=on, reason=WHY)

        again = fact(Trainee.WentLive, on=JUNE_20)
        career = trainee(EXAM, DRILL, LIVE, HELD, again)
        career.when(correct(JUNE_10)).then(
            fact(Trainee.GoLiveCorrected, fact=4, on=JUNE_10, reason=WHY)
        )
        career.when(correct(JUNE_20)).then(refused("after_hold", held_on=JUNE_10))
        career.when(correct(JUNE_1, was_on=JUNE_20)).then(refused("before_hold", held_on=JUNE_10))
        career.when(correct(JUNE_1)).then(refused("nothing_to_correct"))


class TestPosts:
    def test_change_from_a_day_on_also_in_hindsight(self) -> None:
        def change(on: date, post: str) -> Any:
            return lambda t: t.change_post(on=on, post=post)

        later = fact(Trainee.PostChanged, on=JUNE_20, post="customer_service")
        trainee(later).when(change(JUNE_10, "channel_assistant")).then(
            fact(Trainee.PostChanged, on=JUNE_10, post="channel_assistant")
        )
        trainee(later).when(change(JUNE_20, "customer_service")).then(refused("post_unchanged"))
        trainee().when(change(JUNE_10, "sales")).then(refused("post_unchanged"))
        trainee().when(change(JUNE_10, "boss")).then(refused("post_unknown"))


class TestManagers:
    def test_change_from_a_day_on_also_in_hindsight(self) -> None:
        def change(on: date, manager_id: str | None) -> Any:
            return lambda t: t.change_manager(on=on, manager_id=manager_id)

        later = fact(Trainee.ManagerChanged, on=JUNE_20, manager_id="person-赵敏")
        trainee(later).when(change(JUNE_10, "person-李明")).then(
            fact(Trainee.ManagerChanged, on=JUNE_10, manager_id="person-李明")
        )
        same = change(JUNE_20, "person-赵敏")
        trainee(later).when(same).then(refused("manager_unchanged"))
        trainee().when(change(JUNE_10, None)).then(refused("no_manager_already"))
