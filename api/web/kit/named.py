"""Whom events name by ids, as people call them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from api.web.kit.addresses import thing_address
from api.web.kit.page import PageContext
from domain.kernel.aggregate import STREAM_ID, Happening, marked_fields
from domain.people.person import Person
from projections.trainees.cohort_roster import TRAINEE_LIST
from services.kernel.permissions import Permission
from services.reading.names import list_people

NamedByEvent = tuple[str, str | None]
"""What people call somebody whom an event names, and the address of their page, if any."""

_PERSON = f"{Person.TOPIC}-"


async def named_by(page: PageContext, events: Iterable[Happening]) -> Mapping[str, NamedByEvent]:
    """The other trainees whom events name, and people of the staff, by their ids."""
    if not page.may(Permission.READ_TRAINEES):
        return {}
    ids = {
        said
        for event in events
        for name in marked_fields(type(event), STREAM_ID)
        if (said := getattr(event, name))
    }
    reader = page.lists()
    people = await list_people(reader, (one for one in ids if one.startswith(_PERSON)))
    trainees = await reader.by_id(TRAINEE_LIST, sorted(ids - people.keys()))
    return {
        **{one: (name, None) for one, name in people.items()},
        **{
            one: (f"{row.name} {row.employee_no}".strip(), thing_address(TRAINEE_LIST.kind, one))
            for one, row in trainees.items()
        },
    }


async def typed_of(page: PageContext, event: Happening) -> Callable[[str], Any]:
    """What one types in a field of a command for what an event says, by the field's name: whom it
    names by an id is typed by the name."""
    things = await named_by(page, [event])

    def value(field: str) -> Any:
        named = things.get(getattr(event, f"{field}_id", None) or "")
        return named[0] if named else getattr(event, field, None)

    return value
