"""The figures of a month are in time until 24:00 of the 5th of the next, in the partner's zone."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from domain.kernel.values import Month, Ratio
from domain.kpi.catalog.recording import SUBMISSIONS_IN_TIME
from domain.kpi.evaluation import evaluate, evaluate_by
from domain.kpi.evidence import Basis, Evidence, FirstSubmission
from domain.kpi.group import Group
from domain.kpi.proof.breakdown import break_down
from tests import source_batch
from tests.adding_up import Recomputed, recompute
from tests.domain.kpi.facts import newcomer

SHANGHAI = ZoneInfo("Asia/Shanghai")
JUNE = "2026-06"
SLUG = SUBMISSIONS_IN_TIME.slug


def submitted(*instant: int, month: str = JUNE) -> FirstSubmission:
    return FirstSubmission(month, datetime(*instant, tzinfo=SHANGHAI), 500)


def of(*submissions: FirstSubmission, day: date) -> Ratio:
    evidence = Evidence(source_batch.batch(), submissions=submissions)
    return evaluate([SUBMISSIONS_IN_TIME], Basis(evidence, day))[SLUG].ratio


@pytest.mark.parametrize(
    ("instant", "met"),
    [
        pytest.param((2026, 7, 5, 23, 59, 59), 1, id="the last second of the 5th"),
        pytest.param((2026, 7, 6, 0, 0, 0), 0, id="midnight"),
    ],
)
def test_the_deadline_is_the_end_of_the_fifth(instant: tuple[int, ...], met: int) -> None:
    assert of(submitted(*instant), day=date(2026, 7, 31)) == Ratio(met, 1)


def test_a_month_is_due_on_the_evening_of_the_fifth_and_not_before() -> None:
    assert of(day=date(2026, 7, 4)) == Ratio(0, 0)
    assert of(day=date(2026, 7, 5)) == Ratio(0, 1)


def test_what_was_submitted_after_the_evening_asked_about_had_not_been() -> None:
    late = submitted(2026, 7, 10)
    evidence = Evidence(source_batch.batch(), submissions=[late])
    rules = [
        break_down(SUBMISSIONS_IN_TIME, Basis(evidence, day)).not_counted[0].rule
        for day in (date(2026, 7, 9), date(2026, 7, 10))
    ]
    assert rules == ["not_submitted", "submitted_late"]


def test_a_month_without_a_go_live_owes_nothing() -> None:
    assert of(submitted(2026, 6, 3, month="2026-05"), day=date(2026, 7, 1)) == Ratio(0, 0)


def test_a_month_is_nobodys_and_of_no_batch() -> None:
    evidence = Evidence(source_batch.batch(), submissions=[submitted(2026, 7, 1)])
    day = date(2026, 7, 31)
    found = {
        group: evaluate([SUBMISSIONS_IN_TIME], Basis(evidence, day, group))[SLUG].ratio
        for group in (Group(month=Month(2026, 6)), Group(cohort="2026-05"))
    }
    assert list(found.values()) == [Ratio(1, 1), Ratio(0, 0)]
    by_month = evaluate_by("month", [SUBMISSIONS_IN_TIME], Basis(evidence, day))
    assert by_month[JUNE][SLUG].ratio == Ratio(1, 1)


def test_its_lines_add_up_and_reach_their_events() -> None:
    people = [newcomer(1), newcomer(2, live=date(2026, 7, 3))]
    evidence = Evidence(people, submissions=[submitted(2026, 7, 1)])
    day = date(2026, 8, 31)
    found = break_down(SUBMISSIONS_IN_TIME, Basis(evidence, day))
    figure = evaluate([SUBMISSIONS_IN_TIME], Basis(evidence, day))[SLUG]
    assert recompute(found) == Recomputed(figure.ratio, figure.floor, figure.ceiling)
    assert [(line.label, line.numerator) for line in found.lines] == [
        ("2026-06", 1),
        ("2026-07", 0),
    ]
    assert [line.positions for line in found.lines] == [(500,), (2000,)]


def test_the_last_day_of_the_calendar_can_be_asked_about() -> None:
    evidence = Evidence(source_batch.batch())
    assert evaluate([SUBMISSIONS_IN_TIME], Basis(evidence, date.max))[SLUG].ratio == Ratio(0, 1)
