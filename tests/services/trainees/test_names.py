"""Names of trainees through all that is said of them, known by any moment and as of any day."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.kernel.aggregate import FREE_TEXT, event_kinds, marked_fields, sealed_fields
from domain.kernel.errors import Refusal
from domain.trainees.trainee import Trainee
from projections.people.people import PEOPLE
from projections.people.people import as_of as person_as_of
from projections.trainees.cohort_roster import ROSTER, STAYS, as_of, to_come
from services.execute import execute
from services.kernel.context import Context, Role
from services.kernel.roles import in_role
from services.people.names import NAME
from services.people.person import RenamePerson
from services.teaching.cohort import OpenCohort
from services.trainees.correction import CorrectEnrolment
from services.trainees.trainee import EnrolTrainee, RecordLeaving, RejoinTrainee
from services.trainees.withdrawal import WithdrawFact
from tests.carrying import RECORDED, TENANT, MemoryLog, at_once, hand_of, with_ids
from tests.examples import examples
from tests.gwt import rows_after

FIRST = date(2026, 3, 1)
DAYS = [FIRST + timedelta(days=number) for number in range(12)]
WHY = "录入有误"
HAND = in_role(TENANT, "user-1", Role.TRAINING_MANAGER)


class Oracle:
    """What names hold, in the plainest way: the days on which stays began, and names with the days
    from which they hold and the number of the stay that they were said with, the first one by
    number 0."""

    def __init__(self) -> None:
        self.begun: list[date] = []
        self.names: list[tuple[date, str, int | None]] = []

    def holding(self, day: date) -> int:
        """Which name holds on a day; the first one before there was any."""
        said = [(on, place) for place, (on, *_) in enumerate(self.names) if on <= day]
        return max(said)[1] if said else 0

    def on(self, day: date) -> str:
        return self.names[self.holding(day)][1]

    def learn(self, command: Any) -> None:
        """From a command that was accepted."""
        match command:
            case EnrolTrainee(name=name, entered_on=on):
                self.begun, self.names = [on], [(on, name, 0)]
            case RejoinTrainee(entered_on=on, name=name):
                self.begun.append(on)
                if name and name != self.on(on):
                    self.names.append((on, name, len(self.begun) - 1))
            case RenamePerson(on=on, name=name):
                self.names.append((on, name, None))
            case CorrectEnrolment(was_on=was_on, entered_on=on, name=name):
                self.correct(was_on or self.begun[-1], on, name)
            case WithdrawFact() if len(self.begun) > 1:
                self.begun.pop()
                self.names = [one for one in self.names if one[2] != len(self.begun)]
            case WithdrawFact():
                self.begun, self.names = [], []

    def correct(self, was_on: date, on: date | None, name: str | None) -> None:
        said = self.holding(was_on)
        if name:
            self.names[said] = (self.names[said][0], name, self.names[said][2])
        if on:
            moved = self.begun.index(was_on)
            for place, (day, its, stay) in enumerate(self.names):
                if stay == moved or (moved == 0 and day == was_on < on):
                    self.names[place] = (on, its, stay)
            self.begun[moved] = on


def rename(day: date, name: str, told: Oracle) -> Any:
    return RenamePerson("@E0", day, name)


def come_back(day: date, name: str, told: Oracle) -> Any:
    return RejoinTrainee("E0", "A1", day, name=name)


def leave(day: date, name: str, told: Oracle) -> Any:
    return RecordLeaving("E0", day)


def correct_first(day: date, name: str, told: Oracle) -> Any:
    return CorrectEnrolment("E0", WHY, name=name, was_on=told.begun[0] if told.begun else None)


def correct_last(day: date, name: str, told: Oracle) -> Any:
    return CorrectEnrolment("E0", WHY, name=name)


def move_first(day: date, name: str, told: Oracle) -> Any:
    was_on = told.begun[0] if told.begun else None
    return CorrectEnrolment("E0", WHY, entered_on=day, was_on=was_on)


def move_last(day: date, name: str, told: Oracle) -> Any:
    return CorrectEnrolment("E0", WHY, entered_on=day)


def withdraw(day: date, name: str, told: Oracle) -> Any:
    return WithdrawFact(1, WHY, employee_no="E0")


def enrol(day: date, name: str, told: Oracle) -> Any:
    return EnrolTrainee("A1", "E0", name, day)


Said = tuple[Callable[[date, str, Oracle], Any], date, str]
CORRECTING = (correct_first, correct_last, move_first, move_last)
SAID = st.tuples(
    st.sampled_from((rename, come_back, leave, *CORRECTING, withdraw, enrol)),
    st.sampled_from(DAYS),
    st.sampled_from(("曾伟", "曾大伟", "单丽")),
)
twice: list[Said] = [
    (leave, DAYS[4], ""),
    (come_back, DAYS[6], "曾大伟"),
    (move_last, DAYS[7], ""),
    (rename, DAYS[9], "单丽"),
    (correct_first, FIRST, "单丽"),
    (withdraw, FIRST, ""),
]
on_one_day: list[Said] = [
    (leave, DAYS[4], ""),
    (come_back, DAYS[6], "曾大伟"),
    (rename, DAYS[6], "单丽"),
    (withdraw, FIRST, ""),
]


@settings(max_examples=examples(60))
@given(told=st.lists(SAID, max_size=12))
@example(told=twice)
@example(told=on_one_day)
def test_the_roster_has_the_names_that_hold_whatever_is_said(told: list[Said]) -> None:
    log, oracle = MemoryLog(), Oracle()
    _do(log, OpenCohort("A1", "一期", FIRST - timedelta(days=30)))
    for say, day, name in [(enrol, FIRST, "曾伟"), *told]:
        command = say(day, name, oracle)
        with suppress(Refusal):
            _do(log, command)
            oracle.learn(command)
        (row,) = rows_after(log.recorded, ROSTER)[-1:] or (None,)
        if not oracle.begun:
            assert row is None
            continue
        stays = sorted(STAYS.by_key([row]).values(), key=lambda one: one.entered_on)
        assert [one.entered_on for one in stays] == sorted(oracle.begun)
        assert {one.name for one in stays} == {oracle.on(date.max)}
        (person,) = rows_after(log.recorded, PEOPLE)
        assert (person.name, person.since) == (oracle.on(date.max), oracle.names[0][0])
        for on in DAYS:
            seen = as_of(row, on)
            its = {one.name for one in STAYS.by_key([seen]).values()}
            assert its == ({oracle.on(on)} if min(oracle.begun) <= on else set())
            assert {one.name for one in STAYS.by_key([to_come(row, on)]).values()} == {person.name}
            cut = person_as_of(person, on)
            assert cut is None or cut.name == oracle.on(on)
    assert not [kind for kind, _ in log.held if kind == NAME]


def test_no_event_of_a_trainee_says_who_that_is() -> None:
    """But for what somebody complains about, which is told in words."""
    kinds = [one for one in event_kinds() if one.TOPIC.startswith(f"{Trainee.TOPIC}.")]
    said = {one.TOPIC: {*sealed_fields(one)} - {*marked_fields(one, FREE_TEXT)} for one in kinds}
    assert {one: its for one, its in said.items() if its} == {
        Trainee.ComplaintFiled.TOPIC: {"about"}
    }


def _do(log: MemoryLog, command: msgspec.Struct) -> None:
    named = at_once(with_ids(log, HAND, command))
    at_once(execute(Context(hand_of(HAND, named), log, RECORDED), named))
