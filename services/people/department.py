"""Departments: what they are called, who heads them, and where they belong."""

from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta
from msgspec.structs import asdict

from domain.kernel.errors import Refusal
from domain.kernel.held import spans
from domain.people.department import Department
from services.kernel import fields
from services.kernel.handler import handler, handler_on
from services.kernel.naming import Naming
from services.kernel.work import Work
from services.people.meant import id_meant

HeadId = Annotated[fields.PersonId, Meta(description="The person who heads it.")]
PartOf = Annotated[
    fields.DepartmentCode, Meta(description="The code of the department that it is part of.")
]


class OpenDepartment(msgspec.Struct, frozen=True):
    """Sets a department (部门) up."""

    code: fields.DepartmentCode
    name: fields.Title
    on: Annotated[fields.Day, Meta(description="The day from which there is the department.")]
    head_id: HeadId | None = None
    part_of: PartOf | None = None


class CorrectDepartmentOpening(fields.Amending, frozen=True):
    """Corrects the setting up of a department that had been typed wrong; its code stays."""

    department: fields.DepartmentCode
    reason: fields.ReasonOfNobody
    name: fields.Stays[fields.Title] = None
    on: fields.Stays[fields.Day] = None
    head_id: fields.Stays[HeadId] = None
    part_of: fields.StaysOrNone[PartOf] = None


class RenameDepartment(msgspec.Struct, frozen=True):
    """Records that a department is called otherwise from a day on."""

    department: fields.DepartmentCode
    on: fields.Day
    name: fields.Title


class ChangeHead(msgspec.Struct, frozen=True):
    """Puts a department under another head (部门负责人), or under none."""

    department: fields.DepartmentCode
    on: Annotated[fields.Day, Meta(description="The first day under the new head.")]
    head_id: Annotated[
        HeadId | None, Meta(description="The person who heads it; nobody if not given.")
    ] = None


class MoveDepartment(msgspec.Struct, frozen=True):
    """Makes a department part of another one, or of none."""

    department: fields.DepartmentCode
    on: fields.Day
    part_of: Annotated[
        PartOf | None, Meta(description="The department that it is part of; none if not given.")
    ] = None


class CloseDepartment(msgspec.Struct, frozen=True):
    """Records that a department was dissolved."""

    department: fields.DepartmentCode
    on: Annotated[fields.Day, Meta(description="Its last day.")]


class WithdrawDepartmentFact(fields.Amending, frozen=True):
    """Withdraws a fact of a department that was recorded by mistake."""

    department: fields.DepartmentCode
    fact: fields.KnownFact
    reason: fields.ReasonOfNobody


DEPARTMENTS = Naming(Department, "department")

on_department = handler_on(DEPARTMENTS.named, "department")


@handler
async def open_department(work: Work, command: OpenDepartment) -> str:
    said = asdict(command)
    said["part_of_id"] = await _whole(work, said.pop("part_of"), command.on)
    said["head_id"] = await id_meant(work, command.head_id, "head_id")
    department = Department.open(work.new_id(Department), **said)
    DEPARTMENTS.claim(work, command.code, department.id)
    return work.add(department)


@handler
async def correct_department_opening(work: Work, command: CorrectDepartmentOpening) -> str:
    department = await DEPARTMENTS.named(work, command)
    said = {name: it for name, it in asdict(command).items() if it is not None}
    code, on = said.pop("part_of", None), command.on or department.opening.on
    if code is not None:
        said["part_of_id"] = await _whole(work, code or None, on)
    if command.head_id is not None:
        said["head_id"] = await id_meant(work, command.head_id, "head_id")
    del said["department"]
    department.correct_opening(**said)
    await _require_apart(work, department, "on" if code is None else "part_of")
    return department.id


@handler
async def change_head(work: Work, command: ChangeHead) -> str:
    department = await DEPARTMENTS.named(work, command)
    head_id = await id_meant(work, command.head_id, "head_id")
    department.change_head(on=command.on, head_id=head_id)
    return department.id


@handler
async def move_department(work: Work, command: MoveDepartment) -> str:
    department = await DEPARTMENTS.named(work, command)
    department.move(on=command.on, part_of_id=await _whole(work, command.part_of, command.on))
    await _require_apart(work, department, "part_of")
    return department.id


@handler
async def withdraw_department_fact(work: Work, command: WithdrawDepartmentFact) -> str:
    """Withdraws a fact; with the opening the code is free. Refuses `department_named`."""
    department = await DEPARTMENTS.named(work, command)
    department.withdraw_fact(fact=command.fact, reason=command.reason)
    await _require_apart(work, department, "fact")
    if department.is_withdrawn:
        for field in ("department_id", "part_of_id"):
            if await work.naming(field, department.id):
                raise Refusal("department_named", field="department", code=department.code)
        await DEPARTMENTS.release(work, department.code, department.id)
    return department.id


rename_department = on_department(RenameDepartment, Department.rename)
close_department = on_department(CloseDepartment, Department.close)


async def _whole(work: Work, code: str | None, on: date) -> str | None:
    """The id of the department that another is to be part of from a day on."""
    if code is None:
        return None
    whole = await DEPARTMENTS.get(work, code)
    whole.require_open(on, "part_of")
    return whole.id


async def _require_apart(work: Work, department: Department, field: str) -> None:
    """Requires that a department is on no day part of what is part of it. Refuses
    `department_within_itself`.

    All that it is part of is read, hence expected to be unchanged when this is appended: two moves
    at once make no circle either.
    """
    seen = set[tuple[str, date, date]]()
    asked = [(department, date.min, date.max)]
    while asked:
        part, since, until = asked.pop()
        for its, first, after in spans(part.held, "part_of_id", since, until):
            if its == department.id:
                raise Refusal(
                    "department_within_itself", field=field, code=department.code, on=first
                )
            if its is not None and (its, first, after) not in seen:
                seen.add((its, first, after))
                asked.append((await work.load(Department, its), first, after))
