"""Partners, users, tokens and sessions on PostgreSQL, and the slow hashing of passwords.

Implements services.people.access.AccessRows and Passwords. What resolves a credential runs as the
application through narrow functions; what an operator does takes the owner's connection.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID
from weakref import WeakValueDictionary

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY
from cachetools import TLRUCache

from domain.kernel.errors import Refusal
from domain.kernel.values import number_key
from domain.planning.calendar import local_day
from infra.access.shared_look import SharedLook
from infra.database.db import Database, connection_to
from infra.database.retries import answered
from services.kernel.context import PROGRAM, Principal, Role
from services.kernel.permissions import Permission
from services.kernel.ports import Log
from services.kernel.roles import in_role
from services.people.access import (
    IDLE_FOR,
    STEP_LIFETIME,
    Actor,
    Login,
    LoginSession,
    NewUser,
    Tenant,
)
from services.people.access_rules import are_codes_due
from services.people.acting import ACCOUNTS
from services.people.rights import Persons, as_person

RESOLVED_SECONDS = 0.5
"""From the beginning of a look-up on, for which a secret is not looked up again: what is revoked or
ended is refused by every process within a second, also where a connection stays open."""

MOST_RESOLVED = 10_000

RECOMMENDED = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)

HASHING_THREADS = 2
MOST_WAITING = 32
"""Log-ins that may wait for a hashing thread: each takes it twice, about 50 ms and 64 MiB."""
MOST_OF_ONE = 2
"""Log-ins of one address among them."""

T = TypeVar("T")
E = TypeVar("E", Principal, LoginSession)


class Resolved(NamedTuple, Generic[E]):
    """What a secret stands for, and when looking it up began, by the machine's running time."""

    found: E
    since: float


Known = MutableMapping[bytes, Resolved[E]]
"""Principals or sessions by the hash of the secret, or by the actor; the least recently used goes
first."""


class Argon2Passwords:
    """Use as `async with Argon2Passwords.open() as passwords`.

    hasher: what a new hash costs; what a known one costs stands in it.
    """

    def __init__(self, threads: ThreadPoolExecutor, hasher: PasswordHasher) -> None:
        self._threads = threads
        self._hasher = hasher
        self._waiting = 0
        self._waiting_of = Counter[str]()
        self._decoy: str | None = None

    @classmethod
    @asynccontextmanager
    async def open(cls, hasher: PasswordHasher = RECOMMENDED) -> AsyncIterator["Argon2Passwords"]:
        threads = ThreadPoolExecutor(HASHING_THREADS, thread_name_prefix="argon2")
        try:
            yield cls(threads, hasher)
        finally:
            threads.shutdown(wait=False, cancel_futures=True)

    async def hash(self, password: str) -> str:
        return await self._run(self._hasher.hash, password)

    async def matches(
        self, password_hash: str | None, password: str, holder: str | None = None
    ) -> bool:
        with self._place_of(holder):
            if password_hash is not None:
                return await self._run(self._verify, password_hash, password)
            if self._decoy is None:
                self._decoy = await self.hash("decoy")
            await self._run(self._verify, self._decoy, password)
            return False

    @contextmanager
    def _place_of(self, holder: str | None) -> Iterator[None]:
        if holder is None:
            yield
            return
        if self._waiting_of[holder] >= MOST_OF_ONE:
            raise Refusal("too_busy")
        self._waiting_of[holder] += 1
        try:
            yield
        finally:
            self._waiting_of[holder] -= 1
            self._waiting_of += Counter()  # Without those of whom none waits.

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[..., T], *args: str) -> T:
        if self._waiting >= MOST_WAITING:
            raise Refusal("too_busy")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *args)
        finally:
            self._waiting -= 1


_ACTORS = """
    select 'user-' || user_id as actor, person_id, null as label from users
    where tenant_id = $1 and 'user-' || user_id = any($2::text[])
    union all
    select 'token-' || t.token_id, u.person_id, t.label
    from tokens t
    left join users u on u.tenant_id = t.tenant_id and u.user_id = t.made_by and t.role is null
    where t.tenant_id = $1 and 'token-' || t.token_id = any($2::text[]) and t.label <> ''
"""


_OF_USER = """
    select tenant_id, user_id, person_id, lacks_codes(user_id) from users
    where tenant_id = $1 and user_id = $2 and active
"""
_OF_CREDENTIAL = """
    select t.tenant_id, t.token_id, t.role, t.scopes, t.expires_at, u.person_id,
        lacks_codes(u.user_id)
    from tokens t
    left join users u on u.tenant_id = t.tenant_id and u.user_id = t.made_by and u.active
    where t.tenant_id = $1 and t.token_id = $2 and t.revoked_at is null
        and (t.role is not null or u.person_id is not null)
"""
_SAID = set(LoginSession.__struct_fields__) - {"principal", "name", "owes_codes"}
_HAS_ACCOUNT = "select exists (select from users where tenant_id = $1 and email = $2)"

_ORGANISATIONS = "select tenant_id, code, name, zone from tenants"
_CODED = f"{_ORGANISATIONS} where code_key = $1"


class PostgresAccess:
    """The rows. owner_dsn answers the owner's address when an operator acts, not before. log:
    where it stands what a person may do."""

    def __init__(self, db: Database, owner_dsn: Callable[[], str], log: Log) -> None:
        self._db = db
        self._owner_dsn = owner_dsn
        self._log = log
        self._tokens: Known[Principal] = _resolved_secrets()
        self._sessions: Known[LoginSession] = _resolved_secrets()
        self._actors: Known[Principal] = _resolved_secrets()
        self._looks = WeakValueDictionary[tuple[int, bytes], SharedLook]()

    async def register_partner(self, partner: Tenant) -> Tenant | None:
        async with connection_to(self._owner_dsn()) as connection, connection.transaction():
            row = await connection.fetchrow(
                "insert into tenants (tenant_id, code, name, zone, code_key)"
                " values ($1, $2, $3, $4, $5)"
                " on conflict (code_key) do nothing returning tenant_id",
                *(*msgspec.structs.astuple(partner), number_key(partner.code)),
            )
            if row is not None:
                await connection.execute(
                    "insert into heads (tenant_id) values ($1)", partner.tenant_id
                )
                return partner
            row = await connection.fetchrow(_CODED, number_key(partner.code))
            begun = Tenant(*row)
            position = await connection.fetchval(
                "select position from heads where tenant_id = $1", begun.tenant_id
            )
            is_same = (begun.name, begun.zone) == (partner.name, partner.zone)
            is_begun = is_same and position == 0 and not begun.is_head_office
            return begun if is_begun else None

    async def organisations(self) -> Sequence[Tenant]:
        async with connection_to(self._owner_dsn()) as connection:
            rows = await connection.fetch(_ORGANISATIONS)
        return [Tenant(*row) for row in rows]

    async def organisation_coded(self, code: str) -> Tenant | None:
        async with connection_to(self._owner_dsn()) as connection:
            row = await connection.fetchrow(_CODED, number_key(code))
        return None if row is None else Tenant(*row)

    async def organisation(self, tenant_id: UUID) -> Tenant | None:
        async with self._db.tenant(tenant_id) as tenant:
            row = await tenant.fetchrow(f"{_ORGANISATIONS} where tenant_id = $1")
        return None if row is None else Tenant(*row)

    async def has_account(self, tenant_id: UUID, email: str) -> bool:
        async with self._db.tenant(tenant_id) as tenant:
            found: bool = await tenant.fetchval(_HAS_ACCOUNT, email)
        return found

    async def actors(self, tenant_id: UUID, actors: Sequence[str]) -> dict[str, Actor]:
        async with self._db.tenant(tenant_id) as tenant:
            rows = await tenant.fetch(_ACTORS, list(actors))
        return {actor: Actor(person_id, label) for actor, person_id, label in rows}

    async def add_user(self, user: NewUser, hashed: str | None) -> bool:
        async with connection_to(self._owner_dsn()) as connection:
            status = await connection.execute(
                "insert into users"
                " (user_id, tenant_id, email, person_id, password_hash)"
                " values ($1, $2, $3, $4, $5) on conflict do nothing",
                *msgspec.structs.astuple(user),
                hashed,
            )
        return bool(status == "INSERT 0 1")

    async def principal_of_token(self, hashed: bytes, now: datetime) -> Principal | None:
        async def look() -> Principal | None:
            rows = await self._ask("select * from principal_of_token($1)", hashed)
            return await self._of_token(rows[0], now) if rows else None

        return await self._resolved(self._tokens, hashed, look)

    async def principal_of_actor(
        self, principal: Principal, credential_id: UUID, now: datetime
    ) -> Principal | None:
        async def look() -> Principal | None:
            statement = _OF_CREDENTIAL if principal.is_program else _OF_USER
            async with self._db.tenant(principal.tenant) as tenant:
                row = await tenant.fetchrow(statement, credential_id)
            if row is None:
                return None
            said = dict(row) | {"zone": principal.zone}
            if not principal.is_program:
                return (await self._as_person(principal_of_user(said), row, now))[0]
            return await self._of_token(said, now) if row["expires_at"] >= now else None

        key = f"{principal.tenant} {principal.actor}".encode()
        return await self._resolved(self._actors, key, look)

    async def logins(self, email: str) -> Sequence[Login]:
        rows = await self._ask("select * from find_login($1)", email)
        # Whoever is only invited has no password that could be guessed.
        guessed_at = sum(row["password_hash"] is not None for row in rows)
        return [
            Login(
                principal_of_user(row),
                row["user_id"],
                row["password_hash"],
                row["has_code"],
                is_alone=guessed_at == 1,
            )
            for row in rows
        ]

    async def open_session(
        self, login: Login, hashed: bytes, session: LoginSession, agent: str
    ) -> None:
        proof = (login.user_id, login.password_hash, hashed)
        about = (session.session_id, agent, session.seen_at, session.expires_at)
        statement = "select begin_session($1, $2, $3, $4, $5, $6, $7)"
        (row,) = await self._ask(statement, *proof, *about)
        if not row[0]:
            raise Refusal("login_refused")

    async def open_step(self, login: Login, hashed: bytes, now: datetime) -> None:
        proof = (login.user_id, login.password_hash, hashed)
        statement = "select begin_step($1, $2, $3, $4, $5)"
        (row,) = await self._ask(statement, *proof, now, now + STEP_LIFETIME)
        if not row[0]:
            raise Refusal("login_refused")

    async def session(self, hashed: bytes, now: datetime) -> LoginSession | None:
        async def look() -> LoginSession | None:
            statement = "select * from find_session($1, $2, $3)"
            rows = await self._ask(statement, hashed, now, now - IDLE_FOR)
            if not rows:
                return None
            row, found = rows[0], _of_session(rows[0])
            people = Persons(self._log, found.principal.tenant)
            principal, owes = await self._as_person(found.principal, row, now, people)
            name = await people.called(row["person_id"]) or found.email
            return msgspec.structs.replace(found, principal=principal, name=name, owes_codes=owes)

        return await self._resolved(self._sessions, hashed, look)

    async def see_session(self, hashed: bytes, now: datetime) -> None:
        await self._ask("select see_session($1, $2)", hashed, now)

    async def close_session(self, hashed: bytes) -> None:
        self._sessions.pop(hashed, None)
        await self._ask("select close_session($1)", hashed)

    async def _ask(self, statement: str, *args: Any) -> list[Any]:
        async def ask() -> list[Any]:
            async with self._db.untenanted_once() as connection:
                rows: list[Any] = await connection.fetch(statement, *args)
                return rows

        return await answered(ask)

    async def _as_person(
        self, principal: Principal, row: Any, now: datetime, people: Persons | None = None
    ) -> tuple[Principal, bool]:
        """The principal as the person of a row, and whether one-time codes are owed, until when
        nothing is allowed, at whatever door."""
        today = local_day(now, principal.zone)
        people = people or Persons(self._log, principal.tenant)
        its = await as_person(people, principal, row["person_id"], today)
        owes = row["lacks_codes"] and await are_codes_due(self._log, principal.tenant, today)
        return (msgspec.structs.replace(its, roles=(), rights={}) if owes else its), owes

    async def _of_token(self, row: Any, now: datetime) -> Principal:
        """A program, with what its role gives; or, where it is a person's own, with what they may
        by now. Neither goes beyond the permissions of the token."""
        actor = f"{PROGRAM}{row['token_id']}"
        only = None if row["scopes"] is None else frozenset(map(Permission, row["scopes"]))
        about: Any = {"zone": row["zone"], "expires_at": row["expires_at"]}
        if row["role"] is not None:
            return in_role(row["tenant_id"], actor, Role(row["role"]), only=only, **about)
        nobody = Principal(row["tenant_id"], actor, (), {}, **about)
        its, _ = await self._as_person(nobody, row, now)
        rights = {one: far for one, far in its.rights.items() if only is None or one in only}
        return msgspec.structs.replace(its, rights=rights)

    async def _resolved(
        self, known: Known[E], key: bytes, look: Callable[[], Coroutine[Any, Any, E | None]]
    ) -> E | None:
        """From the cache, or looked up, as unknown and expired secrets are every time; of many who
        ask at once, as an import's rows do, one looks for the others, whatever comes of it."""
        with suppress(KeyError):
            return known[key].found  # `get` takes six times as long.
        which = (id(known), key)
        looking = self._looks.get(which)
        if looking is None or not looking.is_under_way:
            looking = self._looks[which] = SharedLook(look(), RESOLVED_SECONDS)
        found: E | None = await asyncio.shield(looking.found)
        if found is not None:
            known[key] = Resolved(found, looking.since)
        return found


def _of_session(row: Any) -> LoginSession:
    principal = principal_of_user(row, row["expires_at"])
    said = {name: row[name] for name in _SAID}
    return LoginSession(principal, **said)


def _resolved_secrets() -> Any:
    return TLRUCache(MOST_RESOLVED, _until, timer=time.monotonic)


def _until(_: bytes, resolved: Resolved[Any], now: float) -> float:
    until = resolved.since + RESOLVED_SECONDS
    if resolved.found.expires_at is None:
        return until
    left: float = (resolved.found.expires_at - datetime.now(UTC)).total_seconds()
    return min(until, now + left)


def principal_of_user(row: Any, expires_at: datetime | None = None) -> Principal:
    """Whom a row speaks for that has a user's id and tenant, and the tenant's zone, before it is
    asked what the person may do."""
    actor = f"{ACCOUNTS}-{row['user_id']}"
    return Principal(row["tenant_id"], actor, (), {}, row["zone"], expires_at)
