"""What clients send and who is killed, drawn from a seed: the same seed, the same plan."""

import signal
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Literal

import msgspec

from services.teaching.cohort import OpenCohort
from services.trainees.selling import RecordOrder, VoidOrder
from services.trainees.trainee import (
    EnrolTrainee,
    GoLive,
    RecordExamResult,
    RecordLeaving,
    RecordSpotCheck,
    RecordTrialVerdict,
)

FIRST_DAY = date(2026, 1, 5)
PEOPLE_OF_A_COHORT = 8
PARTS = (
    *("postgres", "backend", "redis-server"),
    *("api", "api's worker", "projector", "worker", "scheduler"),
)
STOPPED = ("api's worker", "projector", "worker", "scheduler")
"""What the watchdog listens to."""
TOGETHER = 0.1
"""Of all blows: those that kill two parts at once."""
STOP_EVERY = 25
"""One blow of so many only stops a process, each in turn: they are too few to be left to chance."""


class Planned(msgspec.Struct, frozen=True):
    """A command, and how often it is sent: twice is on purpose, at the same moment or after the
    answer."""

    key: str
    command: msgspec.Struct
    sent: Literal["once", "together", "again"] = "once"


class Sheet(msgspec.Struct, frozen=True):
    """A sheet of orders to be uploaded: order number, employee number, day."""

    rows: list[tuple[str, str, date]]


class ReportAsked(msgspec.Struct, frozen=True):
    """A report on a month to be requested."""

    key: str
    month: str


Deed = Planned | Sheet | ReportAsked


class Kill(msgspec.Struct, frozen=True):
    """pause: seconds before it. number: which of several processes is meant."""

    pause: float
    parts: tuple[str, ...]
    by: signal.Signals
    number: int


def kills(seed: int, count: int) -> Iterator[Kill]:
    """So many blows; one that hits two parts counts as one."""
    random = Random(f"{seed} kills")
    for place in range(1, count + 1):
        pause, number = random.uniform(0.1, 1.0), random.randrange(1 << 16)
        parts: tuple[str, ...] = (random.choice(PARTS),)
        by = signal.SIGKILL
        if random.random() < TOGETHER:
            parts = tuple(random.sample(PARTS, 2))
        if place % STOP_EVERY == 0:
            parts, by = (STOPPED[place // STOP_EVERY % len(STOPPED)],), signal.SIGSTOP
        yield Kill(pause, parts, by, number)


def cohorts(seed: int, client: str) -> Iterator[list[Deed]]:
    """One client's cohorts without end: each is to be finished once it was begun."""
    random = Random(f"{seed} {client}")
    number = 0
    while True:
        number += 1
        yield _cohort(random, f"{client}-{number}")


def _cohort(random: Random, code: str) -> list[Deed]:
    opened = FIRST_DAY + timedelta(days=random.randrange(200))
    commands: list[msgspec.Struct] = [OpenCohort(code, f"第{code}期", opened)]
    sheet: list[tuple[str, str, date]] = []
    for person in range(PEOPLE_OF_A_COHORT):
        commands += _life(random, code, f"{code}-{person}", opened, sheet)
    deeds: list[Deed] = []
    for place, command in enumerate(commands):
        sent: Literal["once", "together", "again"] = "once"
        if random.random() < 0.2:
            sent = random.choice(("together", "again"))
        deeds.append(Planned(f"{code}/{place}", command, sent))
    deeds.append(Sheet(sheet))
    deeds.append(ReportAsked(f"{code}/report", (opened + timedelta(days=20)).strftime("%Y-%m")))
    return deeds


def _life(
    random: Random, cohort: str, who: str, opened: date, sheet: list[tuple[str, str, date]]
) -> Iterator[msgspec.Struct]:
    """One newcomer's commands; some of the orders go to the sheet instead."""
    entered = opened + timedelta(days=random.randrange(4))
    yield EnrolTrainee(cohort, who, f"新人{who}", entered, manager=random.choice(("王", "赵")))
    for _ in range(random.randrange(3)):
        day = entered + timedelta(days=random.randrange(1, 8))
        verdict: Literal["passed", "failed"] = random.choice(("passed", "failed"))
        yield RecordTrialVerdict(who, verdict, day, "已反馈")
    examined = entered + timedelta(days=8)
    yield RecordExamResult(who, "written", True, examined, Decimal(random.randrange(60, 101)))
    yield RecordExamResult(who, "drill", True, examined)
    yield RecordTrialVerdict(who, "passed", examined, "合格")
    live = entered + timedelta(days=10 + random.randrange(5))
    yield GoLive(who, live)
    if random.random() < 0.5:
        checked = live + timedelta(days=random.randrange(40))
        yield RecordSpotCheck(who, "basics", random.random() < 0.8, checked, "已反馈")
    for number in range(random.randrange(5)):
        order, day = f"{who}-{number}", live + timedelta(days=random.randrange(45))
        if random.random() < 0.3:
            sheet.append((order, who, day))
            continue
        yield RecordOrder(who, order, day, amount=Decimal(6688))
        if random.random() < 0.2:
            yield VoidOrder(order, day + timedelta(days=random.randrange(1, 9)), "退款")
    if random.random() < 0.15:
        yield RecordLeaving(who, live + timedelta(days=50 + random.randrange(20)), "个人原因")
