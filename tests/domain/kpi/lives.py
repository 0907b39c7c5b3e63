"""Logs of a partner's people as their aggregates decide them: late, corrected, given away, back."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from domain.kernel.aggregate import Recorded
from domain.kernel.errors import Refusal
from domain.kpi.subjects.newcomer import Newcomer, evolve, key
from domain.trainees.trainee import Trainee

START = date(2026, 5, 1)
TENANT = UUID(int=7)
COHORTS = ("C1", "C2")
MANAGERS = (None, "M1", "M2")

Act = Callable[[Random, dict[str, Trainee], Trainee, date, int], Any]


def _verdict(random: Random, _: Any, who: Trainee, on: date, number: int) -> None:
    who.record_trial_verdict(passed=random.random() < 0.7, on=on, feedback="好")


def _through_the_gate(random: Random, _: Any, who: Trainee, on: date, number: int) -> None:
    who.record_written_exam(passed=random.random() < 0.9, on=on, score=None)
    who.record_drill(passed=True, on=on, score=None)
    who.go_live(on=on, trial_required=False)


def _order(random: Random, _: Any, who: Trainee, on: date, number: int) -> None:
    who.close_order(order_no=f"N{number}", closed_on=on, product=None, amount=None)


def _any_order(random: Random, who: Trainee) -> str:
    return random.choice(sorted(who.selling.orders) or ["none"])


def _void(random: Random, _: Any, who: Trainee, on: date, number: int) -> None:
    who.void_order(order_no=_any_order(random, who), on=on, reason="退单")


def _reassign(random: Random, all_: dict[str, Trainee], who: Trainee, on: date, _: int) -> None:
    to = all_[random.choice(sorted(all_))]
    who.reassign_order(order_no=_any_order(random, who), to=to, on=on, reason="移交")


def _correct_order(random: Random, _: Any, who: Trainee, on: date, number: int) -> None:
    no = _any_order(random, who)
    who.correct_order(order_no=no, closed_on=on, product=None, amount=None, reason="录入有误")


def _correct_live(random: Random, _: Any, who: Trainee, on: date, number: int) -> None:
    was_on = who.placement.live_on or on
    who.correct_go_live(was_on=was_on, on=on, reason="录入有误")


def _correct_enrolment(random: Random, _: Any, who: Trainee, on: date, number: int) -> None:
    who.correct_enrolment(
        entered_on=on,
        manager=random.choice(MANAGERS),
        post=random.choice(("sales", "sales", "customer_service")),
        name=None,
        reason="录入有误",
    )


def _transfer(random: Random, _: Any, who: Trainee, on: date, number: int) -> None:
    code = random.choice(COHORTS)
    who.transfer(on=on, cohort_id=f"cohort-{code}", cohort_code=code, reason="补考")


def _hold(random: Random, _: Any, who: Trainee, on: date, number: int) -> None:
    who.hold_off_post(on=on, reason="抽查不通过")


def _leave(random: Random, _: Any, who: Trainee, on: date, number: int) -> None:
    if random.random() < 0.5:
        who.leave(on=on, reason="个人原因")
    else:
        who.eliminate(on=on, reason="考核不通过")


def _correct_leaving(random: Random, _: Any, who: Trainee, on: date, number: int) -> None:
    if random.random() < 0.5:
        who.correct_leaving(on=on, leaving_reason=None, reason="录入有误")
    else:
        who.withdraw_leaving(reason="录错人")


def _manager(random: Random, _: Any, who: Trainee, on: date, number: int) -> None:
    who.change_manager(on=on, manager=random.choice(MANAGERS))


def _complaint(random: Random, _: Any, who: Trainee, on: date, number: int) -> None:
    who.file_complaint(complaint_no=f"K{number}", on=on, about=None)


def _withdraw_complaint(random: Random, _: Any, who: Trainee, on: date, number: int) -> None:
    no = random.choice(sorted(who.selling.complaints) or ["none"])
    who.withdraw_complaint(complaint_no=no, on=on, reason="误会")


def _spot_check(random: Random, _: Any, who: Trainee, on: date, number: int) -> None:
    feedback = random.choice((None, "好"))
    who.record_spot_check(on=on, topic="basics", passed=True, feedback=feedback)


_ACTS: tuple[Act, ...] = (
    *(_verdict, _through_the_gate, _through_the_gate, _order, _order, _order, _void, _reassign),
    *(_correct_order, _correct_live, _correct_enrolment, _transfer, _hold, _leave),
    *(_correct_leaving, _manager, _complaint, _withdraw_complaint, _spot_check),
)


def random_log(random: Random, most: int = 60, people: int = 6) -> list[Recorded]:
    """Days within four months of START, in no order; what is refused leaves no trace."""
    known: dict[str, Trainee] = {}
    log: list[Recorded] = []
    for number in range(random.randrange(most + 1)):
        on = START + timedelta(days=random.randrange(120))
        if len(known) < people and random.random() < 0.3:
            who = _enrol(random, len(known) + 1)
            known[who.id] = who
        elif known:
            who = known[random.choice(sorted(known))]
            with suppress(Refusal):
                random.choice(_ACTS)(random, known, who, on, number)
        for aggregate in known.values():
            log += [
                recorded(event, len(log) + 1 + k)
                for k, event in enumerate(aggregate.collect_events())
            ]
    return log


def _enrol(random: Random, number: int) -> Trainee:
    code = random.choice(COHORTS)
    return Trainee.enrol(
        f"trainee-00000000-0000-0000-0000-{number:012d}",
        cohort_id=f"cohort-{code}",
        cohort_code=code,
        employee_no=f"T{number:02d}",
        name="某人",
        entered_on=START + timedelta(days=random.randrange(30)),
        manager=random.choice(MANAGERS),
        post=random.choice(("sales", "sales", "sales", "sales", "customer_service")),
    )


def recorded(event: Any, position: int) -> Recorded:
    """The event as it stands in a log at a place."""
    at = datetime(2026, 9, 1, tzinfo=UTC) + timedelta(minutes=position)
    return Recorded(event, TENANT, position, at, "user-1", {"kind": "typed"})


def folded(log: list[Recorded]) -> dict[str, Newcomer]:
    """Everybody's facts after a log, by trainee id."""
    found: dict[str, Newcomer] = {}
    for one in log:
        who = key(one.event)
        facts = who and evolve(found.get(who), one.event, one.position, one.recorded_at)
        if who and facts:
            found[who] = facts
    return found
