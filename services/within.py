"""The one check of writes: what is outside of somebody's right is unknown to them.

A command that names such a thing, or changes it, is refused as it would be if the thing were not
there, whatever else might be said against it. Whose a thing is, the log says: as it stands before
the command, on the evening of its day; of what is new, as it would be.
"""

from typing import Final, TypeGuard, assert_never

import msgspec

from domain.kernel.aggregate import Aggregate
from domain.kernel.errors import NotFoundError, Refusal
from domain.kernel.held import value_on
from domain.kernel.whose import OF_PEOPLE, person_of
from domain.people.department import Department
from domain.people.person import Person
from domain.teaching.cohort import Cohort
from domain.teaching.session import Session
from domain.trainees.follow_up import FollowUp
from domain.trainees.trainee import Trainee
from services.kernel.context import Role
from services.kernel.permissions import Permission
from services.kernel.scopes import Ids, Scope, Scopes
from services.kernel.work import Work

HIDDEN: Final = (Trainee, Cohort, Session, FollowUp)
"""Things that are unknown where they are outside of a right, also where they are only named."""

OF_STAFF: Final = (Person, Department)
"""Things that everybody may name, and make by naming; to change them is MANAGE_PEOPLE's."""


async def require_within(work: Work, command: msgspec.Struct, permission: Permission) -> None:
    """Requires that the right, and each that was asked for besides, reaches what a command named
    and what was decided to change.

    Refuses what the command would be refused with if that were not there; `permission_refused` of
    something new, and of what is nobody's.
    """
    rights = work.ctx.principal.rights
    limited = [one for one in (permission, *work.asked) if Scope.ALL not in rights[one]]
    if not limited:
        return
    said = {one for one in msgspec.structs.astuple(command) if isinstance(one, str)}
    whose = _Whose(work)
    # Whoever is joined into another is that one from then on, and has what is theirs.
    decided = [one for thing in work.aggregates for one in thing.pending_events]
    becoming = {one.into_id for one in decided if isinstance(one, Person.Joined)}
    for thing in work.aggregates:
        is_named = thing.id in work.named or thing.id in said
        is_changed = thing.pending_events or thing.id in becoming
        if is_changed or (is_named and isinstance(thing, HIDDEN)):
            for one in limited:
                if isinstance(thing, OF_STAFF) and one is not Permission.MANAGE_PEOPLE:
                    continue
                if not await whose.is_within(thing, rights[one]):
                    raise _outside(work, thing, one)


async def exercised(work: Work, permission: Permission, thing: Aggregate) -> Role:
    """The first of somebody's roles by which a permission reaches a thing.

    Refuses what `require_within` refuses, where none does.
    """
    principal, whose = work.ctx.principal, _Whose(work)
    for role in principal.roles:
        scopes = principal.by_role.get(role, principal.rights).get(permission, {})
        if await whose.is_within(thing, scopes):
            return role
    raise _outside(work, thing, permission)


def _outside(work: Work, thing: Aggregate, permission: Permission) -> Refusal:
    if (unknown := work.named.get(thing.id)) is not None:
        return unknown()
    if thing.is_new or not isinstance(thing, HIDDEN + OF_STAFF):
        return work.ctx.principal.refused(str(permission))
    return NotFoundError(f"{thing.TOPIC}_unknown", field=f"{thing.TOPIC}_id")


def _is_person(found: Aggregate | None) -> TypeGuard[Person]:
    return isinstance(found, Person)


class _Whose:
    """Whose the things of a work are."""

    def __init__(self, work: Work) -> None:
        self._work, self._day = work, work.ctx.today
        self._principal = work.ctx.principal

    async def is_within(self, changed: Aggregate, scopes: Scopes) -> bool:
        thing = await self._before(changed.id) or changed
        for scope, own in scopes.items():
            if await self._reaches(scope, own, thing):
                return True
        return False

    async def _reaches(self, scope: Scope, own: Ids, thing: Aggregate) -> bool:
        match scope:
            case Scope.ALL:
                return True
            case Scope.SELF:
                return thing.TOPIC in OF_PEOPLE and person_of(thing.id) in map(person_of, own)
            case Scope.OWN_PEOPLE:
                return await self._manager(thing) in own
            case Scope.OWN_COHORTS:
                return await self._answering(thing) in own
            case Scope.OWN_CLASSES:
                return await self._is_of_classes(thing, own)
            case Scope.OWN_DEPARTMENT:
                return await self._is_of_department(thing, own)
            case _:
                assert_never(scope)

    async def _manager(self, thing: Aggregate) -> str | None:
        """Who is in charge of whom a thing is about."""
        if isinstance(thing, Person):
            return value_on(thing.held, "manager_id", self._day)
        trainee = await self._trainee(thing)
        return trainee.employment.manager_on(self._day) if trainee else None

    async def _answering(self, thing: Aggregate) -> str | None:
        """Who answers for the batch that a thing is of."""
        cohort = await self._cohort(thing)
        return cohort.answering_on(self._day) if cohort else None

    async def _is_of_classes(self, thing: Aggregate, classes: Ids) -> bool:
        """Whether it is one of the classes, or about somebody of whose batch one is."""
        if isinstance(thing, Session):
            return thing.id in classes
        cohort = None if isinstance(thing, Cohort) else await self._cohort(thing)
        for one in classes if cohort else ():
            session = await self._before(one)
            if isinstance(session, Session) and cohort and session.planned.cohort_id == cohort.id:
                return True
        return False

    async def _is_of_department(self, thing: Aggregate, heads: Ids) -> bool:
        """Whether who is one, is in charge, or answers for the batch is of a department that is
        headed, or of one below; who heads it is of it too."""
        if isinstance(thing, Department):
            return await self._is_headed(thing, heads)
        worker_id: str | None = thing.id
        if not isinstance(thing, Person):
            trainee = await self._trainee(thing)
            worker_id = await (self._manager(thing) if trainee else self._answering(thing))
        if worker_id in heads:
            return True
        worker = await self._before(worker_id) if worker_id else None
        if _is_person(worker) and worker.joined_into is not None:
            worker = await self._before(worker.joined_into)
        at = value_on(worker.held, "department_id", self._day) if _is_person(worker) else None
        return at is not None and await self._is_headed(await self._before(at), heads)

    async def _is_headed(self, department: Aggregate | None, heads: Ids) -> bool:
        """Whether a department, or one that it is part of, is headed."""
        while isinstance(department, Department):
            if value_on(department.held, "head_id", self._day) in heads:
                return True
            above = value_on(department.held, "part_of_id", self._day)
            department = await self._before(above) if above else None
        return False

    async def _trainee(self, thing: Aggregate) -> Trainee | None:
        if isinstance(thing, FollowUp):
            found = await self._before(thing.opened.trainee_id)
            return found if isinstance(found, Trainee) else None
        return thing if isinstance(thing, Trainee) else None

    async def _cohort(self, thing: Aggregate) -> Cohort | None:
        if isinstance(thing, Cohort):
            return thing
        if isinstance(thing, Session):
            cohort_id = thing.planned.cohort_id
        elif trainee := await self._trainee(thing):
            moved = trainee.placement.transfers.on(self._day)
            cohort_id = (moved or trainee.employment.enrolled).cohort_id
        else:
            return None
        found = await self._before(cohort_id)
        return found if isinstance(found, Cohort) else None

    async def _before(self, stream_id: str) -> Aggregate | None:
        """What stands in the log, else what is new. It is none of what was decided on: whoever
        changes it meanwhile changes nothing of that."""
        stored = await self._work.ctx.log.aggregate(self._principal.tenant, stream_id)
        return stored or self._work.new(stream_id)
