"""What happens to a partner's staff and departments, as named steps: see tests/situation.py.

A person is M1, M2, …, the number; steps name people by ids, for which a number stands as `@M1`
until the step is carried out.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from services.people import department as d
from services.people import person as p
from tests.situation import MISTAKEN, NAMES, START
from tests.steps import Commands, Step, step


@step
def registered(who: str, *, name: str, on: date = START, **said: Any) -> Commands:
    yield p.RegisterPerson(name, on, who, **said)


@step
def registration_corrected(who: str, **said: Any) -> Commands:
    yield p.CorrectRegistration(f"@{who}", MISTAKEN, **said)


@step
def renamed(who: str, *, to: str, on: date) -> Commands:
    yield p.RenamePerson(f"@{who}", on, to)


@step
def assigned(who: str, *, on: date, department: str | None = None, manager: str) -> Commands:
    """To a department, a manager and a post."""
    yield p.AssignDepartment(f"@{who}", on, department)
    yield p.AssignManager(f"@{who}", on, f"@{manager}")
    yield p.AssignPost(f"@{who}", on, "lecturer")


@step
def went_away(who: str, *, on: date, deputy: str | None = None) -> Commands:
    yield p.RecordAbsence(f"@{who}", on, "探亲", deputy_id=deputy and f"@{deputy}")


@step
def suspended(who: str) -> Commands:
    yield p.SuspendPerson(f"@{who}", "正在调查")


@step
def departed(who: str, *, on: date) -> Commands:
    yield p.RecordDeparture(f"@{who}", on, "回老家发展")


@step
def came_back(who: str, *, on: date) -> Commands:
    yield p.RecordComeback(f"@{who}", on)


@step
def joined(who: str, *, into: str) -> Commands:
    yield p.JoinPersons(f"@{who}", f"@{into}", "两种写法")


@step
def parted(who: str) -> Commands:
    yield p.WithdrawJoining(f"@{who}", "确是两个人")


@step
def person_fact_withdrawn(who: str, fact: int) -> Commands:
    yield p.WithdrawPersonFact(f"@{who}", fact, "登记错人")


@step
def department_opened(code: str, *, on: date = START, head: str | None = None) -> Commands:
    yield d.OpenDepartment(code, "销售部", on, head and f"@{head}")


@step
def department_changed(code: str, *, on: date, head: str, whole: str) -> Commands:
    """Its head, and what it is part of."""
    yield d.ChangeHead(code, on, f"@{head}")
    yield d.MoveDepartment(code, on, whole)


@step
def department_closed(code: str, *, on: date) -> Commands:
    yield d.CloseDepartment(code, on)


@step
def department_corrected(code: str, *, name: str) -> Commands:
    yield d.CorrectDepartmentOpening(code, "部门名称有误", name)


@step
def department_fact_withdrawn(code: str, fact: int) -> Commands:
    yield d.WithdrawDepartmentFact(code, fact, "部门重复登记")


def staff_moves(who: int, day: date, variant: int) -> Iterator[Step]:
    """What somebody of a few does, or a department of a few; as random histories tell it."""
    one, other, code, whole = f"M{who}", f"M{who % 3}", f"D{who % 3}", f"D{variant % 3}"
    match variant:
        case 0 | 1:
            yield registered(one, name=NAMES[who], on=day)
            yield department_opened(code, on=day, head=other)
        case 2:
            yield renamed(one, to=NAMES[who - 1], on=day)
            yield assigned(one, on=day, department=code, manager=other)
        case 3:
            yield departed(one, on=day)
            yield department_changed(code, on=day, head=one, whole=whole)
        case 4:
            yield came_back(one, on=day)
            yield department_closed(code, on=day)
        case 5:
            yield joined(one, into=other)
            yield department_corrected(code, name="直销部")
        case 6:
            yield parted(one)
            yield registration_corrected(one, name=NAMES[who - 1], since=day)
        case _:
            yield person_fact_withdrawn(one, 1 + day.toordinal() % 5)
            yield department_fact_withdrawn(code, 1 + day.toordinal() % 4)


STAFF = (
    registered("M1", name="钱主管", post="supervisor"),
    registered("M2", name="孙经理"),
    department_opened("xs", head="M2"),
    department_corrected("xs", name="直销部"),
    registration_corrected("M1", department="xs"),
    went_away("M1", on=START, deputy="M2"),
    departed("M1", on=START),
    person_fact_withdrawn("M1", 4),
    suspended("M1"),
    joined("M1", into="M2"),
    parted("M1"),
    department_opened("yf"),
    department_fact_withdrawn("yf", 1),
)
"""Everything of the staff that is written about in words."""
