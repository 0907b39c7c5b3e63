"""Access: partners are registered, users log in, a secret becomes a principal.

A bearer token is `chudan_` and 32 random bytes; a session secret the same without the prefix. Only
the SHA-256 of either is kept, so each is shown once. Passwords are hashed slowly, by a port.
"""

import hashlib
import re
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from domain.kernel.bounds import check
from domain.kernel.errors import NotFoundError, Refusal, TakenError
from domain.kernel.values import is_storable, required, tidy
from domain.kpi.scheme.versions import Parameters
from domain.people.partner import DEFAULT_ZONE, HEAD_OFFICE_ID
from services.execute import execute
from services.kernel.context import Context, Principal, Role
from services.kernel.fields import CODE
from services.kernel.ports import Log
from services.people.account import address_of, require_account, role_in
from services.people.called import names_of
from services.people.guessing import Attempts, account_key, attempted, code_key, holder_of
from services.people.inviting import become_person
from services.people.partner import JoinPartner
from services.people.passwords import LONGEST_PASSWORD, Passwords
from services.people.rights import require_role_of_person
from services.words.texts import Texts

TOKEN_PREFIX = "chudan_"  # noqa: S105 (what scanners for leaked secrets look for)
SECRET_BYTES = 32
SESSION_LIFETIME = timedelta(hours=12)
STEP_LIFETIME = timedelta(minutes=10)
"""For which a code may follow the password."""
IDLE_FOR = timedelta(hours=2)
"""After which a session is over that nobody used."""
SEEN_EVERY = timedelta(minutes=1)
LONGEST_AGENT = 300
USUAL_ACCOUNTS = 2
"""Of one mail address, as many as hardly anybody has more: nobody learns by the time that a log-in
takes how many of them there are."""
OPERATOR = "operator"


class Tenant(msgspec.Struct, frozen=True):
    """An organisation's registry row: a partner's, or head office's."""

    tenant_id: UUID
    code: str
    name: str
    zone: str

    @property
    def is_head_office(self) -> bool:
        return self.tenant_id == HEAD_OFFICE_ID

    @property
    def operator(self) -> Principal:
        """The one who acts for the installation on this tenant."""
        return Principal.of_system(self.tenant_id, OPERATOR, self.zone)


class LoginSession(msgspec.Struct, frozen=True):
    """A person who is logged in. seen_at: when the session was used last, to the minute.
    name: looked up when it is used. owes_codes: whether one-time codes are to be set up before
    anything else is allowed."""

    principal: Principal
    session_id: UUID
    user_id: UUID
    email: str
    seen_at: datetime
    expires_at: datetime
    name: str = ""
    owes_codes: bool = False


class NewSession(msgspec.Struct, frozen=True):
    """A new session and its secret, which goes into the cookie and nowhere else. What its person
    may do is looked up when it is used."""

    secret: str
    session: LoginSession


class NewStep(msgspec.Struct, frozen=True):
    """A log-in whose password was right, and whose secret goes on with a code to a session."""

    secret: str


class Login(msgspec.Struct, frozen=True):
    """An account that a mail address may mean; password_hash is argon2id's encoded form, None
    before there is a password. has_code: a code is asked after it. is_alone: of its address."""

    principal: Principal
    user_id: UUID
    password_hash: str | None = None
    has_code: bool = False
    is_alone: bool = True


class NewUser(msgspec.Struct, frozen=True):
    """An account that is to be, of a person who is on record."""

    user_id: UUID
    tenant_id: UUID
    email: str
    person_id: str


class Actor(msgspec.Struct, frozen=True):
    """A person or a program. person_id: who that is, or whose program it is; None of a service's.
    label: of the program's token; None of a person."""

    person_id: str | None
    label: str | None = None

    def said(self, names: Mapping[str, str], texts: Texts) -> str | None:
        """As records say it: a program's reads like nobody's name. names: of people, by their ids.
        None of a person of whom there is no name."""
        name = names.get(self.person_id or "")
        if self.label is None:
            return name
        if name is None:
            return texts("actor.program", label=self.label)
        return texts("actor.program_of", label=self.label, name=name)


class AccessRows(Protocol):
    """The rows of partners, users, tokens and sessions; adapter in infra/access/accounts.py."""

    async def register_partner(self, partner: Tenant) -> Tenant | None:
        """The row with this code, new or of the same name and zone with an empty log; None if the
        code is in use.

        Codes of the same `number_key` are one, here and in `organisation_coded`.
        """

    async def organisations(self) -> Sequence[Tenant]: ...

    async def organisation_coded(self, code: str) -> Tenant | None: ...

    async def organisation(self, tenant_id: UUID) -> Tenant | None: ...

    async def has_account(self, tenant_id: UUID, email: str) -> bool: ...

    async def actors(self, tenant_id: UUID, actors: Sequence[str]) -> dict[str, Actor]:
        """By actor: the tenant's people, and labelled tokens, among these."""

    async def add_user(self, user: NewUser, hashed: str | None) -> bool:
        """False when the organisation has that mail address already, or the person an account."""

    async def principal_of_token(self, hashed: bytes, now: datetime) -> Principal | None: ...

    async def logins(self, email: str) -> Sequence[Login]: ...

    async def open_session(
        self, login: Login, hashed: bytes, session: LoginSession, agent: str
    ) -> None: ...

    async def open_step(self, login: Login, hashed: bytes, now: datetime) -> None: ...

    async def session(self, hashed: bytes, now: datetime) -> LoginSession | None: ...

    async def see_session(self, hashed: bytes, now: datetime) -> None: ...

    async def close_session(self, hashed: bytes) -> None: ...


class Accounts:
    """The use cases of access, put together in infra/app.py."""

    def __init__(
        self,
        rows: AccessRows,
        attempts: Attempts,
        passwords: Passwords,
        log: Log,
        clock: Callable[[], datetime],
    ) -> None:
        self._rows, self._attempts, self._passwords = rows, attempts, passwords
        self._log, self._clock = log, clock

    async def create_partner(
        self, code: str, name: str, zone: str = DEFAULT_ZONE, *, window_days: int | None = None
    ) -> Tenant:
        """Registers a tenant and lets it join; an operator's act.

        window_days: days of the window, in a scheme from the beginning on. A registration that was
        interrupted is completed when the same is asked again.
        """
        code, name = required(code, "code"), required(name, "name")
        parameters = None if window_days is None else Parameters(window_days=window_days)
        joining = JoinPartner(code, name, zone, parameters)
        check(joining)  # Before the partner is registered, whose code is then taken.
        partner = await self._rows.register_partner(Tenant(uuid7(), code, name, zone))
        if partner is None:
            raise TakenError("partner_code_taken", field="code", code=code)
        ctx = Context(principal=partner.operator, log=self._log, now=self._clock())
        await execute(ctx, msgspec.structs.replace(joining, code=partner.code))
        return partner

    async def list_organisations(self) -> list[Tenant]:
        """The partners, and head office, in the order of their codes; an operator's act."""
        return sorted(await self._rows.organisations(), key=lambda one: one.code)

    async def list_partners(self) -> list[Tenant]:
        """The same without head office."""
        return [one for one in await self.list_organisations() if not one.is_head_office]

    async def partner(self, code: str, *, or_head_office: bool = False) -> Tenant:
        """The partner of a code, however spelt. or_head_office: which has one, too. Refuses what
        no code can be; raises NotFoundError `partner_code_unknown`."""
        CODE.check(code, "partner")
        found = await self._rows.organisation_coded(code)
        if found is None or (found.is_head_office and not or_head_office):
            raise NotFoundError("partner_code_unknown", field="partner", code=tidy(code))
        return found

    async def organisation(self, partner: str | None) -> Tenant:
        """That of a code, see `partner`, or, None, head office; an operator's act."""
        if partner is not None:
            return await self.partner(partner)
        return await self.organisation_of(HEAD_OFFICE_ID)

    async def organisation_of(self, tenant_id: UUID) -> Tenant:
        """The organisation itself, as its own members see it. Raises NotFoundError
        `partner_unknown`."""
        found = await self._rows.organisation(tenant_id)
        if found is None:
            raise NotFoundError("partner_unknown")
        return found

    async def called(
        self, tenant_id: UUID, actors: Collection[str], texts: Texts, position: int | None = None
    ) -> dict[str, str]:
        """What actors are called in a language, by actor: by their names, else as what they are.
        position: as of `names_of`."""
        kinds = {one: f"actor.{re.split('[-:]', one, maxsplit=1)[0]}" for one in actors}
        known = {one: texts.known(kind, one) for one, kind in kinds.items()}
        found = await self._rows.actors(tenant_id, list(actors))
        people = {its.person_id for its in found.values() if its.person_id}
        names = await names_of(self._log, tenant_id, people, position)
        said = {one: its.said(names, texts) for one, its in found.items()}
        return known | {one: it for one, it in said.items() if it}

    async def create_user(
        self,
        *,
        email: str,
        name: str,
        role: Role | str,
        password: str | None,
        partner: str | None = None,
    ) -> UUID:
        """An account, after the person whose it is and the role, which holds from today on; an
        operator's act. password: None where a link is to give it one.

        Refuses `email_taken`, what require_account and require_role_of_person refuse, and of role
        and partner what Tokens.issue does.
        """
        address, name = require_account(email, name, password)
        its = await self.organisation(partner)
        known_role = role_in(its.tenant_id, role)
        require_role_of_person(its.tenant_id, known_role, of_class=False)
        if await self._rows.has_account(its.tenant_id, address):
            raise TakenError("email_taken", field="email")
        ctx = Context(principal=its.operator, log=self._log, now=self._clock())
        person_id = await become_person(ctx, name=name, email=address, roles=[known_role])
        return await self.add_account(its, address, name, person_id, password)

    async def add_account(
        self, its: Tenant, email: str, name: str, person_id: str, password: str | None = None
    ) -> UUID:
        """An account of a person who is on record, by that name; of who manages people. Refuses
        `email_taken`, and what require_account refuses."""
        address, _ = require_account(email, name, password)
        user = NewUser(uuid7(), its.tenant_id, address, person_id)
        hashed = None if password is None else await self._passwords.hash(password)
        if not await self._rows.add_user(user, hashed):
            raise TakenError("email_taken", field="email")
        return user.user_id

    async def principal_of_token(self, token: str) -> Principal | None:
        """The principal of a bearer token; None if it is unknown, expired or revoked."""
        if not token.startswith(TOKEN_PREFIX) or len(token) > 200:
            return None
        return await self._rows.principal_of_token(hashed_secret(token), self._clock())

    async def log_in(
        self,
        email: str,
        password: str,
        client: str | None = None,
        agent: str = "",
        replaced: str | None = None,
        visit: str = "",
    ) -> NewSession | NewStep:
        """A new session, or the step to it of who is asked for a code. client: the address of who
        asks. agent: what the browser calls itself. replaced: the secret of the session that the
        browser had, which ends. visit: what the browser is known by, which alone goes on.

        Refuses `log_in_later` (seconds), `log_in_locked` and `too_busy` before any work, and then
        `login_refused`, after the same work whether there is an account or not; a password that
        none can have, being too long, at once and uncounted. Who leaves meanwhile is counted.
        """
        address, holder = address_of(email), holder_of(client)
        if len(password) > LONGEST_PASSWORD or not is_storable(address):
            raise Refusal("login_refused")
        found = await attempted(
            self._attempts,
            account_key(address),
            holder,
            now := self._clock(),
            lambda: self._matching(address, password, holder),
            lambda login: login.is_alone,
        )
        if found is None:
            raise Refusal("login_refused")
        if found.has_code:
            step = NewStep(secrets.token_urlsafe(SECRET_BYTES))
            await self._rows.open_step(found, hashed_secret(f"{visit} {step.secret}"), now)
            return step
        opened = new_session(found, address, now)
        hashed = hashed_secret(opened.secret)
        await self._rows.open_session(found, hashed, opened.session, agent[:LONGEST_AGENT])
        if replaced is not None:
            await self.log_out(replaced)
        return opened

    async def unlock(self, email: str) -> bool:
        """Lets somebody log in again who was wrong too often; an operator's act. False where
        nothing kept them out."""
        address = address_of(email)
        of_codes = [code_key(one.user_id) for one in await self._rows.logins(address)]
        keys = [account_key(address), *of_codes]
        return any([await self._attempts.forget(key) for key in keys])

    async def principal_of_session(self, secret: str) -> LoginSession | None:
        """The log-in session of this secret; None if it is unknown or over."""
        if len(secret) > 200:
            return None
        return await self._rows.session(hashed_secret(secret), self._clock())

    async def see(self, secret: str, session: LoginSession) -> None:
        """Notes that somebody uses a session, which is over else before long."""
        if (now := self._clock()) - session.seen_at >= SEEN_EVERY:
            await self._rows.see_session(hashed_secret(secret), now)

    async def log_out(self, secret: str) -> None:
        """Ends the session of this secret, if there is one."""
        await self._rows.close_session(hashed_secret(secret))

    async def _matching(self, address: str, password: str, holder: str | None) -> Login | None:
        """The first account of the address with this password, after work that is the same whether
        it has one, several, as far as somebody usually has them, or none."""
        found: Login | None = None
        known = await self._rows.logins(address)
        for login in (*known, *[None] * (USUAL_ACCOUNTS - len(known))):
            proof = login.password_hash if login else None
            if await self._passwords.matches(proof, password, holder) and found is None:
                found = login
        return found


def hashed_secret(secret: str) -> bytes:
    """What is kept of a secret that is random enough to need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def new_session(login: Login, email: str, now: datetime) -> NewSession:
    """A session that is yet to be opened."""
    ends = now + SESSION_LIFETIME
    session = LoginSession(login.principal, uuid7(), login.user_id, email, now, ends)
    return NewSession(secrets.token_urlsafe(SECRET_BYTES), session)
