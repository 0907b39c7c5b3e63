"""Who of an organisation may do something, for whoever has to ask them."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol
from uuid import UUID

from services.kernel.context import Principal
from services.kernel.permissions import Permission
from services.kernel.ports import Log
from services.people.acting import ACCOUNTS
from services.people.called import names_of

MOST_NAMED: Final = 3
"""As many as one needs to ask."""

MOST_LOOKED_AT: Final = 200
"""Accounts of one organisation among which they are looked for."""


class HolderRows(Protocol):
    """The port of an organisation's accounts; adapter in infra/access/holders.py."""

    async def accounts(self, tenant_id: UUID, most: int) -> Sequence[UUID]:
        """The accounts, the oldest first."""


class Holders:
    """The use cases, put together in infra/app.py. as_now: a principal as it is now."""

    def __init__(
        self, rows: HolderRows, log: Log, as_now: Callable[[Principal], Awaitable[Principal]]
    ) -> None:
        self._rows, self._log, self._as_now = rows, log, as_now

    async def of(
        self, asking: Principal, *permissions: Permission, everything: bool = False
    ) -> Sequence[str]:
        """The names of some who have permissions today, of the organisation of who asks.
        everything: who have them over everything."""
        found = list[str]()
        for one in await self._rows.accounts(asking.tenant, MOST_LOOKED_AT):
            its = Principal.of_system(asking.tenant, f"{ACCOUNTS}-{one}", asking.zone)
            now = await self._as_now(its)
            has_all = all(now.may(it, everything=everything) for it in permissions)
            # Who was joined into another may have an account beside the other's.
            if has_all and now.person_id is not None and now.person_id not in found:
                found.append(now.person_id)
            if len(found) == MOST_NAMED:
                break
        names = await names_of(self._log, asking.tenant, found)
        return [names[one] for one in found if one in names]

    async def are_several(self, tenant_id: UUID) -> bool:
        """Whether more than one person can log in."""
        return len(await self._rows.accounts(tenant_id, 2)) > 1
