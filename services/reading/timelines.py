"""What happened to things, entry by entry; of a trainee also what says who that is."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from msgspec.structs import replace

from domain.kernel.aggregate import Recorded, spoken_of, topics_of
from domain.kernel.whose import own_stream
from domain.people.person import Person
from domain.trainees.trainee import Trainee
from projections.kernel.paging import Page, Paging
from projections.kernel.projection import Key, Projection
from projections.trainees import timeline
from projections.trainees.cohort_roster import TRAINEE_LIST
from projections.trainees.timeline import TIMELINE_LIST, TimelineRow
from services.kernel.context import Principal
from services.reading.lists import Reader
from services.reading.moment import Moment
from services.reading.ports import Travel

_SAYING_WHO = (
    Person.Registered,
    Person.RegistrationCorrected,
    Person.Renamed,
    Person.RenamingCorrected,
    Person.ContactsChanged,
    Person.ContactsCorrected,
)
_TOPICS = topics_of(_SAYING_WHO)


def _key(recorded: Recorded) -> Key | None:
    # What was withdrawn may have been a role, which is nobody's here.
    return timeline.key(recorded) if spoken_of(recorded.event) in _TOPICS else None


OF_PERSONS = Projection(
    name="timeline_of_persons",
    version=1,
    row=TimelineRow,
    primary_key=("stream_id", "position"),
    events=(*_SAYING_WHO, Person.FactWithdrawn),
    key=_key,
    evolve=timeline.evolve,
    envelope=True,
    loads=False,
)
"""The entries that say who somebody is: few in each stream, from which they are read, and stored
nowhere."""


class Timelines:
    """Entries of one kind of two sources, in the order of the log: the read model has those of
    things, the streams of persons have who trainees are.

    reader: of the moment; what is not within its purview has no entry here either.
    """

    def __init__(
        self, principal: Principal, reader: Reader, travel: Travel, moment: Moment | None
    ) -> None:
        self._principal, self._reader = principal, reader
        self._travel, self._moment = travel, moment

    async def page(self, thing: str, paging: Paging) -> Page[TimelineRow]:
        """A page of the entries of a thing. Refuses `cursor_invalid`."""

        async def read() -> dict[str, Page[TimelineRow]]:
            return {thing: await self._reader.page(TIMELINE_LIST, paging, stream=thing)}

        return (await self._with_persons([thing], read, paging))[thing]

    async def first_pages(self, things: Sequence[str], size: int) -> dict[str, Page[TimelineRow]]:
        """The first page of each of these things."""
        read = partial(self._reader.timelines, things, size)
        return await self._with_persons(things, read, Paging(size))

    async def count(self, thing: str) -> int:
        """How many entries a thing has."""
        beside, _ = await self._of_persons([thing])
        return await self._reader.count(TIMELINE_LIST, stream=thing) + len(beside[thing])

    async def _with_persons(
        self,
        things: Sequence[str],
        read: Callable[[], Awaitable[dict[str, Page[TimelineRow]]]],
        paging: Paging,
    ) -> dict[str, Page[TimelineRow]]:
        """The pages of things, with the entries of persons as of the position that they show."""
        beside, reached = await self._of_persons(things)
        pages = await read()
        shown = max((row.position for page in pages.values() for row in page.rows), default=0)
        if reached is not None and shown > reached:
            # The read model went on meanwhile, by whole commands.
            until = await self._travel.end_of(self._principal.tenant, shown)
            beside, _ = await self._of_persons(things, until)
        return {one: _with(page, beside[one], paging) for one, page in pages.items()}

    async def _of_persons(
        self, things: Sequence[str], position: int | None = None
    ) -> tuple[dict[str, list[TimelineRow]], int | None]:
        """What says who these trainees are, and the position of that; of anything else nothing, of
        none. position: None for the moment's, or as far as the read model has come."""
        trainees = [one for one in things if one.startswith(f"{Trainee.TOPIC}-")]
        own = await self._reader.own_ids(TRAINEE_LIST, trainees) if trainees else ()
        found, moment = defaultdict[str, list[TimelineRow]](list), self._moment
        reached: int | None = None
        if own:
            persons, tenant = sorted({*map(own_stream, own)}), self._principal.tenant
            at = moment.position if moment else position
            rows, reached = await self._travel.fold_streams(
                tenant, OF_PERSONS, persons, at, shown_by=timeline.TIMELINE
            )
            for row in rows:
                if moment is None or row.happened_on <= moment.happened_by:
                    found[row.stream_id].append(row)
        return defaultdict(list, {one: found[own_stream(one)] for one in own}), reached


def _with(
    page: Page[TimelineRow], beside: Sequence[TimelineRow], paging: Paging
) -> Page[TimelineRow]:
    """A page with those of other entries that are on it."""
    if not beside:
        return page
    rows = TIMELINE_LIST.in_order([*page.rows, *beside])
    whole = TIMELINE_LIST.page_of(rows, paging)
    return replace(
        whole,
        has_next=whole.has_next or page.has_next,
        has_previous=whole.has_previous or page.has_previous,
        is_all=whole.is_all and page.is_all,
    )
