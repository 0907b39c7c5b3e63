"""The fold and the trainee itself: after any history both say the same of the facts."""

from datetime import date
from itertools import pairwise
from typing import Any

from hypothesis import given, settings

from domain.kernel.aggregate import Recorded
from domain.kpi.subjects.newcomer import Newcomer
from domain.trainees.trainee import Trainee
from tests.domain.kpi.logs import folded, lives, log_of
from tests.steps import Step


def lived(log: list[Recorded]) -> list[Trainee]:
    """Everybody as their streams leave them."""
    found: dict[str, Trainee] = {}
    for one in log:
        who = one.event.originator_id
        found[who] = one.event.mutate(found.get(who))
    return list(found.values())


def said(trainee: Trainee) -> dict[str, Any]:
    employment, evidence, steps = trainee.employment, trainee.qualification, trainee.placement.steps
    enrolled = employment.enrolled

    def results(kind: str) -> list[Any]:
        return [(exam.on, exam.passed, exam.score) for exam in evidence.exams_of(kind)]

    return {
        "entered": (
            enrolled.entered_on,
            employment.post_on(date.max),
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


def facts(newcomer: Newcomer) -> dict[str, Any]:
    def results(kind: str) -> list[Any]:
        return [(one.on, one.passed, one.score) for one in newcomer.exams if one.kind == kind]

    moved = max(newcomer.transfers, key=lambda moved: (moved.on, moved.position), default=newcomer)
    return {
        "entered": (
            newcomer.entered_on,
            newcomer.post_on(date.max),
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
@given(lives)
def test_the_fold_says_what_the_trainee_says(history: list[Step]) -> None:
    log = log_of(history)
    newcomers = folded(log)
    people = [trainee for trainee in lived(log) if trainee.known]
    assert {trainee.id for trainee in people} == newcomers.keys()
    for trainee in people:
        assert facts(newcomers[trainee.id]) == said(trainee)


@settings(deadline=None)
@given(lives)
def test_days_stay_in_their_order(history: list[Step]) -> None:
    for trainee in lived(log_of(history)):
        steps, live_on = trainee.placement.steps, trainee.placement.live_on
        days = [step.on for step in steps]
        assert days == sorted(days)
        are_live = [isinstance(step, Trainee.WentLive) for step in steps]
        assert all(one != other for one, other in pairwise(are_live))
        assert all(day >= trainee.employment.enrolled.entered_on for day in days)
        moved = [change.on for change in trainee.placement.transfers]
        assert not moved or live_on is None or max(moved) <= live_on
        left_on = trainee.employment.left_on
        assert left_on is None or all(live.on <= left_on for live in trainee.placement.lives)
        for order in trainee.selling.orders.values():
            assert order.credited_on is None or order.closed_on <= order.credited_on
            assert order.voided_on is None or order.closed_on <= order.voided_on
