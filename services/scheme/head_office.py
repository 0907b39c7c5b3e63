"""Head office's schemes for all partners, and its what-if over all of them."""

from datetime import date
from typing import Protocol
from uuid import UUID

import msgspec

from domain.kernel.bounds import check
from domain.kernel.errors import NotFoundError, Refusal
from domain.kpi.scheme.scheme import checked
from domain.kpi.scheme.versions import HEAD_OFFICE, Version
from services.kernel.context import Principal
from services.kernel.permissions import Permission, require
from services.scheme.scheme import AdoptScheme
from services.scheme.whatif import WhatIf, chosen
from services.scheme.whatif_for_all import PartnerAnswer, WhatIfForAll, WhatIfsForAll


class SchemesForAll(Protocol):
    """Head office's versions, each as the command that every partner's log is given; adapter in
    infra/headoffice/head_office.py."""

    async def add(self, scheme: AdoptScheme, actor: str, key: str | None) -> int:
        """Answers its number, from 1; with a known idempotency key that of the first time.

        Refuses `scheme_overlaps`, `idempotency_key_reused`.
        """


class HeadOffice:
    """The use cases, put together in infra/bootstrap.py."""

    def __init__(self, schemes: SchemesForAll, what_ifs: WhatIfsForAll) -> None:
        self._schemes = schemes
        self._what_ifs = what_ifs

    async def publish_scheme(
        self, principal: Principal, scheme: AdoptScheme, key: str | None = None
    ) -> Version:
        """Answers the version as head office numbers it; the partners' logs are given it soon.

        Refuses `permission_refused`, `scheme_overlaps`, `idempotency_key_reused`, what `check`
        refuses, and what domain.kpi.scheme.scheme.checked refuses.
        """
        require(principal, Permission.WRITE_SCHEME_FOR_ALL)
        check(scheme)
        version = checked(origin=HEAD_OFFICE, **msgspec.structs.asdict(scheme))
        number = await self._schemes.add(scheme, principal.actor, key)
        return msgspec.structs.replace(version, number=number)

    async def request_what_if(
        self, principal: Principal, asked: WhatIf, *, today: date, key: str | None = None
    ) -> WhatIfForAll:
        """A draft over all partners. Whoever may set a scheme for all may try one.

        Refuses `permission_refused`, `idempotency_key_reused`, and what
        services.scheme.whatif.chosen refuses.
        """
        require(principal, Permission.WRITE_SCHEME_FOR_ALL)
        what_if_id = await self._what_ifs.add(chosen(asked), today, principal.actor, key)
        return await self.what_if(principal, what_if_id)

    async def what_if(self, principal: Principal, what_if_id: UUID) -> WhatIfForAll:
        """How far it is. Refuses `permission_refused`, NotFoundError `what_if_unknown`."""
        require(principal, Permission.WRITE_SCHEME_FOR_ALL)
        found = await self._what_ifs.get(what_if_id)
        if found is None:
            raise NotFoundError("what_if_unknown", field="id", id=str(what_if_id))
        return found

    async def what_if_answers(
        self, principal: Principal, what_if_id: UUID, *, first: int, after: int
    ) -> list[PartnerAnswer]:
        """See WhatIfsForAll.list_answers. Refuses `permission_refused`."""
        require(principal, Permission.WRITE_SCHEME_FOR_ALL)
        return await self._what_ifs.list_answers(what_if_id, first=first, after=after)

    async def cancel_what_if(self, principal: Principal, what_if_id: UUID) -> WhatIfForAll:
        """Asking again changes nothing.

        Refuses `permission_refused`, NotFoundError `what_if_unknown`, `job_over` where all is
        answered.
        """
        found = await self.what_if(principal, what_if_id)
        if found.is_over and not found.is_cancelled:
            raise Refusal("job_over", field="id")
        await self._what_ifs.cancel(what_if_id)
        return await self.what_if(principal, what_if_id)
