"""People and departments through their commands: numbers, ids, whom and what others name."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.kernel.errors import ConflictError, Refusal
from domain.kernel.held import value_on
from domain.people.department import Department
from domain.people.person import Person
from services.execute import Done, execute
from services.kernel.context import Context, Principal, Role
from services.kernel.roles import in_role
from services.kernel.scopes import Scope
from services.kernel.work import Work
from services.people import department as d
from services.people import person as p
from services.people.names import NAME
from services.teaching.cohort import HandOverCohort, OpenCohort
from services.teaching.session import PlanSession
from services.trainees.trainee import ChangeManager, EnrolTrainee, RecordSpotCheck
from tests.carrying import RECORDED, TENANT, MemoryLog, at_once, hand_of
from tests.examples import examples

JUNE_1, JUNE_10 = date(2026, 6, 1), date(2026, 6, 10)
JUNE = [date(2026, 6, day) for day in range(1, 7)]
CODES = ("A", "B", "C")
ADMINISTRATOR = in_role(TENANT, "user-2", Role.ADMINISTRATOR)


class Staff:
    """A partner's people, in memory."""

    def __init__(self) -> None:
        self.log = MemoryLog()

    def context(self, command: msgspec.Struct) -> Context:
        hand = hand_of(in_role(TENANT, "user-1", Role.TRAINING_MANAGER), command)
        return Context(hand, self.log, RECORDED)

    def does(self, command: msgspec.Struct, by: Principal | None = None) -> Done:
        context = self.context(command)
        if by is not None:
            context = msgspec.structs.replace(context, principal=by)
        return at_once(execute(context, command))

    def registers(self, name: str, **said: Any) -> str:
        return self.does(p.RegisterPerson(name, JUNE_1, **said)).stream_id

    def refuses(self, command: msgspec.Struct, code: str, by: Principal | None = None) -> Refusal:
        before = len(self.log.recorded)
        with pytest.raises(Refusal) as caught:
            self.does(command, by)
        assert (caught.value.code, len(self.log.recorded)) == (code, before)
        return caught.value

    def person(self, person_id: str) -> Person:
        found = at_once(self.log.aggregate(TENANT, person_id))
        assert isinstance(found, Person)
        return found

    def department(self, code: str) -> Department:
        return at_once(d.DEPARTMENTS.get(Work(self.context(d.CloseDepartment(code, JUNE_1))), code))


class Overtaken(MemoryLog):
    """A log of whose first answer about a name more is known at once. meanwhile: records that."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__()
        self._meanwhile = [meanwhile]

    async def owner(
        self, tenant_id: UUID, kind: str, key: str, *, fresh: bool = True
    ) -> str | None:
        found = await super().owner(tenant_id, kind, key, fresh=fresh)
        if kind == NAME and self._meanwhile:
            self._meanwhile.pop()()
        return found


@pytest.fixture
def staff() -> Staff:
    return Staff()


def test_what_is_left_blank_of_somebody_is_not_there(staff: Staff) -> None:
    blank = dict.fromkeys(("employee_no", "department", "phone", "mail", "id_number"), " ")
    for _ in range(2):
        person = staff.person(staff.registers("王芳", **blank))
        said = [getattr(person.registered, name) for name in ("phone", "mail", "id_number")]
        assert (person.number, person.registered.department_id, said) == (None, None, [None] * 3)


def test_a_number_is_one_persons_alone_whether_of_the_staff_or_in_training(staff: Staff) -> None:
    staff.does(OpenCohort("A1", "一期", JUNE_1))
    staff.does(EnrolTrainee("A1", "E0", "曾伟", JUNE_1))
    manager = staff.registers("钱主管", employee_no="M1")
    for taken in ("e0", "Ｍ1"):
        staff.refuses(p.RegisterPerson("李娜", JUNE_1, taken), "employee_no_taken")
    staff.refuses(EnrolTrainee("A1", "M1", "李娜", JUNE_1), "employee_no_taken")
    staff.refuses(RecordSpotCheck("M1", "basics", True, JUNE_10), "trainee_unknown")
    staff.does(p.WithdrawPersonFact(manager, 1, "录错"))
    staff.does(p.RegisterPerson("李娜", JUNE_1, "M1"))
    staff.refuses(p.ConfirmPerson(manager), "person_unknown")


def test_whoever_is_named_means_the_one_into_whom_that_one_was_joined(staff: Staff) -> None:
    kept, gone, other = (staff.registers(name) for name in ("钱大海", "钱 大海", "李娜"))
    staff.does(p.JoinPersons(gone, kept, "同一人"))
    staff.does(p.AssignManager(other, JUNE_10, gone))
    assert staff.person(other).held[-1].value == kept
    staff.refuses(p.JoinPersons(kept, gone, "同一人"), "joined_into_itself")
    staff.refuses(p.JoinPersons(kept, other, "同一人"), "joined_into_already")
    refusal = staff.refuses(p.AssignManager(other, JUNE_10, "person-x"), "person_unknown")
    assert refusal.field == "manager_id"
    staff.refuses(p.WithdrawPersonFact(kept, 1, "录错"), "person_named")


def test_nobody_is_in_charge_of_who_is_in_charge_of_them(staff: Staff) -> None:
    head, middle, low = (staff.registers(name) for name in ("钱大海", "李娜", "周专员"))
    staff.does(p.AssignManager(middle, JUNE_1, head))
    staff.does(p.AssignManager(low, JUNE_1, middle))
    staff.refuses(p.AssignManager(head, JUNE_10, low), "manager_circle")
    staff.refuses(p.CorrectRegistration(head, "录错", manager_id=middle), "manager_circle")
    for above in (middle, head):
        refusal = staff.refuses(p.JoinPersons(above, low, "同一人"), "manager_circle")
        assert refusal.field == "into_id"
    staff.does(p.JoinPersons(low, middle, "同一人"))
    staff.refuses(p.AssignManager(head, JUNE_10, low), "manager_circle")
    staff.does(p.AssignManager(middle, JUNE_10, None))
    staff.does(p.AssignManager(head, JUNE_10, low))


def test_a_trainee_is_not_put_under_the_manager_who_is_the_recorded_one_joined_since(
    staff: Staff,
) -> None:
    kept = staff.registers("钱大海", employee_no="M1")
    staff.does(OpenCohort("A1", "一期", JUNE_1))
    staff.does(EnrolTrainee("A1", "E0", "曾伟", JUNE_1, manager="钱 大海2"))
    ids = {one.event.originator_id for one in staff.log.recorded}
    people = (one for one in ids - {kept} if one.startswith("person-"))
    (gone,) = (one for one in people if staff.person(one).is_staff)
    assert not staff.person(gone).is_confirmed
    staff.does(p.JoinPersons(gone, kept, "同一人"))
    for said in ("m1", "钱大海", "钱大海2"):
        staff.refuses(ChangeManager("E0", JUNE_10, said), "manager_unchanged")
    staff.refuses(p.WithdrawPersonFact(kept, 1, "录错"), "person_named")
    staff.does(ChangeManager("E0", JUNE_10))
    staff.does(ChangeManager("E0", date(2026, 6, 20), "M1"))


def test_a_registration_is_withdrawn_once_nobody_names_the_person_any_more(staff: Staff) -> None:
    kept, other = staff.registers("钱大海"), staff.registers("李娜")
    never = p.WithdrawPersonFact(kept, 1, "录错")
    staff.does(p.CorrectRegistration(other, "录错", manager_id=kept))
    staff.does(p.JoinPersons(other, kept, "同一人"))
    staff.refuses(never, "person_named")
    staff.does(p.WithdrawJoining(other, "不是"))
    staff.refuses(never, "person_named")
    staff.does(p.CorrectRegistration(other, "录错", manager_id=staff.registers("周专员")))
    staff.does(never)


def test_what_is_found_not_to_be_named_field_by_field_holds_since_the_first(staff: Staff) -> None:
    person = staff.registers("钱大海")
    work = Work(staff.context(p.WithdrawPersonFact(person, 1, "录错")))
    at_once(work.naming("manager_id", person))
    staff.registers("李娜", manager_id=person)
    assert at_once(work.naming("head_id", person)) == []
    with pytest.raises(ConflictError):
        at_once(staff.log.append(work.append(person, None)))


def test_a_name_that_nobody_has_makes_somebody_unconfirmed_once(staff: Staff) -> None:
    for code, said in ("A1", "钱　主管"), ("A2", "钱主管"):
        staff.does(OpenCohort(code, "一期", JUNE_1, training_manager=said))
    made = [one.event for one in staff.log.recorded if isinstance(one.event, Person.Registered)]
    assert [(one.name, one.since, one.is_confirmed) for one in made] == [("钱主管", JUNE_1, False)]


def test_a_name_that_nobody_had_until_somebody_else_was_faster_is_one_persons(staff: Staff) -> None:
    slower, faster = (
        OpenCohort(code, "一期", JUNE_1, training_manager="钱主管") for code in CODES[:2]
    )
    staff.log = Overtaken(lambda: staff.does(faster))
    staff.does(slower)
    made = [one.event for one in staff.log.recorded if isinstance(one.event, Person.Registered)]
    assert [one.name for one in made] == ["钱主管"]
    for code in CODES[:2]:
        staff.refuses(HandOverCohort(code, "钱主管", JUNE_10), "handover_changes_nothing")


def test_a_name_that_several_have_means_nobody_and_a_number_does(staff: Staff) -> None:
    first = staff.registers("李娜", employee_no="M1")
    opened = OpenCohort("A1", "一期", JUNE_1, training_manager="李娜")
    staff.does(opened)
    staff.registers("李 娜", employee_no="M2")
    handed = HandOverCohort("A1", "李娜", JUNE_10)
    assert staff.refuses(handed, "person_not_certain").field == "training_manager"
    staff.refuses(HandOverCohort("A1", "m1", JUNE_10), "handover_changes_nothing")
    staff.refuses(p.WithdrawPersonFact(first, 1, "录错"), "person_named")
    staff.does(p.RenamePerson(first, JUNE_10, "李娜娜"))
    staff.refuses(HandOverCohort("A1", "李娜娜", JUNE_10), "handover_changes_nothing")
    staff.does(EnrolTrainee("A1", "E0", "曾伟", JUNE_1))
    staff.refuses(HandOverCohort("A1", "E0", JUNE_10), "person_unknown")


def test_an_id_means_whose_it_is_and_makes_nobody_by_that_name(staff: Staff) -> None:
    person = staff.registers("钱主管")
    staff.does(OpenCohort("A1", "一期", JUNE_1, training_manager=person))
    staff.refuses(HandOverCohort("A1", "钱主管", JUNE_10), "handover_changes_nothing")
    handed = HandOverCohort("A1", "person-01a22e11-006f-7256-8a2a-906f9595c2a3", JUNE_10)
    assert staff.refuses(handed, "person_unknown").field == "training_manager"


def test_a_deputy_learns_of_the_absence_and_of_the_return(staff: Staff) -> None:
    away, deputy = staff.registers("钱主管"), staff.registers("李娜")
    staff.does(p.RecordAbsence(away, JUNE_1, "探亲", deputy_id=deputy))
    staff.does(p.RecordReturn(away, JUNE_10))
    staff.does(p.WithdrawPersonFact(away, 3, "录错"))
    told = [one.TOPIC.partition(".")[2] for one in staff.person(deputy).facts.events]  # type: ignore[attr-defined]
    assert told == ["registered", "stand_in_began"]


def test_a_role_is_a_persons_and_may_be_limited_to_a_class(staff: Staff) -> None:
    guest = staff.registers("周专员")
    guesting = p.AssignRole(guest, JUNE_1, Role.LECTURER, Scope.OWN_CLASSES, session="K0")
    staff.refuses(guesting, "session_unknown", ADMINISTRATOR)
    staff.refuses(p.AssignRole(guest, JUNE_1, Role.INTEGRATION, Scope.ALL), "role_of_programs")
    for role in (Role.HEAD_OFFICE, Role.OPERATOR):
        staff.refuses(p.AssignRole(guest, JUNE_1, role, Scope.ALL), "role_of_others")
    wide = p.AssignRole(guest, JUNE_1, Role.LECTURER, Scope.OWN_DEPARTMENT)
    staff.refuses(wide, "scope_not_of_role", ADMINISTRATOR)
    for scope in (Scope.OWN_CLASSES, Scope.ALL):
        unsaid = p.AssignRole(guest, JUNE_1, Role.LECTURER, scope)
        assert staff.refuses(unsaid, "role_of_classes", ADMINISTRATOR).field == "session"
    staff.does(OpenCohort("A0", "一期", JUNE_1))
    staff.does(PlanSession("A0", "K0", JUNE_10, ["产品知识"]))
    staff.does(guesting, ADMINISTRATOR)
    assert [one.scope for one in staff.person(guest).roles_on(JUNE_1)] == ["own_classes"]
    staff.does(p.EndRole(guest, 2, JUNE_10))
    assert staff.person(guest).roles_on(JUNE_10) == []


def test_a_correction_clears_what_is_blank_and_leaves_what_is_not_said(staff: Staff) -> None:
    staff.does(d.OpenDepartment("xs", "销售部", JUNE_1))
    person = staff.registers("钱主管", department="XS", phone="13800000000", mail="q@example.com")
    staff.does(p.CorrectRegistration(person, "录错", department="", phone=""))
    was = staff.person(person).registered
    assert (was.department_id, was.phone, was.mail) == (None, None, "q@example.com")


def test_a_department_is_never_part_of_itself(staff: Staff) -> None:
    head = staff.registers("李娜")
    staff.does(d.OpenDepartment("zb", "总部", JUNE_1, head))
    staff.does(d.OpenDepartment("xs", "销售部", JUNE_1, part_of="zb"))
    staff.does(d.OpenDepartment("zx", "直销组", JUNE_1, part_of="xs"))
    for below in ("zb", "xs", "zx"):
        moved = d.MoveDepartment("zb", JUNE_10, below)
        staff.refuses(moved, "department_within_itself")
    staff.does(d.MoveDepartment("zx", JUNE_10, "zb"))
    staff.refuses(d.MoveDepartment("zx", JUNE_10, "yy"), "department_unknown")


DAYS, WHOLES = st.sampled_from(JUNE), st.sampled_from(CODES)
CHANGES_OF_DEPARTMENTS = st.one_of(
    st.builds(d.MoveDepartment, WHOLES, DAYS, WHOLES | st.none()),
    st.builds(
        d.CorrectDepartmentOpening,
        WHOLES,
        st.just("录错"),
        on=DAYS | st.none(),
        part_of=WHOLES | st.just("") | st.none(),
    ),
    st.builds(d.WithdrawDepartmentFact, WHOLES, st.integers(2, 4), st.just("录错")),
)
MOVED_BETWEEN = (
    d.MoveDepartment("A", JUNE[0], "B"),
    d.MoveDepartment("A", JUNE[2]),
    d.MoveDepartment("B", JUNE[2], "A"),
)


@settings(max_examples=examples(50))
@example([*MOVED_BETWEEN, d.WithdrawDepartmentFact("A", 3, "录错")])
@example([*MOVED_BETWEEN, d.MoveDepartment("C", JUNE[1], "A"), d.MoveDepartment("B", JUNE[0], "C")])
@given(st.lists(CHANGES_OF_DEPARTMENTS, max_size=9))
def test_whatever_is_said_on_no_day_is_a_department_within_itself(
    commands: Sequence[msgspec.Struct],
) -> None:
    staff = Staff()
    for code in CODES:
        staff.does(d.OpenDepartment(code, code, JUNE_1))
    for command in commands:
        with suppress(Refusal):
            staff.does(command)
        parts = {one.id: one for one in map(staff.department, CODES)}
        for one in parts.values():
            for day in JUNE:
                above: str | None = one.id
                for _ in CODES:
                    above = above and value_on(parts[above].held, "part_of_id", day)
                assert above is None


def test_two_departments_are_not_made_part_of_each_other_at_once(staff: Staff) -> None:
    for code in ("zb", "xs"):
        staff.does(d.OpenDepartment(code, "总部", JUNE_1))
    moved = d.MoveDepartment("zb", JUNE_10, "xs")
    work = Work(staff.context(moved))
    stream_id = at_once(d.move_department(work, moved))
    assert work.append(stream_id, None).expected == {staff.department("xs").id: 1}


def test_a_department_that_is_named_stays_and_its_code_is_free_when_it_goes(staff: Staff) -> None:
    staff.does(d.OpenDepartment("xs", "销售部", JUNE_1))
    person = staff.registers("钱主管", department="xs")
    withdrawn = d.WithdrawDepartmentFact("xs", 1, "录错")
    staff.refuses(withdrawn, "department_named")
    staff.does(d.CloseDepartment("xs", JUNE_1))
    refusal = staff.refuses(p.AssignDepartment(person, JUNE_10, "xs"), "department_closed")
    assert refusal.field == "department"
    staff.does(d.OpenDepartment("yf", "研发部", JUNE_1))
    staff.does(d.WithdrawDepartmentFact("yf", 1, "录错"))
    staff.does(d.OpenDepartment("yf", "研发部", JUNE_1))
