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
from domain.kpi.subjects.teaching import ClassFacts, Handover, training_manager_on
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
        handovers = chain.from_iterable(self.handovers.values())
        return any(name == handover.training_manager for handover in handovers)

    def answering(self, day: date) -> dict[str, str]:
        """Batch code -> the training manager who answered for it on the evening of a day (S14)."""
        found = {code: training_manager_on(its, day) for code, its in self.handovers.items()}
        return {code: name for code, name in found.items() if name is not None}

    def training_managers(self, day: date) -> list[str]:
        """The training managers who answered for a batch on the evening of a day, by name."""
        return sorted(set(self.answering(day).values()))


class Basis(Struct, frozen=True, dict=True):
    """The basis of figures: a partner's evidence, the evening of a day, and the group they are of.

    One basis gives one set of figures, whoever asks.
    """

    evidence: Evidence
    day: date
    group: Group = EVERYBODY

    def under(self, scheme: Scheme) -> "Basis":
        """The same facts, scored by another scheme."""
        return replace(self, evidence=replace(self.evidence, scheme=scheme))

    @cached_property
    def windows(self) -> Windows:
        """The newcomers' windows on the evening, each of them made once."""
        return Windows(self.evidence.scheme, self.day, self.evidence.zone)

    @cached_property
    def kept(self) -> dict[Hashable, Any]:
        """What was made of it, by what makes it: so that it is made once."""
        return {}

    @property
    def version(self) -> Version:
        """The scheme's version in force in the group's month, or else on the day."""
        return self.evidence.scheme.in_force(self.group.month or Month.of(self.day))
