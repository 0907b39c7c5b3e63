"""Head office's what-if: a draft of a scheme over all partners, answered in figures and by nobody.

Every partner's part is a job of its own, a few at one time, so that no partner's own work waits
long behind it.
"""

from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec

from services.jobs.jobs import JobState
from services.scheme.whatif import Chosen, Pinned

FOR_HEAD_OFFICE = "whatif.for_head_office"
"""The job that answers a partner's part."""


class PartOrder(Pinned, frozen=True):
    """The payload of that job."""

    what_if_id: UUID


class WhatIfForAll(msgspec.Struct, frozen=True, kw_only=True):
    """One of head office's. partners: how many it is about. begun: how many of them were begun
    with; answered: how many have their answer, or will never have it. done: months, of all."""

    id: UUID
    asked: Chosen
    happened_by: date
    actor: str
    requested_at: datetime
    is_cancelled: bool
    partners: int
    begun: int
    answered: int
    done: int

    @property
    def total(self) -> int:
        """Months of all partners."""
        return self.partners * len(self.asked.months)

    @property
    def is_over(self) -> bool:
        return self.is_cancelled or self.answered == self.partners


class PartnerAnswer(msgspec.Struct, frozen=True):
    """A partner's part. months: see whatif_month.brief; None until all are there. error: the code
    of what it failed with."""

    code: str
    name: str
    done: int
    months: list[dict[str, Any]] | None
    error: str | None

    def state(self, *, is_cancelled: bool) -> JobState:
        """is_cancelled: the whole what-if."""
        if self.months is not None:
            return JobState.DONE
        if self.error is not None:
            return JobState.FAILED
        if is_cancelled:
            return JobState.CANCELLED
        return JobState.RUNNING if self.done else JobState.QUEUED


class WhatIfsForAll(Protocol):
    """Keeps them; adapter in infra/headoffice/head_office_what_ifs.py."""

    async def add(self, asked: Chosen, happened_by: date, actor: str, key: str | None) -> UUID:
        """Of all partners there are, at their positions now; with a known key that of the first
        time. Refuses `idempotency_key_reused`."""

    async def get(self, what_if_id: UUID) -> WhatIfForAll | None: ...

    async def list_answers(
        self, what_if_id: UUID, *, first: int, after: int
    ) -> list[PartnerAnswer]:
        """Of the partners that were begun with, by their codes. after: how many to leave out."""

    async def cancel(self, what_if_id: UUID) -> None:
        """No part is begun any more; those that run are cancelled."""
