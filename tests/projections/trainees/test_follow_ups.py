"""Where a follow-up stands, now and on any day."""

from datetime import date

import pytest

from projections.trainees.follow_ups import FOLLOW_UP_LIST, FOLLOW_UPS
from tests.follow_ups import (
    FOLLOWED_UP,
    action_agreed,
    action_corrected,
    follow_up_dropped,
    follow_up_end_withdrawn,
    follow_up_opened,
)
from tests.gwt import given, row
from tests.situation import LIFE, march
from tests.steps import Step


@pytest.mark.parametrize(
    ("day", "status", "due_on", "ended_on"),
    [
        (march(3), "open", None, None),
        (march(4), "agreed", march(8), None),
        (march(7), "done", march(8), march(7)),
    ],
    ids=["visited", "agreed", "done"],
)
def test_stands_on_an_evening_where_it_had_come(
    day: date, status: str, due_on: date | None, ended_on: date | None
) -> None:
    (one,) = given(FOLLOW_UPS, *LIFE, *FOLLOWED_UP).rows
    assert FOLLOW_UP_LIST.as_of
    found = FOLLOW_UP_LIST.as_of(one, day)
    assert found
    assert (found.status, found.due_on, found.ended_on) == (status, due_on, ended_on)


def test_an_agreed_action_keeps_its_marks_as_they_were_typed() -> None:
    opened = follow_up_opened("E0", "F0", on=march(3))
    typed = "报价：练三遍，周五演示（ＡＢ）"
    agreed = action_agreed("F0", on=march(4), due=march(8), action=f" {typed} ")
    (one,) = given(FOLLOW_UPS, *LIFE, opened, agreed).rows
    assert one.action == typed


@pytest.mark.parametrize(
    ("ended", "day", "status"),
    [
        ((), march(8), "agreed"),
        ((), march(9), "overdue"),
        ((follow_up_dropped("F0", on=march(9)),), march(9), "dropped"),
    ],
    ids=["on its day", "on the day after", "dropped meanwhile"],
)
def test_an_action_is_overdue_when_its_day_is_over(
    ended: tuple[Step, ...], day: date, status: str
) -> None:
    opened, agreed = (
        follow_up_opened("E0", "F0", on=march(3)),
        action_agreed("F0", on=march(4), due=march(8)),
    )
    (one,) = given(FOLLOW_UPS, *LIFE, opened, agreed, *ended).rows
    assert FOLLOW_UP_LIST.as_of
    found = FOLLOW_UP_LIST.as_of(one, day)
    assert found and found.status == status


def test_is_not_there_before_the_visit() -> None:
    (one,) = given(FOLLOW_UPS, *LIFE, *FOLLOWED_UP).rows
    assert FOLLOW_UP_LIST.as_of
    assert FOLLOW_UP_LIST.as_of(one, march(2)) is None


def test_a_withdrawn_end_leaves_the_action_as_it_was_corrected() -> None:
    given(
        FOLLOW_UPS,
        *LIFE,
        follow_up_opened("E0", "F0", on=march(3)),
        action_agreed("F0", on=march(4), due=march(8)),
        action_agreed("F0", on=march(4), due=march(9), action="练开场"),
        action_corrected("F0", on=march(4), due=march(10)),
        follow_up_dropped("F0", on=march(5)),
        follow_up_end_withdrawn("F0"),
    ).then(row(status="agreed", action="练报价", due_on=march(10), ended_on=None))


def test_nobody_is_followed_up_who_has_not_been_on_the_post() -> None:
    assert not given(FOLLOW_UPS, *LIFE, follow_up_opened("E1", "F0", on=march(5))).rows
    assert not given(FOLLOW_UPS, *LIFE, follow_up_opened("E0", "F0", on=march(1))).rows


def test_the_action_agreed_last_is_in_force_whatever_its_day() -> None:
    opened = follow_up_opened("E0", "F0", on=march(3))
    first = action_agreed("F0", on=march(5), due=march(8))
    given(
        FOLLOW_UPS, *LIFE, opened, first, action_agreed("F0", on=march(4), due=march(9), action="b")
    ).then(row(status="agreed", action="b", due_on=march(9)))
    given(
        FOLLOW_UPS,
        *LIFE,
        opened,
        first,
        action_agreed("F0", on=march(6), due=march(9), action="b"),
        action_corrected("F0", on=march(4), due=march(10)),
    ).then(row(status="agreed", due_on=march(10)))
