"""Who holds which number or code by what was recorded: the claims, derived from the log.

Commands claim by themselves what is unique in the tenant (services/kernel/naming.py); this says
what that must have come to, so that a claim that somebody else wrote is found.
"""

from collections.abc import Collection
from typing import Any

from domain.kernel.aggregate import DomainEvent, Happening
from domain.kpi.scheme.scheme import KpiScheme
from domain.people.department import Department
from domain.people.person import Person
from domain.reporting.submission import Submission
from domain.teaching.cohort import Cohort
from domain.teaching.session import Session
from domain.trainees.events import (
    ComplaintFiled,
    Enrolled,
    FactWithdrawn,
    OrderClosed,
    OrderReassigned,
    OrderTakenOver,
    Rejoined,
)
from domain.trainees.follow_up import FollowUp
from services.kernel.naming import Naming, likeness
from services.kernel.ports import ClaimPlace
from services.people.department import DEPARTMENTS
from services.people.meant import PEOPLE
from services.people.names import SEVERAL, place_of
from services.reporting.submission import MONTH, month_key
from services.scheme.scheme import SCHEME
from services.teaching.cohort import COHORTS
from services.teaching.session import SESSIONS
from services.trainees.follow_up import FIRST, FOLLOW_UPS
from services.trainees.selling import COMPLAINTS, ORDERS
from services.trainees.trainee import TRAINEES
from services.trainees.withdrawal import GivenNumber, given_by

CLAIMING: Collection[type[DomainEvent]] = (
    Cohort.Opened,
    Cohort.OpeningWithdrawn,
    Session.Planned,
    FollowUp.Opened,
    KpiScheme.Started,
    Submission.Submitted,
    Person.Registered,
    Person.RegistrationCorrected,
    Person.Renamed,
    Person.RenamingCorrected,
    Person.Numbered,
    Person.FactWithdrawn,
    Department.Opened,
    Department.FactWithdrawn,
    Enrolled,
    Rejoined,
    OrderClosed,
    OrderReassigned,
    OrderTakenOver,
    ComplaintFiled,
    FactWithdrawn,
)
"""The events that claim something, hand it over or free it."""

FIRST_FACT = 1
"""The id of the fact that a stream begins with."""


class Claims:
    """The claims of one tenant after its events so far. owners: by kind and key."""

    def __init__(self) -> None:
        self.owners: dict[ClaimPlace, str] = {}
        self._names: dict[str, str] = {}
        self._called: dict[str, set[ClaimPlace]] = {}
        self._given: dict[tuple[str, int], GivenNumber | None] = {}

    def take(self, event: DomainEvent) -> None:
        """The next event of the log; those that are not CLAIMING change nothing."""
        if type(event) not in CLAIMING:
            return
        stream = event.originator_id
        match event:
            case Cohort.Opened(code=name):
                self._claim(COHORTS, name, stream)
            case Cohort.OpeningWithdrawn():
                self._free(COHORTS, self._names[stream])
            case Session.Planned(code=name):
                self._claim(SESSIONS, name, stream)
            case FollowUp.Opened(code=name, trainee_id=trainee_id):
                self._claim(FOLLOW_UPS, name, stream)
                self.owners.setdefault((FIRST, trainee_id), stream)
            case KpiScheme.Started():
                self.owners[SCHEME, SCHEME] = stream
            case Submission.Submitted(kind=kind, month=month):
                self.owners[MONTH, month_key(kind, month)] = stream
            case Department.Opened(code=name):
                self._claim(DEPARTMENTS, name, stream)
            case Department.FactWithdrawn(fact=fact) if fact == FIRST_FACT:
                self._free(DEPARTMENTS, self._names[stream])
            case Person.Registered(name=name, number=no, is_staff=True):
                self._called[stream] = set()
                self._call(name, stream)
                if no is not None:
                    self._claim(PEOPLE, no, stream)
            case Person.RegistrationCorrected(name=name) | Person.Renamed(name=name):
                self._call(name, stream)
            case Person.Numbered(number=no):
                self._claim(PEOPLE, no, stream)
            case Person.FactWithdrawn(fact=fact) if fact == FIRST_FACT:
                self._forget(stream)
            case FactWithdrawn(fact=fact):
                self._withdraw(self._given.pop((stream, fact), None))
            case (
                Enrolled()
                | Rejoined()
                | OrderClosed()
                | OrderReassigned()
                | OrderTakenOver()
                | ComplaintFiled()
            ):
                self._give(event)
                self._given[stream, event.fact_id] = given_by(event, self._names[stream])

    def _give(self, fact: Happening) -> None:
        stream = fact.originator_id
        match fact:
            case Enrolled(employee_no=no):
                self._claim(TRAINEES, no, stream)
            case OrderClosed(order_no=no) | OrderTakenOver(order_no=no):
                self._claim(ORDERS, no, stream)
            case ComplaintFiled(complaint_no=no):
                self._claim(COMPLAINTS, no, stream)

    def _withdraw(self, given: GivenNumber | None) -> None:
        if given is not None and given.before is not None:
            self.owners[given.naming.place(given.number)] = given.before
        elif given is not None:
            self._free(given.naming, given.number)

    def _call(self, name: str, stream: str) -> None:
        """Has a name lead to a person of the staff, or to nobody where it led to another."""
        if stream not in self._called or not name:  # Of a trainee, or of who was erased.
            return
        place = place_of(name)
        if self.owners.setdefault(place, stream) != stream:
            self.owners[place] = SEVERAL
        self._called[stream].add(place)

    def _forget(self, stream: str) -> None:
        """Frees what a person had who was registered by mistake."""
        if stream in self._names:
            self._free(PEOPLE, self._names[stream])
        for place in self._called.pop(stream, ()):
            if self.owners.get(place) == stream:
                del self.owners[place]

    def _claim(self, naming: Naming[Any], name: str, stream: str) -> None:
        self._names.setdefault(stream, name)
        self.owners[naming.place(name)] = stream
        if like := naming.place_like(name):
            self.owners.setdefault(like, likeness(name))

    def _free(self, naming: Naming[Any], name: str) -> None:
        self.owners.pop(naming.place(name), None)
        like = naming.place_like(name)
        if like and self.owners.get(like) == likeness(name):
            del self.owners[like]
