"""What was known by a position: the facts in the order of recording, each correction in its place.

Kinds, and what each says beside `who`, by which every enrolment is named:

    enrolled             cohort, manager, post, on
    rejoined             was (who it was before), cohort, manager, on; post: None for as it was
    enrolment corrected  manager, post, on
    transferred          cohort, on              manager changed      manager, on
    trial                passed, feedback, on    trial corrected      was_on, and the same
    exam                 paper, passed, score, on
    exam corrected       was_on, and the same    makeup missed        paper, on
    live                 on                      live corrected       was_on, on
    held                 on                      spot check           feedback, on
    left, eliminated     on                      leaving corrected    on
    order                no, on                  order corrected      no, on: of nobody
    reassigned           no, to, on: of nobody   voided               no, on: of nobody
    complaint            no, on                  complaint withdrawn  no, on: of nobody
    scheme published     month, rules: of nobody
    withdrawn            of (the position of what was recorded by mistake): of nobody

Classes and batches are told in tests/oracle/classes.py, submissions in tests/oracle/submissions.py.
`paper`: "written" or "drill". A correction of a trial, exam or go-live means the one that was
recorded at the position `of`, or else, of those of the day `was_on`, the one recorded last. Days
are dates.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.classes import Fact, Teaching

ZONE = ZoneInfo("Asia/Shanghai")


@dataclass
class Person:
    """The facts about one enrolment as they stood; each carries the day of its first recording."""

    who: str
    enrolled: Fact
    cohorts: list[Fact] = field(default_factory=list)
    managers: list[Fact] = field(default_factory=list)
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

    def seller_on(self, day: date) -> str:
        return in_force(self.closer, self.given, day, "to")


@dataclass
class Known:
    """All that was known: people by number, orders by number, schemes as (month, rules), the first
    submissions by month."""

    people: dict[str, Person] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    schemes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    teaching: Teaching = field(default_factory=Teaching)
    submitted: dict[str, Fact] = field(default_factory=dict)


def in_force(first: Any, changes: list[Fact], day: date, name: str) -> Any:
    """The value after the last change up to a day; of one day's the one recorded last."""
    value = first
    for change in sorted(changes, key=lambda change: change["on"]):
        if change["on"] <= day:
            value = change[name]
    return value


def known(log: list[Fact], known_by: int | None = None) -> Known:
    """What the facts up to a position say; None: all of them."""
    so_far = Known()
    for fact in log:
        if known_by is None or fact["position"] <= known_by:
            learn(so_far, fact)
    return so_far


def learn(so_far: Known, fact: Fact) -> None:
    kind = fact["kind"]
    if kind == "scheme published":
        so_far.schemes.append((fact["month"], fact["rules"]))
    elif kind == "submitted":
        so_far.submitted.setdefault(fact["month"], fact)
    elif "session" in fact or "batch" in fact:
        so_far.teaching.learn(fact)
    elif kind in ("order", "order corrected", "reassigned", "voided"):
        learn_of_order(so_far.orders, fact)
    elif kind == "enrolled":
        so_far.people[fact["who"]] = Person(fact["who"], noted(fact))
    elif kind == "rejoined":
        post = fact["post"] or so_far.people[fact["was"]].enrolled["post"]
        so_far.people[fact["who"]] = Person(fact["who"], noted(fact | {"post": post}))
    elif kind == "complaint withdrawn":
        for person in so_far.people.values():
            if fact["no"] in person.complaints:
                person.complaints[fact["no"]] |= {
                    "withdrawn_on": fact["on"],
                    "withdrawn_by": fact["position"],
                }
    elif kind == "withdrawn":
        unlearn(so_far, fact["of"])
    else:
        learn_of_person(so_far.people[fact["who"]], fact)


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
    elif kind == "enrolment corrected":
        person.enrolled |= said(fact)
    elif kind in ("trial corrected", "exam corrected", "live corrected"):
        facts = getattr(person, LISTS[kind.removesuffix(" corrected")])
        meant = (
            [one for one in facts if one["paper"] == fact["paper"]] if "paper" in fact else facts
        )
        if "of" in fact:
            meant = [one for one in meant if one["position"] == fact["of"]]
        else:
            meant = [one for one in meant if one["on"] == fact["was_on"]]
        meant[-1].update(said(fact))
    elif kind in ("left", "eliminated"):
        person.left = noted(fact)
    elif kind == "leaving corrected":
        assert person.left
        person.left |= said(fact)
    elif kind == "complaint":
        person.complaints[fact["no"]] = noted(fact)
    elif kind != "held":
        raise AssertionError(f"a kind of fact that nobody told of: {kind}")


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
