"""A department is opened, headed, moved and closed from days on."""

from datetime import date
from typing import Any

import pytest

from domain.people.department import Department
from tests.gwt import Fact, Given, fact, given, refused

JUNE_1, JUNE_10, JUNE_20, JUNE_30 = (date(2026, 6, day) for day in (1, 10, 20, 30))
OPENED = fact(Department.Opened, code="xs", name="销售部", on=JUNE_10)
CLOSED = fact(Department.Closed, on=JUNE_20)


def department(*facts: Fact) -> Given:
    return given(Department, OPENED, *facts)


def calls(method: str, **said: Any) -> Any:
    return lambda one: getattr(one, method)(**said)


def test_is_opened_and_closed() -> None:
    given(Department).when(lambda kind: kind.open("department-1", **OPENED.fields)).then(OPENED)
    department().when(calls("close", on=JUNE_20)).then(CLOSED)
    department(CLOSED).when(calls("close", on=JUNE_30)).then(refused("department_closed"))
    for again in (JUNE_10, JUNE_20):
        department(CLOSED).when(calls("close", on=again)).then(
            refused("department_closed_already", closed_on=JUNE_20)
        )


@pytest.mark.parametrize(
    ("method", "kind", "said"),
    [
        ("rename", Department.Renamed, {"name": "直销部"}),
        ("change_head", Department.HeadChanged, {"head_id": "person-1"}),
        ("move", Department.Moved, {"part_of_id": "department-2"}),
    ],
    ids=["name", "head", "whole"],
)
def test_is_another_from_a_day_on_and_not_twice_the_same(
    method: str, kind: Any, said: dict[str, str]
) -> None:
    changed = fact(kind, on=JUNE_20, **said)
    department().when(calls(method, on=JUNE_20, **said)).then(changed)
    department(changed).when(calls(method, on=JUNE_30, **said)).then(refused("nothing_changes"))
    department().when(calls(method, on=JUNE_1, **said)).then(refused("before_department"))


def test_a_correction_says_again_what_stays() -> None:
    department().when(calls("correct_opening", name="直销部", reason="录错")).then(
        fact(Department.OpeningCorrected, name="直销部", on=JUNE_10, fact=1, reason="录错")
    )
    department(CLOSED).when(calls("correct_opening", on=JUNE_30, reason="录错")).then(
        refused("recorded_before_opening", on=JUNE_20)
    )


def test_a_fact_is_withdrawn_and_the_opening_when_nothing_else_is_left() -> None:
    department(CLOSED).when(calls("withdraw_fact", fact=2, reason="录错")).then(
        fact(Department.FactWithdrawn, fact=2, was_on=JUNE_20)
    )
    withdrawn = fact(Department.FactWithdrawn, fact=2, was_on=JUNE_20, reason="录错")
    department(CLOSED, withdrawn).when(calls("close", on=JUNE_30)).then(
        fact(Department.Closed, on=JUNE_30)
    )
    department(CLOSED).when(calls("withdraw_fact", fact=1, reason="录错")).then(
        refused("opening_rested_on", what="department.closed")
    )
    department().when(calls("withdraw_fact", fact=9, reason="录错")).then(
        refused("department_fact_unknown")
    )
