"""Bearer tokens that were issued: listed, revoked, and replaced with time to change over."""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from domain.kernel.errors import NotFoundError, Refusal
from services.kernel.context import Role
from services.kernel.permissions import Permission
from services.people.access import SECRET_BYTES, TOKEN_PREFIX, Accounts, Issued, require_days

MOST_OVERLAP_DAYS = 90


class KnownToken(msgspec.Struct, frozen=True):
    """A token without its secret. last_used_at: to the minute. scopes: the permissions to which the
    role is limited; None where it is not."""

    token_id: UUID
    tenant_id: UUID
    label: str
    role: Role
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    scopes: tuple[Permission, ...] | None = None

    def is_good(self, now: datetime) -> bool:
        return self.revoked_at is None and self.expires_at > now


class TokenRows(Protocol):
    """The port of issued tokens; adapter in infra/access/tokens.py."""

    async def list_tokens(self, tenant_id: UUID) -> Sequence[KnownToken]: ...

    async def revoke_token(self, token_id: UUID, now: datetime) -> bool:
        """False where there is none. Of one that was revoked the first time stays."""

    async def replace_token(
        self, old: UUID, new: UUID, hashed: bytes, now: datetime, ends: datetime, expires: datetime
    ) -> KnownToken | None:
        """Issues another like a token that is good now, which then ends by `ends`; None where none
        is."""


class Tokens:
    """The use cases, an operator's acts, put together in infra/app.py. Issuing is Accounts'."""

    def __init__(self, rows: TokenRows, accounts: Accounts, clock: Callable[[], datetime]) -> None:
        self._rows, self._accounts, self._clock = rows, accounts, clock

    async def list_tokens(self, partner: str | None) -> Sequence[KnownToken]:
        """The newest first. partner: a code; None for head office."""
        its = await self._accounts.organisation(partner)
        return await self._rows.list_tokens(its.tenant_id)

    async def revoke(self, token_id: UUID) -> None:
        """Ends a token; every process refuses it within a second. Raises NotFoundError
        `token_unknown`."""
        if not await self._rows.revoke_token(token_id, self._clock()):
            raise _unknown(token_id)

    async def rotate(self, token_id: UUID, *, days: int, overlap_days: int) -> Issued:
        """Another token that may do the same; the old one is good for so many days yet.

        Refuses `token_days_invalid` and `token_overlap_invalid` (most); raises NotFoundError
        `token_unknown` of one that is good no more.
        """
        require_days(days)
        if not 0 <= overlap_days <= MOST_OVERLAP_DAYS:
            raise Refusal("token_overlap_invalid", field="overlap_days", most=MOST_OVERLAP_DAYS)
        secret, now = TOKEN_PREFIX + secrets.token_urlsafe(SECRET_BYTES), self._clock()
        new = await self._rows.replace_token(
            token_id,
            uuid7(),
            hashlib.sha256(secret.encode()).digest(),
            now,
            now + timedelta(days=overlap_days),
            now + timedelta(days=days),
        )
        if new is None:
            raise _unknown(token_id)
        return Issued(secret, new.token_id, new.tenant_id, new.role, new.expires_at)


def _unknown(token_id: UUID) -> NotFoundError:
    return NotFoundError("token_unknown", field="id", id=str(token_id))
