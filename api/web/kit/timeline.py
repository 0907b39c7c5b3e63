"""What happened to a thing, line by line as people read it: when, by whom, and what to do about it.

Free text about people is read from the log, where the person's key seals it, and shown to those who
may read about the person.
"""

from typing import Any, Literal

from msgspec import Struct

from api.web.kit.page import PageContext
from api.web.kit.resource import Amendment, Resource, may_give
from domain.kernel.aggregate import FREE_TEXT, Happening, Withdrawal, marked_fields
from domain.kernel.bounds import Text, unwrapped
from projections.kernel.paging import LARGEST_PAGE, Paging, cursor
from projections.kernel.projection import R
from projections.trainees.timeline import TIMELINE_LIST, TimelineRow
from services.reading.moment import Moment

_UNSAID = (
    "cohort_id",
    "to_trainee_id",
    "from_trainee_id",
    "as_trainee_id",
    "trainee_id",
    "rejoins",
)
"""Ids, which say nothing to people."""


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
    resource: Resource[R],
    of: R,
    moment: Moment | None,
    *,
    is_last: bool,
    before: int | None = None,
) -> Timeline:
    """The last lines of a thing, or those before a position.

    of: its row. is_last: whether its name means no later one.
    """
    reader, behind = page.app.lists(page.tenant, moment), None
    thing: str = getattr(of, resource.listing.id_column)
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
                amendments=[
                    one
                    for one in resource.amendments
                    if since is None
                    and moment is None
                    and (is_last or resource.reaches_earlier(of, one.command))
                    and row.topic in one.topics
                    and may_give(page, one.command)
                ],
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
    names = (name for name in row.facts if name not in _UNSAID)
    return [
        (name, page.wording.said(event, name))
        for name in (*names, *marked_fields(type(event), FREE_TEXT))
        if getattr(event, name) not in (None, "", ())
    ]


async def recorded_fact(page: PageContext, thing: str, fact: int) -> Happening | None:
    """The fact of a thing as it was said last."""
    events = reversed(await _events(page, thing, None))
    return next((event for event in events if event.fact_id == fact), None)


def filled(amendment: Amendment, event: Happening, hints: dict[str, Any]) -> dict[str, Any]:
    """What an amendment's form begins with; why it is amended is never filled in.

    hints: the types of the command's fields. Of what does not restate the fact the codes alone,
    which say what it is about.
    """
    values = {name: getattr(event, name, None) for name in hints if name != "reason"}
    if not amendment.restates:
        values = {
            name: value
            for name, value in values.items()
            if value is not None and _is_code(hints[name])
        }
    return values | {
        name: value
        for name, value in (("fact", event.fact_id), ("was_on", event.day))
        if name in hints
    }


def _is_code(hint: Any) -> bool:
    return any(isinstance(mark, Text) and mark.is_code for mark in unwrapped(hint)[1])
