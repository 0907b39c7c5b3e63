"""What happened to a trainee, a cohort, in a class or a follow-up: who recorded it, and when.

Names and other personal fields, and free text written about a person, are not copied here: they
are read from the log, where the person's key seals them.
"""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any, cast

import msgspec

from domain.kernel.aggregate import DomainEvent, Happening, Recorded, open_fields, topics_of
from domain.kernel.bounds import Choice
from domain.teaching.cohort import Cohort
from domain.teaching.session import Session
from domain.trainees.events import (
    ComplaintFiled,
    ComplaintWithdrawn,
    ExamResult,
    MakeupMissed,
    OrderClosed,
    OrderReassigned,
    OrderTakenOver,
    OrderVoided,
    SpotChecked,
    TrialJudged,
)
from domain.trainees.follow_up import FollowUp
from domain.trainees.trainee import Trainee
from projections.kernel.filters import Equals
from projections.kernel.listing import Listing
from projections.kernel.paging import Page, Paging
from projections.kernel.projection import Key, Projection, TenantTables
from projections.kernel.rows import row_codec, selected
from projections.kernel.whose import Apart, Whose
from projections.teaching.cohorts import COHORT_LIST
from projections.teaching.sessions import SESSION_LIST
from projections.trainees.cohort_roster import TRAINEE_LIST
from projections.trainees.follow_ups import FOLLOW_UP_LIST


class TimelineRow(msgspec.Struct, frozen=True):
    """One event. fact: the id of the fact that it makes or is about, unique in the stream.

    facts: its other business fields, JSON-like. source: see domain Recorded.
    """

    stream_id: str
    position: int
    fact: int
    topic: Choice
    happened_on: date
    facts: dict[str, Any]
    recorded_at: datetime
    actor: str
    source: dict[str, Any]

    @property
    def spoken_of(self) -> str:
        """The same as domain's spoken_of."""
        return str(self.facts.get("what", self.topic))


SPOKEN_OF = "coalesce(facts->>'what', topic)"
"""The SQL of TimelineRow.spoken_of."""


def key(recorded: Recorded) -> Key | None:
    return (recorded.event.originator_id, recorded.position)


def evolve(row: TimelineRow | None, recorded: Recorded) -> TimelineRow | None:
    return entry_of(recorded, cast(Happening, recorded.event).day)


def entry_of(recorded: Recorded, day: date) -> TimelineRow:
    """The entry of an event of a day."""
    event = recorded.event
    kind = type(event)
    return TimelineRow(
        stream_id=event.originator_id,
        position=recorded.position,
        fact=event.fact_id,
        topic=kind.TOPIC,
        happened_on=day,
        facts={
            # Rows are the same whether read back or folded, and JSON knows no tuples.
            name: list(value) if isinstance(value, tuple) else msgspec.to_builtins(value)
            for name in _stated(kind)
            if (value := getattr(event, name)) is not None
        },
        recorded_at=recorded.recorded_at,
        actor=recorded.actor,
        source=recorded.source,
    )


def as_of(row: TimelineRow, day: date) -> TimelineRow | None:
    """The entry, or None where it had not happened by the evening of a day."""
    return row if row.happened_on <= day else None


@cache
def _stated(kind: type[DomainEvent]) -> tuple[str, ...]:
    day = kind.DAY if issubclass(kind, Happening) else None
    return tuple(name for name in open_fields(kind) if name not in (day, "fact"))


TIMELINE = Projection(
    name="timeline",
    version=9,
    row=TimelineRow,
    primary_key=("stream_id", "position"),
    events=tuple(
        kind
        for aggregate in (Trainee, Cohort, Session, FollowUp)
        for kind in aggregate.events()
        if issubclass(kind, Happening)
    ),
    key=key,
    evolve=evolve,
    envelope=True,
    loads=False,
)

APART: Mapping[str, tuple[type[DomainEvent], ...]] = {
    "read_scores": (TrialJudged, ExamResult, MakeupMissed, SpotChecked),
    "read_orders": (OrderClosed, OrderReassigned, OrderTakenOver, OrderVoided),
    "read_attendance": Session.events(),
    "read_cases": (ComplaintFiled, ComplaintWithdrawn, *FollowUp.events()),
}
"""What reading entries takes beside the permission of the list, by the kinds of their events."""

TIMELINE_LIST = Listing[TimelineRow](
    name="timeline",
    kind="TimelineEvent",
    projection=TIMELINE,
    permission="read_trainees",
    filters={
        "stream": Equals(
            column="stream_id", description="Of one trainee, class or follow-up, by its id."
        )
    },
    order=("position",),
    as_of=as_of,
    narrowed={"stream": None},
    columns=("position", "stream_id", "happened_on", "topic", "recorded_at", "actor"),
    is_root=False,
    apart=tuple(
        Apart(
            permission=permission,
            column="spoken_of",
            sql=SPOKEN_OF,
            values=topics_of(one for one in TIMELINE.events if issubclass(one, kinds)),
        )
        for permission, kinds in APART.items()
    ),
    whose=Whose(part="stream_id", of=(TRAINEE_LIST, COHORT_LIST, SESSION_LIST, FOLLOW_UP_LIST)),
)
"""As recorded."""

_ROWS = row_codec(TimelineRow).rows_of


async def list_timelines(
    tenant: TenantTables, listing: Listing[TimelineRow], *, stream_ids: list[str], first: int = 50
) -> dict[str, Page[TimelineRow]]:
    """The first page of each of these timelines, by stream. listing: TIMELINE_LIST, or the part of
    it that is within."""
    condition, params = listing.condition({})
    number = len(params) + 2
    rows = await tenant.fetch(
        f"select {selected(TimelineRow)} from ("  # noqa: S608 - names of ours
        f"select *, row_number() over (partition by stream_id order by position) as place"
        f" from {TIMELINE.table} where {condition} and stream_id = any(${number}::text[]))"
        f" as entry where place <= ${number + 1} order by stream_id, position",
        *params,
        stream_ids,
        first + 1,
    )
    found: dict[str, list[TimelineRow]] = {stream_id: [] for stream_id in stream_ids}
    for row in _ROWS(rows):
        found[row.stream_id].append(row)
    return {
        stream_id: listing.sorting.page(entries, Paging(first))
        for stream_id, entries in found.items()
    }


async def list_events_by_position(
    tenant: TenantTables, *, positions: list[int]
) -> dict[int, TimelineRow]:
    """The events at these places in the log, for opening a figure down to them."""
    fields = ", ".join(f"entry.{name}" for name in TIMELINE.columns)
    rows = await tenant.fetch(
        # The log finds a place at once, and knows whose it is.
        f"select {fields} from events as e join {TIMELINE.table} as entry"  # noqa: S608 - ours
        " on entry.tenant_id = e.tenant_id and entry.stream_id = e.stream_id"
        " and entry.position = e.position"
        " where e.tenant_id = $1 and e.position = any($2::bigint[])",
        positions,
    )
    return {row.position: row for row in _ROWS(rows)}
