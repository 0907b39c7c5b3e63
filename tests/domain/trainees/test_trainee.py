"""The gate, the dates and the orders of one trainee (S28, S35, S72, T12, T18)."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.kernel.errors import Refusal
from domain.trainees.trainee import Trainee
from tests.gwt import Given, fact, given, refused

MAY_18, JUNE_1, JUNE_10, JUNE_20 = (
    date(2026, 5, 18),
    date(2026, 6, 1),
    date(2026, 6, 10),
    date(2026, 6, 20),
)
ENROLLED = fact(
    Trainee.Enrolled,
    cohort_id="cohort-1",
    cohort_code="2026年6月第1期",
    employee_no="HZ2026001",
    entered_on=MAY_18,
)
EXAM = fact(Trainee.WrittenExamRecorded, on=JUNE_1, passed=True, score=Decimal(88))
DRILL = fact(Trainee.DrillRecorded, on=JUNE_1, passed=True)
TRIAL = fact(Trainee.TrialPassed, on=JUNE_1, feedback="跟进良好")
LIVE = fact(Trainee.WentLive, on=JUNE_1)
ORDER = fact(Trainee.OrderClosed, order_no="A01", closed_on=JUNE_10)


def trainee(*facts: Any) -> Given:
    return given(Trainee, ENROLLED, *facts)


def go_live(**changed: Any) -> Any:
    return lambda t: t.go_live(**{"on": JUNE_1, "trial_required": False, **changed})


def close(no: str = "A01", on: date = JUNE_10, amount: Decimal | None = None) -> Any:
    return lambda t: t.close_order(order_no=no, closed_on=on, product="诚信通", amount=amount)


class TestEnrolling:
    def test_records_who_entered_when(self) -> None:
        given(Trainee).when(lambda kind: kind.enrol("trainee-1", **ENROLLED.fields)).then(ENROLLED)

    def test_refuses_a_post_nobody_knows(self) -> None:
        facts = {**ENROLLED.fields, "post": "astronaut"}
        given(Trainee).when(lambda kind: kind.enrol("trainee-1", **facts)).then(
            refused("post_unknown", post="astronaut")
        )


class TestTrial:
    @pytest.mark.parametrize(
        ("verdict", "event"), [("passed", Trainee.TrialPassed), ("failed", Trainee.TrialFailed)]
    )
    def test_verdict_comes_with_written_feedback(self, verdict: str, event: type) -> None:
        trainee().when(
            lambda t: t.record_trial_verdict(verdict=verdict, on=JUNE_1, feedback="跟进良好")
        ).then(fact(event, on=JUNE_1, feedback="跟进良好"))

    def test_refused_without_written_feedback(self) -> None:
        trainee().when(
            lambda t: t.record_trial_verdict(verdict="passed", on=JUNE_1, feedback="  ")
        ).then(refused("feedback_missing"))

    def test_refused_before_the_enrolment(self) -> None:
        day = MAY_18 - timedelta(days=1)
        trainee().when(
            lambda t: t.record_trial_verdict(verdict="passed", on=day, feedback="好")
        ).then(refused("before_enrolment", entered_on=MAY_18, on=day))

    def test_refused_after_going_live(self) -> None:
        trainee(EXAM, DRILL, LIVE).when(
            lambda t: t.record_trial_verdict(verdict="passed", on=JUNE_10, feedback="好")
        ).then(refused("already_live"))


class TestScores:
    @pytest.mark.parametrize("score", ["-1", "100.5", "150"])
    def test_refused_outside_0_to_100(self, score: str) -> None:
        trainee().when(
            lambda t: t.record_exam(kind="written", passed=True, on=JUNE_1, score=Decimal(score))
        ).then(refused("score_out_of_range", given=score))

    def test_refused_after_the_trainee_left(self) -> None:
        trainee(fact(Trainee.Left, on=JUNE_1, leaving_reason="个人原因")).when(
            lambda t: t.record_exam(kind="drill", passed=True, on=JUNE_10, score=None)
        ).then(refused("after_leaving", left_on=JUNE_1))


class TestTwoOfOneDay:
    verdicts = (fact(Trainee.TrialFailed, on=JUNE_1, feedback="再练"), TRIAL)

    @pytest.mark.parametrize("number", [2, 3], ids=["first", "second"])
    def test_each_verdict_is_corrected_by_its_id(self, number: int) -> None:
        said = {"on": JUNE_1, "feedback": "录给了别人", "reason": "录错", "fact": number}
        trainee(*self.verdicts).when(
            lambda t: t.correct_trial_verdict(verdict="failed", **said)
        ).then(fact(Trainee.TrialCorrected, passed=False, **said))

    def test_the_first_result_stays_when_the_second_is_corrected(self) -> None:
        failed = fact(Trainee.DrillRecorded, on=JUNE_1, passed=False)
        said = {"kind": "drill", "on": MAY_18, "passed": True, "score": None}
        corrected = fact(Trainee.ExamCorrected, fact=4, reason="录错", **said)
        trainee(EXAM, failed, DRILL, corrected).when(go_live()).then(refused("gate_not_passed"))

    @pytest.mark.parametrize(
        ("kind", "number"), [("drill", 2), ("written", 7)], ids=["of_another_kind", "not_there"]
    )
    def test_no_result_has_the_id(self, kind: str, number: int) -> None:
        said = {"on": JUNE_1, "passed": False, "score": None, "reason": "录错"}
        trainee(EXAM).when(lambda t: t.correct_exam(kind=kind, fact=number, **said)).then(
            refused("fact_unknown", fact=number)
        )


class TestGate:
    def test_opens_with_written_exam_and_drill_passed(self) -> None:
        trainee(EXAM, DRILL).when(go_live()).then(LIVE)

    def test_lists_everything_that_is_missing(self) -> None:
        trainee().when(go_live(trial_required=True)).then(
            refused("gate_not_passed", missing=["written_exam", "drill", "trial"])
        )

    def test_a_makeup_missed_after_a_pass_closes_the_gate_again(self) -> None:
        missed = fact(Trainee.MakeupMissed, kind="written", on=JUNE_10)
        trainee(EXAM, DRILL, missed).when(go_live(on=JUNE_10)).then(
            refused("gate_not_passed", missing=["written_exam"])
        )

    def test_g16_exam_95_and_drill_failed_is_one_missing_item(self) -> None:
        failed = fact(Trainee.DrillRecorded, on=JUNE_1, passed=False)
        exam = fact(Trainee.WrittenExamRecorded, on=JUNE_1, passed=True, score=Decimal(95))
        trainee(exam, failed).when(go_live()).then(refused("gate_not_passed", missing=["drill"]))

    def test_asks_for_a_trial_only_where_the_cohort_does(self) -> None:
        trainee(EXAM, DRILL).when(go_live(trial_required=True)).then(
            refused("gate_not_passed", missing=["trial"])
        )
        trainee(EXAM, DRILL, TRIAL).when(go_live(trial_required=True)).then(LIVE)

    def test_takes_evidence_in_any_order_and_resits(self) -> None:
        failed = fact(Trainee.WrittenExamRecorded, on=MAY_18, passed=False)
        trainee(TRIAL, DRILL, failed, EXAM).when(go_live(trial_required=True)).then(LIVE)

    def test_does_not_take_evidence_of_a_later_day(self) -> None:
        later = fact(Trainee.DrillRecorded, on=JUNE_10, passed=True)
        code, days = "gate_passed_later", {"on": JUNE_1, "passed_on": JUNE_10}
        trainee(EXAM, later).when(go_live()).then(refused(code, what=["drill"], **days))

    def test_says_first_what_was_passed_on_no_day(self) -> None:
        later = fact(Trainee.DrillRecorded, on=JUNE_10, passed=True)
        missing = refused("gate_not_passed", missing=["written_exam"])
        trainee(later).when(go_live()).then(missing)

    def test_a_later_failure_takes_a_pass_away(self) -> None:
        failed = fact(Trainee.DrillRecorded, on=JUNE_1, passed=False)
        passed = fact(Trainee.DrillRecorded, on=MAY_18, passed=True)
        trainee(EXAM, passed, failed).when(go_live()).then(refused("gate_not_passed"))

    def test_refuses_a_second_go_live(self) -> None:
        trainee(EXAM, DRILL, LIVE).when(go_live(on=JUNE_10)).then(
            refused("already_live", on=JUNE_1)
        )

    def test_refuses_a_day_before_the_enrolment(self) -> None:
        day = MAY_18 - timedelta(days=1)
        trainee(EXAM, DRILL).when(go_live(on=day)).then(refused("before_enrolment"))


class TestOrders:
    def test_are_closed_with_product_and_amount(self) -> None:
        trainee(EXAM, DRILL, LIVE).when(close(amount=Decimal("6688.00"))).then(
            fact(
                Trainee.OrderClosed,
                order_no="A01",
                closed_on=JUNE_10,
                product="诚信通",
                amount=Decimal("6688.00"),
            )
        )

    def test_may_come_before_the_go_live(self) -> None:
        trainee().when(close(on=MAY_18)).then(
            fact(Trainee.OrderClosed, order_no="A01", closed_on=MAY_18)
        )

    def test_refused_before_the_enrolment(self) -> None:
        trainee().when(close(on=MAY_18 - timedelta(days=1))).then(refused("before_enrolment"))

    def test_refused_with_a_number_that_is_in_use(self) -> None:
        trainee(ORDER).when(close()).then(refused("order_no_taken", order_no="A01"))

    def test_refused_with_a_negative_amount(self) -> None:
        trainee().when(close(amount=Decimal(-1))).then(refused("amount_negative"))

    def test_voided_once_with_a_reason(self) -> None:
        def void(t: Trainee) -> None:
            t.void_order(order_no="A01", on=JUNE_20, reason="客户退单")

        voided = fact(Trainee.OrderVoided, order_no="A01", on=JUNE_20, reason="客户退单")
        trainee(ORDER).when(void).then(voided)
        trainee(ORDER, voided).when(void).then(refused("order_already_voided", on=JUNE_20))
        said = {"order_no": "A01", "closed_on": JUNE_1, "product": None, "amount": Decimal(7)}
        trainee(ORDER, voided).when(lambda t: t.correct_order(**said, reason="录错")).then(
            refused("order_already_voided", on=JUNE_20)
        )
        trainee().when(void).then(refused("order_unknown"))

    def test_not_voided_before_they_were_closed_or_without_a_reason(self) -> None:
        trainee(ORDER).when(lambda t: t.void_order(order_no="A01", on=JUNE_1, reason="退单")).then(
            refused("void_before_order")
        )
        trainee(ORDER).when(lambda t: t.void_order(order_no="A01", on=JUNE_20, reason=" ")).then(
            refused("reason_missing")
        )


class TestLeaving:
    def test_is_recorded_once_with_the_last_day(self) -> None:
        left = fact(Trainee.Left, on=JUNE_20, leaving_reason="个人原因")
        trainee().when(lambda t: t.leave(on=JUNE_20, reason="个人原因")).then(left)
        trainee(left).when(lambda t: t.leave(on=JUNE_20, reason="")).then(refused("already_left"))

    def test_refused_before_entering_and_before_going_live(self) -> None:
        trainee().when(lambda t: t.leave(on=MAY_18 - timedelta(days=1), reason="")).then(
            refused("before_enrolment")
        )
        trainee(EXAM, DRILL, LIVE).when(lambda t: t.leave(on=MAY_18, reason="")).then(
            refused("leaves_before_live", live_on=JUNE_1)
        )


DAYS = st.dates(date(2026, 5, 1), date(2026, 8, 1))
STEPS = st.one_of(
    st.tuples(st.just("written"), st.booleans(), DAYS),
    st.tuples(st.just("drill"), st.booleans(), DAYS),
    st.tuples(st.just("go_live"), st.booleans(), DAYS),
    st.tuples(st.just("close_order"), st.sampled_from(["A", "B"]), DAYS),
    st.tuples(st.just("leave"), st.just(""), DAYS),
)


@for_all(st.lists(STEPS, max_size=20))
def test_whatever_is_tried_nobody_is_live_without_both_passes(steps: list[Any]) -> None:
    someone = Trainee.enrol("trainee-1", **ENROLLED.fields)
    for name, what, day in steps:
        try:
            match name:
                case "go_live":
                    someone.go_live(on=day, trial_required=what)
                case "close_order":
                    someone.close_order(order_no=what, closed_on=day, product=None, amount=None)
                case "leave":
                    someone.leave(on=day, reason=what)
                case _:
                    someone.record_exam(kind=name, passed=what, on=day, score=None)
        except Refusal:
            continue
    lives = [e for e in someone.pending_events if isinstance(e, Trainee.WentLive)]
    assert len(lives) <= 1
    for live in lives:
        before = someone.pending_events[: live.originator_version - 1]
        for kind in (Trainee.WrittenExamRecorded, Trainee.DrillRecorded):
            assert any(isinstance(e, kind) and e.passed and e.on <= live.on for e in before)
    orders = [e.order_no for e in someone.pending_events if isinstance(e, Trainee.OrderClosed)]
    assert len(orders) == len(set(orders))
