"""What happened to a thing, line by line as people read it: when, by whom, and what to do about it.

Free text about people is read from the log, where the person's key seals it, and shown to those who
may read about the person.
"""

from collections.abc import Sequence
from typing import Any, Literal

from msgspec import Struct

from api.web.kit.form import form_of
from api.web.kit.page import PageContext
from api.web.kit.resource import Amendment
from domain.kernel.aggregate import FREE_TEXT, STREAM_ID, Happening, Withdrawal, marked_fields
from projections.kernel.paging import LARGEST_PAGE, Paging, cursor
from projections.trainees.timeline import TIMELINE_LIST, TimelineRow
from services.reading.moment import Moment


class TimelineLine(Struct, frozen=True):
    """One event as people read it.

    stated: names of fields and their words. since: what became of the fact, None where it stands.
    amendments: the commands that may be given about it.
    """

    row: TimelineRow
    stated: list[tuple[str, str]]
    who: str
    source: str
    since: Literal["corrected", "withdrawn"] | None
    amendments: list[Amendment]


class Timeline(Struct, frozen=True):
    """Lines of a thing in the order of recording, the last of them or those before a position.

    earlier: the position before which more went. is_latest: whether none come after them.
    """

    lines: list[TimelineLine]
    earlier: int | None
    is_latest: bool


async def read_timeline(
    page: PageContext,
    thing: str,
    moment: Moment | None,
    offered: Sequence[Amendment],
    *,
    before: int | None = None,
) -> Timeline:
    """The last lines of a thing, or those before a position.

    offered: what may be given beside the facts that it is about.
    """
    reader, behind = page.app.lists(page.tenant, moment), None
    if before is not None:
        behind = cursor(TIMELINE_LIST.name, (before,))
    paging = Paging(LARGEST_PAGE, before=behind, backward=True)
    found = await reader.page(TIMELINE_LIST, paging, stream=thing)
    count = len(found.rows)
    if found.has_previous or found.has_next:
        count = await reader.count(TIMELINE_LIST, stream=thing)
    # Of the log, which may have gone on meanwhile, what the lines tell; each finds its own event.
    events = (await _events(page, thing, moment))[:count]
    told = {(event.timestamp, event.TOPIC, event.fact_id): event for event in events}
    last = {event.fact_id: event for event in events}
    names = await page.recorders(found.rows)
    lines = []
    for row in found.rows:
        event = told[row.recorded_at, row.topic, row.fact]
        since = _since(event, last[row.fact])
        lines.append(
            TimelineLine(
                row=row,
                stated=_stated(page, row, event),
                who=names.get(row.actor, row.actor),
                source=page.wording.t.source_of(row.source),
                since=since,
                amendments=[one for one in offered if since is None and row.topic in one.topics],
            )
        )
    earlier = found.rows[0].position if found.has_previous else None
    return Timeline(lines, earlier, not found.has_next)


async def _events(page: PageContext, thing: str, moment: Moment | None) -> list[Happening]:
    """The events of the thing's lines, in their order."""
    day = moment.happened_by if moment else None
    return [
        event
        for event in await page.app.log.load(page.tenant, thing)
        if isinstance(event, Happening) and (day is None or event.day <= day)
    ]


def _since(event: Happening, last: Happening) -> Literal["corrected", "withdrawn"] | None:
    """What became of a line's fact. last: of the events that are known of it."""
    if last is event:
        return None
    return "withdrawn" if isinstance(last, Withdrawal) else "corrected"


def _stated(page: PageContext, row: TimelineRow, event: Happening) -> list[tuple[str, str]]:
    ids, texts = (marked_fields(type(event), mark) for mark in (STREAM_ID, FREE_TEXT))
    return [
        (name, page.wording.said(event, name))
        for name in (*row.facts, *texts)
        if name not in ids and getattr(event, name) not in (None, "", ())
    ]


async def recorded_fact(page: PageContext, thing: str, fact: int) -> Happening | None:
    """The fact of a thing as it was said last."""
    events = reversed(await _events(page, thing, None))
    return next((event for event in events if event.fact_id == fact), None)


def filled(amendment: Amendment, event: Happening) -> tuple[dict[str, Any], dict[str, Any]]:
    """What an amendment's form begins with, and what of it says what is amended, which nobody need
    type: its code, and which fact. Why it is amended is never filled in."""
    which = {"fact": event.fact_id, "was_on": event.day}
    values, named = dict[str, Any](), dict[str, Any]()
    for field in form_of(amendment.command).fields:
        value = which.get(field.name) if field.names == "fact" else getattr(event, field.name, None)
        if field.names and value is not None:
            named[field.name] = value
        elif amendment.restates and field.name != "reason":
            values[field.name] = value
    return values, named
