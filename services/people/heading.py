"""What people get by a department: by a role over their own, whoever heads one reaches who works
there, and below it."""

from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from uuid import UUID

from domain.kernel.held import value_on
from domain.people.department import Department
from domain.people.person_events import RoleAssigned
from services.kernel.context import Rights
from services.kernel.permissions import Permission
from services.kernel.ports import Log
from services.kernel.scopes import EVERYTHING, Ids, Scope, Scopes, merged
from services.kernel.work import Work
from services.people.rights import Persons, rights_of

Decided = Mapping[str, Department]

OWN = Scope.OWN_DEPARTMENT


async def gained_by_heading(work: Work) -> Rights:
    """What a command gives new heads of departments, and of those that these are put into: of
    whoever headed them by the same right before, and of others over everything. It is of today,
    since nothing of a department is recorded ahead."""
    changed = {
        one.id: one for one in work.aggregates if isinstance(one, Department) and one.pending_events
    }
    log, principal, today = work.ctx.log, work.ctx.principal, work.ctx.today
    people, gained = Persons(log, principal.tenant), dict[Permission, Scopes]()
    for one in changed:
        before = await _above(log, principal.tenant, one)
        after = await _above(log, principal.tenant, one, changed)
        # What is new is nobody's yet but of whoever heads what it is put into.
        whole = value_on(after[one].held, "part_of_id", today)
        had = Ids(_heads(before, one, today) if before else _heads(after, whole, today))
        for head in sorted(Ids(_heads(after, one, today)) - had):
            for permission, scopes in rights_of(await _roles(people, head, today)).items():
                if OWN in scopes:
                    own = had & principal.rights.get(permission, {}).get(OWN, Ids())
                    reached = {OWN: own} if own else EVERYTHING
                    gained[permission] = merged(gained.get(permission, {}), reached)
    return gained


async def _above(
    log: Log, tenant_id: UUID, department_id: str, decided: Decided = MappingProxyType({})
) -> dict[str, Department]:
    """A department and what it is part of on any day, by their ids; nothing of a new one."""
    found, asked = dict[str, Department](), [department_id]
    while asked:
        one = decided.get(its := asked.pop()) or await log.aggregate(tenant_id, its)
        if isinstance(one, Department) and one.id not in found:
            found[one.id] = one
            asked += [it.value for it in one.held if it.name == "part_of_id" and it.value]
    return found


def _heads(above: Decided, department_id: str | None, day: date) -> Iterator[str]:
    """Who heads a department on a day, or one that it is part of."""
    while one := above.get(department_id or ""):
        if head := value_on(one.held, "head_id", day):
            yield head
        department_id = value_on(one.held, "part_of_id", day)


async def _roles(people: Persons, person_id: str, day: date) -> list[RoleAssigned]:
    """The roles by which somebody heads a department on a day: also of who is suspended, which
    is lifted later, and of who was joined into another."""
    own = await people.all_of([person_id])
    kept = [it for one in own for it in await people.all_of([one.joined_into or one.id])]
    joined = [it for one in kept for it in await people.joined_into(one.id)]
    return [role for one in (*kept, *joined) for role in one.roles_on(day)]
