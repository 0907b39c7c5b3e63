"""What somebody may do today: by the events of the own stream, and of whom they stand in for."""

from datetime import date, timedelta

import msgspec
import pytest

from domain.kernel.errors import Refusal
from domain.people.person import Person
from domain.teaching.session import Session
from services.execute import execute
from services.kernel.context import Context, Principal, Rights, Role
from services.kernel.permissions import Permission
from services.kernel.roles import ROLES, in_role
from services.kernel.scopes import EVERYTHING, Scope, Scopes
from services.people import department as d
from services.people import person as p
from services.people.rights import Persons, as_person, may_be_given
from services.registry import COMMANDS
from services.teaching.cohort import OpenCohort
from services.teaching.session import ApprovePlanChange, PlanSession
from tests.carrying import RECORDED, TENANT, MemoryLog, at_once

TODAY = RECORDED.date()
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
WHY = "理由"
SYSTEM = Principal.of_system(TENANT, "operator")


def own(scope: Scope, *ids: str) -> Scopes:
    return {scope: frozenset(ids)}


def of(role: Role, *ids: str) -> Rights:
    """What a role gives somebody. ids: theirs."""
    return {
        one: EVERYTHING if Scope.ALL in scopes else dict.fromkeys(scopes, frozenset(ids))
        for one, scopes in ROLES[role].items()
    }


class Office:
    def __init__(self) -> None:
        self.log = MemoryLog()

    def does(self, command: msgspec.Struct, by: Principal = SYSTEM) -> str:
        return at_once(execute(Context(by, self.log, RECORDED), command)).stream_id

    def person(self, *roles: Role, scope: Scope = Scope.ALL, since: date = YESTERDAY) -> str:
        person_id = self.does(p.RegisterPerson("某人", since))
        for role in roles:
            self.does(p.AssignRole(person_id, since, role, scope))
        return person_id

    def may(self, person_id: str, on: date = TODAY) -> Principal:
        account = in_role(TENANT, "user-1", Role.OPERATOR)
        return at_once(as_person(Persons(self.log, TENANT), account, person_id, on))

    def refused(self, command: msgspec.Struct, by: Principal) -> str:
        with pytest.raises(Refusal) as caught:
            self.does(command, by)
        return caught.value.code


@pytest.fixture
def office() -> Office:
    return Office()


def test_several_roles_give_what_each_gives_and_one_that_is_narrowed_no_more(
    office: Office,
) -> None:
    both = office.may(office.person(Role.ASSISTANT, Role.PARTY_REPRESENTATIVE))
    assert both.rights == of(Role.ASSISTANT) | of(Role.PARTY_REPRESENTATIVE)
    assert both.roles == (Role.ASSISTANT, Role.PARTY_REPRESENTATIVE)
    narrowed = office.person(Role.TRAINING_MANAGER, scope=Scope.OWN_COHORTS)
    led = own(Scope.OWN_COHORTS, narrowed)
    assert [one for one in office.may(narrowed).rights.values() if one != led] == []
    office.does(p.AssignRole(narrowed, TODAY, Role.TRAINING_SPECIALIST, Scope.ALL))
    rights = office.may(narrowed).rights
    assert rights[Permission.WRITE_SCORES] == EVERYTHING
    assert rights[Permission.WRITE_SCHEME] == led


def test_a_role_holds_from_its_day_to_its_last_and_not_after_it_is_ended(office: Office) -> None:
    person = office.person()
    office.does(p.AssignRole(person, TODAY, Role.ASSISTANT, Scope.ALL, TOMORROW))
    days = [office.may(person, TODAY + timedelta(days=after)).roles for after in range(-1, 3)]
    assert days == [(), (Role.ASSISTANT,), (Role.ASSISTANT,), ()]
    office.does(p.EndRole(person, 2, TODAY))
    assert office.may(person).rights == {}


def test_whoever_is_suspended_or_gone_may_do_nothing_until_that_is_over(office: Office) -> None:
    person = office.person(Role.ASSISTANT)
    office.does(p.SuspendPerson(person, WHY))
    assert (office.may(person).rights, office.may(person).person_id) == ({}, person)
    office.does(p.ReinstatePerson(person))
    assert office.may(person).rights
    office.does(p.RecordDeparture(person, TODAY, WHY))
    assert office.may(person).rights and not office.may(person, TOMORROW).rights
    assert not office.may(office.person(Role.ASSISTANT, since=TODAY), YESTERDAY).rights


def test_a_deputy_has_the_roles_of_who_is_away_and_what_is_theirs_as_long_as_it_lasts(
    office: Office,
) -> None:
    away, deputy = office.person(Role.SUPERVISOR), office.person(Role.ASSISTANT)
    office.does(p.RecordAbsence(away, YESTERDAY, WHY, TODAY, deputy))
    standing = office.may(deputy)
    supervising = of(Role.SUPERVISOR, away)
    assert standing.rights == supervising | of(Role.ASSISTANT)
    assert (standing.person_id, standing.acts_for) == (deputy, {away, deputy})
    assert office.may(deputy, TOMORROW).acts_for == {deputy}
    office.does(p.SuspendPerson(away, WHY))
    assert office.may(deputy).acts_for == {deputy}
    office.does(p.ReinstatePerson(away))
    office.does(p.RecordReturn(away, TODAY))
    assert office.may(deputy).rights == of(Role.ASSISTANT)


def test_what_is_whose_own_by_one_right_is_not_by_another(office: Office) -> None:
    away, deputy = office.person(Role.HEAD_TEACHER, Role.TRAINEE), office.person(Role.SUPERVISOR)
    office.does(p.RecordAbsence(away, YESTERDAY, WHY, TODAY, deputy))
    rights = office.may(deputy).rights  # The trainee's own alone is nobody else's.
    assert rights[Permission.READ_ORDERS] == own(Scope.OWN_PEOPLE, deputy)
    assert rights[Permission.READ_ATTENDANCE] == own(Scope.OWN_COHORTS, away)
    assert rights[Permission.READ_CASES] == {
        Scope.OWN_PEOPLE: {deputy},
        Scope.OWN_COHORTS: {away},
    }


def test_whoever_was_joined_into_another_is_that_one_with_the_own_roles_alone(
    office: Office,
) -> None:
    goes, stays = office.person(Role.ASSISTANT), office.person(Role.ADMINISTRATOR)
    office.does(p.JoinPersons(goes, stays, WHY))
    joined, kept = office.may(goes), office.may(stays)
    assert (joined.person_id, joined.acts_for) == (stays, {goes, stays})
    assert joined.rights == of(Role.ASSISTANT)
    assert (kept.acts_for, kept.rights) == ({goes, stays}, of(Role.ADMINISTRATOR))
    office.does(p.SuspendPerson(stays, WHY))
    assert office.may(goes).rights == {}


def test_nobody_stands_in_for_who_was_joined_into_somebody_that_may_do_nothing(
    office: Office,
) -> None:
    away, deputy = office.person(Role.TRAINING_SPECIALIST), office.person(Role.ASSISTANT)
    office.does(p.RecordAbsence(away, YESTERDAY, WHY, None, deputy))
    stays = office.person()
    office.does(p.JoinPersons(away, stays, WHY))
    assert office.may(deputy).roles == (Role.ASSISTANT, Role.TRAINING_SPECIALIST)
    office.does(p.SuspendPerson(stays, WHY))
    assert office.may(deputy).roles == (Role.ASSISTANT,)


@pytest.mark.parametrize("order", [1, -1])
def test_a_change_of_plan_is_approved_in_the_role_by_which_the_right_reaches_the_class(
    office: Office, order: int
) -> None:
    above, head = office.person(), Role.DEPARTMENT_HEAD
    narrowed = (Role.HR_MANAGER, Scope.OWN_PEOPLE)
    for role, scope in (narrowed, (head, Scope.ALL), (Role.GENERAL_MANAGER, Scope.ALL))[::order]:
        office.does(p.AssignRole(above, YESTERDAY, role, scope))
    office.does(d.OpenDepartment("D", "一部", YESTERDAY, above))
    approved = list[str]()
    for code, name, department in (("C1", "属下", "D"), ("C2", "旁人", None)):
        office.does(p.RegisterPerson(name, YESTERDAY, department=department))
        office.does(OpenCohort(code, "一期", YESTERDAY, False, name))
        office.does(PlanSession(code, code, TODAY, ["产品知识"]))
        change = ApprovePlanChange(code, TOMORROW, ["产品知识"], TODAY, WHY)
        office.does(change, office.may(above))
        event = office.log.recorded[-1].event
        assert isinstance(event, Session.PlanChangeApproved)
        approved.append(event.approved_by)
    widest = Role.GENERAL_MANAGER
    assert approved == [head if order == 1 else widest, widest]


def test_a_role_for_one_class_gives_what_it_gives_for_that_class_alone(office: Office) -> None:
    office.does(OpenCohort("C", "一期", YESTERDAY))
    watched, taught = (
        office.does(PlanSession("C", code, TODAY, ["产品知识"])) for code in ("K1", "K2")
    )
    guest = office.person()
    for role, code in ((Role.CHANNEL_SPECIALIST, "K1"), (Role.LECTURER, "K2")):
        office.does(p.AssignRole(guest, TODAY, role, Scope.OWN_CLASSES, session=code))
    rights = office.may(guest).rights
    assert rights.keys() == ROLES[Role.LECTURER].keys()
    assert rights[Permission.READ_TRAINEES] == own(Scope.OWN_CLASSES, watched, taught)
    assert rights[Permission.WRITE_SCORES] == own(Scope.OWN_CLASSES, taught)


class Gift(msgspec.Struct):
    """Who has a role tomorrow by a command."""

    to: str
    by: msgspec.Struct


def _assigned(office: Office) -> Gift:
    other = office.person()
    return Gift(other, p.AssignRole(other, TODAY, Role.TRAINING_MANAGER, Scope.ALL))


def _stands_in(office: Office) -> Gift:
    away, deputy = office.person(Role.TRAINING_MANAGER), office.person()
    return Gift(deputy, p.RecordAbsence(away, TODAY, WHY, None, deputy))


def _reinstated(office: Office) -> Gift:
    person = office.person(Role.TRAINING_MANAGER)
    office.does(p.SuspendPerson(person, WHY))
    return Gift(person, p.ReinstatePerson(person))


def _reinstated_for_another(office: Office) -> Gift:
    goes, stays = office.person(Role.TRAINING_MANAGER), office.person()
    office.does(p.JoinPersons(goes, stays, WHY))
    office.does(p.SuspendPerson(stays, WHY))
    return Gift(goes, p.ReinstatePerson(stays))


def _back(office: Office) -> Gift:
    person = office.person(Role.TRAINING_MANAGER)
    office.does(p.RecordDeparture(person, YESTERDAY, WHY))
    return Gift(person, p.RecordComeback(person, TODAY))


def _not_to_go(office: Office) -> Gift:
    person = office.person(Role.TRAINING_MANAGER)
    office.does(p.RecordDeparture(person, TODAY, WHY))
    return Gift(person, p.WithdrawPersonFact(person, 3, WHY))


def _never_ended(office: Office) -> Gift:
    person = office.person(Role.TRAINING_MANAGER)
    office.does(p.EndRole(person, 2, TODAY))
    return Gift(person, p.WithdrawPersonFact(person, 3, WHY))


def _not_back(office: Office) -> Gift:
    away, deputy = office.person(Role.TRAINING_MANAGER), office.person()
    office.does(p.RecordAbsence(away, YESTERDAY, WHY, None, deputy))
    office.does(p.RecordReturn(away, TODAY))
    return Gift(deputy, p.WithdrawPersonFact(away, 4, WHY))


def _apart_again(office: Office) -> Gift:
    goes, stays = office.person(Role.TRAINING_MANAGER), office.person()
    office.does(p.JoinPersons(goes, stays, WHY))
    office.does(p.SuspendPerson(stays, WHY))
    return Gift(goes, p.WithdrawJoining(goes, WHY))


GIVING = {
    "assigned": _assigned,
    "stands in": _stands_in,
    "reinstated": _reinstated,
    "reinstated for another": _reinstated_for_another,
    "back": _back,
    "not to go": _not_to_go,
    "never ended": _never_ended,
    "not back": _not_back,
    "apart again": _apart_again,
}
GIVE_NOTHING = {  # But by under whom they put others: test_heading.py.
    p.RegisterPerson,
    p.CorrectRegistration,
    p.ConfirmPerson,
    p.NumberPerson,
    p.RenamePerson,
    p.ChangeContacts,
    p.AssignPost,
    p.AssignDepartment,
    p.AssignManager,
    p.RecordReturn,
    p.RecordDeparture,
    p.JoinPersons,
    p.EndRole,
    p.SuspendPerson,
}


@pytest.mark.parametrize("way", sorted(GIVING))
def test_nobody_gives_what_they_do_not_hold_but_whoever_lets_people_in(
    office: Office, way: str
) -> None:
    hr, gift = office.may(office.person(Role.HR_MANAGER)), GIVING[way](office)
    assert not office.may(gift.to, TOMORROW).may(Permission.WRITE_SCORES)
    assert office.refused(gift.by, hr) == "right_not_held"
    office.does(gift.by, office.may(office.person(Role.ADMINISTRATOR)))
    assert office.may(gift.to, TOMORROW).may(Permission.WRITE_SCORES)


@pytest.mark.parametrize("role", [Role.TRAINING_MANAGER, Role.ADMINISTRATOR])
def test_who_is_suspended_is_given_no_more_than_who_gives_it_holds(
    office: Office, role: Role
) -> None:
    hr, other, away = (
        office.may(office.person(Role.HR_MANAGER)),
        office.person(),
        office.person(role),
    )
    for one in (other, away):
        office.does(p.SuspendPerson(one, WHY))
    given = p.AssignRole(other, TODAY, role, Scope.ALL)
    assert office.refused(given, hr) == "right_not_held"
    deputy = p.RecordAbsence(away, TODAY, WHY, None, str(hr.person_id))
    assert office.refused(deputy, hr) == "right_not_held"
    office.does(p.AssignRole(other, TODAY, Role.HR_OFFICER, Scope.ALL), hr)
    office.does(p.RecordAbsence(away, TODAY, WHY), hr)


def test_every_command_about_people_is_known_to_give_rights_or_to_give_none(
    office: Office,
) -> None:
    giving = {type(one(office).by) for one in GIVING.values()}
    assert giving.isdisjoint(GIVE_NOTHING)
    every = {kind for kind, row in COMMANDS.items() if row.answers is Person}
    assert every == giving | GIVE_NOTHING


def test_whoever_manages_people_gives_what_they_hold(office: Office) -> None:
    hr = office.may(office.person(Role.HR_MANAGER))
    for given in (Role.HR_OFFICER, Role.HR_MANAGER):
        office.does(p.AssignRole(office.person(), TODAY, given, Scope.ALL), hr)
    past = p.AssignRole(office.person(), YESTERDAY, Role.TRAINING_MANAGER, Scope.ALL, YESTERDAY)
    office.does(past, hr)  # It gives nobody anything.


def test_a_right_over_ones_own_people_gives_nobody_one_over_theirs(office: Office) -> None:
    manager = office.person(Role.HR_MANAGER)
    office.does(p.AssignRole(manager, TODAY, Role.SUPERVISOR, Scope.ALL))
    hr, other = office.may(manager), office.person()
    given = p.AssignRole(other, TODAY, Role.SUPERVISOR, Scope.ALL)
    assert office.refused(given, hr) == "right_not_held"
    assert not may_be_given(hr, Role.SUPERVISOR)
    office.does(given)
    office.does(p.SuspendPerson(other, WHY), hr)
    office.does(p.ReinstatePerson(other), hr)


def test_joining_gives_nobody_anothers_people_whom_who_joins_them_does_not_reach(
    office: Office,
) -> None:
    hr, other = office.may(office.person(Role.HR_MANAGER)), office.person()
    manager = office.person()
    office.does(p.AssignRole(manager, TODAY, Role.SUPERVISOR, Scope.ALL))
    joining = p.JoinPersons(other, manager, WHY)
    assert office.refused(joining, hr) == "right_not_held"
    office.does(joining, office.may(office.person(Role.ADMINISTRATOR)))


def test_whoever_lets_people_in_is_kept_out_by_who_does_so_too_alone(office: Office) -> None:
    administrator, hr = office.person(Role.ADMINISTRATOR), office.person(Role.HR_MANAGER)
    by_hr, by_another = office.may(hr), office.may(office.person(Role.ADMINISTRATOR))
    for taking in (
        p.SuspendPerson(administrator, WHY),
        p.RecordDeparture(administrator, TODAY, WHY),
        p.EndRole(administrator, 2, TODAY),
    ):
        assert office.refused(taking, by_hr) == "administrators_alone"
    office.does(p.AssignPost(administrator, TODAY, "lecturer"), by_hr)
    office.does(p.SuspendPerson(administrator, WHY), by_another)
    office.does(p.SuspendPerson(hr, WHY), by_another)


def test_people_are_managed_within_ones_department_alone(office: Office) -> None:
    manager, outside = office.person(), office.person()
    office.does(p.AssignRole(manager, TODAY, Role.HR_MANAGER, Scope.OWN_DEPARTMENT))
    assert office.refused(p.SuspendPerson(outside, WHY), office.may(manager)) == "person_unknown"
