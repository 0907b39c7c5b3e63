"""Whom a number or a name means, and the claims by which names lead to people.

A name that is one person's of the staff is claimed for them; of a name that several have or had,
none is meant. Former names lead to a person too, as do those of who was joined into them.
"""

from datetime import date
from typing import Final

from domain.kernel.errors import ConflictError, NotFoundError, Refusal
from domain.kernel.values import name_key, plain_name, required
from domain.people.person import Person
from services.kernel.naming import LIKE
from services.kernel.ports import ClaimPlace
from services.kernel.work import Work
from services.people.meant import PEOPLE, joined_into, person_meant

NAME: Final = "person_name"
"""The kind of the claims."""

NAMED_IN: Final = ("manager_id", "head_id", "training_manager_id", "deputy_id", "for_id")
"""The fields in which facts of other streams name a person; see also `joined_into`."""

SEVERAL: Final = f"{LIKE}several"
"""The owner of a name that several have, and no stream's id."""


def place_of(name: str) -> ClaimPlace:
    """What is claimed for a name, however it is spelt."""
    return NAME, name_key(name)


async def claim_name(work: Work, name: str, person: Person) -> None:
    """Has a name lead to somebody of the staff, or to nobody where it led to another."""
    if not person.is_staff:
        return
    place = place_of(name)
    owner = await work.owner(*place)
    if owner is None:
        work.claim(*place, person.id, ConflictError)
    elif owner not in (person.id, SEVERAL):
        work.hand_over(*place, SEVERAL)


async def let_go(work: Work, person: Person) -> None:
    """Frees what leads to somebody of the staff whose registration was withdrawn: the number and
    the names. Refuses `person_named`."""
    named = [await work.naming(field, person.id) for field in NAMED_IN]
    if any(named) or await joined_into(work, person):
        raise Refusal("person_named", field="person_id")
    if person.number is not None:
        await PEOPLE.release(work, person.number, person.id)
    for place in sorted(set(map(place_of, person.names))):
        if await work.owner(*place) == person.id:
            work.release(*place, person.id)


async def who(work: Work, said: str, field: str, on: date) -> str:
    """The id of the person whom an id, a number or a name means, as lists understand it; of a name
    that is nobody's somebody new, of whom there is no more than this name. on: the day of what
    names them.

    Refuses `person_not_certain`; raises NotFoundError `person_unknown` for an id that is nobody's
    and for the id or the number of a trainee.
    """
    if said.startswith(f"{Person.TOPIC}-"):
        return (await person_meant(work, said, field)).id
    owner = await work.owner(*PEOPLE.place(said))
    if owner is not None and not owner.startswith(LIKE):
        if not owner.startswith(f"{Person.TOPIC}-"):
            raise NotFoundError("person_unknown", field=field)
        return (await person_meant(work, owner, field)).id
    name = required(plain_name(said), field)
    place = place_of(name)
    owner = await work.owner(*place)
    if owner == SEVERAL:
        raise Refusal("person_not_certain", field=field, name=name)
    if owner is not None:
        return (await person_meant(work, owner, field)).id
    person = Person.register(work.new_id(Person), name=name, since=on, is_confirmed=False)
    # Whoever was given the name since is found anew: the two are one.
    work.claim(*place, person.id, ConflictError)
    return work.add(person, ahead=True)
