"""Who belongs to a month, a cohort, a manager."""

from datetime import date

import pytest

from domain.kernel.values import Month
from domain.kpi.evidence import Basis, Evidence
from domain.kpi.group import WHOLE, Group
from domain.kpi.scheme.versions import Parameters, Scheme, Version
from domain.kpi.subjects.newcomers import final_in
from tests.domain.kpi.counted import board, members
from tests.domain.kpi.facts import newcomer

DAY = date(2026, 7, 31)
PEOPLE = [
    newcomer(1, manager_id="M1"),
    newcomer(2, live=date(2026, 7, 1), manager_id="M2"),
    newcomer(3, live=None, manager_id="M1"),
    newcomer(4, live=date(2026, 8, 1), cohort_code="2026-07"),
    newcomer(5, post="channel_assistant"),
]


def numbers(**group) -> list[str]:
    return [who.employee_no for who in members(PEOPLE, DAY, Parameters(), Group(**group))]


def test_a_month_holds_who_went_live_in_it_and_who_of_their_batch_did_not() -> None:
    assert numbers(month=Month(2026, 6)) == ["T01", "T03"]
    assert numbers(month=Month(2026, 7)) == ["T02"]
    assert numbers(month=Month(2026, 8)) == []


def test_a_batch_is_in_the_month_of_most_of_its_go_lives() -> None:
    people = [
        newcomer(1, live=date(2026, 7, 1)),
        newcomer(2, live=date(2026, 6, 1)),
        newcomer(3, live=date(2026, 7, 2)),
        newcomer(4, live=None),
    ]
    july = members(people, DAY, Parameters(), Group(month=Month(2026, 7)))
    assert [who.employee_no for who in july] == ["T01", "T03", "T04"]


def test_a_batch_without_a_go_live_is_in_the_month_of_entering() -> None:
    people = [newcomer(1, live=None), newcomer(2, live=None)]
    entered = Month.of(people[0].entered_on)
    assert len(members(people, DAY, Parameters(), Group(month=entered))) == 2
    assert members(people, DAY, Parameters(), Group(month=entered.next())) == []


def test_a_month_holds_whose_window_closes_in_it_where_the_scheme_says_so() -> None:
    closing = Parameters(kpi_month="window_close", window_days=31)
    july = members(PEOPLE, DAY, closing, Group(month=Month(2026, 7)))
    assert [who.employee_no for who in july] == ["T01", "T02", "T03"]


def test_cohorts_and_managers_hold_who_is_still_in_training() -> None:
    assert numbers(manager="M1") == ["T01", "T03"]
    assert numbers(cohort="2026-05") == ["T01", "T02", "T03"]
    assert numbers(cohort="2026-05", manager="M1", month=Month(2026, 6)) == ["T01", "T03"]


def test_a_board_shows_every_group_once() -> None:
    got = board(PEOPLE, DAY, Parameters())
    assert (got["all"][WHOLE].entered, got["all"][WHOLE].went_live) == (4, 2)
    assert list(got["month"]) == ["2026-05", "2026-06", "2026-07"]
    assert {code: f.entered for code, f in got["cohort"].items()} == {"2026-05": 3, "2026-07": 1}
    assert {name: f.entered for name, f in got["manager"].items()} == {"M1": 2, "M2": 1}


def test_a_board_of_a_manager_keeps_everybody_in_the_month_of_the_whole_batch() -> None:
    people = [
        newcomer(1, live=date(2026, 7, 1), manager_id="M1"),
        newcomer(2, live=date(2026, 6, 1), manager_id="M2"),
        newcomer(3, live=date(2026, 7, 2), manager_id="M1"),
        newcomer(4, live=None, manager_id="M2"),
    ]
    got = board(people, DAY, Parameters(), Group(manager="M2"))
    assert {month: f.entered for month, f in got["month"].items()} == {"2026-06": 1, "2026-07": 1}


@pytest.mark.parametrize(
    ("cutoff", "asked_on", "month"),
    [
        ("window_close", date(2026, 6, 30), None),
        ("window_close", date(2026, 7, 1), Month(2026, 6)),
        ("report_time", date(2026, 7, 5), None),
        ("report_time", date(2026, 7, 6), Month(2026, 7)),
    ],
)
def test_who_can_no_longer_change_became_final_in_the_month_of_the_last_day_that_could(
    cutoff: str, asked_on: date, month: Month | None
) -> None:
    rules = Parameters(leaver_cutoff=cutoff)
    evidence = Evidence(
        [newcomer(live=date(2026, 6, 1))], scheme=Scheme((Version(1, Month(2025, 1), rules),))
    )
    windows = Basis(evidence, asked_on, today=asked_on).windows
    months = (Month(2026, 5), Month(2026, 6), Month(2026, 7))
    found = [one for one in months if final_in(evidence.newcomers, one, windows)]
    assert found == ([month] if month else [])
