"""Signing in by a provider that vouches for who somebody is: an issuer of OpenID Connect, DingTalk,
WeCom or Feishu.

The browser is sent there with a random `state` and comes back with it and a code, about which the
provider is asked. What else belongs to one way there and back follows from the state and the secret
of the visit, which are together in that browser alone: of both the database has a hash. So whoever
knows another's address, or reads the database, has nothing to come back with.

An identity is what a provider calls somebody. It belongs to the account that it was linked with, by
one who was logged in or had a one-time link; it is never found by a mail address, which a provider
may give to another person.
"""

import base64
import hashlib
import hmac
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from domain.kernel.errors import NotFoundError, Refusal, TakenError
from domain.kernel.values import is_storable
from services.people.access import (
    LONGEST_AGENT,
    SECRET_BYTES,
    SESSION_LIFETIME,
    Accounts,
    LoginSession,
    NewSession,
    hashed_secret,
)
from services.people.guessing import OF_ADDRESS, Attempts, holder_key, holder_of
from services.people.sessions import require_recent
from services.people.ways_in import WaysIn

PLACE = "/sign-in"
GOOD_FOR = timedelta(minutes=10)
"""For which one may be away at the provider's."""

MOST_PENDING = 1_000
"""Ways that are begun and not over, of one network address."""

MOST_AT_ONCE = 20
"""For whom one provider is asked at the same time, by one process: one that does not answer is in
the way of no other."""

GUESSES = {"sign_in_over", "sign_in_refused", "identity_unknown"}
"""What is counted as log-ins that fail are: whoever guesses is told no other thing."""

LONGEST_STATE, LONGEST_CODE, LONGEST_SUBJECT, LONGEST_FOLLOWING = 100, 4_000, 255, 2_000
STATE_BYTES = 32


class ProviderIdentity(msgspec.Struct, frozen=True):
    """What a provider calls somebody. issuer: who gave the subject, by which alone it is one
    person's."""

    provider: str
    issuer: str
    subject: str


class KnownIdentity(msgspec.Struct, frozen=True):
    """An identity that an account has; used_at: last."""

    identity_id: UUID
    provider: str
    linked_at: datetime
    used_at: datetime | None


class SignInWay(msgspec.Struct, frozen=True):
    """One way to a provider and back. state: goes along in the address. nonce: stands in what an
    issuer signs. verifier: is told with the code alone (PKCE). back: where the browser returns."""

    state: str
    nonce: str
    verifier: str
    back: str

    @property
    def challenge(self) -> str:
        """By which the provider knows the verifier again (S256)."""
        return _text(hashlib.sha256(self.verifier.encode()).digest())


class Provider(Protocol):
    """The port of a provider; adapters in infra/access. code: the parameter in which it sends its
    code. is_tried: with the real one, and not with a stand-in alone."""

    code: str
    is_tried: bool

    async def address(self, way: SignInWay) -> str:
        """Where the browser is sent. Refuses `sign_in_unavailable`."""

    async def identify(self, code: str, way: SignInWay) -> ProviderIdentity:
        """Whom the provider vouches for. Refuses `sign_in_unavailable` where it does not answer as
        it should, `sign_in_refused` where what it answers is not to be believed."""


class Pending(msgspec.Struct, frozen=True):
    """A way that is begun, without what the browser has. user_id: whose account an identity is to
    be linked with; link: the hash of a one-time link that says whose. following: where one goes
    afterwards."""

    provider: str
    user_id: UUID | None
    link: bytes | None
    following: str


class Linked(StrEnum):
    """What became of linking an identity."""

    DONE = "done"
    TAKEN = "taken"
    OVER = "over"
    CODES = "codes"
    """A link is for a password alone: the account asks for one-time codes besides."""


class Entered(msgspec.Struct, frozen=True):
    """What a way led to. opened: the new session, None where there was one. linked: whether an
    identity was linked."""

    following: str
    opened: NewSession | None
    is_linked: bool


class SessionOpening(msgspec.Struct, frozen=True):
    """A session that is to begin. hashed: its secret."""

    hashed: bytes
    session_id: UUID
    agent: str
    at: datetime
    until: datetime


class SignInRows(Protocol):
    """The port of identities and of ways; adapter in infra/access/sign_ins.py."""

    async def begin(
        self, key: bytes, pending: Pending, holder: bytes, now: datetime, until: datetime
    ) -> bool:
        """False where as many of this holder are pending as may be."""

    async def take(self, key: bytes, now: datetime) -> Pending | None:
        """The way, which is over from then on."""

    async def link(self, identity: ProviderIdentity, user_id: UUID, now: datetime) -> Linked: ...

    async def use_link(self, identity: ProviderIdentity, link: bytes, now: datetime) -> Linked:
        """Links with the account of a one-time link, which is over then, as are its password, its
        sessions, its own tokens, its passkeys and the identities of before."""

    async def enter(self, identity: ProviderIdentity, opening: SessionOpening) -> bool:
        """Opens a session of the account that has the identity; False where none has."""

    async def list_identities(self, tenant_id: UUID, user_id: UUID) -> Sequence[KnownIdentity]: ...

    async def unlink(self, user_id: UUID, identity_id: UUID, offered: WaysIn) -> bool:
        """False where it is the last way in."""


class SignIns:
    """The use cases, put together in infra/app.py. origin: of the address to which one returns."""

    def __init__(
        self,
        providers: Mapping[str, Provider],
        rows: SignInRows,
        accounts: Accounts,
        attempts: Attempts,
        clock: Callable[[], datetime],
        origin: str,
        offered: WaysIn,
    ) -> None:
        self.providers = providers
        self._rows, self._accounts, self._attempts = rows, accounts, attempts
        self._clock, self._origin, self._offered = clock, origin, offered
        self._asking = Counter[str]()

    async def start(
        self,
        name: str,
        visit: str,
        following: str,
        *,
        client: str | None = None,
        session: LoginSession | None = None,
        link: str | None = None,
    ) -> str:
        """Where the browser is sent. visit: the secret that it alone has. session: of who links an
        identity with the own account. link: the secret of a one-time link, instead.

        Raises NotFoundError `provider_unknown`; refuses `too_busy`, `log_in_anew` where the session
        began too long ago to link, and `sign_in_unavailable`.
        """
        provider, now = self._provider(name), self._clock()
        if session:
            require_recent(session, now)
        way = self._way(name, visit, secrets.token_hex(STATE_BYTES))
        with self._place(name):
            address = await provider.address(way)
        pending = Pending(
            name,
            None if session is None else session.user_id,
            None if link is None else hashed_secret(link),
            following if _is_kept(following, LONGEST_FOLLOWING) else "/",
        )
        holder = holder_key(holder_of(client) or "")
        if not await self._rows.begin(_key(way.state, visit), pending, holder, now, now + GOOD_FOR):
            raise Refusal("too_busy")
        return address

    async def finish(
        self,
        name: str,
        visit: str | None,
        state: str,
        code: str,
        *,
        client: str | None = None,
        agent: str = "",
        session: LoginSession | None = None,
        replaced: str | None = None,
    ) -> Entered:
        """What the way back leads to. session, replaced: as the browser has them, and its secret,
        which ends where a new one is opened.

        Refuses `log_in_later` (seconds) before anything is asked; `sign_in_over` where nothing such
        was begun in this browser or all is over; `too_busy`, `sign_in_cancelled`,
        `sign_in_unavailable`, `sign_in_refused`; `identity_unknown`, `identity_taken`, `link_over`,
        `link_of_password`.
        """
        provider, holder = self._provider(name), holder_of(client)
        limits = {} if holder is None else {holder_key(holder): OF_ADDRESS}
        before = await self._attempts.begin(limits, self._clock())
        try:
            with self._place(name):  # Or the way is not over.
                pending = await self._taken(name, visit, state)
                if not _is_kept(code, LONGEST_CODE):
                    raise Refusal("sign_in_cancelled")
                way = self._way(name, visit or "", state)
                identity = await provider.identify(code, way)
            if session and replaced:  # It may have ended while the provider was asked.
                session = await self._accounts.principal_of_session(replaced)
            entered = await self._entered(pending, identity, agent, session)
        except Exception as error:
            if not (isinstance(error, Refusal) and error.code in GUESSES):
                await self._attempts.forgive(before)
            raise
        await self._attempts.forgive(before)
        if entered.opened and replaced is not None:
            await self._accounts.log_out(replaced)
        return entered

    async def list_own(self, session: LoginSession) -> Sequence[KnownIdentity]:
        """Those of a partner's person, in the order in which they were linked."""
        return await self._rows.list_identities(session.principal.tenant, session.user_id)

    async def unlink(self, session: LoginSession, identity_id: UUID) -> None:
        """Takes an identity off the own account. Refuses `log_in_anew` (minutes), and
        `last_way_in` where nobody could log in then."""
        require_recent(session, self._clock())
        if not await self._rows.unlink(session.user_id, identity_id, self._offered):
            raise Refusal("last_way_in")

    @contextmanager
    def _place(self, name: str) -> Iterator[None]:
        """Among those for whom a provider is asked, which may take long. Refuses `too_busy`."""
        if self._asking[name] >= MOST_AT_ONCE:
            raise Refusal("too_busy")
        self._asking[name] += 1
        try:
            yield
        finally:
            self._asking[name] -= 1

    def _provider(self, name: str) -> Provider:
        provider = self.providers.get(name)
        if provider is None:
            raise NotFoundError("provider_unknown")
        return provider

    def _way(self, name: str, visit: str, state: str) -> SignInWay:
        nonce, verifier = (_derived(visit, what, state) for what in ("nonce", "verifier"))
        return SignInWay(state, nonce, verifier, f"{self._origin}{PLACE}/{name}/back")

    async def _taken(self, name: str, visit: str | None, state: str) -> Pending:
        if visit and visit.isascii() and _is_kept(state, LONGEST_STATE):
            pending = await self._rows.take(_key(state, visit), self._clock())
            if pending and pending.provider == name:
                return pending
        raise Refusal("sign_in_over")

    async def _entered(
        self, pending: Pending, identity: ProviderIdentity, agent: str, session: LoginSession | None
    ) -> Entered:
        now = self._clock()
        if pending.user_id is not None:
            if session is None or session.user_id != pending.user_id:
                raise Refusal("sign_in_over")
            _require_linked(await self._rows.link(identity, pending.user_id, now))
            return Entered(pending.following, None, is_linked=True)
        if pending.link is not None:
            _require_linked(await self._rows.use_link(identity, pending.link, now))
        secret, until = secrets.token_urlsafe(SECRET_BYTES), now + SESSION_LIFETIME
        opening = SessionOpening(hashed_secret(secret), uuid7(), agent[:LONGEST_AGENT], now, until)
        opened = None
        if await self._rows.enter(identity, opening):
            opened = await self._accounts.principal_of_session(secret)
        if opened is None:
            raise Refusal("identity_unknown")
        return Entered(pending.following, NewSession(secret, opened), pending.link is not None)


def _is_kept(text: str, most: int) -> bool:
    """Whether a text can be one that was sent with something in it."""
    return 0 < len(text) <= most and is_storable(text)


def _require_linked(linked: Linked) -> None:
    if linked is Linked.TAKEN:
        raise TakenError("identity_taken")
    if linked is Linked.CODES:
        raise Refusal("link_of_password", field="link")
    if linked is Linked.OVER:
        raise Refusal("link_over", field="link")


def _key(state: str, visit: str) -> bytes:
    return hashlib.sha256(f"chudan sign-in {state} {visit}".encode()).digest()


def _derived(visit: str, what: str, state: str) -> str:
    return _text(hmac.digest(visit.encode(), f"{what} {state}".encode(), "sha256"))


def _text(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
