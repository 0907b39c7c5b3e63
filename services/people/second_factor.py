"""One-time codes (TOTP, RFC 6238): asked after the password of whoever set them up.

A code is good once. Who lost what makes them has ten recovery codes, of which only hashes are kept.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from pyotp import TOTP

from domain.kernel.errors import Refusal
from domain.kernel.values import number_key
from services.people.access import (
    LONGEST_AGENT,
    Accounts,
    Login,
    LoginSession,
    NewSession,
    hashed_secret,
    new_session,
)
from services.people.guessing import Attempts, attempted, code_key, holder_of
from services.people.sessions import Sessions, require_recent

SECRET_BYTES = 20
"""Bytes, as many as RFC 4226 recommends."""
STEP_SECONDS = 30
SPREAD = 1
"""How many codes a clock may be fast or slow."""
RECOVERY_CODES = 10
RECOVERY_BYTES = 10
ISSUER = "Chudan"


class CodeState(NamedTuple):
    """Whether codes are asked of somebody, and how many recovery codes are left."""

    is_on: bool
    recovery_codes: int


class Spent(NamedTuple):
    """What a code is spent by: its step, or the hash of a recovery code."""

    step: int | None = None
    recovery: bytes | None = None


class CodeStep(NamedTuple):
    """Whose log-in waits for a code."""

    login: Login
    email: str


class CodeSecret(NamedTuple):
    """What codes are made of. last_step: of the last that was good; None before a first one was."""

    secret: bytes
    last_step: int | None


class CodeRows(Protocol):
    """The port of one-time codes; adapter in infra/access/second_factor.py."""

    async def state(self, tenant_id: UUID, user_id: UUID) -> CodeState: ...

    async def put(self, tenant_id: UUID, user_id: UUID, secret: bytes) -> bool:
        """In the place of one that was not confirmed; False where codes are asked already."""

    async def get(self, tenant_id: UUID, user_id: UUID) -> CodeSecret | None: ...

    async def confirm(
        self, tenant_id: UUID, user_id: UUID, kept: UUID, step: int, recovery: Sequence[bytes]
    ) -> bool:
        """Codes are asked from now on, and sessions that were opened without end, all but the one
        that is kept; False where they were, or there is no secret."""

    async def spend(self, tenant_id: UUID, user_id: UUID, code: Spent) -> bool:
        """False where it was spent before."""

    async def replace_recovery(
        self, tenant_id: UUID, user_id: UUID, recovery: Sequence[bytes]
    ) -> None: ...

    async def remove(self, tenant_id: UUID, user_id: UUID) -> bool:
        """Codes are asked no more; False where none were."""

    async def step(self, hashed: bytes, now: datetime) -> CodeStep | None: ...

    async def open_session(
        self, begun: bytes, code: Spent, hashed: bytes, session: LoginSession, agent: str
    ) -> bool:
        """Spends the code for a session; False where either was used before."""


class SecondFactor:
    """The use cases, put together in infra/app.py."""

    def __init__(
        self,
        rows: CodeRows,
        attempts: Attempts,
        accounts: Accounts,
        sessions: Sessions,
        clock: Callable[[], datetime],
    ) -> None:
        self._rows, self._attempts = rows, attempts
        self._accounts, self._sessions, self._clock = accounts, sessions, clock

    async def state(self, session: LoginSession) -> CodeState:
        return await self._rows.state(*_whose(session))

    async def begin(self, session: LoginSession) -> None:
        """Makes a secret that a code is to confirm. Refuses `log_in_anew` (minutes) and
        `one_time_codes_on`."""
        require_recent(session, self._clock())
        if not await self._rows.put(*_whose(session), secrets.token_bytes(SECRET_BYTES)):
            raise Refusal("one_time_codes_on")

    async def unconfirmed(self, session: LoginSession) -> TOTP | None:
        """What is to be confirmed: the secret in base32, and the address that a QR code shows.
        Refuses `log_in_anew` (minutes)."""
        require_recent(session, self._clock())
        kept = await self._rows.get(*_whose(session))
        if kept is None or kept.last_step is not None:
            return None
        return TOTP(_base32(kept.secret), name=session.email, issuer=ISSUER)

    async def confirm(self, session: LoginSession, code: str) -> list[str]:
        """Has codes asked from now on, also of who is logged in elsewhere; answers the recovery
        codes, which are shown once.

        Refuses `log_in_anew` (minutes), `one_time_code_refused`, `one_time_codes_over` where
        nothing was begun.
        """
        require_recent(session, self._clock())
        kept = await self._rows.get(*_whose(session))
        if kept is None or kept.last_step is not None:
            raise Refusal("one_time_codes_over")
        step = step_of(kept.secret, _typed(code), self._clock())
        if step is None:
            raise Refusal("one_time_code_refused", field="code")
        made = _recovery_codes()
        kept_session, recovery = session.session_id, [*map(_hashed, made)]
        if not await self._rows.confirm(*_whose(session), kept_session, step, recovery):
            raise Refusal("one_time_codes_over")
        return made

    async def renew_recovery(
        self, session: LoginSession, code: str, client: str | None
    ) -> list[str]:
        """Other recovery codes, shown once, in the place of those before.

        Refuses `log_in_anew` (minutes), `one_time_code_missing`, `one_time_code_refused`, and what
        `attempted` refuses.
        """
        await self._spend(session, code, client)
        made = _recovery_codes()
        await self._rows.replace_recovery(*_whose(session), [*map(_hashed, made)])
        return made

    async def turn_off(self, session: LoginSession, code: str, client: str | None) -> None:
        """Codes are asked no more. Refuses as renew_recovery does."""
        await self._spend(session, code, client)
        await self._rows.remove(*_whose(session))

    async def reset(self, *, partner: str | None, email: str) -> bool:
        """As turn_off, of who can give no code; an operator's act. False where none were asked.
        Raises NotFoundError `account_unknown`."""
        tenant_id, user_id = await self._sessions.account(partner, email)
        await self._attempts.forget(code_key(user_id))
        return await self._rows.remove(tenant_id, user_id)

    async def log_in(
        self,
        step: str,
        code: str,
        *,
        visit: str,
        client: str | None = None,
        agent: str = "",
        replaced: str | None = None,
    ) -> NewSession:
        """A new session, for the code that follows the password in the same browser. step: the
        secret that Accounts.log_in answered; all else as there.

        Refuses `log_in_step_over`, and what renew_recovery refuses of a code.
        """
        begun = hashed_secret(f"{visit} {step}")
        found = await self._rows.step(begun, now := self._clock())
        if found is None:
            raise Refusal("log_in_step_over")
        opened, typed = new_session(found.login, found.email, now), _typed(code)

        async def look() -> bool | None:
            spent = await self._read(found.login.principal.tenant, found.login.user_id, typed)
            hashed, named = hashed_secret(opened.secret), agent[:LONGEST_AGENT]
            is_open = spent and await self._rows.open_session(
                begun, spent, hashed, opened.session, named
            )
            return is_open or None

        await self._require(found.login.user_id, client, look)
        if replaced is not None:
            await self._accounts.log_out(replaced)
        return opened

    async def _spend(self, session: LoginSession, code: str, client: str | None) -> None:
        require_recent(session, self._clock())
        whose, typed = _whose(session), _typed(code)

        async def look() -> bool | None:
            spent = await self._read(*whose, typed)
            return (spent and await self._rows.spend(*whose, spent)) or None

        await self._require(session.user_id, client, look)

    async def _require(
        self, user_id: UUID, client: str | None, look: Callable[[], Awaitable[bool | None]]
    ) -> None:
        account, holder = code_key(user_id), holder_of(client)
        if await attempted(self._attempts, account, holder, self._clock(), look) is None:
            raise Refusal("one_time_code_refused", field="code")

    async def _read(self, tenant_id: UUID, user_id: UUID, code: str) -> Spent | None:
        """By what a code would be spent; None of one that nobody has."""
        kept = await self._rows.get(tenant_id, user_id)
        if kept is None or kept.last_step is None:
            return None
        if code.isdigit():
            step = step_of(kept.secret, code, self._clock())
            return None if step is None else Spent(step=step)
        return Spent(recovery=_hashed(code))


def step_of(secret: bytes, code: str, now: datetime) -> int | None:
    """The step whose code it is, of now or of a clock that is a little fast or slow."""
    codes = TOTP(_base32(secret))
    newest, found = newest_step(now), None
    for step in range(newest - 2 * SPREAD, newest + 1):
        if hmac.compare_digest(codes.generate_otp(step).encode(), code.encode()):
            found = step
    return found


def newest_step(now: datetime) -> int:
    """The last step whose code is good."""
    return int(now.timestamp()) // STEP_SECONDS + SPREAD


def _whose(session: LoginSession) -> tuple[UUID, UUID]:
    return session.principal.tenant, session.user_id


def _base32(secret: bytes) -> str:
    return base64.b32encode(secret).decode()


def _recovery_codes() -> list[str]:
    """In groups of four, as they are written down."""
    made = [_base32(secrets.token_bytes(RECOVERY_BYTES)) for _ in range(RECOVERY_CODES)]
    return ["-".join(one[at : at + 4] for at in range(0, len(one), 4)) for one in made]


def _typed(code: str) -> str:
    """What was typed, as it was meant. Refuses `one_time_code_missing`."""
    bare = number_key(code).replace("-", "")
    if not bare:
        raise Refusal("one_time_code_missing", field="code")
    return bare


def _hashed(recovery: str) -> bytes:
    return hashlib.sha256(recovery.replace("-", "").translate(_MISREAD).encode()).digest()


_MISREAD = str.maketrans("018", "OIB")
"""Digits that base32 has not, for the letters that they look like."""
