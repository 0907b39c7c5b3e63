"""The filters of a page of figures, as the address spells them."""

import hmac
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Self, TypeVar
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import asdict, replace

from api.web.kit.days import day_typed, instant_typed, month_typed
from domain.kernel.bounds import Days
from domain.kernel.errors import Refusal
from domain.kernel.values import Month
from domain.kpi.group import BYS, By, Group
from services.reading.moment import is_position, known_by
from services.reading.names import Named

TIME_FILTERS = ("on", "known")
"""The filters that say of when, and not of whom."""

LIMITS: tuple[By, ...] = ("month", "cohort", "manager", "training_manager")
"""The filters that say of whom."""


Q = TypeVar("Q")


class Amiss(Struct, frozen=True):
    """A part of an address's query that cannot be read: what was typed, and why not."""

    typed: str
    refusal: Refusal


def read_each(
    params: Mapping[str, str], read: Callable[[Mapping[str, str]], Q]
) -> tuple[Q, dict[str, Amiss]]:
    """What can be read of a query, and by name the parts that are amiss: each is read by itself,
    so that one does not cost the reader the others and the page."""
    amiss = {}
    for name, text in params.items():
        try:
            read({name: text})
        except Refusal as refusal:
            amiss[name] = Amiss(text, refusal)
    return read({name: text for name, text in params.items() if name not in amiss}), amiss


class Filters(Struct, frozen=True, omit_defaults=True):
    """Which newcomers and classes, and the two times.

    month: YYYY-MM. cohort: a code. manager, training_manager: ids of people, whose names are no
    business of an address. on: the day up to which things have happened. known: what was
    recorded by then, a local instant or a position; None for now.
    """

    by: By = "month"
    month: str | None = None
    cohort: str | None = None
    manager: str | None = None
    training_manager: str | None = None
    on: date | None = None
    known: str | None = None

    @property
    def query(self) -> str:
        """The address's query, without the filters that are not set."""
        return urlencode({k: v for k, v in asdict(self).items() if v is not None})

    @property
    def when(self) -> str:
        """The address's query of the two times alone."""
        return urlencode(self.stated_times)

    def dated(self, path: str) -> str:
        """The address of a page, perhaps with a query and a place on it, as of the same two
        times."""
        page, mark, place = path.partition("#")
        when = f"{'&' if '?' in page else '?'}{self.when}" if self.is_past else ""
        return f"{page}{when}{mark}{place}"

    @property
    def stated_times(self) -> dict[str, str]:
        """The two times as an address spells them, those that are set."""
        return {name: str(v) for name in TIME_FILTERS if (v := getattr(self, name)) is not None}

    @property
    def limits(self) -> bool:
        """Whether it is about fewer than all."""
        return self.limits_but()

    def limits_but(self, disregarded: Collection[str] = ()) -> bool:
        """Whether it is about fewer than all, also without these filters."""
        return any(getattr(self, name) for name in LIMITS if name not in disregarded)

    @property
    def is_past(self) -> bool:
        """Whether either time is another than now."""
        return self.on is not None or self.known is not None

    @property
    def position(self) -> int | None:
        """The position that it is pinned to, if it is."""
        return int(self.known) if self.known and self.known.isdigit() else None

    def known_by(self, zone: str, now: datetime) -> datetime | int | None:
        """What these filters ask to be known by; None for now, which today's evening means too.

        zone: of the instants that the reader writes.
        """
        if self.known is None or self.position is not None:
            return self.position
        instant = _local(datetime.fromisoformat(self.known), zone)
        return known_by(instant, None) if instant < now else None

    @property
    def now(self) -> Self:
        """These filters without the two times."""
        return replace(self, on=None, known=None)

    def at(self, position: int) -> Self:
        """These filters as known at a position."""
        return replace(self, known=str(position))

    def grouped(self, by: By) -> Self:
        """These filters with the figures in other groups."""
        return replace(self, by=by)

    def narrowed(self, by: By, key: str) -> Self:
        """These filters narrowed to the group with a key."""
        return replace(self, by=by, **{by: key})

    def group(self, people: Mapping[str, Named]) -> Group:
        """The group it is about; what people are called is understood as well. people: by their
        ids. Refuses `month_invalid`."""
        by_label = {one.label: person_id for person_id, one in people.items()}
        return Group(
            month=Month.parse(self.month) if self.month else None,
            cohort=self.cohort,
            manager=self.manager and by_label.get(self.manager, self.manager),
            training_manager=self.training_manager
            and by_label.get(self.training_manager, self.training_manager),
        )


def parse_filters(params: Mapping[str, str], today: date, zone: str) -> Filters:
    """The filters of an address's query. Refuses `choice_unknown`, `month_invalid`, `day_invalid`,
    `instant_invalid`, `day_out_of_range`, and of a day after today in the partner's zone
    `day_in_future`."""
    by = next((known for known in BYS if known == (params.get("by") or BYS[0])), None)
    if by is None:
        given = params["by"][:100]
        raise Refusal("choice_unknown", field="by", name="by", given=given, choices=list(BYS))
    month = params.get("month") or None
    return Filters(
        by=by,
        month=str(month_typed(month)) if month else None,
        cohort=params.get("cohort") or None,
        manager=params.get("manager") or None,
        training_manager=params.get("training_manager") or None,
        on=_day(params.get("on"), today),
        known=_known(params.get("known"), today, zone),
    )


def parse_times(params: Mapping[str, str], today: date, zone: str) -> Filters:
    """The two times alone of an address's query. Refuses `day_invalid`, `instant_invalid`,
    `day_out_of_range`, `day_in_future`."""
    return parse_filters({name: params.get(name, "") for name in TIME_FILTERS}, today, zone)


class PersonKeys:
    """The opaque keys that stand in addresses for the names of a partner's people.

    No name can be read from one, or found by trying names, without the installation's secret.
    """

    def __init__(self, secret: bytes, tenant_id: UUID, before: Iterable[bytes] = ()) -> None:
        """before: secrets by which keys were made that are still understood."""
        words = b"person keys" + tenant_id.bytes
        self._key, *self._before = [
            hmac.digest(one, words, "sha256") for one in dict.fromkeys((secret, *before))
        ]

    def of(self, name: str) -> str:
        """The key of a name."""
        return _person_key(self._key, name)

    def name_of(self, key: str, names: Iterable[str | None]) -> str:
        """The name of a key; the key itself, which is nobody's name, if none fits.

        A name that was typed into the address is understood as well.
        """
        known = {name for name in names if name}
        return next((name for name in known if key in self._all_of(name)), key)

    def _all_of(self, name: str) -> tuple[str, ...]:
        return name, self.of(name), *(_person_key(one, name) for one in self._before)


def _person_key(secret: bytes, name: str) -> str:
    return hmac.digest(secret, name.encode(), "sha256")[:8].hex()


def _day(text: str | None, today: date) -> date | None:
    day = day_typed(text)
    if day is not None:
        _require_seen(day, today, "on")
    return day


def _require_seen(day: date, today: date, field: str) -> None:
    """Nothing is known yet of what lies ahead, and to show it as history would be false."""
    if day > today:
        raise Refusal("day_in_future", field=field, on=day, today=today)
    Days().check(day, field)


def _local(instant: datetime, zone: str) -> datetime:
    """An instant as clocks show it in a zone, which it is of unless it says otherwise. Refuses
    `instant_invalid`."""
    if instant.tzinfo is None:
        return instant.replace(tzinfo=ZoneInfo(zone))
    try:
        return instant.astimezone(ZoneInfo(zone))
    except OverflowError as error:
        raise Refusal("instant_invalid", instant=instant.isoformat()) from error


def _known(text: str | None, today: date, zone: str) -> str | None:
    if text and is_position(text):
        return str(int(text))
    instant = instant_typed(text)
    if instant is None:
        return None
    _require_seen(_local(instant, zone).date(), today, "known")
    is_whole = not (instant.second or instant.microsecond)
    return instant.isoformat(timespec="minutes" if is_whole else "auto")
