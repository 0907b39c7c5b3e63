"""What happened to a thing, entry by entry, and the events that its entries tell.

Most things have their entries in the read model of timelines. Those of people and departments are
read from their own streams, which are short: some say what somebody may do, which not everybody
learns who may read of people, and some have no day but that of recording.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import date
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from api.web.kit.page import PageContext
from domain.kernel.aggregate import (
    FREE_TEXT,
    DomainEvent,
    Happening,
    Recorded,
    marked_fields,
    personal_fields,
    spoken_of,
)
from projections.kernel.paging import Page, Paging
from projections.people.people import PERSON_LIST
from projections.trainees.cohort_roster import TRAINEE_LIST
from projections.trainees.timeline import TIMELINE, TIMELINE_LIST, TimelineRow, entry_of
from services.kernel.permissions import Permission
from services.reading.moment import Moment

CONTACTS: Final = ("phone", "mail", "id_number")
"""The fields of trainees' events that take READ_CONTACTS."""

KEPT: Final = frozenset(kind.TOPIC.partition(".")[0] for kind in TIMELINE.events)
"""The categories of streams whose entries the read model has."""


async def read_entries(
    page: PageContext, thing: str, moment: Moment | None, paging: Paging
) -> tuple[Page[TimelineRow], Sequence[DomainEvent]]:
    """A page of the entries of a thing, and the events of all that are its own."""
    if thing.partition("-")[0] not in KEPT:
        return await _of_stream(page, thing, moment, paging)
    reader = page.lists(moment)
    found = await page.app.timelines(page.principal, moment, reader).page(thing, paging)
    count = sum(row.stream_id == thing for row in found.rows)
    if found.has_previous or found.has_next:
        count = await reader.count(TIMELINE_LIST, stream=thing)
    hidden = await reader.hidden(TIMELINE_LIST, thing)
    known = (one for one in await happenings(page, thing, moment) if spoken_of(one) not in hidden)
    # Of the log, which may have gone on meanwhile, what the entries tell.
    return found, [*islice(known, count)]


async def unread_fields(
    page: PageContext, thing: str
) -> Callable[[type[DomainEvent]], Collection[str]]:
    """What of the events of a thing somebody may not read of people: fields, by kind of event."""
    is_kept = thing.partition("-")[0] in KEPT
    if not page.may(Permission.READ_TRAINEES if is_kept else Permission.READ_PEOPLE):
        return lambda kind: (*marked_fields(kind, FREE_TEXT), *personal_fields(kind))
    if is_kept and not await page.lists().reaches(Permission.READ_CONTACTS, TRAINEE_LIST, thing):
        return lambda _: CONTACTS
    if is_kept or page.principal.may_everywhere(Permission.READ_CONTACTS):
        return lambda _: ()
    # Of who was withdrawn nothing says any more that it was no trainee.
    person = (await page.lists().named(PERSON_LIST, [thing])).get(thing)
    return lambda _: () if person and person.is_staff else CONTACTS


async def happenings(page: PageContext, thing: str, moment: Moment | None) -> list[Happening]:
    """The events of a thing that happened on a day, up to that of a moment, in their order."""
    day = moment.happened_by if moment else None
    return [
        event
        for event in await page.app.log.load(page.tenant, thing)
        if isinstance(event, Happening) and (day is None or event.day <= day)
    ]


async def _of_stream(
    page: PageContext, thing: str, moment: Moment | None, paging: Paging
) -> tuple[Page[TimelineRow], Sequence[DomainEvent]]:
    recorded, known = await _known(page, thing, moment)
    hidden = {one.event.fact_id for one, _ in recorded if one.event.OF_ACCESS}
    if hidden and await page.lists().reaches(Permission.MANAGE_PEOPLE, PERSON_LIST, thing):
        hidden = set()
    rows = [entry_of(one, day) for one, day in recorded if one.event.fact_id not in hidden]
    return TIMELINE_LIST.page_of(rows, paging), known


async def known_events(
    page: PageContext, thing: str, moment: Moment | None
) -> Sequence[DomainEvent]:
    """The events of a short stream that are known at a moment; None: now."""
    _, known = await _known(page, thing, moment)
    return known


async def _known(
    page: PageContext, thing: str, moment: Moment | None
) -> tuple[list[tuple[Recorded, date]], list[DomainEvent]]:
    """The same as they are recorded, each with its day, and with their personal fields."""
    recorded = [
        (one, day)
        for one in await page.app.log.since(page.tenant, thing, 0)
        if _is_known(one, day := _day_of(page, one), moment)
    ]
    versions = {one.event.originator_version for one, _ in recorded}
    events = await page.app.log.load(page.tenant, thing)
    return recorded, [one for one in events if one.originator_version in versions]


def _is_known(recorded: Recorded, day: date, moment: Moment | None) -> bool:
    if moment is None:
        return True
    return recorded.position <= moment.position and day <= moment.happened_by


def _day_of(page: PageContext, recorded: Recorded) -> date:
    """The day of an event; of one that has none, the partner's local one of its recording."""
    if isinstance(recorded.event, Happening):
        return recorded.event.day
    return recorded.recorded_at.astimezone(ZoneInfo(page.principal.zone)).date()
