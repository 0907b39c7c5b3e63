"""Whom a command means: by the id, since not everybody has a number, and a name is not one's own.

The numbers (工号) of the staff are in one room with those of trainees: nobody has another's.
"""

from datetime import date

from domain.kernel.errors import NotFoundError, Refusal
from domain.people.person import Person
from services.kernel.naming import Naming
from services.kernel.work import Work

PEOPLE = Naming(Person, "person", "employee_no")
"""Staff by their numbers."""


async def person_of_id(work: Work, person_id: str, field: str = "person_id") -> Person:
    """The person of an id. Raises NotFoundError `person_unknown`."""
    found = await work.load(Person, person_id, field)
    if found.is_withdrawn:
        raise NotFoundError("person_unknown", field=field)
    return found


async def person_meant(work: Work, person_id: str, field: str) -> Person:
    """The person of the staff of an id, or whom that one was joined into. Raises NotFoundError
    `person_unknown`, also of a trainee: so nothing else names one."""
    found = await person_of_id(work, person_id, field)
    if not found.is_staff:
        raise NotFoundError("person_unknown", field=field)
    into_id = found.joined_into
    return found if into_id is None else await person_of_id(work, into_id, field)


async def id_meant(work: Work, person_id: str | None, field: str) -> str | None:
    """The same as an id, where anybody is named."""
    return None if person_id is None else (await person_meant(work, person_id, field)).id


async def require_no_circle(
    work: Work, person_id: str, manager_id: str | None, on: date, field: str
) -> None:
    """Requires that nobody is in charge of who is in charge of them on the evening of a day.
    manager_id: who is to be in charge of the person then. Refuses `manager_circle`."""
    passed = set[str]()
    while manager_id is not None and manager_id not in passed:
        passed.add(manager_id)
        manager = await person_meant(work, manager_id, field)
        if manager.id == person_id:
            raise Refusal("manager_circle", field=field, on=on)
        manager_id = manager.manager_on(on)


async def joined_into(work: Work, person: Person) -> list[Person]:
    """Who is joined into a person, as long as that stands."""
    found = [await work.load(Person, one) for one in await work.naming("into_id", person.id)]
    return [one for one in found if one.joined_into == person.id and not one.is_withdrawn]
