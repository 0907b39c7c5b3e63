"""What people get over others who are put under them: by a role over their own, whoever heads a
department reaches who works there, and below it, and whoever is in charge of somebody that one."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from uuid import UUID

import msgspec

from domain.kernel.aggregate import Aggregate
from domain.kernel.held import Held, value_on
from domain.people.department import Department
from domain.people.person import Person
from domain.people.person_events import RoleAssigned
from services.kernel.context import Principal, Rights
from services.kernel.permissions import Permission
from services.kernel.ports import Log
from services.kernel.scopes import EVERYTHING, Ids, Scope, Scopes, merged
from services.kernel.work import Work
from services.people.rights import Persons, rights_of

Decided = Mapping[str, Aggregate]
Under = Mapping[Scope, Ids]
"""Under whom something is, by the scopes of the rights that they have over it."""

REACHING: Mapping[Scope, Collection[Permission]] = {
    Scope.OWN_DEPARTMENT: frozenset(Permission),
    Scope.OWN_PEOPLE: frozenset((Permission.READ_PEOPLE, Permission.MANAGE_PEOPLE)),
}
"""The rights over who is of the staff: a head has them over what they are in charge of, too, and
who is in charge of somebody over that one alone."""

PLACES = ("department_id", "part_of_id")
"""The fields that say in which department somebody, or a department, is."""


async def gained_by_heading(work: Work) -> Rights:
    """What a command gives new heads of departments, and of those that these are put into, and new
    heads and managers of people: over what was under who gives it, as far as that one has the same
    right, and of others over everything. It is of every day, since the past is read too."""
    gained = dict[Permission, Scopes]()
    changed: Decided = {one.id: one for one in work.aggregates if _may_be_moved(one)}
    if not changed:
        return gained
    log, principal, today = work.ctx.log, work.ctx.principal, work.ctx.today
    people = Persons(log, principal.tenant)
    for one in changed.values():
        before = await log.aggregate(principal.tenant, one.id)
        if isinstance(one, Person) and _is_where_it_was(before, one):
            continue
        now = await _standing(log, principal.tenant, one, changed)
        # A new department is nobody's yet but of whoever headed what it is put into.
        was = await _standing(log, principal.tenant, before) if before else now.put_into
        for scope, boss, had in _newly_under(was, now, today):
            for permission, scopes in rights_of(await _roles(people, boss, today)).items():
                if scope in scopes and permission in REACHING[scope]:
                    reached = _to_be_held(principal, permission, scope, had)
                    gained[permission] = merged(gained.get(permission, {}), reached)
    return gained


def _may_be_moved(thing: Aggregate) -> bool:
    """Whether it is of those that stand under others, and changed. Of whoever is new there is
    nothing yet but what this command says of them."""
    is_known = isinstance(thing, Department) or (isinstance(thing, Person) and not thing.is_new)
    return is_known and bool(thing.pending_events)


def _is_where_it_was(before: Aggregate | None, person: Person) -> bool:
    its = isinstance(before, Person) and (before.held, before.joined_into)
    return its == (person.held, person.joined_into)


def _to_be_held(principal: Principal, permission: Permission, scope: Scope, had: Under) -> Scopes:
    """How far a right is to be held by who gives it by a scope: as they have it by that one, or by
    that of a department, which is wider; else over everything."""
    for one in (scope, Scope.OWN_DEPARTMENT):
        if own := had[one] & principal.rights.get(permission, {}).get(one, Ids()):
            return {one: own}
    return EVERYTHING


class _Standing(msgspec.Struct, frozen=True):
    """Where a department or somebody stands. itself: the id of a department. place: what says of
    which department it is. above: these, and what they are part of, by their ids."""

    held: tuple[Held, ...]
    itself: str | None
    place: tuple[Held, ...]
    above: Mapping[str, Department]

    @property
    def put_into(self) -> "_Standing":
        """What a department is part of, in its place."""
        return msgspec.structs.replace(self, itself=None)

    @property
    def days(self) -> Iterator[date]:
        """Those on which something else may be said of it."""
        above = [its for one in self.above.values() for its in one.held]
        said = (*self.held, *self.place, *above)
        return (its.on for its in said if its.name in (*PLACES, "head_id", "manager_id"))

    def under(self, day: date) -> Under:
        at = self.itself or _place_on(self.place, day)
        manager = value_on(self.held, "manager_id", day)
        heads = Ids(_heads(self.above, at, day))
        return {Scope.OWN_DEPARTMENT: heads, Scope.OWN_PEOPLE: Ids((manager,) if manager else ())}


def _newly_under(was: _Standing, now: _Standing, today: date) -> Iterator[tuple[Scope, str, Under]]:
    """Under whom something comes to be, by which scope, and under whom it was on that day."""
    for day in sorted({today, *was.days, *now.days}):
        had, has = was.under(day), now.under(day)
        yield from ((one, boss, had) for one in REACHING for boss in sorted(has[one] - had[one]))


async def _standing(
    log: Log, tenant_id: UUID, thing: Aggregate, decided: Decided = MappingProxyType({})
) -> _Standing:
    """Where a department or a person stands; whoever was joined into another works where that one
    does."""
    place: Aggregate | None = thing
    if isinstance(thing, Person) and (into := thing.joined_into):
        place = decided.get(into) or await log.aggregate(tenant_id, into)
    held, of = (_held_by(one) for one in (thing, place))
    above, asked = dict[str, Department](), [*_named(of), thing.id]
    while asked:
        one = decided.get(its := asked.pop()) or await log.aggregate(tenant_id, its)
        if isinstance(one, Department) and one.id not in above:
            above[one.id] = one
            asked += _named(one.held)
    return _Standing(held, thing.id if thing.id in above else None, of, above)


def _held_by(thing: Aggregate | None) -> tuple[Held, ...]:
    return thing.held if isinstance(thing, Department | Person) else ()


def _named(held: Iterable[Held]) -> list[str]:
    """The departments in which something is said to be."""
    return [one.value for one in held if one.name in PLACES and one.value]


def _place_on(held: Iterable[Held], day: date) -> str | None:
    return next(filter(None, (value_on(held, one, day) for one in PLACES)), None)


def _heads(above: Mapping[str, Department], department_id: str | None, day: date) -> Iterator[str]:
    """Who heads a department on a day, or one that it is part of."""
    while one := above.get(department_id or ""):
        if head := value_on(one.held, "head_id", day):
            yield head
        department_id = _place_on(one.held, day)


async def _roles(people: Persons, person_id: str, day: date) -> list[RoleAssigned]:
    """The roles by which somebody has others under them on a day: also of who is suspended, which
    is lifted later, and of who was joined into another."""
    own = await people.all_of([person_id])
    kept = [it for one in own for it in await people.all_of([one.joined_into or one.id])]
    joined = [it for one in kept for it in await people.joined_into(one.id)]
    return [role for one in (*kept, *joined) for role in one.roles_on(day)]
