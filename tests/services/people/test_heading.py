"""Who is put under whom: nobody gets others under them by a right that whoever puts them there
does not hold."""

from uuid import UUID

import msgspec
import pytest

from domain.kernel.aggregate import Aggregate
from services.kernel.context import Role
from services.kernel.scopes import Scope
from services.people import department as d
from services.people import person as p
from tests.services.people.test_rights import TODAY, WHY, YESTERDAY, Office


@pytest.fixture
def office() -> Office:
    return Office()


def _put_under(way: str, head: str) -> msgspec.Struct:
    """A command that puts a department under somebody, ITS being theirs before."""
    ways: dict[str, msgspec.Struct] = {
        "headed": d.ChangeHead("D", TODAY, head),
        "opened": d.OpenDepartment("NEW", "新部", TODAY, head),
        "opening corrected": d.CorrectDepartmentOpening("D", WHY, head_id=head),
        "moved": d.MoveDepartment("D", TODAY, "ITS"),
        "never headed by nobody": d.WithdrawDepartmentFact("ITS", 2, WHY),
    }
    return ways[way]


@pytest.mark.parametrize(
    "way", ["headed", "opened", "opening corrected", "moved", "never headed by nobody"]
)
def test_nobody_gets_a_department_by_what_its_heads_may_but_by_whom_that_is_held(
    office: Office, way: str
) -> None:
    hr, head = office.person(Role.HR_MANAGER), office.person(Role.HR_MANAGER)
    for code in ("D", "ITS"):
        office.does(d.OpenDepartment(code, code, YESTERDAY, head if code == "ITS" else None))
    if way == "never headed by nobody":
        office.does(d.ChangeHead("ITS", TODAY, None))
    giving = _put_under(way, head)
    office.does(p.AssignRole(head, TODAY, Role.TRAINING_MANAGER, Scope.OWN_DEPARTMENT))
    assert office.refused(giving, office.may(hr)) == "right_not_held"
    assert office.refused(giving, office.may(head)) == "right_not_held"
    office.does(p.AssignRole(hr, TODAY, Role.TRAINING_MANAGER, Scope.ALL))
    office.does(giving, office.may(hr))


def test_whoever_heads_a_department_by_a_right_puts_others_with_it_over_parts_of_it(
    office: Office,
) -> None:
    mine, other = office.person(), office.person()
    for one in (mine, other):
        for role in (Role.HR_MANAGER, Role.TRAINING_MANAGER):
            office.does(p.AssignRole(one, YESTERDAY, role, Scope.OWN_DEPARTMENT))
    office.does(d.OpenDepartment("MINE", "一部", YESTERDAY, mine))
    office.does(d.OpenDepartment("PART", "一组", YESTERDAY, part_of="MINE"))
    office.does(d.ChangeHead("PART", TODAY, other), office.may(mine))
    office.does(d.OpenDepartment("NEW", "二组", TODAY, other, "MINE"), office.may(mine))
    out = d.MoveDepartment("PART", TODAY, None)
    office.does(out, office.may(mine))  # It gives nobody anything.


def _put_into_its(office: Office, way: str) -> msgspec.Struct:
    """A command that puts somebody into ITS, of today or of yesterday."""

    def somebody(department: str | None) -> str:
        return office.does(p.RegisterPerson("某人", YESTERDAY, department=department))

    of_none, of_d, of_its = somebody(None), somebody("D"), somebody("ITS")
    if way == "never moved":
        office.does(p.AssignDepartment(of_its, TODAY, "D"))
    elif way == "no more one":
        office.does(p.JoinPersons(of_its, of_d, WHY))
    office.does(p.AssignDepartment(of_none, TODAY, "D"))
    ways: dict[str, msgspec.Struct] = {
        "assigned": p.AssignDepartment(of_d, TODAY, "ITS"),
        "assigned for yesterday": p.AssignDepartment(of_none, YESTERDAY, "ITS"),
        "registration corrected": p.CorrectRegistration(of_d, WHY, department="ITS"),
        "never moved": p.WithdrawPersonFact(of_its, 2, WHY),
        "joined": p.JoinPersons(of_d, of_its, WHY),
        "no more one": p.WithdrawJoining(of_its, WHY),
    }
    return ways[way]


@pytest.mark.parametrize(
    "way",
    [
        *("assigned", "assigned for yesterday", "registration corrected"),
        *("never moved", "joined", "no more one"),
    ],
)
def test_nobody_gets_somebody_of_the_staff_by_what_heads_may_but_by_whom_that_is_held(
    office: Office, way: str
) -> None:
    hr, head = office.person(Role.HR_MANAGER), office.person(Role.HR_MANAGER)
    for code in ("D", "ITS"):
        office.does(d.OpenDepartment(code, code, YESTERDAY, head if code == "ITS" else None))
    giving = _put_into_its(office, way)
    office.does(p.AssignRole(head, TODAY, Role.TRAINING_MANAGER, Scope.OWN_DEPARTMENT))
    assert office.refused(giving, office.may(hr)) == "right_not_held"
    assert office.refused(giving, office.may(head)) == "right_not_held"
    office.does(p.AssignRole(hr, TODAY, Role.TRAINING_MANAGER, Scope.ALL))
    office.does(giving, office.may(hr))


def test_people_are_put_under_who_may_no_more_than_who_puts_them_there(office: Office) -> None:
    hr, head = office.person(Role.HR_MANAGER), office.person(Role.DEPARTMENT_HEAD, Role.SUPERVISOR)
    office.does(d.OpenDepartment("D", "一部", YESTERDAY, head))
    below = office.person()
    office.does(p.AssignDepartment(below, TODAY, "D"), office.may(hr))
    office.does(p.AssignManager(below, TODAY, head), office.may(hr))


def test_whoever_has_people_by_a_right_gives_them_to_others_who_have_no_other(
    office: Office,
) -> None:
    mine, other = office.person(), office.person()
    for one in (mine, other):
        for role in (Role.HR_MANAGER, Role.TRAINING_MANAGER):
            office.does(p.AssignRole(one, YESTERDAY, role, Scope.OWN_DEPARTMENT))
        office.does(p.AssignRole(one, YESTERDAY, Role.HR_OFFICER, Scope.OWN_PEOPLE))
    office.does(d.OpenDepartment("MINE", "一部", YESTERDAY, mine))
    office.does(d.OpenDepartment("ITS", "二部", YESTERDAY, other))
    for department in ("ITS", None):
        below = office.does(p.RegisterPerson("某人", YESTERDAY, department="MINE"))
        office.does(p.AssignManager(below, TODAY, other), office.may(mine))
        office.does(p.AssignDepartment(below, TODAY, department), office.may(mine))
    office.does(p.AssignRole(other, TODAY, Role.GENERAL_MANAGER, Scope.OWN_DEPARTMENT))
    below = office.does(p.RegisterPerson("某人", YESTERDAY, department="MINE"))
    put = p.AssignDepartment(below, TODAY, "ITS")
    assert office.refused(put, office.may(mine)) == "right_not_held"


def test_whoever_is_in_charge_of_somebody_by_now_gives_nobody_those_of_before(
    office: Office,
) -> None:
    mine, other, before = office.person(), office.person(), office.person()
    for one in (mine, other):
        office.does(p.AssignRole(one, YESTERDAY, Role.HR_MANAGER, Scope.OWN_PEOPLE))
    below = office.does(p.RegisterPerson("某人", YESTERDAY, manager_id=before))
    office.does(p.AssignManager(below, TODAY, mine))
    once = p.CorrectRegistration(below, WHY, manager_id=other)
    assert office.refused(once, office.may(mine)) == "right_not_held"
    office.does(p.AssignManager(below, TODAY, other), office.may(mine))


def test_whoever_is_new_is_not_looked_for_in_the_log(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    aggregate, asked = office.log.aggregate, list[str]()

    async def noting(tenant_id: UUID, stream_id: str, **how: bool) -> Aggregate | None:
        asked.append(stream_id)
        return await aggregate(tenant_id, stream_id, **how)

    monkeypatch.setattr(office.log, "aggregate", noting)
    person = office.does(p.RegisterPerson("某人", TODAY))
    assert person not in asked
    office.does(p.AssignPost(person, TODAY, "supervisor"))
    assert person in asked
