"""The one door to the database: a transaction that names its tenant, or none.

Every transaction sets what it needs with `set local`, so that nothing of it outlives it and a
connection goes back to its pool without a round trip.
"""

import asyncio
from asyncio import Event
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import structlog

from domain.kernel.errors import InstallationError, Refusal
from infra.database.retries import DATABASE_ERRORS, DatabaseAwayError
from infra.settings import role_name

POOL_SIZE = 10
CLOSING_SECONDS = 10.0
"""For which the end of a pool waits for connections that somebody still has."""

_LITTLE_MEMORY = "set local work_mem = '64kB'"
_WRITTEN = """
    with written as materialized (select repeat('-', 8000) from generate_series(1, 132))
    select count(*) from written
"""
"""What fits not into so little is written down: 1 MB, and no table or log has it."""


class TransactionMode(StrEnum):
    """Which state the statements of a transaction see, as `begin` says it; the first is usual."""

    READ_COMMITTED = ""
    REPEATABLE_READ = "isolation level repeatable read"
    SNAPSHOT = "isolation level repeatable read, read only"


Transaction = AbstractAsyncContextManager[asyncpg.Connection]
"""A connection while a transaction lasts."""


class TenantConnection:
    """A connection in a transaction, for the statements of one tenant: the `$1` of each of them.

    Sends as asyncpg's Connection does; `$2` is the first of the values given. The transaction is
    the tenant's own, or one of the log's writer, in which each tenant has its own. plain: decision
    0022.
    """

    __slots__ = ("plain", "tenant_id")

    def __init__(self, plain: asyncpg.Connection, tenant_id: UUID) -> None:
        self.plain, self.tenant_id = plain, tenant_id

    def fetch(self, query: str, *values: Any) -> Any:
        return self.plain.fetch(query, self.tenant_id, *values)

    def cursor(self, query: str, *values: Any, prefetch: int) -> Any:
        return self.plain.cursor(query, self.tenant_id, *values, prefetch=prefetch)

    def fetchrow(self, query: str, *values: Any) -> Any:
        return self.plain.fetchrow(query, self.tenant_id, *values)

    def fetchval(self, query: str, *values: Any) -> Any:
        return self.plain.fetchval(query, self.tenant_id, *values)

    def execute(self, query: str, *values: Any) -> Any:
        return self.plain.execute(query, self.tenant_id, *values)

    def executemany(self, query: str, lines: Iterable[Iterable[Any]]) -> Any:
        """lines: read once, when this is called and awaited; who tries again makes them anew."""
        return self.plain.executemany(query, ((self.tenant_id, *line) for line in lines))

    async def zone(self) -> str:
        """The name of the tenant's time zone, which the log's writer may not read."""
        zone: str = await self.fetchval("select zone from tenants where tenant_id = $1")
        return zone

    async def instant(self) -> datetime:
        """When the transaction began, by the database's clock: for a statement that decides by it,
        since Citus takes no `now()` inside `case` or `coalesce` of a write."""
        now: datetime = await self.plain.fetchval("select now()")
        return now


class Database:
    """The pools of the roles. Use as `async with Database.open(dsn, renew) as db`."""

    def __init__(self, pools: dict[str, asyncpg.Pool]) -> None:
        self._pools = pools

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        dsn: Callable[[str], str],
        renew: Callable[[], Awaitable[None]],
        size: int = POOL_SIZE,
    ) -> AsyncIterator["Database"]:
        """dsn: role word (`app`, `log`, `projector`, `head_office`) -> connection address, asked
        for each connection. renew: brings its passwords up to date, where one was refused;
        InstallationError `role_password_refused` (role) where that one is too."""
        pools: dict[str, asyncpg.Pool] = {}

        def connecting(role: str) -> Callable[..., Awaitable[asyncpg.Connection]]:
            async def connect(*_: Any, **options: Any) -> asyncpg.Connection:
                try:
                    return await _connected(dsn(role), **options)
                except asyncpg.InvalidPasswordError:
                    await renew()
                try:
                    return await _connected(dsn(role), **options)
                except asyncpg.InvalidPasswordError as error:
                    lacking = Refusal("role_password_refused", role=role_name(role))
                    raise InstallationError(lacking) from error

            return connect

        try:
            for role in ("app", "log", "projector", "head_office"):
                pools[role] = await asyncpg.create_pool(
                    dsn(role),
                    connect=connecting(role),
                    min_size=0,
                    max_size=size,
                    init=None if role == "log" else _set_json_codec,
                    reset=_roll_back,
                    command_timeout=120,
                )
            yield cls(pools)
        finally:
            for role, pool in pools.items():
                await _end(role, pool)

    @asynccontextmanager
    async def tenant(
        self, tenant_id: UUID, mode: TransactionMode = TransactionMode.READ_COMMITTED
    ) -> AsyncIterator[TenantConnection]:
        """A transaction that sees one tenant, committed at the end, rolled back on an error."""
        setting = f"set local app.tenant = '{UUID(str(tenant_id))}'"
        async with self._begin("app", setting, mode) as connection:
            yield TenantConnection(connection, tenant_id)

    def snapshot(self, tenant_id: UUID) -> AbstractAsyncContextManager[TenantConnection]:
        """A transaction that reads one tenant, all of its statements from one state."""
        return self.tenant(tenant_id, TransactionMode.SNAPSHOT)

    def tenants(
        self, tenant_ids: list[UUID], mode: TransactionMode = TransactionMode.READ_COMMITTED
    ) -> Transaction:
        """A transaction of the log's writer over these tenants; for infra/log/ alone."""
        listed = ",".join(str(UUID(str(tenant_id))) for tenant_id in tenant_ids)
        return self._begin("log", f"set local app.tenants = '{listed}'", mode)

    def writer(self) -> Transaction:
        """The log's writer without a transaction, for the one statement that is one itself and
        names its tenants; for infra/log/tenant_log.py alone."""
        acquiring: Transaction = self._pools["log"].acquire()
        return acquiring

    def across(self) -> Transaction:
        """A transaction that sees which tenants have work (heads, checkpoints, queues), no data."""
        return self._begin("projector")

    async def require_room(self) -> None:
        """The disk on which the database keeps its files is not full. Raises DiskFullError."""
        async with self._pools["projector"].acquire() as connection:
            await require_room(connection)

    @asynccontextmanager
    async def listening(self, channel: str, heard: Callable[[], None]) -> AsyncIterator[Event]:
        """Calls `heard` at every notification; the event is set when the connection is lost."""

        def hear(*_: object) -> None:
            heard()

        lost = Event()
        async with self._pools["projector"].acquire() as connection:
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(channel, hear)
            try:
                yield lost
            finally:
                with suppress(*DATABASE_ERRORS):  # As at the end of a transaction.
                    await connection.remove_listener(channel, hear)

    def head_office(self) -> Transaction:
        """A transaction that sees what head office may see."""
        return self._begin("head_office")

    def untenanted(self) -> Transaction:
        """The application's role without a tenant: sees no tenant's row, may call the narrow
        functions that turn a credential into a principal."""
        return self._begin("app")

    def untenanted_once(self) -> Transaction:
        """The same without a transaction, for the one statement that is one itself: every request
        begins with one."""
        acquiring: Transaction = self._pools["app"].acquire()
        return acquiring

    @asynccontextmanager
    async def _begin(
        self, role: str, setting: str = "", mode: TransactionMode = TransactionMode.READ_COMMITTED
    ) -> AsyncIterator[asyncpg.Connection]:
        async with self._pools[role].acquire() as connection:
            try:
                await connection.execute(f"begin {mode}; {setting}")
                yield connection
            except BaseException:
                # What ends it is raised, and not that the connection is lost as well: whoever was
                # cancelled would be told of that, and go on.
                with suppress(*DATABASE_ERRORS):
                    # Whether it is in a transaction is not known before a cancelled statement ends.
                    await connection.execute("rollback")
                raise
            await connection.execute("commit")


async def require_room(connection: asyncpg.Connection) -> None:
    """Has the database write what it forgets again. Raises DiskFullError."""
    async with connection.transaction():
        await connection.execute(_LITTLE_MEMORY)
        await connection.fetchval(_WRITTEN)


@asynccontextmanager
async def connection_to(dsn: str, within: float = 60) -> AsyncIterator[asyncpg.Connection]:
    """One connection outside the pools, for the schema's owner or a role that is examined.

    within: seconds. Raises DatabaseAwayError.
    """
    connection = await _connected(dsn, timeout=within)
    try:
        yield connection
    finally:
        await connection.close()


async def _end(role: str, pool: asyncpg.Pool) -> None:
    """Whoever keeps a connection for ever keeps no process from ending, and is told of: a task that
    nobody ended, or a generator that nobody closed."""
    closing = asyncio.ensure_future(pool.close())
    await asyncio.wait([closing], timeout=CLOSING_SECONDS)
    if not closing.done():
        kept = pool.get_size() - pool.get_idle_size()
        others = asyncio.all_tasks() - {closing, asyncio.current_task()}
        structlog.get_logger("database").error(
            "connections_kept",
            role=role,
            connections=kept,
            tasks=sorted({str(task.get_coro()) for task in others}),
        )
        pool.terminate()
    await closing


async def take_time(connection: asyncpg.Connection) -> None:
    """Lifts the bounds on time from a transaction that is under way, which moves as much as there
    is."""
    await connection.execute(
        "set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0"
    )


async def _connected(*address: Any, **options: Any) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(*address, **options)
    except OSError as error:
        # Which else could not be told from what the system refuses of a file.
        raise DatabaseAwayError(*(error.args or (type(error).__name__,))) from error


async def _set_json_codec(connection: Any) -> None:
    """jsonb columns are values. The writer's pool does without: it passes texts that it encoded.

    json columns are bytes as they are stored, which read models read and write by the thousand: to
    make a text of them first took as long as to decode them. What is cast to text comes as text.
    """
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: msgspec.json.encode(value).decode(),
        decoder=msgspec.json.decode,
    )
    await connection.set_type_codec(
        "json", schema="pg_catalog", encoder=bytes, decoder=bytes, format="binary"
    )


async def _roll_back(connection: Any) -> None:
    if connection.is_in_transaction():
        await connection.execute("rollback")
