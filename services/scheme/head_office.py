"""Head office's schemes for all partners, and its what-if: a draft over all of them.

It answers in figures and names nobody. Every partner's part is a job of its own, a few at one time,
so that no partner's own work waits long behind it.
"""

from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec

from domain.kernel.bounds import check
from domain.kernel.errors import NotFoundError, Refusal
from domain.kpi.scheme.scheme import checked
from domain.kpi.scheme.versions import HEAD_OFFICE, Version
from services.jobs.behalf import Behalf, on_behalf
from services.jobs.jobs import JobState
from services.kernel.context import Principal
from services.kernel.permissions import Permission
from services.scheme.scheme import AdoptScheme, require_month, require_reason_for_all
from services.scheme.whatif import Chosen, Pinned, WhatIf, chosen

FOR_HEAD_OFFICE = "whatif.for_head_office"
"""The job that answers a partner's part."""


class PartOrder(Pinned, frozen=True):
    """The payload of the job that answers a partner's part of a what-if."""

    what_if_id: UUID
    asked_by: Behalf


class WhatIfForAll(msgspec.Struct, frozen=True, kw_only=True):
    """A what-if of head office. partners: how many it is about.

    begun: with how many of them it was begun; answered: how many have their answer, or will never
    have it. done: months, of all.
    """

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
        return self.partners * len(self.asked.months)

    @property
    def is_over(self) -> bool:
        return self.is_cancelled or self.answered == self.partners


class PartnerAnswer(msgspec.Struct, frozen=True):
    """A partner's answer to a what-if.

    months: of services.scheme.whatif.brief; None until all are there. error: a failure's code.
    """

    code: str
    name: str
    done: int
    months: list[dict[str, Any]] | None
    error: str | None

    def state(self, *, is_cancelled: bool) -> JobState:
        """The state of the partner's job. is_cancelled: the whole what-if."""
        if self.months is not None:
            return JobState.DONE
        if self.error is not None:
            return JobState.FAILED
        if is_cancelled:
            return JobState.CANCELLED
        return JobState.RUNNING if self.done else JobState.QUEUED


class WhatIfsForAll(Protocol):
    """The port of kept what-ifs; adapter in infra/headoffice/head_office_what_ifs.py."""

    async def add(
        self, asked: Chosen, happened_by: date, asked_by: Behalf, key: str | None
    ) -> UUID:
        """Keeps a what-if over all partners, at their positions now; answers its id.

        With a known key that of the first time. Refuses `idempotency_key_reused`.
        """

    async def get(self, what_if_id: UUID) -> WhatIfForAll | None: ...

    async def list_answers(
        self, what_if_id: UUID, *, first: int, after: int
    ) -> list[PartnerAnswer]:
        """The answers of the partners begun with, by code. after: how many to leave out."""

    async def cancel(self, what_if_id: UUID) -> None:
        """Cancels a what-if: its running parts are cancelled, and no other is begun."""


class SchemesForAll(Protocol):
    """The port of head office's versions; adapter in infra/headoffice/head_office.py."""

    async def add(self, scheme: AdoptScheme, actor: str, key: str | None) -> int:
        """Keeps a version and answers its number, from 1; that of before for a known key.

        Refuses `scheme_overlaps`, `idempotency_key_reused`.
        """


class HeadOffice:
    """The use cases of head office, put together in infra/app.py."""

    def __init__(self, schemes: SchemesForAll, what_ifs: WhatIfsForAll) -> None:
        self._schemes = schemes
        self._what_ifs = what_ifs

    async def publish_scheme(
        self, principal: Principal, scheme: AdoptScheme, *, today: date, key: str | None = None
    ) -> Version:
        """Publishes a version for all partners, whose logs get it soon; answers it numbered.

        Refuses `permission_refused`, `scheme_overlaps`, `idempotency_key_reused`, and what `check`,
        domain.kpi.scheme.scheme.checked, require_month and require_reason_for_all refuse.
        """
        principal.require_everything(Permission.WRITE_SCHEME_FOR_ALL)
        check(scheme)
        version = checked(origin=HEAD_OFFICE, **msgspec.structs.asdict(scheme))
        require_month(scheme, today)
        require_reason_for_all(scheme, today)
        number = await self._schemes.add(scheme, principal.actor, key)
        return msgspec.structs.replace(version, number=number)

    async def request_what_if(
        self, principal: Principal, asked: WhatIf, *, today: date, key: str | None = None
    ) -> WhatIfForAll:
        """Requests a what-if: a draft over all partners, by those who may set such a scheme.

        Refuses `permission_refused`, `idempotency_key_reused`, and what
        services.scheme.whatif.chosen refuses.
        """
        principal.require_everything(Permission.WRITE_SCHEME_FOR_ALL)
        asked_by = Behalf(**on_behalf(principal))
        what_if_id = await self._what_ifs.add(chosen(asked), today, asked_by, key)
        return await self.what_if(principal, what_if_id)

    async def what_if(self, principal: Principal, what_if_id: UUID) -> WhatIfForAll:
        """The what-if. Refuses `permission_refused`, NotFoundError `what_if_unknown`."""
        principal.require_everything(Permission.WRITE_SCHEME_FOR_ALL)
        found = await self._what_ifs.get(what_if_id)
        if found is None:
            raise NotFoundError("what_if_unknown", field="id", id=str(what_if_id))
        return found

    async def what_if_answers(
        self, principal: Principal, what_if_id: UUID, *, first: int, after: int
    ) -> list[PartnerAnswer]:
        """The partners' answers, see WhatIfsForAll.list_answers. Refuses `permission_refused`."""
        principal.require_everything(Permission.WRITE_SCHEME_FOR_ALL)
        return await self._what_ifs.list_answers(what_if_id, first=first, after=after)

    async def cancel_what_if(self, principal: Principal, what_if_id: UUID) -> WhatIfForAll:
        """Cancels a what-if; asking again changes nothing.

        Refuses `permission_refused`, NotFoundError `what_if_unknown`, `job_over` where all is
        answered.
        """
        found = await self.what_if(principal, what_if_id)
        if found.is_over and not found.is_cancelled:
            raise Refusal("job_over", field="id")
        await self._what_ifs.cancel(what_if_id)
        return await self.what_if(principal, what_if_id)
