"""The pages of departments (部门): who heads one, what it is part of, and who works there."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from api.web.kit.page import PageContext
from api.web.kit.resource import Amendment, CommandKind, Related, Resource, Section, Steps
from domain.kernel.aggregate import Happening, Withdrawal
from domain.people.department import Department
from projections.kernel.paging import LARGEST_PAGE, Paging
from projections.people.departments import DEPARTMENT_LIST, DepartmentRow
from projections.people.people import PERSON_LIST
from services.people.department import (
    ChangeHead,
    CloseDepartment,
    CorrectDepartmentOpening,
    MoveDepartment,
    OpenDepartment,
    RenameDepartment,
    WithdrawDepartmentFact,
)
from services.reading.lists import Reader
from services.reading.moment import Moment
from services.reading.names import list_people

MOST_DRAWN = 1_000
"""Departments of a tree; no partner has nearly as many."""

_COMMANDS: tuple[CommandKind, ...] = (
    ChangeHead,
    MoveDepartment,
    RenameDepartment,
    CloseDepartment,
)
_FACTS = tuple(
    kind
    for kind in Department.events()
    if issubclass(kind, Happening) and not issubclass(kind, Withdrawal)
)


async def _steps(_: PageContext, row: DepartmentRow) -> Steps:
    return Steps(refused=frozenset({CloseDepartment} if row.closed_on else ()))


class Branch(Struct, frozen=True):
    """A department of a tree with its head and its parts."""

    row: DepartmentRow
    head: str | None
    parts: Sequence["Branch"]


async def _tree(
    page: PageContext, row: DepartmentRow, moment: Moment | None
) -> dict[str, Any] | None:
    """All that the department is within, and all within it; None of one that stands alone."""
    reader = page.lists(moment)
    known = await _departments(reader)
    parts = defaultdict[str, list[DepartmentRow]](list)
    for one in known.values():
        if one.part_of_id in known:
            parts[one.part_of_id].append(one)
    root = row
    for _ in known:
        root = known.get(root.part_of_id or "", root)
    drawn, heads = _within(root, parts), set[str]()
    if len(drawn) == 1:
        return None
    heads = {one.head_id for one in drawn if one.head_id}
    names = await list_people(reader, heads)

    def branch(one: DepartmentRow) -> Branch:
        below = [branch(part) for part in parts[one.department_id]]
        return Branch(one, names.get(one.head_id or ""), below)

    return {"root": branch(root)}


def _within(
    root: DepartmentRow, parts: Mapping[str, Sequence[DepartmentRow]]
) -> list[DepartmentRow]:
    found = [root]
    for one in found:
        found += parts.get(one.department_id, ())
    return found


async def _departments(reader: Reader) -> dict[str, DepartmentRow]:
    """The departments that there are on the reader's day, by their ids in the order of codes."""
    found, after = dict[str, DepartmentRow](), None
    while len(found) < MOST_DRAWN:
        paging = Paging(LARGEST_PAGE, after=after)
        rows = await reader.page(DEPARTMENT_LIST, paging, status="existing")
        found |= {row.department_id: row for row in rows.rows}
        if not rows.has_next:
            break
        after = rows.cursor(-1)
    return found


DEPARTMENTS = Resource(
    listing=DEPARTMENT_LIST,
    aggregate=Department,
    named_in="department",
    named_by="code",
    named_also=frozenset({"part_of"}),
    title="name",
    opening=OpenDepartment,
    is_numbered=True,
    commands=_COMMANDS,
    amendments=(
        Amendment(CorrectDepartmentOpening, (Department.Opened, Department.OpeningCorrected)),
        Amendment(WithdrawDepartmentFact, _FACTS, restates=False),
    ),
    steps=_steps,
    repeated=frozenset({"on", "part_of"}),
    removing=frozenset({CloseDepartment, WithdrawDepartmentFact}),
    related=(
        Related(PERSON_LIST, "department"),
        Related(DEPARTMENT_LIST, "part_of"),
    ),
    sections=(Section("_departments.html", _tree, of=()),),
)
