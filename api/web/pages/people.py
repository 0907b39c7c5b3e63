"""The pages of people (人员): who is of the partner, where and under whom, and who stands in."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any, cast

from msgspec import Struct

from api.web.kit.addresses import named_address
from api.web.kit.history import known_events
from api.web.kit.named import NamedByEvent, named_by
from api.web.kit.page import PageContext
from api.web.kit.resource import Amendment, CommandKind, Related, Resource, Section, Steps
from api.web.pages.log_ins import log_in_of, who_logs_in
from domain.kernel.aggregate import DomainEvent, Happening, Withdrawal
from domain.people.person import OF_DEPUTY, Person
from projections.people.departments import DEPARTMENT_LIST
from projections.people.people import PERSON_LIST, PersonRow
from projections.trainees.cohort_roster import TRAINEE_LIST
from services.kernel.permissions import Permission
from services.people.person import (
    OF_STAFF,
    AssignDepartment,
    AssignManager,
    AssignPost,
    AssignRole,
    ChangeContacts,
    ConfirmPerson,
    CorrectRegistration,
    EndRole,
    JoinPersons,
    NumberPerson,
    RecordAbsence,
    RecordComeback,
    RecordDeparture,
    RecordReturn,
    RegisterPerson,
    ReinstatePerson,
    RenamePerson,
    SuspendPerson,
    WithdrawJoining,
    WithdrawPersonFact,
)
from services.reading.moment import Moment

_COMMANDS: tuple[CommandKind, ...] = (
    ConfirmPerson,
    JoinPersons,
    RecordAbsence,
    RecordReturn,
    AssignPost,
    AssignDepartment,
    AssignManager,
    ChangeContacts,
    NumberPerson,
    RenamePerson,
    RecordDeparture,
    RecordComeback,
    AssignRole,
    SuspendPerson,
    ReinstatePerson,
    WithdrawJoining,
)
_FACTS = tuple(
    kind
    for kind in Person.events()
    if issubclass(kind, Happening)
    and not issubclass(kind, Withdrawal)
    and kind not in OF_DEPUTY.values()
)
"""What can be withdrawn; what is said of a deputy is with the absence."""


async def _steps(page: PageContext, row: PersonRow) -> Steps:
    """Of a name in a sheet first who that is; of who is away the return."""
    if row.joined_into:
        others = frozenset(_COMMANDS) - {WithdrawJoining}
        return Steps((WithdrawJoining,), others, instead="person.joined")
    person = cast(Person, await page.app.log.aggregate(page.tenant, row.person_id, fresh=False))
    refused: set[CommandKind] = {WithdrawJoining}
    if not row.is_staff:
        refused |= {AssignPost, AssignDepartment, AssignManager, RecordDeparture, JoinPersons}
        if not page.principal.may_everywhere(Permission.WRITE_TRAINEES):
            refused |= {RenamePerson, ChangeContacts, CorrectRegistration}
    if not reads_contacts(page, row):
        # Who does not see the phone would take it away unawares with a new mail.
        refused.add(ChangeContacts)
    if row.is_confirmed:
        refused.add(ConfirmPerson)
    if row.number is not None:
        refused.add(NumberPerson)
    if not any(person.absences()):
        refused.add(RecordReturn)
    refused.add(RecordDeparture if row.status == "gone" else RecordComeback)
    refused.add(SuspendPerson if person.is_suspended else ReinstatePerson)
    after: tuple[CommandKind, ...] = () if row.is_confirmed else (ConfirmPerson, JoinPersons)
    if person.away_on(page.today):
        after = (RecordReturn, *after)
    if row.status == "gone":
        after = (*after, RecordComeback)
    return Steps(after, frozenset(refused))


async def _begins(page: PageContext, row: PersonRow, command: CommandKind) -> Mapping[str, Any]:
    """Contacts are said anew as a whole: what is not changed is to stand there."""
    if command is not ChangeContacts or not reads_contacts(page, row):
        return {}
    person = cast(Person, await page.app.log.aggregate(page.tenant, row.person_id, fresh=False))
    return {"phone": person.reached_by("phone"), "mail": person.reached_by("mail")}


def reads_contacts(page: PageContext, person: Person | PersonRow) -> bool:
    """Whether somebody may see how a person is reached."""
    return person.is_staff or page.principal.may_everywhere(Permission.READ_CONTACTS)


async def _roles(
    page: PageContext, thing: str, facts: Collection[int]
) -> Mapping[int, Happening | None]:
    """The roles that somebody has today, of these facts."""
    person = cast(Person, await page.app.log.aggregate(page.tenant, thing, fresh=False))
    return {one.fact_id: None for one in person.roles_on(page.today) if one.fact_id in facts}


def _unasked(row: PersonRow, command: CommandKind) -> Collection[str]:
    return OF_STAFF if command is CorrectRegistration and not row.is_staff else ()


def _is_staff(row: PersonRow) -> bool:
    """A trainee has no people, heads nothing, and is joined with nobody (decision 0054)."""
    return row.is_staff


def _may_lead(row: PersonRow) -> bool:
    """Whose people were given to another by joining has none, and gets none."""
    return row.is_staff and row.joined_into is None


def _leads(page: PageContext, row: PersonRow) -> Mapping[str, str]:
    """Where a trainee stands, and in which batch, says the page of the stay that lasts."""
    if row.is_staff or row.number is None or not page.may(Permission(TRAINEE_LIST.permission)):
        return {}
    return {"status": named_address(TRAINEE_LIST.kind, row.number)}


class Away(Struct, frozen=True):
    """A time for which somebody is away, or stands in. last: None where nobody said how long.
    other: who stands in, or for whom; reason: of being away."""

    first: date
    last: date | None
    other: NamedByEvent | None
    is_now: bool
    reason: str = ""


async def _absences(
    page: PageContext, row: PersonRow, moment: Moment | None
) -> dict[str, Any] | None:
    """When somebody is away, and for whom they stand in, the last first."""
    events = await known_events(page, row.person_id, moment)
    person, day = _made_of(events), moment.happened_by if moment else page.today
    names = await named_by(page, events)

    def told(times: Iterator[tuple[Any, date]], of: str) -> list[Away]:
        return [
            Away(
                began.on,
                None if last == date.max else last,
                names.get(getattr(began, of) or ""),
                began.on <= day <= last,
                getattr(began, "reason", ""),
            )
            for began, last in sorted(times, key=lambda one: one[0].on, reverse=True)
        ]

    found = {
        "away": told(person.absences(), "deputy_id"),
        "stands_in": told(person.stand_ins(), "for_id"),
    }
    return found if any(found.values()) else None


def _made_of(events: Any) -> Person:
    person = None
    for event in events:
        person = cast(DomainEvent, event).mutate(person)
    return cast(Person, person)


PEOPLE = Resource(
    listing=PERSON_LIST,
    aggregate=Person,
    named_in="person_id",
    named_by="number",
    named_also=frozenset({"manager_id", "head_id", "deputy_id", "into_id"}),
    numbered_in="employee_no",
    title="name",
    opening=RegisterPerson,
    commands=_COMMANDS,
    amendments=(
        Amendment(CorrectRegistration, (Person.Registered, Person.RegistrationCorrected)),
        Amendment(EndRole, (Person.RoleAssigned,), restates=False, among=_roles),
        Amendment(WithdrawPersonFact, _FACTS, restates=False),
    ),
    steps=_steps,
    begins=_begins,
    unasked=_unasked,
    repeated=frozenset({"since", "post", "department", "manager_id"}),
    apart=("post", "status"),
    unoffered=frozenset({"joined_into"}),
    usual={"staff": "true"},
    removing=frozenset({RecordDeparture, SuspendPerson, WithdrawJoining, WithdrawPersonFact}),
    recent=frozenset(
        {
            *(AssignRole, RecordAbsence, RecordComeback, ReinstatePerson),
            *(WithdrawJoining, WithdrawPersonFact),
        }
    ),
    related=(
        Related(PERSON_LIST, "manager", may_be=_may_lead),
        Related(TRAINEE_LIST, "manager", is_told=False, opens=False, may_be=_is_staff),
        Related(DEPARTMENT_LIST, "head", opens=False, may_be=_is_staff),
        Related(PERSON_LIST, "joined_into", opens=False, may_be=_is_staff),
    ),
    sections=(
        Section("_log_in.html", log_in_of, of=()),
        Section("_absences.html", _absences, of=()),
    ),
    remarks=who_logs_in,
    leads=_leads,
)
