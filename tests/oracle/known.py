"""What was known by a position: the facts in the order of recording, each correction in its place.

Kinds, and what each says beside `who`, by which every enrolment is named:

    enrolled             cohort, manager, post, on
    rejoined             was (who it was before), cohort, manager, on; post: None for as it is
                         there, also where that is told otherwise later
    enrolment corrected  was_on, manager, post, on
    transferred          cohort, on              manager changed      manager, on
    post changed         post, on
    trial                passed, feedback, on    trial corrected      was_on, and the same
    exam                 paper, passed, score, on
    exam corrected       was_on, and the same    makeup missed        paper, on
    live                 on                      live corrected       was_on, on
    held                 on                      spot check           feedback, on
    left, eliminated     on                      leaving corrected    was_on, on
    order                no, on                  order corrected      no, on: of nobody
    reassigned           no, to, on: of nobody   voided               no, on: of nobody
    complaint            no, on                  complaint withdrawn  no, on: of nobody
    scheme published     month, rules: of nobody
    withdrawn            of (the position of what was recorded by mistake): of nobody

Classes and batches are told in tests/oracle/classes.py, submissions in tests/oracle/submissions.py,
and what becomes of managers in tests/oracle/staff.py.
`paper`: "written" or "drill". A correction of a trial, exam or go-live means the one that was
recorded at the position `of`, or else, of those of the day `was_on`, the one recorded last. Days
are dates.

Somebody who left and rejoined has several enrolments: stays. A name only says of whom a fact is,
the day says of which stay.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.classes import Fact, Teaching
from tests.oracle.staff import Staff

ZONE = ZoneInfo("Asia/Shanghai")


@dataclass
class Person:
    """The facts about one enrolment as they stood; each carries the day of its first recording.

    first: the first enrolment of the same person, perhaps this one.
    """

    who: str
    first: str
    enrolled: Fact
    cohorts: list[Fact] = field(default_factory=list)
    managers: list[Fact] = field(default_factory=list)
    posts: list[Fact] = field(default_factory=list)
    trials: list[Fact] = field(default_factory=list)
    exams: list[Fact] = field(default_factory=list)
    lives: list[Fact] = field(default_factory=list)
    checks: list[Fact] = field(default_factory=list)
    complaints: dict[str, Fact] = field(default_factory=dict)
    left: Fact | None = None

    def cohort_on(self, day: date) -> str:
        return in_force(self.enrolled["cohort"], self.cohorts, day, "cohort")

    def manager_on(self, day: date) -> str | None:
        return in_force(self.enrolled["manager"], self.managers, day, "manager")

    def post_on(self, day: date) -> str:
        return in_force(self.enrolled["post"], self.posts, day, "post")

    def left_by(self, day: date) -> bool:
        return self.left is not None and self.left["on"] <= day


@dataclass
class Order:
    """An order, whoever has it: closed by `closer`, and given on on the days of `given`."""

    closer: str
    closed: Fact
    given: list[Fact] = field(default_factory=list)
    voided: Fact | None = None

    @property
    def voided_on(self) -> date | None:
        return self.voided["on"] if self.voided else None


@dataclass
class Known:
    """All that was known: people by number, orders by number, schemes as (month, rules), the first
    submissions by month.

    told: by every stay that was told of, all those of the same person, the first before the others:
    a stay that was withdrawn still says of whom a fact is.
    """

    people: dict[str, Person] = field(default_factory=dict)
    told: dict[str, list[str]] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    schemes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    teaching: Teaching = field(default_factory=Teaching)
    submitted: dict[str, Fact] = field(default_factory=dict)
    staff: Staff = field(default_factory=Staff)

    def stays(self, who: str) -> list[Person]:
        """All stays of who is named by one of them, in the order of time."""
        found = [self.people[one] for one in self.told.get(who, ()) if one in self.people]
        return sorted(found, key=lambda person: person.enrolled["on"])

    def stay_on(self, who: str, day: date) -> str:
        """The stay in which a day lies: the last that has begun, the first for a day before it."""
        stays = self.stays(who)
        begun = [stay for stay in stays if stay.enrolled["on"] <= day]
        return [*stays[:1], *begun][-1].who if stays else who

    def closer(self, order: Order) -> str:
        return self.stay_on(order.closer, order.closed["on"])

    def sellers(self, order: Order, day: date) -> list[str]:
        """Who closed it, and whom it was given to by a day; each by the stay of the closing day."""
        given = sorted(order.given, key=lambda fact: fact["on"])
        named = [order.closer, *(fact["to"] for fact in given if fact["on"] <= day)]
        return [self.stay_on(who, order.closed["on"]) for who in named]


def in_force(first: Any, changes: list[Fact], day: date, name: str) -> Any:
    """The value after the last change up to a day; of one day's the one recorded last."""
    value = first
    for change in sorted(changes, key=lambda change: change["on"]):
        if change["on"] <= day:
            value = change[name]
    return value


def known(log: list[Fact], known_by: int | None = None, *, joined: bool = True) -> Known:
    """What the facts up to a position say; None: all of them. joined: whether whoever turned out to
    be another manager is that one."""
    so_far = Known()
    for fact in log:
        if known_by is None or fact["position"] <= known_by:
            learn(so_far, so_far.staff.told(fact))
    if joined:
        for told in _in_charge(so_far):
            told.update(so_far.staff.told(told))
    for first in {person.first for person in so_far.people.values()}:
        _give_each_stay_its_own(so_far, so_far.stays(first))
    return so_far


def _in_charge(so_far: Known) -> Iterator[Fact]:
    """Every fact that says who is in charge."""
    for person in so_far.people.values():
        yield from (person.enrolled, *person.managers)
    yield from chain.from_iterable(so_far.teaching.answering.values())


def _give_each_stay_its_own(so_far: Known, stays: list[Person]) -> None:
    """Every fact goes to the stay of its day, whichever it was told of, corrected or not."""
    for name in set(LISTS.values()):
        facts = [fact for stay in stays for fact in getattr(stay, name)]
        for stay in stays:
            own = [fact for fact in facts if so_far.stay_on(stay.who, fact["on"]) == stay.who]
            setattr(stay, name, sorted(own, key=lambda fact: fact["position"]))
    complaints = {no: fact for stay in stays for no, fact in stay.complaints.items()}
    for stay in stays:
        stay.complaints = {
            no: fact
            for no, fact in complaints.items()
            if so_far.stay_on(stay.who, fact["on"]) == stay.who
        }


def learn(so_far: Known, fact: Fact) -> None:
    kind = fact["kind"]
    if kind.startswith("staff "):
        so_far.staff.learn(fact)
    elif kind == "scheme published":
        so_far.schemes.append((fact["month"], fact["rules"]))
    elif kind == "submitted":
        so_far.submitted.setdefault(fact["month"], fact)
    elif "session" in fact or "batch" in fact:
        so_far.teaching.learn(fact)
    elif kind in ("order", "order corrected", "reassigned", "voided"):
        learn_of_order(so_far.orders, fact)
    elif kind == "enrolled":
        enrol(so_far, fact, [])
    elif kind == "rejoined":
        was = so_far.people[fact["was"]]
        before = in_force(was.enrolled["post"], was.posts, date.max, "post")
        enrol(so_far, fact | {"post": fact["post"] or before}, so_far.told[fact["was"]])
    elif kind == "complaint withdrawn":
        for person in so_far.people.values():
            if fact["no"] in person.complaints:
                person.complaints[fact["no"]] |= {
                    "withdrawn_on": fact["on"],
                    "withdrawn_by": fact["position"],
                }
    elif kind == "withdrawn":
        unlearn(so_far, fact["of"])
    elif kind.endswith("corrected"):
        amend(so_far.stays(fact["who"]), fact)
    else:
        learn_of_person(so_far.people[so_far.stay_on(fact["who"], fact["on"])], fact)


def enrol(so_far: Known, fact: Fact, stays: list[str]) -> None:
    """stays: of the same person, told of before."""
    who = fact["who"]
    so_far.told[who] = stays
    stays.append(who)
    so_far.people[who] = Person(who, stays[0], noted(fact))


def learn_of_order(orders: dict[str, Order], fact: Fact) -> None:
    kind, no = fact["kind"], fact["no"]
    if kind == "order":
        orders[no] = Order(fact["who"], noted(fact))
    elif kind == "order corrected":
        orders[no].closed |= said(fact)
    elif kind == "reassigned":
        orders[no].given.append(fact)
    else:
        orders[no].voided = fact


LISTS = {
    "transferred": "cohorts",
    "manager changed": "managers",
    "post changed": "posts",
    "trial": "trials",
    "exam": "exams",
    "makeup missed": "exams",
    "live": "lives",
    "spot check": "checks",
}


def learn_of_person(person: Person, fact: Fact) -> None:
    kind = fact["kind"]
    if kind in LISTS:
        unseen = {"passed": False, "score": 0} if kind == "makeup missed" else {}
        getattr(person, LISTS[kind]).append(noted(fact | unseen))
    elif kind in ("left", "eliminated"):
        person.left = noted(fact)
    elif kind == "complaint":
        person.complaints[fact["no"]] = noted(fact)
    elif kind != "held":
        raise AssertionError(f"a kind of fact that nobody told of: {kind}")


def amend(stays: list[Person], fact: Fact) -> None:
    """stays: all of the person. A correction that tells no day of a stay means the one it names."""
    kind = fact["kind"]
    (person,) = [stay for stay in stays if stay.who == fact["who"]]
    if kind == "enrolment corrected":
        its = _of_day([(stay, stay.enrolled) for stay in stays], fact, person)
        its.enrolled |= said(fact)
    elif kind in ("trial corrected", "exam corrected", "live corrected"):
        name = LISTS[kind.removesuffix(" corrected")]
        facts = [one for stay in stays for one in getattr(stay, name)]
        facts.sort(key=lambda one: one["position"])
        meant = (
            [one for one in facts if one["paper"] == fact["paper"]] if "paper" in fact else facts
        )
        if "of" in fact:
            meant = [one for one in meant if one["position"] == fact["of"]]
        else:
            meant = [one for one in meant if one["on"] == fact["was_on"]]
        meant[-1].update(said(fact))
    else:
        person = _of_day([(stay, stay.left) for stay in stays if stay.left], fact, person)
        assert person.left and kind == "leaving corrected", kind
        person.left |= said(fact)


def _of_day(beginnings_or_ends: list[tuple[Person, Fact]], fact: Fact, otherwise: Person) -> Person:
    """The stay whose beginning, or end, had been recorded for the day that a correction names."""
    found = [stay for stay, one in beginnings_or_ends if one["on"] == fact.get("was_on")]
    return found[-1] if found else otherwise


def unlearn(so_far: Known, of: int) -> None:
    """What was recorded at a position never was, whatever was corrected of it since."""
    so_far.people = {
        who: person for who, person in so_far.people.items() if person.enrolled["position"] != of
    }
    for person in so_far.people.values():
        for name in set(LISTS.values()):
            facts = getattr(person, name)
            setattr(person, name, [one for one in facts if one["position"] != of])
        if person.left and person.left["position"] == of:
            person.left = None
        for no, complaint in list(person.complaints.items()):
            if complaint["position"] == of:
                del person.complaints[no]
            elif complaint.get("withdrawn_by") == of:
                del complaint["withdrawn_on"]
    for no, order in list(so_far.orders.items()):
        if order.closed["position"] == of:
            del so_far.orders[no]
        order.given = [one for one in order.given if one["position"] != of]
        if order.voided and order.voided["position"] == of:
            order.voided = None


def noted(fact: Fact) -> Fact:
    """A copy that corrections may change, with the local day of the recording."""
    return fact | {"recorded_on": fact["recorded_at"].astimezone(ZONE).date()}


def said(fact: Fact) -> Fact:
    """What a correction says of the fact itself: neither its kind nor when it came."""
    envelope = ("kind", "position", "recorded_at", "was_on", "of", "who", "no")
    return {name: value for name, value in fact.items() if name not in envelope}
