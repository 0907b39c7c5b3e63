"""What somebody may do today: it follows from the person's own stream, and of whom they stand in
for from theirs."""

from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from domain.kernel.aggregate import Aggregate
from domain.kernel.errors import Refusal
from domain.kernel.whose import person_of
from domain.people.person import Person
from domain.people.person_events import RoleAssigned
from domain.trainees.employment import Employment
from domain.trainees.trainee import Trainee
from services.kernel.context import Principal, Rights, Role
from services.kernel.permissions import Permission
from services.kernel.ports import Log
from services.kernel.roles import ROLES, RoleRights
from services.kernel.scopes import Ids, Scope, Scopes, merged, narrowed
from services.people.called import name_of


async def as_person(
    people: "Persons", principal: Principal, person_id: str, today: date
) -> Principal:
    """A principal as the person that it is. Whoever is suspended, or not of the partner today, may
    do nothing; whoever was joined into somebody else has the own roles yet, and is the other one.
    """
    held = await people.roles_of(person_id, today)
    if not held:
        return replace(principal, roles=(), rights={}, person_id=person_id)
    kept = held[0][0]
    ids = {one.id: await people.ids_of(one) for one, _ in held}
    rights: Rights = {}
    by_role = dict[Role, Rights]()
    for one, roles in held:
        for assigned in roles:
            its = rights_of([assigned], ids[one.id])
            its, role = its if one is kept else over_others(its), Role(assigned.role)
            rights, by_role[role] = together(rights, its), together(by_role.get(role, {}), its)
    return replace(
        principal,
        roles=tuple(by_role),
        rights=rights,
        person_id=kept.id,
        acts_for=Ids().union(*ids.values()),
        by_role=by_role,
    )


def rights_of(assigned: Iterable[RoleAssigned], own: Ids = frozenset()) -> Rights:
    """What roles give together: each as far as the role reaches, where it was not narrowed, and for
    a class no farther than that class. own: the ids of who has them."""
    found: Rights = {}
    for one in assigned:
        scope = Scope.OWN_CLASSES if one.of_id else Scope(one.scope)
        # What is not said in ids of people.
        ids = {Scope.ALL: Ids(), Scope.OWN_CLASSES: Ids(filter(None, (one.of_id,)))}
        for permission, scopes in rights_in(Role(one.role), scope).items():
            reached: Scopes = {each: ids.get(each, own) for each in scopes}
            found = together(found, {permission: reached})
    return found


def together(one: Rights, other: Rights) -> Rights:
    return {it: merged(one.get(it, {}), other.get(it, {})) for it in {**one, **other}}


def over_others(rights: Rights) -> Rights:
    """What of somebody's rights is not over oneself: this much whoever stands in has."""
    found = dict[Permission, Scopes]()
    for permission, scopes in rights.items():
        passed = dict(scopes)
        passed.pop(Scope.SELF, None)
        if passed:
            found[permission] = passed
    return found


def rights_in(role: Role, scope: Scope) -> RoleRights:
    """What a role gives for a scope; nothing where it does not reach so."""
    reaching = {one: narrowed(scopes, scope) for one, scopes in ROLES[role].items()}
    return {one: scopes for one, scopes in reaching.items() if scopes}


def require_role_of_person(
    tenant_id: UUID, role: Role, scope: Scope = Scope.ALL, *, of_class: bool
) -> RoleRights:
    """What a role gives for a scope, which a person of an organisation may have. of_class: that it
    is for a class. Refuses `role_of_others`, `role_of_programs`, `scope_not_of_role` and
    `role_of_classes`."""
    if not role.is_of(tenant_id):
        raise Refusal("role_of_others", field="role", role=str(role))
    if role is Role.INTEGRATION:
        raise Refusal("role_of_programs", field="role", role=str(role))
    given = rights_in(role, Scope.OWN_CLASSES if of_class else scope)
    if not given:
        raise Refusal("scope_not_of_role", field="scope", role=str(role), scope=str(scope))
    if not of_class and any(Scope.OWN_CLASSES in scopes for scopes in given.values()):
        raise Refusal("role_of_classes", field="session", role=str(role))
    return given


def require_held(giver: Principal, given: Rights, field: str) -> None:
    """Requires that nobody gives what they do not hold, or farther than they hold it; whoever lets
    people in (MANAGE_ACCESS) gives what there is. Refuses `right_not_held`."""
    if not giver.may_everywhere(Permission.MANAGE_ACCESS):
        require_own(giver, given, field)


def require_own(giver: Principal, given: Rights, field: str) -> None:
    """The same, whatever the giver manages. What the rights say is whose own is to be the giver's.
    Refuses `right_not_held`."""
    for permission, scopes in given.items():
        if not _covers(giver.rights.get(permission, {}), scopes):
            raise Refusal("right_not_held", field=field, permission=str(permission))


_ANYBODYS: Final = Ids(("",))
"""Whose the own of a role is that is given to somebody who is not known yet."""


def may_be_given(giver: Principal, role: Role) -> bool:
    """Whether somebody may give a role, over whomever, and for no class."""
    for scope in Scope:
        try:
            given = require_role_of_person(giver.tenant, role, scope, of_class=False)
            its = {one: dict.fromkeys(scopes, _ANYBODYS) for one, scopes in given.items()}
            require_held(giver, its, "role")
        except Refusal:
            continue
        return True
    return False


def _covers(held: Scopes, given: Scopes) -> bool:
    return Scope.ALL in held or all(one in held and its <= held[one] for one, its in given.items())


class Persons:
    """The persons of a partner, each as it stands in the log when it is first asked for. decided:
    as they are to stand. lifted: as if nobody were suspended, which is lifted later."""

    def __init__(
        self,
        log: Log,
        tenant_id: UUID,
        decided: Mapping[str, Aggregate] = MappingProxyType({}),
        *,
        lifted: bool = False,
    ) -> None:
        self._log, self._tenant = log, tenant_id
        self._known = dict[str, Aggregate | None](decided)
        self._lifted = lifted

    async def get(self, person_id: str) -> Person | None:
        found = await self._found(person_id)
        return found if isinstance(found, Person) and not found.is_withdrawn else None

    async def called(self, person_id: str) -> str:
        """What somebody is called, as `name_of` says it."""
        return await name_of(self._found, person_id)

    async def stays_of(self, person: Person) -> list[Employment]:
        """The stays of a trainee, the first one first; of somebody of the staff there are none."""
        found, asked = list[Employment](), None
        if not person.is_staff:
            asked = f"{Trainee.TOPIC}-{person_of(person.id)}"
        while asked and isinstance(stay := await self._found(asked), Trainee):
            found.append(stay.employment)
            asked = stay.employment.rejoined_as
        return found

    async def _found(self, stream_id: str) -> Aggregate | None:
        if stream_id not in self._known:
            self._known[stream_id] = await self._log.aggregate(self._tenant, stream_id)
        return self._known[stream_id]

    async def all_of(self, ids: Iterable[str]) -> list[Person]:
        found = [await self.get(one) for one in sorted(ids)]
        return [one for one in found if one is not None]

    async def roles_of(self, person_id: str, day: date) -> list[tuple[Person, list[RoleAssigned]]]:
        """As whom somebody acts on a day, the own person first, with the roles that are had by
        that; nothing of who may do nothing."""
        own = await self.get(person_id)
        kept = await self._kept(own, day) if own else None
        if own is None or kept is None:
            return []
        stood_in_for = await self.all_of(kept.stands_in_on(day))
        away = [one for one in stood_in_for if await self._kept(one, day) is not None]
        # Joining gives nobody a right: what another stands in for is theirs alone.
        of_away = [(one, one.roles_on(day) if own is kept else []) for one in away]
        return [(kept, own.roles_on(day)), *of_away]

    async def _kept(self, person: Person, day: date) -> Person | None:
        """As whom somebody acts on a day; None where either may do nothing."""
        kept = await self.get(person.joined_into) if person.joined_into else person
        for one in () if kept is None else (person, kept):
            if (one.is_suspended and not self._lifted) or not await self._is_here(one, day):
                return None
        return kept

    async def _is_here(self, person: Person, day: date) -> bool:
        """Whether somebody is of the partner on a day: a trainee, in a stay."""
        if not person.is_here_on(day):
            return False
        stays = await self.stays_of(person)
        return not stays or any(one.is_of(day) for one in stays)

    async def ids_of(self, person: Person) -> Ids:
        """The own id, and those of who was joined into somebody."""
        return Ids((person.id, *(one.id for one in await self.joined_into(person.id))))

    async def joined_into(self, person_id: str) -> list[Person]:
        """Who was joined into somebody."""
        _, naming = await self._log.naming(self._tenant, "into_id", person_id)
        return [one for one in await self.all_of(naming) if one.joined_into == person_id]
