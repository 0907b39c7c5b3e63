"""Who of an organisation may do something, for whoever has to ask them."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol
from uuid import UUID

import msgspec

from services.kernel.context import Principal
from services.kernel.permissions import Permission
from services.people.acting import ACCOUNTS

MOST_NAMED: Final = 3
"""As many as one needs to ask."""

MOST_LOOKED_AT: Final = 200
"""Accounts of one organisation among which they are looked for."""


class NamedAccount(msgspec.Struct, frozen=True):
    """Somebody's account."""

    user_id: UUID
    name: str


class HolderRows(Protocol):
    """The port of an organisation's accounts; adapter in infra/access/holders.py."""

    async def accounts(self, tenant_id: UUID, most: int) -> Sequence[NamedAccount]:
        """The first accounts in the order of their names."""


class Holders:
    """The use cases, put together in infra/app.py. as_now: a principal as it is now."""

    def __init__(
        self, rows: HolderRows, as_now: Callable[[Principal], Awaitable[Principal]]
    ) -> None:
        self._rows, self._as_now = rows, as_now

    async def of(
        self, asking: Principal, permission: Permission, *, everything: bool = False
    ) -> Sequence[str]:
        """The names of some who have a permission today, of the organisation of who asks.
        everything: who have it over everything."""
        names = list[str]()
        for one in await self._rows.accounts(asking.tenant, MOST_LOOKED_AT):
            its = Principal.of_system(asking.tenant, f"{ACCOUNTS}-{one.user_id}", asking.zone)
            if (await self._as_now(its)).may(permission, everything=everything):
                names.append(one.name)
            if len(names) == MOST_NAMED:
                break
        return names

    async def are_several(self, tenant_id: UUID) -> bool:
        """Whether more than one person can log in."""
        return len(await self._rows.accounts(tenant_id, 2)) > 1
