"""What figures are counted from: facts, the scheme that scores them, an evening and a group."""

from collections.abc import Hashable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from functools import cached_property
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from domain.kernel.values import Month
from domain.kpi.group import EVERYBODY, Group
from domain.kpi.scheme.versions import Scheme, Version
from domain.kpi.subjects.newcomer import Newcomer
from domain.kpi.subjects.teaching import ClassFacts, Handover, answered_for, training_manager_on
from domain.kpi.subjects.window import Windows
from domain.people.partner import DEFAULT_ZONE


class FirstSubmission(Struct, frozen=True):
    """A month's figures as they were first submitted. month: YYYY-MM. position: of the event."""

    month: str
    at: datetime
    position: int


class Evidence(Struct, frozen=True):
    """A partner's facts by kind of subject, all of one state of the log; of whole batches.

    handovers: batch code -> who answered for it, in the order of recording. zone: the partner's.
    """

    newcomers: Sequence[Newcomer] = ()
    classes: Sequence[ClassFacts] = ()
    scheme: Scheme = Scheme()
    handovers: Mapping[str, Sequence[Handover]] = {}
    zone: tzinfo = ZoneInfo(DEFAULT_ZONE)
    submissions: Sequence[FirstSubmission] = ()

    def names_manager(self, name: str) -> bool:
        """Whether any newcomer was ever under this manager (主管)."""
        return any(
            name == newcomer.manager or any(name == later.manager for later in newcomer.managers)
            for newcomer in self.newcomers
        )

    def names_training_manager(self, name: str) -> bool:
        """Whether any batch was ever under this training manager."""
        return name in self.training_managers

    @property
    def training_managers(self) -> set[str]:
        """Everybody who ever answered for a batch (S14)."""
        told = chain.from_iterable(self.handovers.values())
        return {one.training_manager for one in told if one.training_manager is not None}


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
        return {name for name in found if name is not None}


class Basis(Struct, frozen=True, dict=True):
    """The basis of figures: a partner's evidence, the evening of a day, and the group they are of.

    One basis gives one set of figures, whoever asks. today: of who asks, on which the day may not
    be over yet.
    """

    evidence: Evidence
    day: date
    group: Group = EVERYBODY
    today: date = date.max

    def under(self, scheme: Scheme) -> "Basis":
        """The same facts, scored by another scheme."""
        return replace(self, evidence=replace(self.evidence, scheme=scheme))

    @cached_property
    def windows(self) -> Windows:
        """The newcomers' windows on the evening, each of them made once."""
        return Windows(self.evidence.scheme, self.day, self.evidence.zone, self.today)

    @cached_property
    def training_managers(self) -> "TrainingManagers":
        """Who answered for the batches, as the evening knows it."""
        return TrainingManagers(self.evidence.handovers, self.day)

    @cached_property
    def kept(self) -> dict[Hashable, Any]:
        """What was made of it, by what makes it: so that it is made once."""
        return {}

    @property
    def version(self) -> Version:
        """The scheme's version in force in the group's month, or else on the day."""
        return self.evidence.scheme.in_force(self.group.month or Month.of(self.day))
