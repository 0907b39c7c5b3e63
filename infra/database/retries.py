"""Trying again when the database went away or was in the way, for a bounded time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TypeVar

import asyncpg

from domain.kernel.errors import InstallationError, Refusal
from infra.logging import WaitLog
from infra.servers.private_files import NO_ROOM

T = TypeVar("T")

PATIENCE = 30.0
"""Seconds; longer than the supervisor needs to bring a killed server back."""

ASKING = 10.0
"""Seconds that a question waits, since somebody waits for its answer; the same."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0

CLIENT = (asyncpg.InterfaceError, asyncpg.InternalClientError)
DATABASE_ERRORS = (asyncpg.PostgresError, *CLIENT, OSError, InstallationError)
"""Whatever a connection may raise: of the installation's trouble as of a statement's; the last of a
password that is refused."""


class DatabaseAwayError(OSError):
    """No connection to the database can be made."""


AWAY = (
    DatabaseAwayError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.PostgresConnectionError,
    asyncpg.TooManyConnectionsError,
)
"""57P01 to 57P03, 08xxx, 53300."""

LOST = (
    "connection is closed",
    "connection has been released back to the pool",
    "pool is clos",
    "cannot switch to state",
)
"""What asyncpg says, in errors that also tell of a fault of ours, where a connection or a pool was
closed under a statement; the last is its confusion when the server is killed between two of its
messages."""

TRANSIENT = (*AWAY, asyncpg.SerializationError, asyncpg.DeadlockDetectedError, OSError)
"""Beside these 40001, 40P01, and a socket that broke."""


def lack(error: BaseException) -> Refusal | None:
    """What the installation lacks, where an error tells of that; `disk_full` wherever the system
    or the database says that there is no room left."""
    if isinstance(error, InstallationError):
        return error.refusal
    is_full = isinstance(error, OSError) and error.errno in NO_ROOM
    return Refusal("disk_full") if is_full or isinstance(error, asyncpg.DiskFullError) else None


def is_away(error: BaseException) -> bool:
    """Whether the database stopped, is starting, cannot be reached, or lets nobody more in."""
    if type(error) in CLIENT:
        return any(words in str(error) for words in LOST)
    return isinstance(error, AWAY)


def is_transient(error: BaseException) -> bool:
    """Whether the same transaction may well succeed in a moment."""
    return is_away(error) or (isinstance(error, TRANSIENT) and lack(error) is None)


def is_waited_for(error: BaseException) -> bool:
    """Whether the installation is not there at present: its database, or what the work needs. For
    whoever works on by itself; who is waited for says so at once."""
    return lack(error) is not None or is_transient(error)


@contextmanager
def waited_for() -> Iterator[None]:
    """Passes over what is waited for, see above: of one turn of who asks again before long, and
    tells somebody meanwhile that it is still there."""
    try:
        yield
    except Exception as error:
        if not is_waited_for(error):
            raise


async def retried(operation: Callable[[], Awaitable[T]], patience: float = PATIENCE) -> T:
    """Runs a whole transaction again after a transient failure; the operation must bear that.

    patience: seconds from the first failure on. How long the operation took before is no sign of
    a database that is away: the machine may have slept, or the process stood still.
    """
    give_up: float | None = None
    pause = _FIRST_PAUSE
    while True:
        try:
            return await operation()
        except Exception as error:
            now = monotonic()
            give_up = give_up or now + patience
            if not is_transient(error) or now + pause > give_up:
                raise
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


async def answered(question: Callable[[], Awaitable[T]]) -> T:
    """Asks a question again after a transient failure, not so long that nobody waits any more."""
    return await retried(question, ASKING)


async def kept_up(turn: Callable[[], Awaitable[T]]) -> T:
    """One turn of a loop that works until it is cancelled: tries again as retried does, and waits
    however long for a database that is away and for what else the installation lacks."""
    waits = WaitLog("database", "turn_waits")
    while True:
        try:
            return await retried(turn)
        except Exception as error:
            lacking = lack(error)
            if lacking is None and not is_away(error):
                raise
            waits.tell(lacking.code if lacking else type(error).__name__)
        await asyncio.sleep(_LONGEST_PAUSE)
