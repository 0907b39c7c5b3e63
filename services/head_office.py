"""What head office sets for all partners."""

from typing import Protocol

import msgspec

from domain.kpi.scheme import HEAD_OFFICE, Version
from domain.scheme import checked
from services.context import Principal
from services.permissions import Permission, require
from services.scheme import AdoptScheme


class SchemesForAll(Protocol):
    """Head office's versions, each as the command that every partner's log is given; adapter in
    infra/head_office.py."""

    async def add(self, scheme: AdoptScheme, actor: str, key: str | None) -> int:
        """Answers its number, from 1; with a known idempotency key that of the first time.

        Refuses `scheme_overlaps`, `idempotency_key_reused`.
        """


class HeadOffice:
    """The use cases, put together in infra/bootstrap.py."""

    def __init__(self, schemes: SchemesForAll) -> None:
        self._schemes = schemes

    async def publish_scheme(
        self, principal: Principal, scheme: AdoptScheme, key: str | None = None
    ) -> Version:
        """Answers the version as head office numbers it; the partners' logs are given it soon.

        Refuses `permission_refused`, `scheme_overlaps`, `idempotency_key_reused`, and what
        domain.scheme.checked refuses.
        """
        require(principal, Permission.WRITE_SCHEME_FOR_ALL)
        version = checked(origin=HEAD_OFFICE, **msgspec.structs.asdict(scheme))
        number = await self._schemes.add(scheme, principal.actor, key)
        return msgspec.structs.replace(version, number=number)
