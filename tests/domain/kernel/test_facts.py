"""Facts of one kind: found by id or day, corrected where they stand, in force from their day on."""

from datetime import date
from typing import Any

import pytest

from domain.kernel.aggregate import (
    UNRECORDED,
    Aggregate,
    Correction,
    DomainCreated,
    Happening,
    Withdrawal,
    payload_fields,
)
from domain.kernel.errors import Refusal
from domain.kernel.facts import Facts, in_force
from domain.teaching.cohort import Cohort
from domain.teaching.session import Session
from domain.trainees.trainee import Trainee
from tests.gwt import Fact, fact

JUNE_1, JUNE_10, JUNE_20 = date(2026, 6, 1), date(2026, 6, 10), date(2026, 6, 20)
OPENED = {Cohort: Cohort.Opened, Trainee: Trainee.Enrolled}
EVENTS = [kind for of in (Cohort, Session, Trainee) for kind in of.events()]


def event(version: int, told: Fact) -> Any:
    return told.kind(
        originator_id="trainee-1",
        originator_version=version,
        timestamp=UNRECORDED,
        **told.fields,
    )


def test_a_correction_amends_what_its_fact_says_and_nothing_else() -> None:
    lives = [event(version, fact(Trainee.WentLive, on=JUNE_1)) for version in (2, 3)]
    correction = fact(Trainee.GoLiveCorrected, on=JUNE_10, fact=2, reason="录错")
    corrected, again = (event(version, correction) for version in (4, 5))
    assert [again.amends(one) for one in (*lives, corrected)] == [True, False, True]
    assert not lives[1].amends(lives[0])


def test_to_withdraw_an_entry_of_an_order_amends_what_was_corrected_of_it_at_another() -> None:
    said = {"order_no": "A1", "closed_on": JUNE_1, "product": None, "amount": None}
    of_another = said | {"order_no": "A2"}
    corrected, other = (
        event(version, fact(Trainee.OrderCorrected, **of, fact=5, reason="录错"))
        for version, of in ((6, said), (7, of_another))
    )
    why = {"fact": 3, "was_on": JUNE_1, "reason": "录错", "number": "A1"}
    withdrawals = [
        event(8, fact(Trainee.FactWithdrawn, what=kind.TOPIC, **why))
        for kind in (Trainee.OrderClosed, Trainee.OrderVoided)
    ]
    assert [one.amends(corrected) for one in withdrawals] == [True, False]
    assert not any(one.amends(other) for one in withdrawals)


def managed(version: int, on: date, manager: str) -> Any:
    return event(version, fact(Trainee.ManagerChanged, on=on, manager_id=manager))


def live(version: int, on: date) -> Any:
    return event(version, fact(Trainee.WentLive, on=on))


LATE, FIRST, SECOND = (
    managed(2, JUNE_20, "M2"),
    managed(3, JUNE_10, "M1"),
    managed(4, JUNE_10, "M3"),
)
MANAGERS: Facts[Any] = Facts((LATE, FIRST, SECOND))


class TestInForce:
    @pytest.mark.parametrize(
        ("day", "manager"),
        [(JUNE_1, None), (JUNE_10, SECOND), (date(2026, 6, 19), SECOND), (JUNE_20, LATE)],
        ids=["before_the_first", "of_one_day_the_last_recorded", "until_the_next", "on_its_day"],
    )
    def test_is_the_last_change_by_a_day(self, day: date, manager: Any) -> None:
        assert MANAGERS.on(day) is manager
        assert in_force(MANAGERS, day) is manager


class TestFound:
    def test_by_the_id_that_it_has(self) -> None:
        assert MANAGERS.find(fact=3, was_on=None) is FIRST

    def test_by_day_and_then_the_last_recorded_of_several(self) -> None:
        assert MANAGERS.find(fact=None, was_on=JUNE_10) is SECOND

    @pytest.mark.parametrize(
        ("number", "was_on"), [(9, None), (None, JUNE_1), (3, JUNE_20)], ids=["id", "day", "both"]
    )
    def test_nothing_where_there_is_none_such(
        self, number: int | None, was_on: date | None
    ) -> None:
        assert MANAGERS.find(fact=number, was_on=was_on) is None

    def test_refused_where_nothing_says_which(self) -> None:
        with pytest.raises(Refusal, match="fact_missing"):
            MANAGERS.find(fact=None, was_on=None)


class TestCorrected:
    lives: Facts[Any] = Facts((live(2, JUNE_1), live(3, JUNE_20)))

    def test_where_it_stands_and_then_once_more(self) -> None:
        first = event(4, fact(Trainee.GoLiveCorrected, on=JUNE_10, fact=2, reason="录错"))
        again = event(5, fact(Trainee.GoLiveCorrected, on=JUNE_1, fact=2, reason="录错"))
        assert self.lives.after(first).events == (first, self.lives.events[1])
        assert self.lives.after(first).after(again).events == (again, self.lives.events[1])

    def test_a_withdrawn_one_is_gone(self) -> None:
        assert self.lives.without(2).events == self.lives.events[1:]


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.TOPIC)
def test_every_event_of_daily_life_says_its_day(kind: type[Happening]) -> None:
    assert issubclass(kind, Happening)
    assert kind.__dataclass_fields__[kind.DAY].type is date


@pytest.mark.parametrize(
    "kind",
    [kind for kind in EVENTS if issubclass(kind, Correction | Withdrawal)],
    ids=lambda kind: kind.TOPIC,
)
def test_what_is_said_of_a_fact_names_it_and_the_reason(kind: type[Happening]) -> None:
    assert {"fact", "reason"} <= set(kind.__dataclass_fields__)


@pytest.mark.parametrize("of", OPENED)
def test_what_says_otherwise_who_or_what_was_named_at_first_declares_that_it_changes(
    of: type[Aggregate],
) -> None:
    changed = {
        name: kind.CHANGES
        for kind in of.events()
        if issubclass(kind, Happening) and not issubclass(kind, Correction | DomainCreated)
        for name in {*payload_fields(kind)} & {*payload_fields(OPENED[of])}
    }
    assert changed
    # Whose code stands beside the id is shown by the code.
    said = {name: {name, name.removesuffix("_id") + "_code"} for name in changed}
    assert {name for name, shown in said.items() if shown.isdisjoint(changed[name])} == set()
