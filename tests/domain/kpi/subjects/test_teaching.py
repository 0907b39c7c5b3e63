"""The facts of a class, and what a day can tell of them (S14, S31, S33, S34)."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.kernel.aggregate import UNRECORDED, DomainEvent
from domain.kernel.errors import Refusal
from domain.kpi.subjects.teaching import (
    FOLD,
    Cancelling,
    ClassFacts,
    Closing,
    Handover,
    Opening,
    Plan,
    Summary,
    evolve,
    training_manager_on,
)
from domain.teaching.cohort import Cohort
from domain.teaching.session import Session

DAY = date(2026, 5, 1)
TOPICS = ("公司与文化", "产品知识")


def may(day: int) -> date:
    return DAY + timedelta(days=day - 1)


def planned(on: int = 18) -> Session:
    return Session.plan(
        "session-1",
        cohort_id="cohort-1",
        cohort_code="2026-05",
        code="K-01",
        kind="induction",
        planned_on=may(on),
        topics=TOPICS,
    )


def folded(session: Session) -> ClassFacts:
    facts = None
    for position, event in enumerate(session.collect_events(), 11):
        facts = evolve(facts, event, position, datetime.fromtimestamp(1_000 + position, UTC))
    assert facts
    return facts


def change(session: Session, *, to: int, on: int, topics: tuple[str, ...] = TOPICS) -> None:
    session.approve_plan_change(
        planned_on=may(to), topics=topics, approved_by="hr_manager", on=may(on), reason="讲师出差"
    )


def held(opened: int, closed: int | None = None, taught: tuple[str, ...] = TOPICS) -> Session:
    session = planned()
    session.open(on=may(opened), headcount=18)
    if closed is not None:
        session.close(on=may(closed), topics_taught=taught, headcount=17)
    return session


def test_a_whole_life_becomes_facts_with_their_positions() -> None:
    session = planned()
    change(session, to=20, on=16, topics=TOPICS[:1])
    session.open(on=may(21), headcount=18)
    session.correct_opening(on=may(20), headcount=18, reason="录错")
    session.close(on=may(22), topics_taught=TOPICS[:1], headcount=17)
    session.correct_closing(on=may(23), topics_taught=TOPICS, headcount=16, reason="录错")
    session.write_summary(on=may(25), text="完成")
    session.correct_summary(on=may(24), text="完成", reason="录错")
    facts = folded(session)
    assert facts == ClassFacts(
        session_id="session-1",
        code="K-01",
        cohort_id="cohort-1",
        cohort_code="2026-05",
        kind="induction",
        plan=Plan(may(18), TOPICS, 11, 1_011),
        changes=(Plan(may(20), TOPICS[:1], 12, 1_012, may(16), "hr_manager"),),
        opening=Opening(may(20), 18, 13, 1_013, (14,)),
        closing=Closing(may(23), TOPICS, 16, 15, 1_015, (16,)),
        summary=Summary(may(24), 17, 1_017, (18,)),
    )
    assert msgspec.json.decode(msgspec.json.encode(facts), type=ClassFacts) == facts


def test_a_class_that_was_called_off_stays_on_record() -> None:
    session = planned()
    session.cancel(on=may(17), reason="人数不足")
    assert folded(session).cancelling == Cancelling(may(17), 12, 1_012)


def test_other_events_change_nothing() -> None:
    opened = Cohort.open("cohort-1", code="A", name="A", opened_on=DAY, trial_required=False)
    (event,) = opened.collect_events()
    assert type(event) not in FOLD
    assert evolve(None, event, 1, UNRECORDED) is None


def test_a_class_that_was_never_planned_is_a_damaged_log() -> None:
    _, opened = held(18).collect_events()
    assert type(opened) in FOLD
    with pytest.raises(LookupError):
        evolve(None, opened, 1, UNRECORDED)


class TestOpenedOnTime:
    @pytest.mark.parametrize(
        ("opened", "day", "answer"),
        [(18, 18, True), (16, 16, True), (19, 18, False), (19, 30, False), (18, 17, None)],
    )
    def test_is_told_on_the_evening_of_the_planned_day(
        self, opened: int, day: int, answer: bool | None
    ) -> None:
        assert folded(held(opened)).opened_on_time(may(day)) is answer

    def test_is_not_while_it_never_opens(self) -> None:
        facts = folded(planned())
        assert [facts.opened_on_time(may(day)) for day in (17, 18, 25)] == [None, False, False]

    def test_is_measured_against_the_change_approved_by_the_day(self) -> None:
        session = planned()
        change(session, to=22, on=19)
        session.open(on=may(22), headcount=18)
        facts = folded(session)
        answers = [facts.opened_on_time(may(day)) for day in (17, 18, 19, 22)]
        assert answers == [None, False, None, True]

    def test_a_change_is_void_where_the_opening_turns_out_to_have_been_before_it(self) -> None:
        session = planned()
        change(session, to=22, on=20)
        session.open(on=may(21), headcount=18)
        session.correct_opening(on=may(19), headcount=18, reason="录错")
        facts = folded(session)
        assert facts.plan_on(may(30)) == facts.plan
        assert facts.opened_on_time(may(30)) is False

    def test_a_class_called_off_in_time_is_not_asked_for(self) -> None:
        session = planned()
        session.cancel(on=may(18), reason="人数不足")
        facts = folded(session)
        assert [facts.is_due(may(day)) for day in (17, 18, 30)] == [False, False, False]

    def test_calling_it_off_afterwards_takes_nothing_away(self) -> None:
        session = planned()
        session.cancel(on=may(19), reason="人数不足")
        facts = folded(session)
        assert facts.opened_on_time(may(30)) is False
        assert facts.deviations(may(30), 1) == ("moved",)


class TestSummaryInTime:
    @pytest.mark.parametrize(
        ("written", "day", "answer"),
        [
            (None, 19, None),
            (None, 22, None),
            (None, 23, False),
            (23, 22, None),
            (23, 23, True),
            (24, 23, False),
            (24, 30, False),
            (20, 20, True),
        ],
    )
    def test_is_due_three_days_after_the_closing(
        self, written: int | None, day: int, answer: bool | None
    ) -> None:
        session = held(18, 20)
        if written is not None:
            session.write_summary(on=may(written), text="完成")
        assert folded(session).summary_in_time(may(day), 3) is answer

    def test_the_days_are_the_schemes(self) -> None:
        session = held(18, 20)
        session.write_summary(on=may(25), text="完成")
        facts = folded(session)
        assert [facts.summary_in_time(may(30), days) for days in (4, 5)] == [False, True]


class TestDeviations:
    @pytest.mark.parametrize(
        ("opened", "found"), [(16, ("moved",)), (17, ()), (18, ()), (19, ()), (20, ("moved",))]
    )
    def test_moved_is_more_than_a_day_either_way(self, opened: int, found: tuple[str]) -> None:
        assert folded(held(opened, 22)).deviations(may(22), 1) == found

    def test_a_topic_that_was_not_taught_was_dropped_and_one_more_is_none(self) -> None:
        dropped = folded(held(18, 20, (TOPICS[0], "销售流程")))
        assert dropped.deviations(may(20), 1) == ("topic_dropped",)
        assert folded(held(18, 20, (*TOPICS, "销售流程"))).deviations(may(20), 1) == ()

    def test_a_move_and_a_dropped_topic_are_both_deviations(self) -> None:
        assert folded(held(21, 22, ())).deviations(may(22), 1) == ("moved", "topic_dropped")

    def test_cannot_be_told_before_the_end_but_a_move_can(self) -> None:
        facts = folded(held(18, 22))
        assert [facts.deviations(may(day), 1) for day in (17, 18, 21, 22)] == [None, None, None, ()]
        unopened = folded(planned())
        assert [unopened.deviations(may(day), 1) for day in (18, 19, 20)] == [
            None,
            None,
            ("moved",),
        ]
        assert folded(held(20, 25)).deviations(may(20), 1) == ("moved",)

    def test_an_approved_change_is_none(self) -> None:
        session = planned()
        change(session, to=25, on=17, topics=TOPICS[:1])
        session.open(on=may(25), headcount=18)
        session.close(on=may(26), topics_taught=TOPICS[:1], headcount=18)
        assert folded(session).deviations(may(26), 1) == ()

    def test_the_days_are_the_schemes(self) -> None:
        facts = folded(held(20, 22))
        assert [facts.deviations(may(30), days) for days in (1, 2)] == [("moved",), ()]


def test_the_training_manager_of_a_day_is_the_last_one_recorded_up_to_it() -> None:
    handovers = (
        Handover(may(1), "陈经理", 1),
        Handover(may(20), "李经理", 5),
        Handover(may(10), "周经理", 8),
        Handover(may(20), "吴经理", 9),
    )
    days = (may(1) - timedelta(days=1), may(9), may(10), may(19), may(20))
    names = [training_manager_on(handovers, day) for day in days]
    assert names == [None, "陈经理", "周经理", "周经理", "吴经理"]


day = st.integers(10, 28)
step = st.one_of(
    st.tuples(st.just("change"), day, day),
    st.tuples(st.just("open"), day, day),
    st.tuples(st.just("correct"), day, day),
    st.tuples(st.just("close"), day, day),
    st.tuples(st.just("summary"), day, day),
    st.tuples(st.just("cancel"), day, day),
)


def lived(steps: list[tuple[str, int, int]]) -> list[DomainEvent]:
    """What came of the steps that were not refused."""
    session = planned()
    for what, on, other in steps:
        try:
            if what == "change":
                change(session, to=other, on=on, topics=TOPICS[: 1 + other % 2])
            elif what == "open":
                session.open(on=may(on), headcount=other)
            elif what == "correct":
                session.correct_opening(on=may(on), headcount=other, reason="录错")
            elif what == "close":
                session.close(on=may(on), topics_taught=TOPICS[: other % 3], headcount=other)
            elif what == "summary":
                session.write_summary(on=may(on), text="完成")
            else:
                session.cancel(on=may(on), reason="人数不足")
        except Refusal:
            continue
    return list(session.collect_events())


@for_all(st.lists(step, max_size=12))
def test_in_every_history_a_verdict_once_given_stands_on_later_evenings(
    steps: list[tuple[str, int, int]],
) -> None:
    facts = None
    for position, event in enumerate(lived(steps), 1):
        facts = evolve(facts, event, position, UNRECORDED)
    assert facts
    days = [may(number) for number in range(5, 45)]
    summaries = [answer for d in days if (answer := facts.summary_in_time(d, 3)) is not None]
    assert len(set(summaries)) <= 1
    if facts.opening:
        after = [d for d in days if d >= facts.opening.on]
        assert len({facts.plan_on(d) for d in after}) == 1
        assert len({facts.opened_on_time(d) for d in after}) == 1
        assert None not in {facts.opened_on_time(d) for d in after}
    if facts.closing:
        ended = [d for d in days if d >= facts.closing.on]
        assert len({facts.deviations(d, 1) for d in ended}) == 1
        assert None not in {facts.deviations(d, 1) for d in ended}


@for_all(st.lists(step, max_size=12))
def test_in_every_history_the_facts_are_what_the_session_decides_by(
    steps: list[tuple[str, int, int]],
) -> None:
    facts, session = None, None
    for position, event in enumerate(lived(steps), 1):
        facts = evolve(facts, event, position, UNRECORDED)
        session = event.mutate(session)
    assert facts
    assert session
    assert (facts.opening and facts.opening.on) == (session.opened and session.opened.on)
    assert (facts.closing and facts.closing.on) == (session.closed and session.closed.on)
    if facts.opening is None:
        plan, in_force = facts.plan_on(date.max), session.plan_in_force
        assert (plan.planned_on, plan.topics) == (in_force.planned_on, in_force.topics)
