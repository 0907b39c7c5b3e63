"""What was acknowledged, laid beside the log: pure, and nothing of the product's own checks."""

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec


class Answered(msgspec.Struct, frozen=True):
    """A command that was acknowledged. positions: of every answer that it got; they are one."""

    key: str
    positions: list[int]


class Kept(msgspec.Struct, frozen=True):
    """What the log remembers of a command by its key: the last position and how many events."""

    position: int
    events: int


class Logged(msgspec.Struct, frozen=True):
    """An event of the log. order_no: of an order's closing. is_last: of the events of its command.

    report_id: of a report's rendering. is_owned: a client's key was sent with it; else it came of a
    job or the partner's beginning.
    """

    position: int
    topic: str
    is_last: bool = True
    order_no: str | None = None
    report_id: str | None = None
    is_owned: bool = True


class Job(msgspec.Struct, frozen=True):
    id: str
    kind: str
    state: str


class Told(msgspec.Struct, frozen=True):
    """What one partner's clients know to be acknowledged. reports, imports: ids of jobs; orders:
    of commands and of sheets."""

    commands: list[Answered] = []
    orders: list[str] = []
    reports: list[str] = []
    imports: list[str] = []


class Found(msgspec.Struct):
    """What is wrong, a sentence each."""

    lost: list[str] = []
    doubled: list[str] = []
    missing: list[str] = []
    half: list[str] = []
    jobs: list[str] = []
    other: list[str] = []

    @property
    def is_right(self) -> bool:
        return not any(getattr(self, name) for name in self.__struct_fields__)


def check(
    told: Told, log: Sequence[Logged], kept: Mapping[str, Kept], jobs: Sequence[Job]
) -> Found:
    """Of one partner, all of whose commands were answered in the end."""
    found = Found()
    by_position = {event.position: event for event in log}
    found.missing += [
        f"nothing at position {place}"
        for place in range(1, max(by_position, default=0) + 1)
        if place not in by_position
    ]
    if len(by_position) != len(log):
        found.doubled.append("two events at one position")
    ids = {job.id for job in jobs}
    # A job's commands have keys of their own, which begin with its id.
    sent = {key: its for key, its in kept.items() if key.partition(":")[0] not in ids}
    owners = _owned(told, by_position, sent, found)
    _unowned(log, owners, found)
    _orders(told, log, found)
    _jobs(told, jobs, found)
    _rendered(told, log, found)
    return found


def _owned(
    told: Told, log: Mapping[int, Logged], kept: Mapping[str, Kept], found: Found
) -> Counter[int]:
    """How many commands each position is of."""
    owners: Counter[int] = Counter()
    for one in told.commands:
        if len(set(one.positions)) > 1:
            found.doubled.append(f"{one.key} was answered with {sorted(set(one.positions))}")
        its = kept.get(one.key)
        if its is None or its.position not in one.positions:
            found.lost.append(f"{one.key}, acknowledged at {one.positions[0]}, is not known")
            continue
        places = range(its.position - its.events + 1, its.position + 1)
        owners.update(places)
        gone = [place for place in places if place not in log]
        if gone:
            found.lost.append(f"{one.key}: its events at {gone} are not there")
        elif [log[place].is_last for place in places] != [False] * (its.events - 1) + [True]:
            found.half.append(f"{one.key}: {its.position} does not end it")
    found.doubled += [
        f"{place} is of {times} commands" for place, times in owners.items() if times > 1
    ]
    unasked = kept.keys() - {one.key for one in told.commands}
    found.other += [f"{key} is known, and nobody was told" for key in sorted(unasked)]
    return owners


def _unowned(log: Sequence[Logged], owners: Mapping[int, int], found: Found) -> None:
    for event in log:
        if event.is_owned and event.position not in owners:
            found.doubled.append(f"{event.topic} at {event.position} is of no command")


def _orders(told: Told, log: Sequence[Logged], found: Found) -> None:
    """By their numbers, whatever the log remembers of commands."""
    there = Counter(event.order_no for event in log if event.order_no is not None)
    expected = Counter(told.orders)
    for number in sorted(expected | there):
        if there[number] < expected[number]:
            found.lost.append(f"order {number} is not in the log")
        elif there[number] > expected[number]:
            found.doubled.append(f"order {number} is there {there[number]} times")


def _jobs(told: Told, jobs: Sequence[Job], found: Found) -> None:
    ids = {job.id: job for job in jobs}
    found.jobs += [f"{job.kind} {job.id} is {job.state}" for job in jobs if job.state != "done"]
    found.jobs += [f"job {id} is not there" for id in told.reports + told.imports if id not in ids]
    found.doubled += [
        f"report {id} is of two requests" for id, n in Counter(told.reports).items() if n > 1
    ]
    reports = [job.id for job in jobs if job.kind.startswith("report")]
    found.doubled += [f"report {id} was not asked for" for id in reports if id not in told.reports]


def _rendered(told: Told, log: Sequence[Logged], found: Found) -> None:
    there = Counter(event.report_id for event in log if event.report_id is not None)
    found.lost += [f"report {id} was never rendered" for id in told.reports if id not in there]
    found.doubled += [f"report {id} was rendered {n} times" for id, n in there.items() if n > 1]
