"""Whom and what events name by ids, as people call them."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final, cast

from msgspec import Struct

from api.web.kit.addresses import thing_address
from api.web.kit.page import PageContext
from domain.kernel.aggregate import STREAM_ID, DomainEvent, marked_fields
from domain.kernel.whose import own_stream
from domain.people.department import Department
from domain.people.person import Person
from domain.teaching.session import Session
from domain.trainees.trainee import Trainee
from projections.kernel.listing import Listing
from projections.people.departments import DEPARTMENT_LIST
from projections.people.people import PERSON_LIST
from projections.teaching.sessions import SESSION_LIST
from projections.trainees.cohort_roster import TRAINEE_LIST
from services.kernel.past import known_at
from services.kernel.permissions import Permission
from services.reading.names import list_people
from services.trainees.whose import personal_on


class NamedByEvent(Struct, frozen=True):
    """Somebody or something that an event names: what people call it, the address of its page,
    if there is one, and what one types to name it."""

    called: str
    address: str | None
    typed: str


_NAMES: Final[Mapping[str, tuple[Listing[Any], str, str]]] = {
    Trainee.TOPIC: (TRAINEE_LIST, "name", "employee_no"),
    Department.TOPIC: (DEPARTMENT_LIST, "name", "code"),
    Session.TOPIC: (SESSION_LIST, "code", "code"),
}
"""By category of streams: their list, and in its rows what things are called, and their code."""


async def named_by(page: PageContext, events: Iterable[DomainEvent]) -> Mapping[str, NamedByEvent]:
    """The other things and the people that events name, by their ids."""
    if not (page.may(Permission.READ_TRAINEES) or page.may(Permission.READ_PEOPLE)):
        return {}
    ids = defaultdict[str, set[str]](set)
    for event in events:
        for name in marked_fields(type(event), STREAM_ID):
            if said := getattr(event, name):
                ids[said.partition("-")[0]].add(said)
    found = await _people(page, ids.pop(Person.TOPIC, set()))
    for category in ids.keys() & _NAMES.keys():
        listing, title, named = _NAMES[category]
        if not _may_read(page, listing):
            continue
        rows = await page.lists().by_id(listing, sorted(ids[category]))
        for one, row in rows.items():
            name, code = getattr(row, title), getattr(row, named)
            called = " ".join(dict.fromkeys((name, code))).strip()
            found[one] = NamedByEvent(called, thing_address(listing.kind, one), code)
    return found


def _may_read(page: PageContext, listing: Listing[Any]) -> bool:
    return page.may(Permission(listing.permission))


async def _people(page: PageContext, ids: Collection[str]) -> dict[str, NamedByEvent]:
    """The staff among these; of who was joined into another, that one. Whom one may not read of
    has a name, and no page."""
    reader, listing = page.lists(), PERSON_LIST
    names = await list_people(reader, ids) if ids else {}
    rows = await reader.by_id(listing, sorted(names)) if names and _may_read(page, listing) else {}
    joined = sorted({row.joined_into for row in rows.values() if row.joined_into})
    kept = await reader.by_id(listing, joined) if joined else {}
    found = {}
    for one, name in names.items():
        row = rows.get(one)
        row = row and kept.get(row.joined_into or "", row)
        address = thing_address(listing.kind, row.person_id) if row else None
        found[one] = NamedByEvent(name, address, (row.number if row else None) or name)
    return found


def called(page: PageContext, things: Mapping[str, NamedByEvent], said: str | None) -> str | None:
    """What people call what an event names by an id, or that it names nothing; None where its name
    is not known. things: see `named_by`."""
    if not said:
        return page.wording.t("none")
    return things[said].called if said in things else None


async def typed_of(
    page: PageContext, event: DomainEvent, seen: int | None = None
) -> Callable[[str], Any]:
    """What one types in a field of a command for what an event says, by the field's name: what it
    names by an id is typed by its code, or by its number or name. An enrolment also says who that
    is. seen: a position of the log, after which nothing is taken for known."""
    things, personal = await named_by(page, [event]), dict[str, Any]()
    if isinstance(event, Trainee.Enrolled | Trainee.EnrolmentCorrected):
        own = own_stream(event.originator_id)
        person = cast(Person, await known_at(page.app.log, page.tenant, own, seen))
        personal = personal_on(person, event.entered_on)

    def value(field: str) -> Any:
        said = personal.get(field, getattr(event, field, None))
        by_id = getattr(event, f"{field}_id", said)
        named = things.get(by_id) if isinstance(by_id, str) else None
        return named.typed if named else said

    return value
