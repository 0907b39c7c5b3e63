"""The facts that figures are counted from, each as one event made it and later ones changed it.

`position` is the place in the tenant's log of the event that made the fact; `corrected` the places
of the events that said it had been typed wrong. `recorded_at` is when the fact was first recorded,
in seconds since 1970 (UTC), 0 where that is not known. `fact` is the id by which a correction or a
withdrawal names it, unique in the trainee's stream, 0 where that is not known.
"""

from datetime import date
from decimal import Decimal
from typing import Literal

from msgspec import Struct


class TrialFact(Struct, frozen=True, gc=False, omit_defaults=True):
    """A verdict on the trial post (试岗); has_feedback: in writing (S28)."""

    on: date
    passed: bool
    position: int
    has_feedback: bool = True
    recorded_at: int = 0
    corrected: tuple[int, ...] = ()
    fact: int = 0


class ExamFact(Struct, frozen=True, gc=False, omit_defaults=True):
    """A result of the written exam (笔试) or of the drill (演练); score is 0 to 100 or unknown."""

    kind: Literal["written", "drill"]
    on: date
    passed: bool
    position: int
    score: Decimal | None = None
    recorded_at: int = 0
    corrected: tuple[int, ...] = ()
    fact: int = 0


class GoLiveFact(Struct, frozen=True, gc=False, omit_defaults=True):
    """A go-live (上岗): the first day of a window."""

    on: date
    position: int
    recorded_at: int = 0
    corrected: tuple[int, ...] = ()
    fact: int = 0


class HoldFact(Struct, frozen=True, gc=False, omit_defaults=True):
    """Held off the post (停岗) from a day on, until the next go-live."""

    on: date
    position: int
    fact: int = 0


class OrderFact(Struct, frozen=True, gc=False, omit_defaults=True):
    """An order credited to this seller from its closing, or from `credited_on` where it was
    another's before, until it is voided or reassigned. taken_from: the id of that other seller.
    """

    no: str
    closed_on: date
    position: int
    voided_on: date | None = None
    voided_position: int | None = None
    reassigned_on: date | None = None
    reassigned_position: int | None = None
    credited_on: date | None = None
    recorded_at: int = 0
    corrected: tuple[int, ...] = ()
    fact: int = 0
    product: str | None = None
    amount: Decimal | None = None
    taken_from: str | None = None

    def is_known(self, happened_by: date) -> bool:
        """Whether by the day it had been closed and had come to this seller."""
        if self.credited_on is not None and self.credited_on > happened_by:
            return False
        return self.closed_on <= happened_by

    def is_voided(self, happened_by: date) -> bool:
        return self.voided_on is not None and self.voided_on <= happened_by


class TransferFact(Struct, frozen=True, gc=False, omit_defaults=True):
    """Moved to another batch (批次) from a day on (S42)."""

    on: date
    cohort_id: str
    cohort_code: str
    position: int
    fact: int = 0


class ManagerFact(Struct, frozen=True, gc=False, omit_defaults=True):
    """Under another manager (主管), or none, from a day on."""

    on: date
    manager_id: str | None
    position: int
    fact: int = 0


class PostFact(Struct, frozen=True, gc=False, omit_defaults=True):
    """On another post (岗位) from a day on."""

    on: date
    post: str
    position: int
    fact: int = 0


class ComplaintFact(Struct, frozen=True, gc=False, omit_defaults=True):
    """A complaint or a violation of the rules (投诉违规), perhaps withdrawn later (S44)."""

    no: str
    on: date
    position: int
    withdrawn_on: date | None = None
    withdrawn_position: int | None = None
    fact: int = 0


class SpotCheckFact(Struct, frozen=True, gc=False, omit_defaults=True):
    """A spot check (抽查) on a topic; has_feedback: in writing (S37)."""

    on: date
    topic: str
    position: int
    has_feedback: bool = True
    fact: int = 0


class WithdrawnFact(Struct, frozen=True, gc=False, omit_defaults=True):
    """A fact of a day that had been recorded by mistake, and never was.

    what: the stored name of its event.
    """

    on: date
    position: int
    what: str
