"""What happened to a thing, line by line as people read it: when, by whom, and what to do about it.

Free text about people is read from the log, where the person's key seals it, and shown to those who
may read about the person.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from operator import attrgetter
from typing import Any, Final

from msgspec import Struct

from api.web.kit.addresses import thing_address
from api.web.kit.form import form_of
from api.web.kit.history import happenings, known_events, read_entries, unread_fields
from api.web.kit.named import NamedByEvent, called, named_by
from api.web.kit.page import PageContext
from api.web.kit.resource import Amendment
from domain.kernel.aggregate import (
    FREE_TEXT,
    STREAM_ID,
    Correction,
    DomainEvent,
    Happening,
    Withdrawal,
    marked_fields,
    payload_fields,
    personal_fields,
)
from domain.kernel.errors import Refusal
from domain.kernel.facts import in_force
from projections.kernel.paging import LARGEST_PAGE, Paging, cursor
from projections.trainees.cohort_roster import TRAINEE_LIST
from projections.trainees.timeline import TIMELINE_LIST, TimelineRow
from services.importing.sheets.evidence import is_assumed
from services.reading.moment import Moment

LONGEST = 100
"""Characters that a line shows of a text; the whole of it is unfolded."""

MASK = 4
"""Characters at least of a personal number that are hidden."""

MASKED = frozenset({"phone", "mail"})
"""The personal fields that are shown when they are asked for, and until then hinted at."""

HIDDEN = frozenset({"id_number"})
"""The personal fields that no page holds whole: a hint tells whether the right one is recorded."""

TOLD_BY: Final = {"assignment": "role"}
"""The fields that hold the id of another fact of the thing, and by which of its fields that is
told."""

_NOTHING: Final = (None, "", ())

RESTATED: Final = "form_restated"
"""The code of what is refused because somebody else was faster, as a form says it."""


class Stated(Struct, frozen=True):
    """What an event says in a field, in words. was: what it found there; None where it left that as
    it was. address: of the thing that is named. brief: what is shown of it until the rest is asked
    for."""

    name: str
    said: str
    was: str | None = None
    address: str | None = None
    brief: str | None = None

    @property
    def is_masked(self) -> bool:
        """Whether it is shown in whole only to who asks for it."""
        return self.name in MASKED


class Awaited(Struct, frozen=True):
    """What is to be withdrawn before the fact of a line: another fact, which rests on it.

    topic, day: what that is, and when it happened. address: of its entry.
    """

    topic: str
    day: date
    address: str


class TimelineLine(Struct, frozen=True):
    """One event as people read it.

    stated: what it says beside its day. since: what became of the fact, `corrected`, `withdrawn` or
    the topic of what ended it; None where it stands. is_to_come: whether it only takes effect on a
    day that has not begun. amendments: the commands that may be given about it. awaited: what is to
    be withdrawn before it can be.
    """

    row: TimelineRow
    stated: list[Stated]
    who: str
    source: str
    since: str | None
    is_to_come: bool
    amendments: list[Amendment]
    awaited: list[Awaited]


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
    at: int | None = None,
) -> Timeline:
    """The last lines of a thing, or those before a position.

    offered: what may be given beside the facts that it is about. at: a position among the lines.
    """
    behind = None if before is None else cursor(TIMELINE_LIST.name, (before,))
    paging = Paging(LARGEST_PAGE, before=behind, backward=True)
    found, events = await read_entries(page, thing, moment, paging)
    if at is not None and found.has_previous and at < found.rows[0].position:
        return await read_timeline(page, thing, moment, offered, before=at + 1)
    own = [row for row in found.rows if row.stream_id == thing]
    facts = {row.fact for row in own}
    free = dict.fromkeys(facts)
    among = {one: await one.among(page, thing, facts) if one.among else free for one in offered}
    lines = await _lines(page, own, events, among)
    if beside := [row for row in found.rows if row.stream_id != thing]:
        known = await known_events(page, beside[0].stream_id, moment)
        lines += await _lines(page, beside, known, {}, thing)
    lines.sort(key=lambda line: line.row.position)
    earlier = found.rows[0].position if found.has_previous else None
    return Timeline(lines, earlier, not found.has_next)


async def read_records(page: PageContext, rows: Sequence[TimelineRow]) -> list[TimelineLine]:
    """Entries of any things, as they are told on the pages of these, with what became of them."""
    lines = list[TimelineLine]()
    for thing in dict.fromkeys(row.stream_id for row in rows):
        its = [row for row in rows if row.stream_id == thing]
        lines += await _lines(page, its, await happenings(page, thing, None), {})
    return sorted(lines, key=lambda line: line.row.position)


async def read_record(page: PageContext, event: Happening) -> TimelineLine | None:
    """The entry of an event as its thing's page tells it, if it is there already."""
    paging = Paging(LARGEST_PAGE, backward=True)
    found, events = await read_entries(page, event.originator_id, None, paging)
    its = [row for row in found.rows if (row.recorded_at, row.topic, row.fact) == _entry(event)]
    return next(iter(await _lines(page, its, events, {})), None)


async def _lines(
    page: PageContext,
    rows: Sequence[TimelineRow],
    events: Sequence[DomainEvent],
    offered: Mapping[Amendment, Mapping[int, Happening | None]],
    of: str | None = None,
) -> list[TimelineLine]:
    """The entries of one thing. events: all that are known of it. offered: what may be given about
    which facts, and what is to be withdrawn before. of: the thing beside which these are read, by
    which it is told what one may read."""
    told = {_entry(event): event for event in events}
    of_fact = defaultdict[int, list[DomainEvent]](list)
    for event in events:
        of_fact[event.fact_id].append(event)
    ends = [
        event
        for event in events
        if event.ENDS and not isinstance(of_fact[event.fact_id][-1], Withdrawal)
    ]
    names = await page.recorders(rows)
    things = await named_by(page, told.values())
    unread = await unread_fields(page, of or (rows[0].stream_id if rows else ""))
    lines = []
    for row in rows:
        event, its = told[row.recorded_at, row.topic, row.fact], of_fact[row.fact]
        found = partial(_found, its=its, events=events)
        since = _since(event, its[-1], ends)
        given = [
            (one, facts[row.fact])
            for one, facts in offered.items()
            if since is None and row.topic in one.topics and row.fact in facts
        ]
        lines.append(
            TimelineLine(
                row=row,
                stated=[
                    *_told_by_another(page, event, of_fact),
                    *_stated(page, row, event, found, things, unread),
                ],
                who=names.get(row.actor, row.actor),
                source=page.wording.t.source_of(
                    row.topic, row.source, names, is_assumed=is_assumed(row.topic, row.source)
                ),
                since=since,
                is_to_come=event.TAKES_EFFECT and row.happened_on > page.today,
                amendments=[one for one, first in given if first is None],
                awaited=[_awaited(first, rows, events) for _, first in given if first is not None],
            )
        )
    return lines


def _awaited(
    first: Happening, rows: Sequence[TimelineRow], events: Sequence[DomainEvent]
) -> Awaited:
    """A fact that is to be withdrawn first, and where it stands: among these rows, or on the page
    of its thing. events: all that are known of the thing of the rows."""
    its = [one for one in events if one.originator_id == first.originator_id and one.amends(first)]
    place = (first.originator_id, first.fact_id)
    at = max((row.position for row in rows if (row.stream_id, row.fact) == place), default=None)
    thing = thing_address(TRAINEE_LIST.kind, first.originator_id)
    last = next((one for one in reversed(its) if isinstance(one, Happening)), first)
    return Awaited(first.TOPIC, last.day, f"#p{at}" if at else f"{thing}#timeline")


def _entry(event: DomainEvent) -> tuple[datetime, str, int]:
    """What tells the timeline's entry of an event from the others of its thing."""
    return event.timestamp, event.TOPIC, event.fact_id


def _since(event: DomainEvent, last: DomainEvent, ends: Sequence[DomainEvent]) -> str | None:
    """What became of a line's fact. last: of the events that are known of it. ends: the events that
    end something."""
    if last is not event:
        return "withdrawn" if isinstance(last, Withdrawal) else "corrected"
    if event.ENDS or isinstance(event, Withdrawal):
        return None
    later = (one for one in ends if one.originator_version > event.originator_version)
    return next((one.TOPIC for one in later if _is_over_by(event, one)), None)


def _is_over_by(event: DomainEvent, end: DomainEvent) -> bool:
    number = end.ENDS or ""
    return bool(getattr(event, number, None) == getattr(end, number))


def _found(
    event: DomainEvent, name: str, its: Sequence[DomainEvent], events: Sequence[DomainEvent]
) -> Any:
    """What an event found in a field that it says again: a correction what its fact said until
    then, a change what held before. its: the events of its fact."""
    if isinstance(event, Correction):
        said = its[: its.index(event)]
        return getattr(said[-1], name, None) if said else None
    if name not in event.CHANGES or not isinstance(event, Happening):
        return None
    withdrawn = {one.fact_id for one in events if isinstance(one, Withdrawal)}
    before = (one for one in events if one.originator_version < event.originator_version)
    earlier = {
        one.fact_id: one
        for one in before
        if isinstance(one, Happening) and hasattr(one, name) and one.fact_id not in withdrawn
    }
    return getattr(in_force(earlier.values(), event.day, attrgetter("day")), name, None)


def _stated(
    page: PageContext,
    row: TimelineRow,
    event: DomainEvent,
    found: Callable[[DomainEvent, str], Any],
    things: Mapping[str, NamedByEvent],
    unread_of: Callable[[type[DomainEvent]], Collection[str]],
) -> Iterator[Stated]:
    """What an event says. found: what it found in a field. unread_of: see unread_fields."""
    kind, anew = type(event), _anew(event, found)
    texts, ids = marked_fields(kind, FREE_TEXT), marked_fields(kind, STREAM_ID)
    personal = personal_fields(kind)
    unread = unread_of(kind)
    open_names = (name for name in row.facts if name not in (*TOLD_BY, *ids))
    names: tuple[str, ...] = (*open_names, *anew, *texts, *personal, *ids)
    if isinstance(event, Correction):
        names = (*event.TOLD_BY, *anew, "reason")
    for name in dict.fromkeys(names):
        value, was = getattr(event, name), None
        if name in unread or (value in _NOTHING and name not in anew):
            continue
        if name in ids:
            if (said := called(page, things, value)) is not None:
                was = called(page, things, anew[name]) if name in anew else None
                yield Stated(name, said, was, things[value].address if value else None)
            continue
        said, brief = _in_words(page, kind, name, value)
        if name in anew:
            whole, short = _in_words(page, kind, name, anew[name])
            was = short or whole
        yield Stated(name, said, was, brief=brief)


def _told_by_another(
    page: PageContext, event: DomainEvent, of_fact: Mapping[int, Sequence[DomainEvent]]
) -> Iterator[Stated]:
    """What an event says by the ids of other facts of the thing."""
    for name, by in TOLD_BY.items():
        if its := of_fact.get(getattr(event, name, 0)):
            yield Stated(by, page.wording.said(its[-1], by))


def _in_words(page: PageContext, kind: type, name: str, value: Any) -> tuple[str, str | None]:
    """A value of an event's field as people read it, and what is shown of it until the rest is
    asked for, where it is not shown in whole."""
    said = page.wording.value(kind, name, value)
    if value in _NOTHING:
        return said, None
    if name in HIDDEN:
        return masked(said), None
    return said, masked(said) if name in MASKED else shortened(said)


def _anew(event: DomainEvent, found: Callable[[DomainEvent, str], Any]) -> dict[str, Any]:
    """What an event found, by the fields in which it says something else. found: see `_stated`."""
    kind, names = type(event), event.CHANGES
    if isinstance(event, Correction):
        same = {"fact", "reason", *event.TOLD_BY}
        names = tuple(name for name in payload_fields(kind) if name not in same)
    pairs = ((name, found(event, name), getattr(event, name)) for name in names)
    return {name: was for name, was, now in pairs if was != now and {was, now} - set(_NOTHING)}


def masked(said: str) -> str:
    """A number or an address of a person, its middle hidden: `138****0013`."""
    if len(said) <= MASK:
        return "*" * len(said)
    first = min(3, len(said) - MASK)
    last = max(0, min(4, len(said) - MASK - first))
    return said[:first] + "*" * (len(said) - first - last) + said[len(said) - last :]


def shortened(said: str) -> str | None:
    """The beginning of a long text; None of one that can be shown whole."""
    line = " ".join(said.split())
    return None if len(said) <= LONGEST else f"{line[:LONGEST]}…"


async def recorded_fact(
    page: PageContext, thing: str, fact: int, seen: int | None = None
) -> Happening | None:
    """The fact of a thing as it was said last.

    seen: a position of the log, after which nothing is taken for known.
    """
    events = [event for event in await happenings(page, thing, None) if event.fact_id == fact]
    if seen is not None:
        since = await page.app.log.since(page.tenant, thing, seen)
        later = {one.event.originator_version for one in since}
        events = [event for event in events if event.originator_version not in later]
    return events[-1] if events else None


async def restated(page: PageContext, fact: Happening, as_seen: int) -> Refusal | None:
    """Says who restated a fact after a position of the log, and when; None where nobody did."""
    since = await page.app.log.since(page.tenant, fact.originator_id, as_seen)
    of_fact = (
        one
        for one in reversed(since)
        if isinstance(one.event, Happening) and one.event.fact_id == fact.fact_id
    )
    if (last := next(of_fact, None)) is None:
        return None
    who = (await page.recorders([last])).get(last.actor, last.actor)
    return Refusal(RESTATED, who=who, at=page.wording.instant(last.recorded_at))


def filled(
    amendment: Amendment, event: Happening, typed: Callable[[str], Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What an amendment's form begins with, and what of it says what is amended, which nobody need
    type: its code, and which fact. Why it is amended is never filled in, nor what no page holds.
    typed: as `typed_of` answers it for the event."""
    values, named = dict[str, Any](), dict[str, Any]()
    for field in form_of(amendment.command).fields:
        which = event.day if field.kind == "day" else event.fact_id
        value = which if field.names == "fact" else typed(field.name)
        if field.names and value is not None and not field.stays:
            named[field.name] = value
        elif amendment.restates and field.name not in ("reason", *HIDDEN):
            values[field.name] = value
    return values, named
