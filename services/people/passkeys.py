"""Passkeys (WebAuthn): a log-in by what a device keeps, which asks its owner, and no password.

A challenge is good once, for five minutes, and in the browser that asked for it. It says so by
itself, sealed with the secret key, so that whoever asks for many leaves nothing behind.
"""

# ruff: noqa: PLC0415 - webauthn is only for who asks a browser: a seventh of each command's start

import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol
from uuid import UUID

from domain.kernel.errors import Refusal
from domain.kernel.values import is_storable, required
from services.people.access import (
    LONGEST_AGENT,
    Accounts,
    Login,
    LoginSession,
    NewSession,
    hashed_secret,
    new_session,
)
from services.people.sessions import Sessions, require_recent
from services.people.ways_in import WaysIn

CHALLENGE_LIFETIME = timedelta(minutes=5)
NONCE = 16
LONGEST_ANSWER = 32 << 10
LONGEST_NAME = 60
MOST_PASSKEYS = 20
"""That one person has, wherever they are good."""
LONGEST_ID = 1023
"""Bytes of a passkey's id (WebAuthn, 4)."""
RP_NAME = "Chudan"


class Site(NamedTuple):
    """Where passkeys are good: the origin of the pages, and its host."""

    origin: str
    host: str


class KnownPasskey(NamedTuple):
    """A passkey without its key. host: at which it is good. last_used_at: None before it logged
    anybody in."""

    credential_id: bytes
    host: str
    name: str
    created_at: datetime
    last_used_at: datetime | None


class NewPasskey(NamedTuple):
    """What is kept of a passkey. host: at which it is good."""

    credential_id: bytes
    host: str
    public_key: bytes
    sign_count: int
    name: str
    created_at: datetime


class FoundPasskey(NamedTuple):
    """Whose a passkey is, and what shows that it is there."""

    login: Login
    email: str
    public_key: bytes
    sign_count: int


class Challenge(NamedTuple):
    """What is kept of a challenge that was answered, as long as it could be once more."""

    hashed: bytes
    expires_at: datetime


class PasskeyAnswer(NamedTuple):
    """What a passkey has answered, and how often by its own count."""

    credential_id: bytes
    sign_count: int
    challenge: Challenge


class PasskeyRows(Protocol):
    """The port of passkeys; adapter in infra/access/passkeys.py."""

    async def list_passkeys(self, tenant_id: UUID, user_id: UUID) -> Sequence[KnownPasskey]: ...

    async def add(
        self, tenant_id: UUID, user_id: UUID, passkey: NewPasskey, challenge: Challenge
    ) -> bool:
        """Spends the challenge; False where it was, or the passkey is known."""

    async def remove(self, user_id: UUID, credential_id: bytes, offered: WaysIn) -> bool:
        """False where it is the last way in."""

    async def remove_all(self, tenant_id: UUID, user_id: UUID) -> int:
        """How many there were."""

    async def find(self, credential_id: bytes) -> FoundPasskey | None: ...

    async def enter(
        self, answer: PasskeyAnswer, hashed: bytes, session: LoginSession, agent: str
    ) -> bool:
        """Spends the challenge for a session; False where it was, or another one counted on."""


class Challenges:
    """Makes challenges and knows them again. keys: the secret keys at hand, the one in force
    first."""

    def __init__(self, keys: Callable[[], Sequence[bytes]]) -> None:
        self._keys = keys

    def issue(self, whose: str, now: datetime) -> bytes:
        """whose: who alone may answer it, and for what."""
        until = int((now + CHALLENGE_LIFETIME).timestamp())
        said = secrets.token_bytes(NONCE) + until.to_bytes(8, "big")
        return said + _vouched(self._keys()[0], said, whose)

    def read(self, challenge: bytes, whose: str, now: datetime) -> Challenge | None:
        """None of one that is over, or was issued to somebody else or by nobody."""
        said, vouched = challenge[: NONCE + 8], challenge[NONCE + 8 :]
        if not any(hmac.compare_digest(_vouched(k, said, whose), vouched) for k in self._keys()):
            return None
        until = datetime.fromtimestamp(int.from_bytes(said[NONCE:], "big"), now.tzinfo)
        return Challenge(hashlib.sha256(challenge).digest(), until) if now < until else None


class Passkeys:
    """The use cases, put together in infra/app.py."""

    def __init__(
        self,
        rows: PasskeyRows,
        challenges: Challenges,
        accounts: Accounts,
        sessions: Sessions,
        clock: Callable[[], datetime],
        offered: WaysIn,
    ) -> None:
        self._rows, self._challenges, self._offered = rows, challenges, offered
        self._accounts, self._sessions, self._clock = accounts, sessions, clock

    async def list_own(self, session: LoginSession) -> Sequence[KnownPasskey]:
        return await self._rows.list_passkeys(session.principal.tenant, session.user_id)

    async def ask_for_new(self, site: Site, session: LoginSession) -> str:
        """What a browser is to make a passkey by, as JSON. Refuses `log_in_anew` (minutes), and
        `passkeys_too_many` (most)."""
        import webauthn
        from webauthn.helpers import structs

        require_recent(session, self._clock())
        known = [
            structs.PublicKeyCredentialDescriptor(one.credential_id)
            for one in await self._fewer_than_most(session)
            if one.host == site.host
        ]
        return webauthn.options_to_json(
            webauthn.generate_registration_options(
                rp_id=site.host,
                rp_name=RP_NAME,
                user_id=session.user_id.bytes,
                user_name=session.email,
                user_display_name=session.name,
                challenge=self._challenges.issue(_registering(session), self._clock()),
                exclude_credentials=known,
                authenticator_selection=structs.AuthenticatorSelectionCriteria(
                    resident_key=structs.ResidentKeyRequirement.REQUIRED,
                    require_resident_key=True,
                    user_verification=structs.UserVerificationRequirement.REQUIRED,
                ),
            )
        )

    async def add(self, site: Site, session: LoginSession, answer: str, name: str) -> None:
        """Keeps a passkey that a browser has made. answer: as JSON. name: by which its owner tells
        it from others.

        Refuses `passkey_name_missing`, `text_invalid`, `passkey_refused`, and what ask_for_new
        does.
        """
        import webauthn
        from webauthn import helpers

        require_recent(session, self._clock())
        await self._fewer_than_most(session)
        name, now = required(name, "passkey_name")[:LONGEST_NAME], self._clock()
        if not is_storable(name):
            raise Refusal("text_invalid", field="passkey_name")
        try:
            made = helpers.parse_registration_credential_json(_bounded(answer))
            challenge = helpers.parse_client_data_json(made.response.client_data_json).challenge
            verified = webauthn.verify_registration_response(
                credential=made,
                expected_challenge=challenge,
                expected_rp_id=site.host,
                expected_origin=site.origin,
                require_user_verification=True,
            )
        except Exception as error:  # Whatever it stumbles over, nothing was shown.
            raise Refusal("passkey_refused", field="answer") from error
        spent = self._challenges.read(challenge, _registering(session), now)
        passkey = NewPasskey(
            verified.credential_id,
            site.host,
            verified.credential_public_key,
            verified.sign_count,
            name,
            now,
        )
        whose = (session.principal.tenant, session.user_id)
        is_short = len(passkey.credential_id) <= LONGEST_ID
        if spent is None or not is_short or not await self._rows.add(*whose, passkey, spent):
            raise Refusal("passkey_refused", field="answer")

    async def remove(self, session: LoginSession, credential_id: bytes) -> None:
        """Has a passkey log in nobody any more. Refuses `log_in_anew` (minutes), and `last_way_in`
        where nobody could log in then."""
        require_recent(session, self._clock())
        if not await self._rows.remove(session.user_id, credential_id, self._offered):
            raise Refusal("last_way_in")

    async def remove_all(self, *, partner: str | None, email: str) -> int:
        """Those of an account, whose owner cannot; an operator's act. Raises NotFoundError
        `account_unknown`."""
        return await self._rows.remove_all(*await self._sessions.account(partner, email))

    def ask_to_log_in(self, site: Site, visit: str) -> str:
        """What a browser is to ask passkeys by, as JSON. visit: what it is known by, which alone
        may answer."""
        import webauthn
        from webauthn.helpers import structs

        return webauthn.options_to_json(
            webauthn.generate_authentication_options(
                rp_id=site.host,
                challenge=self._challenges.issue(_entering(visit), self._clock()),
                user_verification=structs.UserVerificationRequirement.REQUIRED,
            )
        )

    async def log_in(
        self, site: Site, answer: str, *, visit: str, agent: str = "", replaced: str | None = None
    ) -> NewSession:
        """A new session, for what a passkey answered: neither a password nor a code is asked, and
        nobody's guesses of them stand in the way. All else as Accounts.log_in.

        Refuses `passkey_unknown` of one that was removed here, and `passkey_refused`.
        """
        import webauthn
        from webauthn import helpers

        now = self._clock()
        try:
            said = helpers.parse_authentication_credential_json(_bounded(answer))
            challenge = helpers.parse_client_data_json(said.response.client_data_json).challenge
        except Exception as error:
            raise _refused() from error
        spent = self._challenges.read(challenge, _entering(visit), now)
        if spent is None:
            raise _refused()
        found = await self._rows.find(said.raw_id)
        if found is None:
            raise Refusal("passkey_unknown", field="answer")
        try:
            verified = webauthn.verify_authentication_response(
                credential=said,
                expected_challenge=challenge,
                expected_rp_id=site.host,
                expected_origin=site.origin,
                credential_public_key=found.public_key,
                credential_current_sign_count=found.sign_count,
                require_user_verification=True,
            )
        except Exception as error:
            raise _refused() from error
        opened = new_session(found.login, found.email, now)
        hashed, named = hashed_secret(opened.secret), agent[:LONGEST_AGENT]
        answered = PasskeyAnswer(said.raw_id, verified.new_sign_count, spent)
        is_own = said.response.user_handle == found.login.user_id.bytes
        if not is_own or not await self._rows.enter(answered, hashed, opened.session, named):
            raise _refused()
        if replaced is not None:
            await self._accounts.log_out(replaced)
        return opened

    async def _fewer_than_most(self, session: LoginSession) -> Sequence[KnownPasskey]:
        known = await self.list_own(session)
        if len(known) >= MOST_PASSKEYS:
            raise Refusal("passkeys_too_many", most=MOST_PASSKEYS)
        return known


def _refused() -> Refusal:
    return Refusal("passkey_refused", field="answer")


def _registering(session: LoginSession) -> str:
    return f"register {session.session_id}"


def _entering(visit: str) -> str:
    return f"log in {visit}"


def _bounded(answer: str) -> str:
    if len(answer) > LONGEST_ANSWER:
        raise _refused()
    return answer


def _vouched(key: bytes, said: bytes, whose: str) -> bytes:
    return hmac.digest(key, b"chudan challenge" + said + whose.encode(), "sha256")
