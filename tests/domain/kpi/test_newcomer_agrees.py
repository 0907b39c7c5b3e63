"""The fold and the trainee itself: after any history both say the same of the facts."""

from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.kernel.aggregate import UNRECORDED
from domain.kernel.errors import Refusal
from domain.kpi.subjects.newcomer import Newcomer, evolve
from domain.trainees.trainee import Trainee

START = date(2026, 3, 1)
DAYS = st.integers(0, 30).map(lambda days: START + timedelta(days=days))
NUMBERS = st.sampled_from(["A1", "A2", "A3"])
PASSED = st.booleans()
SCORES = st.none() | st.integers(0, 100).map(Decimal)


def step(command: str, /, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.tuples(st.just(command), st.fixed_dictionaries(dict(fields)))


FACTS = st.integers(1, 12)
WHY = st.just("录入有误")
LIVES = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.one_of(
            step("record_trial_verdict", passed=PASSED, on=DAYS, feedback=st.just("好")),
            step(
                "correct_trial_verdict",
                was_on=DAYS,
                passed=PASSED,
                on=DAYS,
                feedback=st.just("很好"),
                reason=WHY,
            ),
            step(
                "correct_trial_verdict",
                fact=FACTS,
                passed=PASSED,
                on=DAYS,
                feedback=st.just("很好"),
                reason=WHY,
            ),
            step("record_written_exam", passed=st.just(True), on=DAYS, score=SCORES),
            step("miss_makeup", kind=st.sampled_from(["written", "drill"]), on=DAYS),
            step("record_drill", passed=st.just(True), on=DAYS, score=SCORES),
            step(
                "correct_exam",
                kind=st.sampled_from(["written", "drill"]),
                was_on=DAYS,
                passed=PASSED,
                on=DAYS,
                score=SCORES,
                reason=WHY,
            ),
            step(
                "correct_exam",
                kind=st.sampled_from(["written", "drill"]),
                fact=FACTS,
                passed=PASSED,
                on=DAYS,
                score=SCORES,
                reason=WHY,
            ),
            step("go_live", on=DAYS, trial_required=st.just(False)),
            step("correct_go_live", was_on=DAYS, on=DAYS, reason=WHY),
            step("hold_off_post", on=DAYS, reason=WHY),
            step("change_manager", on=DAYS, manager=st.sampled_from(["赵敏", "李明", None])),
            step(
                "transfer",
                on=DAYS,
                cohort_id=st.sampled_from(["cohort-1", "cohort-2"]),
                cohort_code=st.just("2026-03"),
                reason=WHY,
            ),
            step(
                "close_order",
                order_no=NUMBERS,
                closed_on=DAYS,
                product=st.none(),
                amount=st.none(),
            ),
            step("reassign_order", order_no=NUMBERS, on=DAYS, reason=WHY),
            step("void_order", order_no=NUMBERS, on=DAYS, reason=WHY),
            step(
                "correct_order",
                order_no=NUMBERS,
                closed_on=DAYS,
                product=st.none(),
                amount=st.none(),
                reason=WHY,
            ),
            step("leave", on=DAYS, reason=WHY),
            step("eliminate", on=DAYS, reason=WHY),
            step("correct_leaving", on=DAYS, leaving_reason=st.none(), reason=WHY),
            step("withdraw_leaving", reason=WHY),
            step(
                "correct_enrolment",
                entered_on=DAYS,
                manager=st.sampled_from(["赵敏", None]),
                post=st.sampled_from(["sales", "customer_service"]),
                name=st.none(),
                reason=WHY,
            ),
        ),
    ),
    max_size=40,
)


Steps = list[tuple[int, tuple[str, dict[str, Any]]]]


def lived(steps: Steps) -> list[Trainee]:
    """Two people after all that was not refused."""
    facts = {"cohort_id": "cohort-1", "cohort_code": "2026-03", "name": "王芳"}
    both = [
        Trainee.enrol(f"trainee-{n}", employee_no=f"T{n}", entered_on=START, **facts)
        for n in range(2)
    ]
    for who, (command, fields) in steps:
        to = {"to": both[1 - who]} if command == "reassign_order" else {}
        with suppress(Refusal):
            getattr(both[who], command)(**fields, **to)
    return both


def said(trainee: Trainee) -> dict[str, Any]:
    employment, evidence, steps = trainee.employment, trainee.qualification, trainee.placement.steps
    enrolled = employment.enrolled

    def results(kind: str) -> list[Any]:
        return [(exam.on, exam.passed, exam.score) for exam in evidence.exams_of(kind)]

    return {
        "entered": (
            enrolled.entered_on,
            enrolled.post,
            employment.manager_on(date.max),
            trainee.cohort_id,
        ),
        "left": employment.left_on,
        "lives": [step.on for step in steps if isinstance(step, Trainee.WentLive)],
        "holds": [step.on for step in steps if isinstance(step, Trainee.HeldOffPost)],
        "trials": [(trial.on, trial.passed) for trial in evidence.trials],
        "written": results("written"),
        "drill": results("drill"),
        "orders": {
            no: (order.closed_on, order.credited_on, order.voided_on, bool(order.reassigned_to))
            for no, order in trainee.selling.orders.items()
        },
    }


def folded(newcomer: Newcomer) -> dict[str, Any]:
    def results(kind: str) -> list[Any]:
        return [(one.on, one.passed, one.score) for one in newcomer.exams if one.kind == kind]

    moved = max(newcomer.transfers, key=lambda moved: (moved.on, moved.position), default=newcomer)
    return {
        "entered": (
            newcomer.entered_on,
            newcomer.post,
            newcomer.manager_on(date.max),
            moved.cohort_id,
        ),
        "left": newcomer.left_on,
        "lives": [live.on for live in newcomer.lives],
        "holds": [hold.on for hold in newcomer.holds],
        "trials": [(trial.on, trial.passed) for trial in newcomer.trials],
        "written": results("written"),
        "drill": results("drill"),
        "orders": {
            order.no: (
                order.closed_on,
                order.credited_on,
                order.voided_on,
                order.reassigned_on is not None,
            )
            for order in newcomer.orders
        },
    }


@settings(deadline=None)
@given(LIVES)
def test_the_fold_says_what_the_trainee_says(steps: Steps) -> None:
    for trainee in lived(steps):
        newcomer = None
        for event in trainee.pending_events:
            newcomer = evolve(newcomer, event, event.originator_version, UNRECORDED)
        assert newcomer is not None
        assert folded(newcomer) == said(trainee)


@settings(deadline=None)
@given(LIVES)
def test_days_stay_in_their_order(steps: Steps) -> None:
    for trainee in lived(steps):
        steps, live_on = trainee.placement.steps, trainee.placement.live_on
        days = [step.on for step in steps]
        assert days == sorted(days)
        are_live = [isinstance(step, Trainee.WentLive) for step in steps]
        assert all(one != other for one, other in pairwise(are_live))
        assert all(day >= trainee.employment.enrolled.entered_on for day in days)
        moved = [change.on for change in trainee.placement.transfers]
        assert not moved or live_on is None or max(moved) <= live_on
        lives, left_on = trainee.placement.lives, trainee.employment.left_on
        assert left_on is None or all(live.on <= left_on for live in lives)
        for order in trainee.selling.orders.values():
            assert order.credited_on is None or order.closed_on <= order.credited_on
            assert order.voided_on is None or order.closed_on <= order.voided_on
