"""The sessions of a person: seen, and ended from elsewhere."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import msgspec

from domain.kernel.errors import NotFoundError, Refusal
from services.people.access import (
    IDLE_FOR,
    SESSION_LIFETIME,
    Accounts,
    LoginSession,
)
from services.people.account import address_of

RECENT = timedelta(minutes=15)
"""Of the log-in, for which a session may change how one gets in: one that was stolen later makes
nobody a door that outlasts it, and shuts none."""


class KnownSession(msgspec.Struct, frozen=True):
    """A session without its secret. seen_at: to the minute. agent: what a browser calls itself."""

    session_id: UUID
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    agent: str


class SessionRows(Protocol):
    """The port of sessions; adapter in infra/access/sessions.py."""

    async def user_of(self, tenant_id: UUID, email: str) -> UUID | None: ...

    async def list_sessions(
        self, tenant_id: UUID, user_id: UUID, now: datetime, unused_since: datetime
    ) -> Sequence[KnownSession]: ...

    async def end_sessions(self, tenant_id: UUID, user_id: UUID, ids: Sequence[UUID]) -> int:
        """How many of these there were."""


class Sessions:
    """The use cases, put together in infra/app.py. What is ended is refused by every process within
    a second."""

    def __init__(
        self, rows: SessionRows, accounts: Accounts, clock: Callable[[], datetime]
    ) -> None:
        self._rows, self._accounts, self._clock = rows, accounts, clock

    async def list_own(self, session: LoginSession) -> Sequence[KnownSession]:
        """Those of a person, the one used last first."""
        return await self._list(session.principal.tenant, session.user_id)

    async def end_own(self, session: LoginSession, session_id: UUID | None = None) -> int:
        """Ends one of the person's sessions, or all but this one; answers how many."""
        others = [
            one.session_id
            for one in await self.list_own(session)
            if one.session_id != session.session_id
        ]
        ids = others if session_id is None else [session_id]
        return await self._rows.end_sessions(session.principal.tenant, session.user_id, ids)

    async def list_of(self, *, partner: str | None, email: str) -> Sequence[KnownSession]:
        """Those of an account; an operator's act. Raises NotFoundError `account_unknown`."""
        return await self._list(*await self.account(partner, email))

    async def end_of(self, *, partner: str | None, email: str) -> int:
        """Ends all of an account; an operator's act. Raises NotFoundError `account_unknown`."""
        account = await self.account(partner, email)
        ids = [one.session_id for one in await self._list(*account)]
        return await self._rows.end_sessions(*account, ids)

    async def account(self, partner: str | None, email: str) -> tuple[UUID, UUID]:
        """The ids of an organisation and of an account of its; an operator's act. partner: a code;
        None for head office. Raises NotFoundError `account_unknown`."""
        tenant_id = (await self._accounts.organisation(partner)).tenant_id
        user_id = await self._rows.user_of(tenant_id, address_of(email))
        if user_id is None:
            raise NotFoundError("account_unknown", field="email")
        return tenant_id, user_id

    async def _list(self, tenant_id: UUID, user_id: UUID) -> Sequence[KnownSession]:
        now = self._clock()
        return await self._rows.list_sessions(tenant_id, user_id, now, now - IDLE_FOR)


def is_recent(session: LoginSession, now: datetime) -> bool:
    """Whether one has just logged in."""
    return now <= session.expires_at - SESSION_LIFETIME + RECENT


def require_recent(session: LoginSession, now: datetime) -> None:
    """Refuses `log_in_anew` (minutes) of a session that began too long ago."""
    if not is_recent(session, now):
        raise Refusal("log_in_anew", minutes=int(RECENT.total_seconds()) // 60)
