"""Who has something done later: a worker's job, or a step of one."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol
from uuid import UUID

from msgspec.structs import replace

from services.kernel.context import Principal

ACCOUNTS, TOKENS = "user", "token"

AsNow = Callable[[], Awaitable[Principal]]
"""Whoever something is done for, as they are now."""


class Actors(Protocol):
    """The port of accounts and tokens by their ids; adapter in infra/access/accounts.py."""

    async def principal_of_actor(
        self, principal: Principal, credential_id: UUID, now: datetime
    ) -> Principal | None:
        """A partner's principal as it is now, by the id of the account or token in its actor; None
        where that is good no more."""


async def as_now(rows: Actors, principal: Principal, now: datetime) -> Principal:
    """A principal of before as it is now: what is done later may do no more than they may by then,
    and nothing where the account or the token is good no more. Whoever is neither is as before."""
    kind, _, credential = principal.actor.partition("-")
    if kind not in (ACCOUNTS, TOKENS):
        return principal
    try:
        credential_id = UUID(credential)
    except ValueError:
        return principal
    found = await rows.principal_of_actor(principal, credential_id, now)
    return found or replace(principal, roles=(), rights={})
