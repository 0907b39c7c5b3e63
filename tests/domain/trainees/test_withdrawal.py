"""A fact that was recorded by mistake never was: what is known is as if nobody had recorded it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from functools import partial
from itertools import takewhile
from typing import Any

import pytest
from hypothesis import given as for_all

from domain.kernel.aggregate import Correction, Withdrawal
from domain.trainees.known import VALUES
from domain.trainees.selling import Selling
from domain.trainees.trainee import Trainee
from tests.carrying import recorded
from tests.domain.kpi.logs import lives
from tests.domain.trainees.test_trainee import (
    DRILL,
    ENROLLED,
    EXAM,
    JUNE_1,
    JUNE_10,
    JUNE_20,
    LIVE,
    MAY_18,
    ORDER,
    TRIAL,
    close,
    go_live,
    trainee,
)
from tests.gwt import Fact, fact, given, refused
from tests.steps import Step

WHY = "录错人"
HELD = fact(Trainee.HeldOffPost, on=JUNE_10, reason="抽查不通过")
LEFT = fact(Trainee.Left, on=JUNE_20, leaving_reason="个人原因")
VOIDED = fact(Trainee.OrderVoided, order_no="A01", on=JUNE_20, reason="退款")
COMPLAINT = fact(Trainee.ComplaintFiled, complaint_no="C1", on=JUNE_10)
UNFOUNDED = fact(Trainee.ComplaintWithdrawn, complaint_no="C1", on=JUNE_20, reason="不实")
GIVEN = {"order_no": "A01", "to_trainee_id": "trainee-2", "reason": "移交"}
TAKEN_BACK = fact(
    Trainee.OrderTakenOver,
    order_no="A01",
    from_trainee_id="trainee-2",
    on=JUNE_20,
    closed_on=JUNE_10,
)
SAID = {"order_no": "A01", "reason": "日期录错"}
CHECKED = fact(Trainee.SpotChecked, on=JUNE_10, topic="basics", passed=True)


def withdraw(number: int, reason: str = WHY) -> Any:
    return lambda t: t.withdraw_fact(fact=number, reason=reason)


def withdrawn(number: int, what: type[Any], was_on: date, its: str | None = None) -> Fact:
    said = {"what": what.TOPIC, "was_on": was_on, "number": its, "reason": WHY}
    return fact(Trainee.FactWithdrawn, fact=number, **said)


class TestWithdrawn:
    @pytest.mark.parametrize(
        ("one", "on"),
        [
            *((EXAM, JUNE_1), (DRILL, JUNE_1), (TRIAL, JUNE_1), (LIVE, JUNE_1)),
            *((HELD, JUNE_10), (CHECKED, JUNE_10), (LEFT, JUNE_20)),
            (fact(Trainee.MakeupMissed, on=JUNE_1, kind="written"), JUNE_1),
            (fact(Trainee.ManagerChanged, on=JUNE_1, manager_id="person-1"), JUNE_1),
        ],
        ids=lambda one: one.kind.TOPIC if isinstance(one, Fact) else "",
    )
    def test_a_fact_of_any_kind_with_its_day(self, one: Fact, on: date) -> None:
        trainee(one).when(withdraw(2)).then(withdrawn(2, one.kind, on))

    def test_an_order_and_a_complaint_with_their_numbers(self) -> None:
        trainee(ORDER).when(withdraw(2)).then(withdrawn(2, Trainee.OrderClosed, JUNE_10, "A01"))
        trainee(COMPLAINT).when(withdraw(2)).then(
            withdrawn(2, Trainee.ComplaintFiled, JUNE_10, "C1")
        )

    def test_the_enrolment_where_nothing_else_is_known(self) -> None:
        trainee().when(withdraw(1)).then(withdrawn(1, Trainee.Enrolled, MAY_18))
        gone = fact(
            Trainee.FactWithdrawn, fact=2, was_on=JUNE_1, reason=WHY, what=Trainee.WentLive.TOPIC
        )
        trainee(LIVE, gone).when(withdraw(1)).then(withdrawn(1, Trainee.Enrolled, MAY_18))

    def test_with_all_that_was_corrected_of_it_on_the_day_that_was_said_last(self) -> None:
        corrected = fact(Trainee.GoLiveCorrected, on=JUNE_10, fact=2, reason=WHY)
        trainee(LIVE, corrected).when(withdraw(2)).then(withdrawn(2, Trainee.WentLive, JUNE_10))

    def test_an_order_on_the_day_that_was_said_while_it_was_held_again(self) -> None:
        handed, taken = fact(Trainee.OrderReassigned, on=JUNE_20, **GIVEN), TAKEN_BACK
        corrected = fact(Trainee.OrderCorrected, fact=4, closed_on=JUNE_1, **SAID)
        undone = (gone(4, taken, JUNE_20, "A01"), gone(3, handed, JUNE_20, "A01"))
        trainee(ORDER, handed, taken, corrected, *undone).when(withdraw(2)).then(
            withdrawn(2, Trainee.OrderClosed, JUNE_1, "A01")
        )

    def test_evidence_of_a_go_live_as_it_could_be_corrected(self) -> None:
        trainee(EXAM, LIVE).when(withdraw(2)).then(
            withdrawn(2, Trainee.WrittenExamRecorded, JUNE_1)
        )


def gone(number: int, one: Fact, on: date, its: str | None = None) -> Fact:
    return fact(
        Trainee.FactWithdrawn,
        fact=number,
        was_on=on,
        reason=WHY,
        what=one.kind.TOPIC,
        number=its,
    )


class TestAfterwards:
    def test_what_it_stood_in_the_way_of_can_be_recorded(self) -> None:
        trainee(EXAM, DRILL, LIVE, gone(4, LIVE, JUNE_1)).when(go_live(on=JUNE_10)).then(
            fact(Trainee.WentLive, on=JUNE_10)
        )
        trainee(LEFT, gone(2, LEFT, JUNE_20)).when(close(on=date(2026, 7, 1))).then(
            fact(Trainee.OrderClosed, closed_on=date(2026, 7, 1))
        )
        trainee(ORDER, gone(2, ORDER, JUNE_10, "A01")).when(close()).then(
            fact(Trainee.OrderClosed, order_no="A01")
        )

    def test_a_number_that_was_corrected_once_is_recorded_anew_as_it_is(self) -> None:
        corrected = fact(
            Trainee.OrderCorrected, fact=2, reason=WHY, order_no="A01", closed_on=JUNE_20
        )
        state = trainee(ORDER, corrected, gone(2, ORDER, JUNE_20, "A01"), ORDER)._replay()
        assert isinstance(state, Trainee)
        assert state.selling.orders["A01"].closed_on == JUNE_10

    def test_of_an_enrolment_whose_order_had_been_corrected_nothing_is_known(self) -> None:
        corrected = fact(Trainee.OrderCorrected, fact=2, closed_on=JUNE_1, **SAID)
        enrolment = gone(1, fact(Trainee.Enrolled), MAY_18)
        state = trainee(ORDER, corrected, gone(2, ORDER, JUNE_1, "A01"), enrolment)._replay()
        assert isinstance(state, Trainee)
        assert (state.is_withdrawn, state.known) == (True, [])

    def test_a_void_order_is_valid_again(self) -> None:
        voided = trainee(ORDER, VOIDED, gone(3, VOIDED, JUNE_20, "A01"))
        voided.when(lambda t: t.void_order(order_no="A01", on=JUNE_20, reason="退款")).then(VOIDED)


def test_any_number_of_withdrawals_learn_what_is_left_but_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    learned, evolve = [], Selling.evolve
    monkeypatch.setattr(Selling, "evolve", lambda was, one: learned.append(1) or evolve(was, one))
    orders = [fact(Trainee.OrderClosed, order_no=f"A{n}", closed_on=JUNE_10) for n in range(50)]
    undone = [gone(2 + n, orders[n], JUNE_10, f"A{n}") for n in range(20)]
    state = trainee(*orders, *undone)._replay()
    assert isinstance(state, Trainee)
    assert (len(state.selling.orders), len(learned)) == (30, 30)


class TestRefused:
    @pytest.mark.parametrize(
        ("first", "later", "on"),
        [
            (LIVE, HELD, JUNE_10),
            (ORDER, VOIDED, JUNE_20),
            (COMPLAINT, UNFOUNDED, JUNE_20),
            (LEFT, fact(Trainee.Rejoined, on=JUNE_20, as_trainee_id="trainee-2"), JUNE_20),
        ],
        ids=["held after going live", "order void", "complaint taken back", "came back"],
    )
    def test_while_something_rests_on_it(self, first: Fact, later: Fact, on: date) -> None:
        trainee(first, later).when(withdraw(2)).then(
            refused("fact_rested_on", what=later.kind.TOPIC, on=on)
        )
        trainee(first, later).when(withdraw(1)).then(
            refused("fact_rested_on", what=later.kind.TOPIC, on=on)
        )

    def test_a_fact_a_second_time(self) -> None:
        trainee(LIVE, gone(2, LIVE, JUNE_1)).when(withdraw(2)).then(
            refused("fact_withdrawn_already", employee_no="HZ2026001")
        )
        trainee(gone(1, fact(Trainee.Enrolled), MAY_18)).when(withdraw(1)).then(
            refused("fact_withdrawn_already", employee_no="HZ2026001")
        )

    def test_an_id_that_is_no_facts(self) -> None:
        corrected = fact(Trainee.GoLiveCorrected, on=JUNE_10, fact=2, reason=WHY)
        trainee(LIVE, corrected).when(withdraw(3)).then(refused("fact_unknown", fact=3))
        trainee().when(withdraw(9)).then(refused("fact_unknown", fact=9))

    def test_what_the_other_side_knows_nothing_of(self) -> None:
        other = given(Trainee, ENROLLED)._replay()
        assert isinstance(other, Trainee)
        trainee(TAKEN_BACK).when(
            lambda t: t.withdraw_fact(fact=2, reason=WHY, shared=[other])
        ).then(refused("fact_unknown", fact=2, employee_no="HZ2026001"))

    def test_a_withdrawal_without_a_reason(self) -> None:
        trainee(LIVE).when(withdraw(2, " ")).then(refused("reason_missing"))


def after(events: Sequence[Any]) -> dict[str, Any]:
    state: Any = None
    for event in events:
        state = event.mutate(state)
    return {"known": state.known, **{name: getattr(state, name) for name in VALUES}}


@for_all(lives)
def test_withdrawing_what_was_recorded_last_with_its_corrections_gives_the_state_before_it(
    history: list[Step],
) -> None:
    streams = defaultdict[str, list[Any]](list)
    for one in recorded(history):
        if isinstance(one.event, tuple(Trainee.events())):
            streams[one.event.originator_id].append(one.event)
    for events in streams.values():
        for place, first in enumerate(events):
            if place == 0 or isinstance(first, Correction | Withdrawal):
                continue
            own = takewhile(partial(is_corrected_by, first), events[place + 1 :])
            told = [*events[: place + 1], *own]
            withdrawal = Trainee.FactWithdrawn(
                originator_id=first.originator_id,
                originator_version=told[-1].originator_version + 1,
                timestamp=first.timestamp,
                fact=first.fact_id,
                was_on=told[-1].day,
                reason=WHY,
                what=first.TOPIC,
            )
            assert after([*told, withdrawal]) == after(events[:place])


def is_corrected_by(first: Any, later: Any) -> bool:
    """What is corrected of an order that was had before stays, and is no part of this."""
    held = isinstance(first, Trainee.OrderTakenOver)
    return isinstance(later, Correction) and later.fact_id == first.fact_id and not held
