"""What figures are counted from: facts, the scheme that scores them, an evening and a group."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from functools import cached_property
from itertools import chain
from typing import Any, Self, TypeVar
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from domain.kernel.values import Month
from domain.kpi.group import EVERYBODY, Group, Keys, Within
from domain.kpi.scheme.versions import Scheme, Version
from domain.kpi.subjects.batch_months import BatchMonths
from domain.kpi.subjects.newcomer import Newcomer
from domain.kpi.subjects.teaching import ClassFacts, Handover, answered_for, training_manager_on
from domain.kpi.subjects.window import Windows
from domain.people.partner import DEFAULT_ZONE

K = TypeVar("K")
V = TypeVar("V")

Grouped = list[tuple[V, Keys]]
"""Each with the groups that it belongs to."""


class FirstSubmission(Struct, frozen=True):
    """A month's figures as they were first submitted. month: YYYY-MM. position: of the event."""

    month: str
    at: datetime
    position: int


MOST_EVENINGS = 2
"""Of which evidence keeps what was made of it: today's, and one that is looked at beside it."""


class Lately(dict[K, V]):
    """What was made for the last few keys. Threads that make it at a time may make it twice."""

    def made(self, key: K, make: Callable[[], V]) -> V:
        """What is kept, or else made now and kept."""
        found = self.pop(key, None)
        if found is None:
            found = make()
        for oldest in list(self)[: 1 - MOST_EVENINGS]:
            self.pop(oldest, None)
        self[key] = found
        return found


class Evening:
    """The evening of a day as evidence tells of it, and what was made for it, whichever group it
    was for.

    windows: the newcomers', each of them made once. counted: of the evening in evidence that was
    there before, by what counts. kept: by what makes it, so that it is made once.
    """

    __slots__ = ("batch_months", "counted", "day", "kept", "training_managers", "windows")

    def __init__(
        self, evidence: "Evidence", day: date, today: date, counted: dict[Hashable, Any]
    ) -> None:
        self.day = day
        self.windows = evidence.windows.on(day, today)
        self.batch_months = evidence.batch_months
        self.training_managers = TrainingManagers(evidence.handovers, day)
        self.counted = counted
        self.kept: dict[Hashable, Any] = {}


class Evidence(Struct, frozen=True, dict=True):
    """A partner's facts by kind of subject, all of one state of the log; of whole batches.

    Who was joined into another person is named as that one. joined: who that is, with whom.
    handovers: batch code -> who answered for it, in the order of recording. zone: the partner's.
    """

    newcomers: Sequence[Newcomer] = ()
    classes: Sequence[ClassFacts] = ()
    scheme: Scheme = Scheme()
    handovers: Mapping[str, Sequence[Handover]] = {}
    zone: tzinfo = ZoneInfo(DEFAULT_ZONE)
    submissions: Sequence[FirstSubmission] = ()
    joined: Mapping[str, str] = {}

    def named_here(self, ids: Iterable[str]) -> frozenset[str]:
        """People by the ids that they have in these facts."""
        return frozenset(self.joined.get(one, one) for one in ids)

    @cached_property
    def windows(self) -> Windows:
        """The newcomers' windows on the last evening there is, which those of others follow."""
        return Windows(self.scheme, date.max, self.zone)

    @cached_property
    def batch_months(self) -> BatchMonths:
        """The months of the batches on every evening."""
        return BatchMonths(self.newcomers, self.windows)

    @cached_property
    def evenings(self) -> Lately[Hashable, Evening]:
        """What was made of it for the evenings that were asked about last."""
        return Lately()

    @cached_property
    def counted(self) -> Lately[date, dict[Hashable, Any]]:
        """What was counted of which facts on which evening, by what counts: it holds for every
        other evidence with the same facts."""
        return Lately()

    def following(self, earlier: Self) -> Self:
        """The same, which counts anew only what differs from an earlier state of the log."""
        vars(self)["counted"] = earlier.counted
        return self

    @cached_property
    def managers(self) -> frozenset[str]:
        """Everybody whom any newcomer was ever under (主管)."""
        first = {one.manager_id for one in self.newcomers}
        later = (one.managers for one in self.newcomers if one.managers)
        return frozenset(
            filter(None, first.union(m.manager_id for m in chain.from_iterable(later)))
        )

    @cached_property
    def training_managers(self) -> frozenset[str]:
        """Everybody who ever answered for a batch (S14)."""
        told = chain.from_iterable(self.handovers.values())
        return frozenset(filter(None, (one.training_manager for one in told)))


class TrainingManagers:
    """Who answered for the batches, as it was known on the evening of a day (S14).

    handovers: as those of Evidence.
    """

    def __init__(self, handovers: Mapping[str, Sequence[Handover]], evening: date) -> None:
        self._handovers, self._evening = handovers, evening
        self._found: dict[tuple[str, date], str | None] = {}

    def of(self, cohort: str, day: date) -> str | None:
        """Of a batch on a day, found once. cohort: its code."""
        key = (cohort, day)
        if key not in self._found:
            handovers = self._handovers.get(cohort, ())
            self._found[key] = answered_for(handovers, day, self._evening)
        return self._found[key]

    @property
    def now(self) -> set[str]:
        """Those who answer for a batch on the evening."""
        found = (training_manager_on(its, self._evening) for its in self._handovers.values())
        return {one for one in found if one is not None}


WHOM = frozenset(("evidence", "group", "within"))
"""What a basis says beside its evening."""


class Basis(Struct, frozen=True, dict=True):
    """The basis of figures: a partner's evidence, the evening of a day, and the group they are of.

    One basis gives one set of figures. today: of who asks, on which the day may not be over yet.
    within: of whom figures are at all for who asks, whichever group is looked at; None: of
    everybody.
    """

    evidence: Evidence
    day: date
    group: Group = EVERYBODY
    today: date = date.max
    within: Within | None = None

    @property
    def is_of_everybody(self) -> bool:
        """Whether whatever there is counts."""
        return self.within is None and self.group == EVERYBODY

    def contains(self, keys: Keys) -> bool:
        """Whether a subject of these groups counts."""
        return self.group.contains(keys) and (self.within is None or self.within.contains(keys))

    def under(self, scheme: Scheme) -> "Basis":
        """The same facts, scored by another scheme."""
        return replace(self, evidence=replace(self.evidence, scheme=scheme))

    def on(self, day: date) -> Self:
        """The same facts on the evening of another day, of which the evidence keeps nothing."""
        if day == self.day:
            return self
        return replace(self, day=day, evidence=replace(self.evidence))

    @cached_property
    def evening(self) -> Evening:
        """What is made of the evidence for the evening, by whatever the basis says beside it."""
        evidence, names = self.evidence, self.__struct_fields__
        said = (getattr(self, name) for name in names if name not in WHOM)
        counted = evidence.counted.made(self.day, dict)
        return evidence.evenings.made(
            tuple(said), lambda: Evening(evidence, self.day, self.today, counted)
        )

    def evenings(self, since: date) -> list[Evening]:
        """The evenings from a day to this one, of which the evidence keeps nothing."""
        days = range(since.toordinal(), self.day.toordinal() + 1)
        return [Evening(self.evidence, date.fromordinal(n), self.today, {}) for n in days]

    @property
    def windows(self) -> Windows:
        """The newcomers' windows on the evening."""
        return self.evening.windows

    @cached_property
    def kept(self) -> dict[Hashable, Any]:
        """What was made of it, by what makes it: of everybody, for the whole evening."""
        return self.evening.kept if self.is_of_everybody else {}

    def once(self, what: Hashable, make: Callable[[], Grouped[V]]) -> Grouped[V]:
        """What belongs to groups, made once; where it was made for everybody, the group's part."""
        if what not in self.kept:
            whole, is_within = self.evening.kept.get(what), self.contains
            of_group = whole and [one for one in whole if is_within(one[1])]
            self.kept[what] = make() if of_group is None else of_group
        found: Grouped[V] = self.kept[what]
        return found

    @property
    def version(self) -> Version:
        """The scheme's version in force in the group's month, or else on the day."""
        return self.evidence.scheme.in_force(self.group.month or Month.of(self.day))
