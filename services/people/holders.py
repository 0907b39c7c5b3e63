"""Who of a partner may do something, for whoever has to ask them."""

from collections.abc import Collection, Sequence
from typing import Final, Protocol
from uuid import UUID

from services.kernel.context import Role
from services.kernel.permissions import Permission
from services.kernel.roles import ROLES

MOST_NAMED: Final = 3
"""As many as one needs to ask."""


class HolderRows(Protocol):
    """The port of accounts by their roles; adapter in infra/access/holders.py."""

    async def names(self, tenant_id: UUID, roles: Collection[Role], most: int) -> Sequence[str]:
        """The names of accounts with one of these roles, in their order."""

    async def count(self, tenant_id: UUID, most: int) -> int:
        """How many accounts there are, counted so far."""


class Holders:
    """The use cases, put together in infra/app.py."""

    def __init__(self, rows: HolderRows) -> None:
        self._rows = rows

    async def of(self, tenant_id: UUID, permission: Permission) -> Sequence[str]:
        """The names of some who have a permission."""
        roles = [role for role, rights in ROLES.items() if permission in rights]
        return await self._rows.names(tenant_id, roles, MOST_NAMED)

    async def are_several(self, tenant_id: UUID) -> bool:
        """Whether more than one person can log in."""
        return await self._rows.count(tenant_id, 2) > 1
