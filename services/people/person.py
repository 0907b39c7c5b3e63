"""People: who somebody is, where they belong, and which roles they have."""

from datetime import date
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta
from msgspec.structs import asdict

from domain.kernel.errors import Refusal
from domain.people.person import Person
from services.kernel import fields
from services.kernel.context import Role
from services.kernel.handler import handler, handler_on
from services.kernel.permissions import Permission
from services.kernel.scopes import Scope
from services.kernel.work import Work
from services.people.department import DEPARTMENTS
from services.people.meant import (
    PEOPLE,
    id_meant,
    joined_into,
    person_meant,
    person_of_id,
    require_no_circle,
)
from services.people.names import claim_name, let_go
from services.people.rights import require_role_of_person
from services.teaching.session import SESSIONS

ManagerId = Annotated[fields.PersonId, Meta(description="The person who is in charge.")]
DeputyId = Annotated[fields.PersonId, Meta(description="The person who stands in meanwhile.")]
Until = Annotated[fields.PlannedDay, Meta(description="The last day; open if not given.")]
Since = Annotated[
    fields.EntryDay, Meta(description="The day from which the person is of the partner.")
]


class RegisterPerson(msgspec.Struct, frozen=True):
    """Takes somebody of the staff in."""

    name: fields.PersonName
    since: Since
    employee_no: fields.EmployeeNo | None = None
    post: fields.StaffPost | None = None
    department: fields.DepartmentCode | None = None
    manager_id: ManagerId | None = None
    phone: fields.Phone | None = None
    mail: fields.Mail | None = None
    id_number: fields.IdNumber | None = None


class CorrectRegistration(fields.Amending, frozen=True):
    """Corrects what was said of a person at first, and had been typed wrong."""

    person_id: fields.PersonId
    reason: fields.Reason
    name: fields.Stays[fields.PersonName] = None
    since: fields.Stays[Since] = None
    post: fields.Stays[fields.StaffPost] = None
    department: fields.StaysOrNone[fields.DepartmentCode] = None
    manager_id: fields.Stays[ManagerId] = None
    phone: fields.StaysOrNone[fields.Phone] = None
    mail: fields.StaysOrNone[fields.Mail] = None
    id_number: fields.Stays[fields.IdNumber] = None


OF_STAFF: Final = frozenset({"since", "post", "department", "manager_id"})
"""What a correction says of the staff alone: of trainees their stays say it."""


class ConfirmPerson(msgspec.Struct, frozen=True):
    """Confirms that there is somebody of whom there was only a name in a sheet."""

    person_id: fields.PersonId


class NumberPerson(msgspec.Struct, frozen=True):
    """Gives a person an employee number (工号)."""

    person_id: fields.PersonId
    employee_no: fields.EmployeeNo


class RenamePerson(msgspec.Struct, frozen=True):
    """Records that a person has another name from a day on."""

    person_id: fields.PersonId
    on: fields.Day
    name: fields.PersonName


class ChangeContacts(msgspec.Struct, frozen=True):
    """Records how a person is reached by now."""

    person_id: fields.PersonId
    phone: Annotated[fields.Phone | None, Meta(description="None if not given.")] = None
    mail: Annotated[fields.Mail | None, Meta(description="None if not given.")] = None


class AssignPost(msgspec.Struct, frozen=True):
    """Puts a person on another post (岗位)."""

    person_id: fields.PersonId
    on: fields.Day
    post: fields.StaffPost


class AssignDepartment(msgspec.Struct, frozen=True):
    """Puts a person into another department (部门), or into none."""

    person_id: fields.PersonId
    on: fields.Day
    department: Annotated[
        fields.DepartmentCode | None, Meta(description="The department; none if not given.")
    ] = None


class AssignManager(msgspec.Struct, frozen=True):
    """Puts a person of the staff under somebody else, or under nobody."""

    person_id: fields.PersonId
    on: fields.Day
    manager_id: Annotated[
        ManagerId | None, Meta(description="The person who is in charge; nobody if not given.")
    ] = None


class RecordAbsence(msgspec.Struct, frozen=True):
    """Records that a person is away, and who stands in (S110)."""

    person_id: fields.PersonId
    on: fields.Day
    reason: fields.Reason
    until: Until | None = None
    deputy_id: DeputyId | None = None


class RecordReturn(msgspec.Struct, frozen=True):
    """Records that a person is back from an absence."""

    person_id: fields.PersonId
    on: fields.Day


class AssignRole(msgspec.Struct, frozen=True):
    """Gives a person a role from a day on."""

    person_id: fields.PersonId
    on: fields.Day
    role: Annotated[Role, Meta(description="The role; not head office's, nor a program's.")]
    scope: Annotated[Scope, Meta(description="Over whom; the role may not reach farther.")]
    until: Until | None = None
    session: Annotated[
        fields.SessionCode | None, Meta(description="The one class that it is limited to.")
    ] = None


class EndRole(msgspec.Struct, frozen=True):
    """Ends a role of a person from a day on."""

    person_id: fields.PersonId
    assignment: fields.FactId
    on: fields.Day


class SuspendPerson(msgspec.Struct, frozen=True):
    """Takes from a person, at once, whatever the roles allow."""

    person_id: fields.PersonId
    reason: fields.Reason


class ReinstatePerson(msgspec.Struct, frozen=True):
    """Allows a person again what the roles allow."""

    person_id: fields.PersonId


class RecordDeparture(msgspec.Struct, frozen=True):
    """Records that a person leaves the staff (离职)."""

    person_id: fields.PersonId
    on: fields.LastDay
    reason: Annotated[fields.Reason, Meta(description="Why; may be blank.")] = ""


class RecordComeback(msgspec.Struct, frozen=True):
    """Records that a person is of the staff again."""

    person_id: fields.PersonId
    on: fields.Day


class JoinPersons(msgspec.Struct, frozen=True):
    """Says that two persons on record are one, who goes on as the second."""

    person_id: fields.PersonId
    into_id: Annotated[fields.PersonId, Meta(description="The person who stays.")]
    reason: fields.Reason


class WithdrawJoining(fields.Amending, frozen=True):
    """Takes back that two persons are one."""

    person_id: fields.PersonId
    reason: fields.Reason


class WithdrawPersonFact(fields.Amending, frozen=True):
    """Withdraws a fact of a person that was recorded by mistake."""

    person_id: fields.PersonId
    fact: fields.KnownFact
    reason: fields.Reason


async def _named(work: Work, command: Any) -> Person:
    return await person_of_id(work, command.person_id)


async def _to_say_anew(work: Work, command: Any) -> Person:
    """The person whose name or contacts are said anew; of a trainee that takes WRITE_TRAINEES
    besides, over everything."""
    person = await _named(work, command)
    if not person.is_staff:
        work.ctx.principal.require_everything(Permission.WRITE_TRAINEES)
    return person


on_person = handler_on(_named, "person_id")


@handler
async def register_person(work: Work, command: RegisterPerson) -> str:
    said: dict[str, Any] = {name: it or None for name, it in asdict(command).items()}
    said["name"] = command.name
    number = said.pop("employee_no")
    said["department_id"] = await _department(work, said.pop("department"), command.since)
    said["manager_id"] = await id_meant(work, command.manager_id, "manager_id")
    person = Person.register(work.new_id(Person), number=number, **said)
    if number is not None:
        PEOPLE.claim(work, number, person.id)
    await claim_name(work, command.name, person)
    return work.add(person)


@handler
async def correct_registration(work: Work, command: CorrectRegistration) -> str:
    """Corrects it; of a trainee only who that is, since the stays say the rest. Refuses
    `trainee_not_staff`."""
    person = await _to_say_anew(work, command)
    said: dict[str, Any] = {name: it for name, it in asdict(command).items() if it is not None}
    if not said.keys().isdisjoint(OF_STAFF):
        person.require_staff()
    code, on = said.pop("department", None), command.since or person.registered.since
    if code is not None:
        said["department_id"] = await _department(work, code or None, on)
    if command.manager_id is not None:
        said["manager_id"] = await id_meant(work, command.manager_id, "manager_id")
    del said["person_id"]
    person.correct_registration(**said | {name: None for name, it in said.items() if it == ""})
    await require_no_circle(work, person.id, person.manager_on(on), on, "manager_id")
    if command.name is not None:
        await claim_name(work, command.name, person)
    return person.id


@handler
async def number_person(work: Work, command: NumberPerson) -> str:
    person = await _named(work, command)
    person.give_number(number=command.employee_no)
    PEOPLE.claim(work, command.employee_no, person.id)
    return person.id


@handler
async def rename_person(work: Work, command: RenamePerson) -> str:
    person = await _to_say_anew(work, command)
    person.rename(on=command.on, name=command.name)
    await claim_name(work, command.name, person)
    return person.id


@handler
async def change_contacts(work: Work, command: ChangeContacts) -> str:
    """Records it as of today: nobody says on which day a number became another."""
    person = await _to_say_anew(work, command)
    person.change_contacts(on=work.ctx.today, phone=command.phone, mail=command.mail)
    return person.id


@handler
async def assign_department(work: Work, command: AssignDepartment) -> str:
    person = await _named(work, command)
    department_id = await _department(work, command.department, command.on)
    person.assign_department(on=command.on, department_id=department_id)
    return person.id


@handler
async def assign_manager(work: Work, command: AssignManager) -> str:
    person = await _named(work, command)
    manager_id = await id_meant(work, command.manager_id, "manager_id")
    person.assign_manager(on=command.on, manager_id=manager_id)
    await require_no_circle(work, person.id, manager_id, command.on, "manager_id")
    return person.id


@handler
async def record_absence(work: Work, command: RecordAbsence) -> str:
    person, deputy = await _named(work, command), None
    if command.deputy_id is not None:
        deputy = await person_meant(work, command.deputy_id, "deputy_id")
    person.go_away(on=command.on, until=command.until, reason=command.reason, deputy=deputy)
    return person.id


@handler
async def record_return(work: Work, command: RecordReturn) -> str:
    person = await _named(work, command)
    person.end_absence(on=command.on, deputy=await _deputy(work, person, command.on))
    return person.id


@handler
async def assign_role(work: Work, command: AssignRole) -> str:
    person, of_id = await _named(work, command), None
    is_of_class = command.session is not None
    tenant = work.ctx.principal.tenant
    require_role_of_person(tenant, command.role, command.scope, of_class=is_of_class)
    if command.session is not None:
        of_id = (await SESSIONS.get(work, command.session)).id
    person.assign_role(
        on=command.on,
        role=str(command.role),
        scope=str(command.scope),
        until=command.until,
        of_id=of_id,
    )
    return person.id


@handler
async def join_persons(work: Work, command: JoinPersons) -> str:
    """Joins a person into another; nobody is joined into who is joined, so that one step leads to
    whoever is meant. Refuses `joined_into_already`, and `manager_circle` where somebody would have
    been in charge of themselves."""
    person = await _named(work, command)
    into = await person_meant(work, command.into_id, "into_id")
    if {person.id, into.id} & work.ctx.principal.acts_for:
        work.require(Permission.MANAGE_ACCESS)  # What is another's would be one's own.
    person.join(into, reason=command.reason)
    if await joined_into(work, person):
        raise Refusal("joined_into_already", field="person_id")
    for on in sorted({one.on for one in into.held if one.name == "manager_id"}):
        await require_no_circle(work, into.id, into.manager_on(on), on, "into_id")
    return person.id


@handler
async def withdraw_person_fact(work: Work, command: WithdrawPersonFact) -> str:
    """Withdraws a fact; of an absence also what is said of the deputy. With the registration the
    number is free; a trainee's goes with the enrolment alone. Refuses `person_named`."""
    person = await _named(work, command)
    fact = person.fact(command.fact)
    deputy = await _deputy(work, person, fact.day)
    person.withdraw_fact(fact=command.fact, reason=command.reason, deputy=deputy)
    if person.is_withdrawn and not person.is_staff:
        raise Refusal("person_named", field="person_id")
    if person.is_withdrawn:
        await let_go(work, person)
    return person.id


confirm_person = on_person(ConfirmPerson, Person.confirm)
assign_post = on_person(AssignPost, Person.assign_post)
end_role = on_person(EndRole, Person.end_role)
suspend_person = on_person(SuspendPerson, Person.suspend)
reinstate_person = on_person(ReinstatePerson, Person.reinstate)
record_departure = on_person(RecordDeparture, Person.depart)
record_comeback = on_person(RecordComeback, Person.come_back)
withdraw_joining = on_person(WithdrawJoining, Person.withdraw_joining)


async def _department(work: Work, code: str | None, on: date) -> str | None:
    if code is None:
        return None
    department = await DEPARTMENTS.get(work, code)
    department.require_open(on, "department")
    return department.id


async def _deputy(work: Work, person: Person, on: date) -> Person | None:
    """Who stood in by a day."""
    deputy_id = person.deputy_by(on)
    return None if deputy_id is None else await person_of_id(work, deputy_id)
