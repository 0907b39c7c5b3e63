"""Over whom and what somebody may use a right: the scopes of the right, said in ids.

Whether a right is held is of today, whatever moment is asked about; whose a thing is, is as it was
at that moment (decision 0053).
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol, TypeVar

import msgspec
from msgspec.structs import asdict

from projections import LISTINGS
from projections.kernel.listing import Listing
from projections.kernel.whose import OwnerIds
from projections.people.departments import DEPARTMENT_LIST
from projections.people.people import PERSON_LIST
from projections.teaching.cohorts import COHORT_LIST
from projections.teaching.sessions import SESSION_LIST
from services.kernel.context import Principal
from services.kernel.permissions import Permission
from services.kernel.purview import NOTHING, Purview, merged
from services.kernel.scopes import Ids, Scope
from services.reading.kept_rows import KeptRows

R = TypeVar("R", bound=msgspec.Struct)
V = TypeVar("V")

PERMISSIONS: Mapping[str, Permission] = {
    listing.name: Permission(listing.permission) for listing in LISTINGS
}
"""The permission that reading a list takes, by its name."""


_BY_KIND: Mapping[str, Listing[Any]] = {listing.kind: listing for listing in LISTINGS}


class RowsWith(Protocol):
    """Answers the rows of a list that have in one of some columns one of its values, whosever they
    are."""

    async def __call__(self, listing: Listing[R], /, **values: Collection[str]) -> Sequence[R]: ...


async def purview_of(
    principal: Principal, permission: Permission, rows: RowsWith
) -> Purview | None:
    """The purview of a right that is held; None: everything. rows: of the moment that is asked
    about. Raises PermissionRefusedError `permission_refused`."""
    principal.require(permission)
    scopes = principal.rights[permission]
    if Scope.ALL in scopes:
        return None
    return merged([await _REACHING[one](own, permission, rows) for one, own in scopes.items()])


async def _self(own: Ids, permission: Permission, rows: RowsWith) -> Purview:
    return Purview(persons=own)


async def _own_people(own: Ids, permission: Permission, rows: RowsWith) -> Purview:
    return Purview(managers=await _recorded(own, rows))


async def _own_cohorts(own: Ids, permission: Permission, rows: RowsWith) -> Purview:
    return Purview(cohorts=await _answered_for(own, rows))


async def _answered_for(people: Ids, rows: RowsWith) -> Ids:
    """The batches that people answer for."""
    its = await rows(COHORT_LIST, training_manager_id=people)
    return frozenset(one.cohort_id for one in its)


async def _own_classes(own: Ids, permission: Permission, rows: RowsWith) -> Purview:
    """The classes, and of who is taught there whatever is said of people and their scores."""
    classes = await rows(SESSION_LIST, session_id=own)
    is_of_people = permission in (Permission.READ_TRAINEES, Permission.READ_SCORES)
    cohorts = frozenset(one.cohort_id for one in classes if is_of_people)
    return Purview(sessions=own, cohorts=cohorts)


async def _own_department(own: Ids, permission: Permission, rows: RowsWith) -> Purview:
    headed = await rows(DEPARTMENT_LIST, head_id=own)
    found = dict[str, None]()
    while headed:
        new = [one.department_id for one in headed if one.department_id not in found]
        found |= dict.fromkeys(new)
        headed = await rows(DEPARTMENT_LIST, part_of_id=new) if new else ()
    members = await rows(PERSON_LIST, department_id=found) if found else ()
    # Whoever was joined into another works where that one does.
    people = own | {one.person_id for one in members if not one.joined_into}
    recorded = await _recorded(people, rows)
    plans = await _answered_for(recorded, rows)
    return Purview(persons=people, managers=recorded, plans=plans)


async def _recorded(people: Ids, rows: RowsWith) -> Ids:
    """People as they stand where they are in charge of trainees: with those who were joined into
    them."""
    joined = await rows(PERSON_LIST, joined_into=people)
    return people | {one.person_id for one in joined}


_REACHING: Mapping[Scope, Callable[[Ids, Permission, RowsWith], Awaitable[Purview]]] = {
    Scope.OWN_DEPARTMENT: _own_department,
    Scope.OWN_PEOPLE: _own_people,
    Scope.OWN_COHORTS: _own_cohorts,
    Scope.OWN_CLASSES: _own_classes,
    Scope.SELF: _self,
}


_KINDS: Mapping[Scope, frozenset[str]] = {
    Scope.OWN_DEPARTMENT: frozenset(("persons", "managers", "plans")),
    Scope.OWN_PEOPLE: frozenset(("managers",)),
    Scope.OWN_COHORTS: frozenset(("cohorts",)),
    Scope.OWN_CLASSES: frozenset(("sessions", "cohorts")),
    Scope.SELF: frozenset(("persons",)),
}
"""The kinds of owners whose things are within, by scope."""


def may_find(principal: Principal, listing: Listing[Any]) -> bool:
    """Whether a list can ever have something within: of oneself, or of people alone, there are no
    batches."""
    scopes = principal.rights.get(PERMISSIONS[listing.name], {})
    return Scope.ALL in scopes or any(_KINDS[one] & listing.whose.kinds for one in scopes)


class PurviewReader(ABC):
    """Reads what is within the purview of somebody, and asks for the permission of each list.

    What is outside is answered as what is not there.
    """

    def __init__(self, principal: Principal) -> None:
        self._principal = principal
        self._reading: dict[Hashable, asyncio.Future[Any]] = {}
        self._people = KeptRows()

    @abstractmethod
    async def rows_with(self, listing: Listing[R], /, **values: Collection[str]) -> Sequence[R]:
        """The rows that have in one of these columns one of its values, whosever they are: for
        what follows from them alone, never to be shown."""

    @abstractmethod
    async def named(self, listing: Listing[R], ids: Sequence[str]) -> dict[str, R]:
        """The same by their ids, for those whom rows name that are within."""

    async def people(self, listing: Listing[R], ids: Collection[str]) -> dict[str, R]:
        """The same of people, of whom many rows name the same."""
        found = self._people.among(ids)
        if unknown := [one for one in ids if one not in found]:
            its = await self.named(listing, unknown)
            found |= its
            self._people.keep(its)
        return found

    @abstractmethod
    async def by_id(self, listing: Listing[R], ids: Sequence[str]) -> dict[str, R]:
        """Rows that other rows name, by their ids; unknown ids are left out."""

    @abstractmethod
    async def count(self, listing: Listing[R], *, most: int | None = None, **given: Any) -> int:
        """How many rows meet the filters given; after `most` it counts no further."""

    async def purview(self, permission: Permission) -> Purview | None:
        """Of a right, resolved once; None: everything. Raises PermissionRefusedError
        `permission_refused`."""
        self._principal.require(permission)
        if self._principal.may_everywhere(permission):
            return None
        find = partial(purview_of, self._principal, permission, self.rows_with)
        return await self.once(permission, find)

    async def once(self, key: Hashable, read: Callable[[], Awaitable[V]]) -> V:
        """What is read by a key, the same for all that ask for it, also at the same time."""
        if key not in self._reading:
            self._reading[key] = asyncio.ensure_future(read())
        found: V = await self._reading[key]
        return found

    async def reads_everything(self, listing: Listing[Any]) -> bool:
        """Whether nothing of a list is outside. Raises PermissionRefusedError
        `permission_refused`."""
        return await self.purview(PERMISSIONS[listing.name]) is None

    async def outside(self, listing: Listing[Any], rows: Sequence[Any]) -> Collection[str]:
        """The ids of other things in rows of a list that are outside, or of lists that may not be
        read."""
        found = set[str]()
        for its in listing.filters.values():
            other = _BY_KIND.get(its.of or "")
            ids = {getattr(row, its.column) for row in rows} - {None} if other else None
            if other is not None and ids:
                found |= await self.strangers(other, ids)
        return found

    async def strangers(self, listing: Listing[Any], ids: Collection[str]) -> frozenset[str]:
        """Of the ids of a list's things those of what is outside; all where the list may not be
        read."""
        if not self._principal.may(PERMISSIONS[listing.name]):
            return frozenset(ids)
        if await self.reads_everything(listing):
            return frozenset()
        return frozenset(ids).difference(await self.by_id(listing, [*ids]))

    async def reaches(self, permission: Permission, listing: Listing[Any], thing: str) -> bool:
        """Whether another permission is held of a thing of a list that may be read."""
        purview = await self.purview(permission) if self._principal.may(permission) else NOTHING
        if purview in (None, await self.purview(PERMISSIONS[listing.name])):
            return True
        rows = await self.rows_with(listing, **{listing.id_column: [thing]})
        return bool(purview and await self._owned(listing.limited(asdict(purview)), rows))

    async def _own(self, listing: Listing[R]) -> Listing[R]:
        """The part of a list that is within. Raises PermissionRefusedError `permission_refused`."""
        purview = await self.purview(PERMISSIONS[listing.name])
        within = None if purview is None else asdict(purview)
        return listing.limited(within, await self._apart(listing) if listing.apart else None)

    async def _apart(self, listing: Listing[Any]) -> Mapping[str, OwnerIds]:
        """Of what takes other permissions, by these, whose may be read, if not everybody's."""
        found = dict[str, OwnerIds]()
        for permission in {Permission(one.permission) for one in listing.apart}:
            is_held = self._principal.may(permission)
            purview = await self.purview(permission) if is_held else NOTHING
            if purview is not None:
                found[permission] = asdict(purview)
        return found

    async def hidden(self, listing: Listing[Any], part: str) -> frozenset[str]:
        """Of what takes other permissions, the values that rows have which belong to a thing and
        may not be read."""
        found = set[str]()
        for one in listing.apart:
            within = (await self._apart(listing)).get(one.permission)
            if within is not None and part not in await self._parts_of(listing, within, [part]):
                found.update(one.values)
        return frozenset(found)

    async def own_ids(self, listing: Listing[Any], ids: Sequence[str]) -> list[str]:
        """Of the ids of a list's things those of what is within."""
        own = await self._own(listing)
        return list(ids) if own is listing else [*await self.by_id(listing, ids)]

    async def _parts_of(
        self, listing: Listing[Any], within: OwnerIds, ids: Collection[str]
    ) -> Collection[str]:
        """Of the things that rows of a list are parts of, by their ids, those that are within."""
        found = set[str]()
        for one in listing.whose.of:
            rows = await self.rows_with(one, **{one.id_column: ids})
            its = await self._owned(one.limited(within), rows)
            found |= {getattr(row, one.id_column) for row in its}
        return found

    async def _owned(self, listing: Listing[R], rows: Sequence[R]) -> Sequence[R]:
        """Of rows in memory those that are within. listing: as `_own` answers it."""
        if listing.within is not None:
            rows = await self._of_owners(listing, listing.within, rows)
        for one in listing.apart:
            if (within := listing.apart_within.get(one.permission)) is not None:
                its = [row for row in rows if getattr(row, one.column) in one.values]
                kept = {*map(id, await self._of_owners(listing, within, its))}
                lost = {*map(id, its)} - kept
                rows = [row for row in rows if id(row) not in lost]
        return rows

    async def _of_owners(
        self, listing: Listing[R], within: OwnerIds, rows: Sequence[R]
    ) -> Sequence[R]:
        ids = {getattr(row, listing.whose.part) for row in rows} if listing.whose.part else ()
        parts = await self._parts_of(listing, within, ids) if ids else ()
        return listing.limited(within).owned(rows, parts)
