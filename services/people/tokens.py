"""Bearer tokens: issued, listed, revoked, and replaced with time to change over."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from domain.kernel.errors import NotFoundError, Refusal
from domain.kernel.values import tidy
from services.kernel.context import Principal, Role
from services.kernel.permissions import Permission
from services.kernel.roles import ROLES
from services.people.access import OPERATOR, SECRET_BYTES, TOKEN_PREFIX, Accounts, hashed_secret
from services.people.account import one_of, role_in
from services.people.acting import ACCOUNTS, Actors, as_now

LONGEST_TOKEN_DAYS = 3660
MOST_OVERLAP_DAYS = 90


class Issued(msgspec.Struct, frozen=True):
    """A new bearer token; `token` is shown once and kept nowhere."""

    token: str
    token_id: UUID
    expires_at: datetime


class KnownToken(msgspec.Struct, frozen=True):
    """A token without its secret. role: of a service's; None of a person's own, which may do what
    they may. made_by: the account that made it, and whose own it is; None of an operator.
    last_used_at: to the minute. scopes: the permissions to which that is limited; None where it is
    not."""

    token_id: UUID
    tenant_id: UUID
    label: str
    role: Role | None
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    scopes: tuple[Permission, ...] | None = None
    made_by: UUID | None = None

    @property
    def is_personal(self) -> bool:
        return self.role is None

    @property
    def maker(self) -> str:
        """The actor that made it."""
        return f"{ACCOUNTS}-{self.made_by}" if self.made_by else OPERATOR

    def is_good(self, now: datetime) -> bool:
        return self.revoked_at is None and self.expires_at > now


class TokenRows(Protocol):
    """The port of issued tokens; adapter in infra/access/tokens.py."""

    async def add_token(self, new: KnownToken, hashed: bytes) -> None: ...

    async def list_tokens(self, tenant_id: UUID) -> Sequence[KnownToken]: ...

    async def revoke_token(self, token_id: UUID, now: datetime) -> bool:
        """False where there is none. Of one that was revoked the first time stays."""

    async def replace_token(
        self, old: UUID, new: Issued, hashed: bytes, by: UUID | None, now: datetime, ends: datetime
    ) -> bool:
        """Issues another like a token that is good now, which then ends by `ends`; False where none
        is, or it is another person's own. by: the account that makes the new one."""


class Tokens:
    """The use cases, an operator's acts, put together in infra/app.py."""

    def __init__(
        self, rows: TokenRows, actors: Actors, accounts: Accounts, clock: Callable[[], datetime]
    ) -> None:
        self._rows, self._actors, self._accounts, self._clock = rows, actors, accounts, clock

    async def issue(
        self,
        *,
        role: Role | str,
        partner: str | None = None,
        days: int = 365,
        label: str = "",
        scopes: Sequence[Permission | str] | None = None,
    ) -> Issued:
        """A service's token, shown once. partner: a code; None for head office. scopes: the
        permissions to which it is limited; None: it has what the role has.

        Refuses what `add` and `role_in` refuse.
        """
        its = (await self._accounts.organisation(partner)).tenant_id
        return await self.add(its, role_in(its, role), label=label, scopes=scopes, days=days)

    async def add(
        self,
        tenant_id: UUID,
        role: Role | None,
        *,
        label: str,
        scopes: Sequence[Permission | str] | None,
        days: int,
        made_by: UUID | None = None,
    ) -> Issued:
        """A token, shown once. role, made_by: as of KnownToken. Refuses `token_days_invalid`,
        `scope_unknown` and `permission_not_of_role`."""
        issued = self._new(days)
        only = [one_of(Permission, str(one), "scope", field="scopes") for one in scopes or ()]
        lacked = () if role is None else (one for one in only if one not in ROLES[role])
        if (one := next(iter(lacked), None)) is not None:
            raise Refusal(
                "permission_not_of_role", field="scopes", role=str(role), permission=str(one)
            )
        known = KnownToken(
            token_id=issued.token_id,
            tenant_id=tenant_id,
            label=tidy(label),
            role=role,
            created_at=self._clock(),
            expires_at=issued.expires_at,
            last_used_at=None,
            revoked_at=None,
            scopes=None if scopes is None else tuple(only),
            made_by=made_by,
        )
        await self._rows.add_token(known, hashed_secret(issued.token))
        return issued

    async def list_tokens(self, partner: str | None) -> Sequence[KnownToken]:
        """The newest first. partner: a code; None for head office."""
        return await self.list_of((await self._accounts.organisation(partner)).tenant_id)

    async def list_of(self, tenant_id: UUID) -> Sequence[KnownToken]:
        """The same, of an organisation's id."""
        return await self._rows.list_tokens(tenant_id)

    async def own(self, asker: Principal) -> Sequence[KnownToken]:
        """Those that are a person's own."""
        known = await self.list_of(asker.tenant)
        return [one for one in known if one.is_personal and one.maker == asker.actor]

    async def seen_by(self, asker: Principal) -> Sequence[KnownToken]:
        """All of the organisation for who manages access there, for others their own."""
        is_manager = asker.may_everywhere(Permission.MANAGE_ACCESS)
        return await (self.list_of(asker.tenant) if is_manager else self.own(asker))

    async def left_alone(self, known: Iterable[KnownToken]) -> list[KnownToken]:
        """Which of an organisation's tokens are a service's that is good yet, and whose maker may
        not manage access any more: somebody is to look at them."""
        now = self._clock()
        services = [one for one in known if one.is_good(now) and not one.is_personal]
        makers = {(one.tenant_id, one.maker) for one in services if one.made_by}
        gone = [maker for maker in makers if not await self._manages(*maker)]
        return [one for one in services if (one.tenant_id, one.maker) in gone]

    async def revoke(self, token_id: UUID) -> None:
        """Ends a token; every process refuses it within a second. Raises NotFoundError
        `token_unknown`."""
        if not await self._rows.revoke_token(token_id, self._clock()):
            raise _unknown(token_id)

    async def rotate(
        self, token_id: UUID, *, days: int, overlap_days: int, made_by: UUID | None = None
    ) -> Issued:
        """Another token that may do the same; the old one is good for so many days yet. made_by: of
        the new one.

        Refuses `token_days_invalid` and `token_overlap_invalid` (most); raises NotFoundError
        `token_unknown` of one that is good no more, or another person's own.
        """
        issued = self._new(days)
        if not 0 <= overlap_days <= MOST_OVERLAP_DAYS:
            raise Refusal("token_overlap_invalid", field="overlap_days", most=MOST_OVERLAP_DAYS)
        now = self._clock()
        ends = now + timedelta(days=overlap_days)
        hashed = hashed_secret(issued.token)
        if not await self._rows.replace_token(token_id, issued, hashed, made_by, now, ends):
            raise _unknown(token_id)
        return issued

    async def _manages(self, tenant_id: UUID, maker: str) -> bool:
        zone = (await self._accounts.organisation_of(tenant_id)).zone
        before = Principal(tenant_id, maker, (), {}, zone)
        by_now = await as_now(self._actors, before, self._clock())
        return by_now.may_everywhere(Permission.MANAGE_ACCESS)

    def _new(self, days: int) -> Issued:
        if not 1 <= days <= LONGEST_TOKEN_DAYS:
            raise Refusal("token_days_invalid", field="days", days=days, most=LONGEST_TOKEN_DAYS)
        secret = TOKEN_PREFIX + secrets.token_urlsafe(SECRET_BYTES)
        return Issued(secret, uuid7(), self._clock() + timedelta(days=days))


def _unknown(token_id: UUID) -> NotFoundError:
    return NotFoundError("token_unknown", field="id", id=str(token_id))
