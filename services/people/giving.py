"""What people get by a command, whichever it is: nobody gives what they do not hold.

A role that is given is one way of many. Whoever comes back, is allowed again, is said not to be
another after all, or stands in, gets rights too, and so does under whom others are put.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from domain.people.person import Person
from domain.people.person_events import RoleAssigned
from services.kernel.context import Rights
from services.kernel.scopes import Ids
from services.kernel.work import Work
from services.people.heading import gained_by_heading
from services.people.rights import Persons, require_held, rights_of, together

SAID_IN: Final = (
    *("role", "deputy_id", "head_id", "part_of", "fact", "manager_id", "into_id"),
    *("department", "person_id"),
)
"""The fields of commands by which somebody gets a right, of several the first."""

_DAY: Final = timedelta(days=1)


async def require_given(work: Work, said_in: Collection[str]) -> None:
    """Requires that who carries out a command holds whatever anybody may do after it, today or on a
    later day, that they might not before. said_in: the command's fields. Refuses
    `right_not_held`."""
    gained = together(await _gained_by_roles(work), await gained_by_heading(work))
    if gained:
        field = next((one for one in SAID_IN if one in said_in), SAID_IN[-1])
        require_held(work.ctx.principal, gained, field)


async def _gained_by_roles(work: Work) -> Rights:
    # Who is new has no role: that is another command.
    changed = {
        one.id: one
        for one in work.aggregates
        if isinstance(one, Person) and one.pending_events and not one.is_new
    }
    gained: Rights = {}
    if changed:
        # Also as who is suspended may act, which is lifted later by whoever may.
        for lifted in (False, True):
            gained = together(gained, await _gained_by(work, changed, lifted=lifted))
    return gained


async def _gained_by(work: Work, changed: Mapping[str, Person], *, lifted: bool) -> Rights:
    gained: Rights = {}
    log, tenant = work.ctx.log, work.ctx.principal.tenant
    before = Persons(log, tenant, lifted=lifted)
    after = Persons(log, tenant, changed, lifted=lifted)
    for person_id in await _reached(after, changed):
        days = [await _days(people, person_id) for people in (before, after)]
        today = work.ctx.today
        for day in {today, *(one for its in days for one in its if one > today)}:
            had, has = [await _roles(people, person_id, day) for people in (before, after)]
            for role in (has[one] for one in has.keys() - had):
                # What is another's comes with the role; the own has whoever gets it anyhow.
                own = Ids((role.originator_id,)) - {person_id}
                gained = together(gained, rights_of([role], own))
    return gained


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
    for fact in (fact for one in (*own, *kept, *away) for fact in one.facts):
        for last in (fact.day, getattr(fact, "until", None) or fact.day):
            found |= {last, min(last, date.max - _DAY) + _DAY}
    return found


async def _roles(people: Persons, person_id: str, day: date) -> dict[tuple[str, int], RoleAssigned]:
    """The roles by which somebody may do something on a day, by whose they are and their facts."""
    return {
        (role.originator_id, role.fact_id): role
        for _, roles in await people.roles_of(person_id, day)
        for role in roles
    }
