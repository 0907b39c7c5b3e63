"""Who has a stay: what is said of the person with an enrolment stands in the person's own stream.

Of a later stay it holds from the day on which that begins; others may say something of it too.
"""

from collections import defaultdict
from datetime import date
from typing import Any, Final

from domain.kernel.errors import Refusal
from domain.kernel.held import held_on, value_on
from domain.kernel.values import name_key
from domain.kernel.whose import own_stream
from domain.people.person import Person
from domain.trainees.trainee import Trainee
from services.kernel.work import Work
from services.people.meant import person_of_id
from services.words.texts import FIRST_LANGUAGE, read_texts

PERSONAL: Final = ("name", "phone", "mail", "id_number")
"""What commands about an enrolment say of the person."""


async def whose(work: Work, stay: Trainee) -> Person:
    """The person who has a stay."""
    return await person_of_id(work, own_stream(stay.id))


def register(
    work: Work, trainee_id: str, employee_no: str, since: date, *, name: str, **contacts: str | None
) -> None:
    """Takes in the person of a first stay."""
    said: dict[str, Any] = {one: it or None for one, it in contacts.items()}
    said |= {"name": name, "number": employee_no, "since": since, "is_staff": False}
    work.add(Person.register(own_stream(trainee_id), **said))


def say_again(
    person: Person,
    on: date,
    *,
    name: str | None,
    phone: str | None,
    mail: str | None,
    id_number: str | None,
) -> None:
    """Says of who comes back what is not as before; a phone or mail is blank where there is none.
    An identity number is the same for life: where none was recorded, that was wrong. Refuses
    `id_number_of_another`."""
    if name and name_key(name) != name_key(name_on(person, on)):
        person.rename(on=on, name=name)
    if (phone, mail) != (None, None):
        person.say_contacts(on=on, phone=phone, mail=mail)
    if id_number and id_number != (known := person.registered.id_number):
        if known is not None:
            raise Refusal("id_number_of_another", field="id_number")
        reason = read_texts(FIRST_LANGUAGE)("rejoined.said_again")
        person.correct_registration(id_number=id_number, reason=reason)


def name_on(person: Person, day: date) -> str:
    """The name on the evening of a day, which is the first one before there was any."""
    return value_on(person.held, "name", max(day, person.registered.since)) or ""


def personal_on(person: Person, day: date) -> dict[str, str | None]:
    """What is said of a person as of a day, by PERSONAL."""
    contacts = {name: person.reached_by(name, day) for name in ("phone", "mail")}
    number = person.registered.id_number
    return {"name": name_on(person, day), **contacts, "id_number": number}


def contacts_since(person: Person, day: date, field: str) -> list[str | None]:
    """A phone or mail on the evening of a day, and each that was said of later ones."""
    said = (one for one in person.facts if isinstance(one, Person.ContactsChanged))
    later = [getattr(one, field) for one in said if one.on > day]
    return [person.reached_by(field, day), *(one for one in later if one is not None)]


async def correct(
    work: Work,
    person: Person,
    stay: Trainee,
    entered_on: date,
    *,
    reason: str,
    name: str | None = None,
    phone: str | None = None,
    mail: str | None = None,
    id_number: str | None = None,
) -> None:
    """Corrects the name and the contacts of when a stay began where they were said, and the day of
    what was said with the stay; with a first one that moves later, of all that was said on its day.
    A phone or mail is blank where there is none."""
    was_on, first = stay.employment.enrolled.entered_on, person.registered.fact_id
    said = defaultdict[int, dict[str, Any]](dict)
    if entered_on != was_on:
        if _is_first(stay):
            # Nobody is called anything before the registration.
            with_stay = [*(_said(person, was_on) if entered_on > was_on else ()), first]
        else:
            with_stay = await _said_with(work, person, stay, was_on)
        for fact in with_stay:
            said[fact]["since" if fact == first else "on"] = entered_on
    if name:
        named = held_on(person.held, "name", max(was_on, person.registered.since))
        said[named.fact if named else first]["name"] = name
    for field, value in (("phone", phone), ("mail", mail)):
        if value is not None:
            fact = person.saying(field, was_on).fact_id
            said[fact][field] = (value or None) if fact == first else value
    if id_number:
        said[first]["id_number"] = id_number
    for fact, its in said.items():
        was = person.fact(fact)
        new = {one: it for one, it in its.items() if getattr(was, one) != it}
        try:
            if new:
                person.correct_said(fact=fact, reason=reason, **new)
        except Refusal as refused:
            # The day is typed as that of entering.
            refused.field = "entered_on" if refused.field in ("since", "on") else refused.field
            raise


async def take_back(
    work: Work, person: Person, stay: Trainee, entered_on: date, reason: str
) -> None:
    """Withdraws what was said with a stay that never was, with a first one the registration.
    Refuses `registration_rested_on`."""
    if _is_first(stay):
        facts = [*_said(person), person.registered.fact_id]
    else:
        facts = await _said_with(work, person, stay, entered_on)
    for fact in facts:
        person.withdraw_fact(fact=fact, reason=reason)


def _is_first(stay: Trainee) -> bool:
    return stay.enrolled.rejoins is None


async def _said_with(work: Work, person: Person, stay: Trainee, on: date) -> list[int]:
    """What was said with a later stay, which begins on a day, by one command: others may have said
    something of the same day, which is theirs."""
    if not (facts := _said(person, on)):
        return []
    log, tenant = work.ctx.log, work.ctx.principal.tenant
    enrolled, *_ = await log.since(tenant, stay.id, 0)
    recorded = {
        one.event.originator_version: one.correlation_id
        for one in await log.since(tenant, person.id, 0)
    }
    return [fact for fact in facts if recorded[fact] == enrolled.correlation_id]


def _said(person: Person, on: date | None = None) -> list[int]:
    """The names and contacts of a day, or all after the first, by their facts, the last before all
    others."""
    kinds = (Person.Renamed, Person.ContactsChanged)
    facts = [one for one in person.facts if isinstance(one, kinds)]
    return [one.fact_id for one in reversed(facts) if on in (None, one.day)]
