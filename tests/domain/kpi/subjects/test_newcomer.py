"""Folding a trainee's events into the facts that figures need."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any

import msgspec
import pytest
from hypothesis import given as for_all
from msgspec.structs import replace

from domain.kernel.aggregate import UNRECORDED, Correction, Happening, Withdrawal
from domain.kpi.subjects.facts import (
    ComplaintFact,
    ExamFact,
    GoLiveFact,
    HoldFact,
    ManagerFact,
    OrderFact,
    PostFact,
    SpotCheckFact,
    TransferFact,
    TrialFact,
    WithdrawnFact,
)
from domain.kpi.subjects.newcomer import LISTED, Newcomer, evolve, key
from domain.teaching.cohort import Cohort
from domain.trainees.trainee import Trainee
from tests.domain.kpi.logs import lives, log_of
from tests.steps import Step

WHO, OTHER = (f"trainee-00000000-0000-0000-0000-00000000000{n}" for n in (1, 2))
RECORDED = datetime(2026, 7, 5, tzinfo=UTC)
AT = int(RECORDED.timestamp())


def may(day: int) -> date:
    return date(2026, 5, day)


def june(day: int) -> date:
    return date(2026, 6, day)


PRICE = Decimal("19.90")


def enrolled(trainee_id: str, number: str) -> Trainee:
    return Trainee.enrol(
        trainee_id,
        cohort_id="cohort-1",
        cohort_code="2026-05",
        employee_no=number,
        entered_on=may(18),
        manager_id="person-李明",
    )


def life() -> list[Trainee.Event]:
    """One of every event, in the order of life."""
    trainee, other = enrolled(WHO, "T01"), enrolled(OTHER, "T02")
    trainee.record_trial_verdict(verdict="failed", on=may(20), feedback="再来一次")
    trainee.record_trial_verdict(verdict="passed", on=may(22), feedback="好")
    trainee.record_exam(kind="written", passed=True, on=may(25), score=Decimal("92.5"))
    trainee.record_exam(kind="drill", passed=True, on=may(26), score=None)
    trainee.transfer(on=may(27), cohort_id="cohort-2", cohort_code="2026-06", reason="补考")
    trainee.go_live(on=june(1), trial_required=True)
    for number, day in (("A1", 9), ("A2", 10)):
        trainee.close_order(order_no=number, closed_on=june(day), product="宽带", amount=PRICE)
    trainee.void_order(order_no="A1", on=june(12), reason="退单")
    trainee.reassign_order(order_no="A2", to=other, on=june(13), reason="移交")
    other.reassign_order(order_no="A2", to=trainee, on=june(14), reason="退回")
    trainee.change_manager(on=june(15), manager_id="person-赵敏")
    trainee.record_spot_check(on=june(15), topic="basics", passed=False, feedback=None)
    trainee.file_complaint(complaint_no="C1", on=june(16), about="承诺返点")
    trainee.withdraw_complaint(complaint_no="C1", on=june(17), reason="误会")
    trainee.hold_off_post(on=june(18), reason="抽查不通过")
    trainee.eliminate(on=june(19), reason="停岗后仍不通过")
    trainee.withdraw_fact(fact=18, reason="录错人")
    trainee.leave(on=june(20), reason="个人原因")
    trainee.correct_enrolment(
        entered_on=may(19), manager_id=None, post="customer_service", reason="录入有误"
    )
    trainee.correct_trial_verdict(
        was_on=may(22), verdict="passed", on=may(23), feedback="很好", reason="录入有误"
    )
    trainee.correct_exam(
        kind="drill",
        was_on=may(26),
        passed=True,
        on=may(27),
        score=Decimal(80),
        reason="登分有误",
    )
    trainee.correct_go_live(was_on=june(1), on=june(2), reason="录入有误")
    trainee.correct_order(
        order_no="A2", closed_on=june(11), product="专线", amount=None, reason="录入有误"
    )
    trainee.correct_leaving(on=june(21), leaving_reason=None, reason="录入有误")
    trainee.miss_makeup(kind="written", on=june(17))
    trainee.change_post(on=june(20), post="sales")
    trainee.rejoin(on=june(30), as_trainee_id=OTHER)
    return trainee.collect_events()


def folded(events: Iterable[Any] | None = None) -> Newcomer | None:
    newcomer = None
    for position, event in enumerate(life() if events is None else events, 11):
        newcomer = evolve(newcomer, event, position, RECORDED)
    return newcomer


def test_a_whole_life_becomes_facts_with_their_positions() -> None:
    assert folded() == Newcomer(
        trainee_id=WHO,
        employee_no="T01",
        cohort_id="cohort-1",
        cohort_code="2026-05",
        manager_id=None,
        post="customer_service",
        entered_on=may(19),
        enrolled_position=11,
        enrolled_recorded_at=AT,
        enrolled_corrected=(31,),
        trials=(
            TrialFact(may(20), False, 12, recorded_at=AT, fact=2),
            TrialFact(may(23), True, 13, recorded_at=AT, corrected=(32,), fact=3),
        ),
        exams=(
            ExamFact("written", may(25), True, 14, Decimal("92.5"), AT, fact=4),
            ExamFact("drill", may(27), True, 15, Decimal(80), AT, (33,), fact=5),
            ExamFact("written", june(17), False, 37, Decimal(0), AT, fact=27),
        ),
        transfers=(TransferFact(may(27), "cohort-2", "2026-06", 16, fact=6),),
        lives=(GoLiveFact(june(2), 17, AT, (34,), fact=7),),
        orders=(
            OrderFact(
                "A1",
                june(9),
                18,
                june(12),
                20,
                recorded_at=AT,
                fact=8,
                product="宽带",
                amount=PRICE,
            ),
            OrderFact(
                "A2",
                june(11),
                19,
                reassigned_on=june(13),
                reassigned_position=21,
                recorded_at=AT,
                corrected=(35,),
                product="专线",
                fact=9,
            ),
            OrderFact(
                "A2",
                june(11),
                22,
                credited_on=june(14),
                recorded_at=AT,
                corrected=(35,),
                product="专线",
                taken_from=OTHER,
                fact=12,
            ),
        ),
        managers=(ManagerFact(june(15), "person-赵敏", 23, fact=13),),
        posts=(PostFact(june(20), "sales", 38, fact=28),),
        checks=(SpotCheckFact(june(15), "basics", 24, has_feedback=False, fact=14),),
        complaints=(ComplaintFact("C1", june(16), 25, june(17), 26, fact=15),),
        holds=(HoldFact(june(18), 27, fact=17),),
        left_on=june(21),
        left_position=30,
        left_recorded_at=AT,
        left_corrected=(36,),
        withdrawn=(WithdrawnFact(june(19), 29, Trainee.Eliminated.TOPIC),),
    )


def days_in(facts: Any) -> Iterator[date]:
    if isinstance(facts, date):
        yield facts
    elif isinstance(facts, tuple | msgspec.Struct):
        fields = facts if isinstance(facts, tuple) else msgspec.structs.astuple(facts)
        yield from chain.from_iterable(map(days_in, fields))


def test_of_a_whole_life_the_days_of_all_facts_are_told() -> None:
    who = folded()
    assert who is not None
    assert all(getattr(who, field) for field in LISTED)
    assert sorted(who.days()) == sorted(days_in(who))


@for_all(lives)
def test_withdrawing_what_was_recorded_last_leaves_the_facts_before_it(history: list[Step]) -> None:
    facts: dict[str, Newcomer] = {}
    for one in log_of(history):
        event, who, before = one.event, one.event.originator_id, facts.get(one.event.originator_id)
        after = evolve(before, event, one.position, one.recorded_at)
        is_fact = isinstance(event, Happening) and not isinstance(event, Correction | Withdrawal)
        if is_fact and after and isinstance(event, Happening):
            number = getattr(event, "order_no", getattr(event, "complaint_no", None))
            withdrawal = Trainee.FactWithdrawn(
                originator_id=who,
                originator_version=event.originator_version + 1,
                timestamp=event.timestamp,
                fact=event.fact_id,
                was_on=event.day,
                reason="录错人",
                what=event.TOPIC,
                number=number,
            )
            undone = evolve(after, withdrawal, one.position + 1, one.recorded_at)
            told = (WithdrawnFact(event.day, one.position + 1, event.TOPIC),)
            expected = before and replace(before, withdrawn=(*before.withdrawn, *told))
            assert undone == expected
        if after is None:
            del facts[who]
        else:
            facts[who] = after


def test_when_a_fact_was_recorded_may_be_unknown() -> None:
    newcomer = evolve(None, life()[0], 1, UNRECORDED)
    assert newcomer is not None
    assert newcomer.enrolled_recorded_at == 0


def test_the_batch_the_manager_and_the_post_are_those_of_the_day() -> None:
    newcomer = folded()
    assert newcomer is not None
    assert [newcomer.cohort_on(may(day)) for day in (26, 27)] == ["2026-05", "2026-06"]
    assert [newcomer.manager_on(june(day)) for day in (14, 15)] == [None, "person-赵敏"]
    assert [newcomer.sells_on(june(day)) for day in (19, 20)] == [False, True]


def test_the_facts_survive_storing() -> None:
    newcomer = folded()
    stored = msgspec.json.encode(newcomer)
    assert msgspec.json.decode(stored, type=Newcomer) == newcomer
    assert "王芳" not in stored.decode()


def test_every_event_of_a_trainee_has_a_place() -> None:
    assert {type(event) for event in life()} == {
        member
        for member in vars(Trainee).values()
        if isinstance(member, type) and member is not Trainee.Event
    }
    assert {key(event) for event in life()} == {WHO}


def test_an_event_of_something_else_changes_nothing() -> None:
    (opened,) = Cohort.open(
        "cohort-1", code="C", name="N", opened_on=date(2026, 5, 1), trial_required=False
    ).collect_events()
    newcomer = folded()
    assert evolve(newcomer, opened, 30, RECORDED) is newcomer
    assert key(opened) is None


def test_a_fact_of_somebody_never_enrolled_is_an_error() -> None:
    with pytest.raises(LookupError, match=WHO):
        evolve(None, life()[-1], 1, RECORDED)
