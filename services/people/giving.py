"""What people get by a command, whichever it is: nobody gives what they do not hold.

A role that is given is one way of many. Whoever comes back, is allowed again, is said not to be
another after all, or stands in, gets rights too, and so does under whom others are put.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from domain.kernel.aggregate import Aggregate, DomainEvent, spoken_of, topics_of
from domain.kernel.errors import Refusal
from domain.kernel.whose import own_stream
from domain.people.person import Person
from domain.people.person_events import Joined, RoleAssigned
from domain.trainees.trainee import Trainee
from services.kernel.context import Rights
from services.kernel.permissions import Permission
from services.kernel.scopes import Ids
from services.kernel.work import Work
from services.people.heading import gained_by_heading
from services.people.rights import Persons, over_others, require_held, rights_of, together

SAID_IN: Final = (
    *("role", "deputy_id", "head_id", "part_of", "fact", "manager_id", "into_id"),
    *("department", "employee_no", "person_id"),
)
"""The fields of commands by which somebody gets a right, of several the first."""

OF_STAYS: Final = topics_of(
    (
        *(Trainee.Enrolled, Trainee.EnrolmentCorrected, Trainee.Rejoined),
        *(Trainee.Left, Trainee.Eliminated, Trainee.LeavingCorrected),
    )
)
"""What says of a trainee from when until when they are of the partner, also where it is
withdrawn."""

_DAY: Final = timedelta(days=1)


async def require_given(work: Work, said_in: Collection[str]) -> None:
    """Requires that who carries out a command holds whatever anybody may do after it, today or on a
    later day, that they might not before. said_in: the command's fields.

    Refuses `right_not_held`, and `administrators_alone` where somebody loses MANAGE_ACCESS."""
    gained = together(await _gained_by_roles(work), await gained_by_heading(work))
    gained = together(gained, await _gained_by_joining(work))
    if gained:
        field = next((one for one in SAID_IN if one in said_in), SAID_IN[-1])
        require_held(work.ctx.principal, gained, field)


async def _gained_by_roles(work: Work) -> Rights:
    # Who is new has no role: that is another command.
    changed = {one.id: one for one in work.aggregates if not one.is_new and _may_say_who_acts(one)}
    gained: Rights = {}
    if changed:
        # Also as who is suspended may act, which is lifted later by whoever may.
        for lifted in (False, True):
            gained = together(gained, await _gained_by(work, changed, lifted=lifted))
    return gained


async def _gained_by_joining(work: Work) -> Rights:
    """What whoever is joined into somebody had under them, which is that one's from then on."""
    gained: Rights = {}
    for one in work.aggregates:
        if isinstance(one, Person) and any(isinstance(it, Joined) for it in one.pending_events):
            people = Persons(work.ctx.log, work.ctx.principal.tenant)
            into = await people.all_of(filter(None, [one.joined_into]))
            roles = [its for kept in into for its in kept.roles_on(work.ctx.today)]
            for permission, scopes in rights_of(roles, Ids((one.id,))).items():
                its = {scope: ids for scope, ids in scopes.items() if one.id in ids}
                gained = together(gained, {permission: its} if its else {})
    return gained


def _may_say_who_acts(thing: Aggregate) -> bool:
    """Whether by what is decided somebody may come to be of the partner, or another."""
    if isinstance(thing, Person):
        return bool(thing.pending_events)
    return isinstance(thing, Trainee) and any(
        isinstance(it, DomainEvent) and spoken_of(it) in OF_STAYS for it in thing.pending_events
    )


async def _gained_by(work: Work, changed: Mapping[str, Aggregate], *, lifted: bool) -> Rights:
    gained: Rights = {}
    log, tenant = work.ctx.log, work.ctx.principal.tenant
    before = Persons(log, tenant, lifted=lifted)
    after = Persons(log, tenant, {one.id: one for one in work.aggregates}, lifted=lifted)
    for person_id in await _reached(after, {own_stream(one) for one in changed}):
        was = await before.get(person_id)
        days = [await _days(people, person_id) for people in (before, after)]
        today = work.ctx.today
        for day in {today, *(one for its in days for one in its if one > today)}:
            had, has = [await _roles(people, person_id, day) for people in (before, after)]
            given = {(person_id, one.fact_id) for one in was.roles_on(day)} if was else ()
            for one in has.keys() - had:
                its = rights_of([has[one]], Ids((has[one].originator_id,)))
                if one in given:
                    # Who gave the role answered for whose the own is, and for oneself.
                    its = over_others(rights_of([has[one]]))
                gained = together(gained, its)
            lost = [role for one, role in had.items() if one not in has and one[0] == person_id]
            _require_no_administrator(work, rights_of(lost))
    return gained


def _require_no_administrator(work: Work, lost: Rights) -> None:
    """Requires that nobody but their like shuts out who lets people in."""
    access = Permission.MANAGE_ACCESS
    if access in lost and not work.ctx.principal.may_everywhere(access):
        raise Refusal("administrators_alone", field="person_id")


async def _reached(people: Persons, changed: Iterable[str]) -> Sequence[str]:
    """Whose rights follow from what somebody is: theirs, and of who was joined into them."""
    joined = [one.id for person_id in changed for one in await people.joined_into(person_id)]
    return sorted({*changed, *joined})


async def _days(people: Persons, person_id: str) -> set[date]:
    """The days from which on somebody may do something else."""
    own = await people.all_of([person_id])
    kept = await people.all_of([one.joined_into for one in own if one.joined_into])
    away = await people.all_of({it.for_id for one in (*own, *kept) for it, _ in one.stand_ins()})
    found = set[date]()
    everybody = (*own, *kept, *away)
    for fact in (fact for one in everybody for fact in one.facts):
        found |= {fact.day, getattr(fact, "until", None) or fact.day}
    for stay in [stay for one in everybody for stay in await people.stays_of(one)]:
        found |= {stay.enrolled.entered_on, stay.left_on or stay.enrolled.entered_on}
    return {day for last in found for day in (last, min(last, date.max - _DAY) + _DAY)}


async def _roles(people: Persons, person_id: str, day: date) -> dict[tuple[str, int], RoleAssigned]:
    """The roles by which somebody may do something on a day, by whose they are and their facts."""
    return {
        (role.originator_id, role.fact_id): role
        for _, roles in await people.roles_of(person_id, day)
        for role in roles
    }
