"""What is asked, and of when: a question about figures, and a moment of a partner's past.

A moment is what had happened by a day, of what was known at a position. All below an object that
was obtained at a moment answers at that moment. None stands for everything, now.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Self
from zoneinfo import ZoneInfo

import msgspec

from domain.kernel.bounds import Days, Text, check
from domain.kernel.errors import Refusal
from domain.kernel.values import Month
from domain.kpi.group import By, Group, Within
from domain.kpi.scheme.draft import Draft
from domain.planning.calendar import local_day
from services.kernel.context import Principal
from services.reading.ports import KnownBy, Travel

LONGEST_POSITION = 18
"""Digits: what a position of the log can have."""


class Moment(msgspec.Struct, frozen=True):
    """happened_by: the last business day that counts. today: of who asks, on which that day may not
    be over yet."""

    happened_by: date
    position: int
    today: date


NAMED: tuple[By, ...] = ("manager", "training_manager")
"""The groups that are people's."""


class Meant(msgspec.Struct, frozen=True):
    """The ids of the people whom a question may mean, by what it calls them."""

    manager: frozenset[str] = frozenset()
    training_manager: frozenset[str] = frozenset()

    def of(self, by: By) -> frozenset[str]:
        """Those who may be meant as a manager, or as a training manager."""
        return self.manager if by == "manager" else self.training_manager


class Question(msgspec.Struct, frozen=True):
    """A group, an evening and an instant of knowledge; see `Group`.

    today: of who asks, on which the evening may not be over yet. month: YYYY-MM. cohort: a code,
    however it is spelt. manager: of the newcomers (主管); training_manager: of their batches; a
    number, a name or an id. known_by: an instant or a position; None for now. FigureReader checks
    the bounds: what is remembered by a question is of bounded size. within: see `Basis`.
    FigureReader alone says it, and meant.
    """

    happened_by: Annotated[date, Days()]
    today: date
    month: str | None = None
    cohort: Annotated[str, Text(64)] | None = None
    manager: Annotated[str, Text(64)] | None = None
    known_by: datetime | int | None = None
    training_manager: Annotated[str, Text(64)] | None = None
    within: Within | None = None
    meant: Meant = Meant()

    @property
    def names_people(self) -> bool:
        """Whether the group is one of people's."""
        return any(getattr(self, by) is not None for by in NAMED)

    def narrowed(self, by: By, key: str) -> "Question":
        """The question about the group within the group that a key names."""
        return msgspec.structs.replace(self, **{by: key})

    def on(self, day: date) -> "Question":
        """The question about the evening of another day."""
        return msgspec.structs.replace(self, happened_by=day)

    def moment(self, position: int) -> Moment | None:
        """When what is behind an answer is looked at; None for today's figures, as known now."""
        is_now = self.known_by is None and self.happened_by == self.today
        return None if is_now else Moment(self.happened_by, position, self.today)

    def group(self, cohort: str | None) -> Group:
        """The group, whoever's it is. cohort: the code as the batch spells it. Refuses
        `month_invalid`."""
        return Group(Month.parse(self.month) if self.month else None, cohort)


_EVERYBODY = Question(date.min, date.min)


class AskedMoment(msgspec.Struct, frozen=True):
    """An evening, what was known when, and perhaps a draft of a scheme."""

    happened_by: date | None = None
    known_by: datetime | None = None
    known_by_position: int | None = None
    scheme: Draft | None = None

    @property
    def known(self) -> KnownBy:
        """Refuses what `known_by` refuses."""
        return known_by(self.known_by, self.known_by_position)


class Sides(msgspec.Struct, frozen=True):
    """Two sides of a comparison: what is asked of each, and the draft that scores it, if any."""

    questions: tuple[Question, ...]
    drafts: tuple[Draft | None, ...]

    @classmethod
    def of(cls, *asked: tuple[Question, Draft | None]) -> Self:
        """Refuses what `check` refuses of a draft."""
        questions, drafts = zip(*asked, strict=True)
        for draft in drafts:
            if draft is not None:
                check(draft)
        return cls(questions, drafts)

    def moments(self, positions: Sequence[int]) -> list[Moment | None]:
        """When what is behind each is looked at."""
        each = zip(self.questions, positions, strict=True)
        return [asked.moment(position) for asked, position in each]


def question_at(moment: Moment | None, today: date) -> Question:
    """The question about everybody at a moment; None: today, as known now."""
    if moment is None:
        return Question(today, today)
    return Question(moment.happened_by, moment.today, known_by=moment.position)


class Times:
    """What the two times of a question mean. clock: says which day it is for a partner.

    Whatever was known by an instant is looked at on its day, and what was known by a position on
    the day on which that was recorded.
    """

    def __init__(self, travel: Travel, clock: Callable[[], datetime]) -> None:
        self._travel, self._clock = travel, clock

    async def moment(
        self, principal: Principal, happened_by: date | None, known_by: KnownBy
    ) -> Moment | None:
        """The moment of two times; None where neither is given. Refuses what `question` refuses."""
        if happened_by is None and known_by is None:
            return None
        asked = await self.question(principal, happened_by, known_by)
        position = await self._travel.position(principal.tenant, known_by)
        return Moment(asked.happened_by, position, asked.today)

    async def question(
        self,
        principal: Principal,
        happened_by: date | None,
        known_by: KnownBy,
        about: Question = _EVERYBODY,
    ) -> Question:
        """The question about a group at two times, on that today where no day is stated. Refuses
        `day_in_future`, `instant_in_future`, `position_invalid`."""
        today = await self._today(principal, known_by)
        day = happened_by or today
        self.require_begun(principal, day)
        return msgspec.structs.replace(about, happened_by=day, today=today, known_by=known_by)

    async def sides(
        self, principal: Principal, about: Question, *moments: AskedMoment | None
    ) -> Sides:
        """The question about a group at each moment; None: today, as known now. Refuses what
        known_by, question and Sides.of refuse."""
        asked = [
            (await self.question(principal, one.happened_by, one.known, about), one.scheme)
            for one in (moment or AskedMoment() for moment in moments)
        ]
        return Sides.of(*asked)

    def require_asked(self, principal: Principal, asked: Question) -> None:
        """Refuses `day_out_of_range`, `text_too_long`, `text_invalid`, `day_in_future`."""
        check(asked)
        self.require_begun(principal, asked.happened_by)

    def require_begun(self, principal: Principal, day: date) -> None:
        """Refuses `day_in_future`."""
        now = local_day(self._clock(), principal.zone)
        if day > now:
            raise Refusal("day_in_future", field="happened_by", on=day, today=now)

    async def _today(self, principal: Principal, known_by: KnownBy) -> date:
        now = self._clock()
        if isinstance(known_by, int):
            position = checked_position(known_by)
            known_by = await self._travel.recorded_at(principal.tenant, position)
        elif known_by is not None and known_by > now:
            now = max(now, await self._last_recorded_at(principal) or now)
            if known_by > now:
                # What will be known by then nobody knows, and what is known now will not be all.
                instant, until = (_shown(one, principal.zone) for one in (known_by, now))
                raise Refusal("instant_in_future", field="known_by", instant=instant, now=until)
        return local_day(now if known_by is None else min(known_by, now), principal.zone)

    async def _last_recorded_at(self, principal: Principal) -> datetime | None:
        """When the newest record was made, by a clock of its own, which may be ahead of ours."""
        head = await self._travel.position(principal.tenant)
        return await self._travel.recorded_at(principal.tenant, head)


def _shown(instant: datetime, zone: str) -> str:
    """An instant in a partner's zone, so exactly that two which differ are told apart."""
    return instant.astimezone(ZoneInfo(zone)).isoformat(" ", "milliseconds")


def known_by(instant: datetime | None, position: int | None) -> KnownBy:
    """By when something was recorded, from two arguments of which at most one is given.

    Refuses `known_by_twice`, `instant_without_zone`, `instant_invalid`.
    """
    if instant is not None and position is not None:
        raise Refusal("known_by_twice")
    if instant is not None and instant.tzinfo is None:
        raise Refusal("instant_without_zone", instant=instant.isoformat())
    try:
        instant = instant and instant.astimezone(UTC)
    except OverflowError as error:
        raise Refusal("instant_invalid", instant=str(instant)) from error
    return instant if position is None else position


def day_of(text: str | None) -> date | None:
    """A day as the query of an address states it, YYYY-MM-DD. Refuses `day_invalid`."""
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Refusal("day_invalid", day=text) from error
    if day is not None and day.isoformat() != text:
        raise Refusal("day_invalid", day=text)  # Another spelling of ISO 8601.
    return day


def instant_of(text: str | None) -> datetime | None:
    """An instant as the query of an address states it, ISO 8601. Refuses `instant_invalid`."""
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise Refusal("instant_invalid", instant=text) from error


def is_position(text: str) -> bool:
    """Whether a text is a number that a position can be."""
    return text.isascii() and text.isdigit() and len(text) <= LONGEST_POSITION


def position_of(text: str | None) -> int | None:
    """A position as the query of an address states it. Refuses `position_invalid`."""
    if text and not is_position(text):
        raise Refusal("position_invalid", position=text[:LONGEST_POSITION])
    return int(text) if text else None


def checked_position(position: int) -> int:
    """A position of a log that a caller gave. Refuses `position_invalid` for what none can be."""
    if not 0 <= position < 10**LONGEST_POSITION:
        raise Refusal("position_invalid", position=position)
    return position
