"""The own password: another one, chosen by who is logged in."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.kernel.errors import Refusal
from services.people.access import Accounts, LoginSession
from services.people.passwords import Passwords, require_password
from services.people.sessions import require_recent


class PasswordRows(Protocol):
    """The port of own passwords; adapter in infra/access/own_password.py."""

    async def change(self, user_id: UUID, kept: UUID, password_hash: str, now: datetime) -> bool:
        """Ends all sessions but the one that is kept, which has to stand yet, the own tokens, and
        the link that somebody may have; False where it is over."""


class OwnPassword:
    """The use case, put together in infra/app.py."""

    def __init__(
        self,
        rows: PasswordRows,
        accounts: Accounts,
        passwords: Passwords,
        clock: Callable[[], datetime],
    ) -> None:
        self._rows, self._accounts = rows, accounts
        self._passwords, self._clock = passwords, clock

    async def choose(self, session: LoginSession, password: str) -> None:
        """Has one log in by this password from now on, and be logged in nowhere else.

        Refuses `log_in_anew` (minutes), what require_password refuses, `too_busy`, and
        `not_signed_in` where the session ended meanwhile.
        """
        require_recent(session, self._clock())
        its = await self._accounts.organisation_of(session.principal.tenant)
        require_password(password, session.email.partition("@")[0], session.name, its.name)
        hashed = await self._passwords.hash(password)
        kept = (session.user_id, session.session_id)
        if not await self._rows.change(*kept, hashed, self._clock()):  # It ended meanwhile.
            raise Refusal("not_signed_in")
