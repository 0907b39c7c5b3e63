"""What happens to a partner's staff and departments, as named steps: see tests/situation.py.

A person is M1, M2, …, the number; steps name people by ids, for which a number stands as `@M1`
until the step is carried out.
"""

from datetime import date
from typing import Any

from services.people import department as d
from services.people import person as p
from tests.situation import MISTAKEN, START
from tests.steps import Commands, step


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
def went_away(who: str, *, on: date, deputy: str | None = None) -> Commands:
    yield p.RecordAbsence(f"@{who}", on, "探亲", deputy_id=deputy and f"@{deputy}")


@step
def suspended(who: str) -> Commands:
    yield p.SuspendPerson(f"@{who}", "正在调查")


@step
def departed(who: str, *, on: date) -> Commands:
    yield p.RecordDeparture(f"@{who}", on, "回老家发展")


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
def department_corrected(code: str, *, name: str) -> Commands:
    yield d.CorrectDepartmentOpening(code, "部门名称有误", name)


@step
def department_fact_withdrawn(code: str, fact: int) -> Commands:
    yield d.WithdrawDepartmentFact(code, fact, "部门重复登记")


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
