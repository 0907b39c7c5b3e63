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
    def days(standing: str) -> list[date]:
        return [change.on for change in trainee.standings if change.value == standing]

    return {
        "entered": (trainee.entered_on, trainee.post, trainee.manager, trainee.cohort_id),
        "left": trainee.left_on,
        "lives": days("live"),
        "holds": days("held"),
        "trials": [(trial.on, trial.passed) for trial in trainee.trials],
        "written": [(exam.on, exam.passed, exam.score) for exam in trainee.written_exams],
        "drill": [(exam.on, exam.passed, exam.score) for exam in trainee.drills],
        "orders": {
            no: (order.closed_on, order.credited_on, order.voided_on, bool(order.reassigned_to))
            for no, order in trainee.orders.items()
        },
    }


def facts(newcomer: Newcomer) -> dict[str, Any]:
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
@given(lives)
def test_the_fold_says_what_the_trainee_says(history: list[Step]) -> None:
    log = log_of(history)
    newcomers = folded(log)
    for trainee in lived(log):
        assert facts(newcomers[trainee.id]) == said(trainee)


@settings(deadline=None)
@given(lives)
def test_days_stay_in_their_order(history: list[Step]) -> None:
    for trainee in lived(log_of(history)):
        standings = trainee.standings[1:]
        days = [standing.on for standing in standings]
        assert days == sorted(days)
        assert all(one.value != other.value for one, other in pairwise(standings))
        assert all(day >= trainee.entered_on for day in days)
        moved = [change.on for change in trainee.cohorts[1:]]
        assert not moved or trainee.live_on is None or max(moved) <= trainee.live_on
        lives = [standing.on for standing in standings if standing.value == "live"]
        assert trainee.left_on is None or all(day <= trainee.left_on for day in lives)
        for order in trainee.orders.values():
            assert order.credited_on is None or order.closed_on <= order.credited_on
            assert order.voided_on is None or order.closed_on <= order.voided_on
