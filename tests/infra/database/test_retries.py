"""Trying again after a transient failure."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import asyncpg
import pytest
from msgspec.structs import replace

from infra.bootstrap import App
from infra.database import retries
from infra.database.db import Database
from infra.database.retries import (
    DATABASE_ERRORS,
    PATIENCE,
    DatabaseAwayError,
    is_away,
    kept_up,
    retried,
)
from infra.readside.projector import Projector
from infra.readside.series import SeriesFiller
from infra.settings import Settings
from infra.work.broker import make_broker
from infra.work.scheduler import Scheduler


def failing(error: Exception, times: int, taking: list[float]) -> Callable[[], Awaitable[int]]:
    """An operation that fails so often first, each attempt taking so many seconds of the clock."""
    attempts = 0

    async def operation() -> int:
        nonlocal attempts
        attempts += 1
        taking[0] += taking[1]
        if attempts <= times:
            raise error
        return attempts

    return operation


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the clock shows, and how far an attempt moves it; real pauses add nothing to it."""
    shown = [1_000.0, 0.0]
    monkeypatch.setattr(retries, "monotonic", lambda: shown[0])
    return shown


async def test_a_transient_failure_is_tried_again(clock: list[float]) -> None:
    assert await retried(failing(asyncpg.DeadlockDetectedError(), 2, clock)) == 3


async def test_an_operation_that_stood_still_for_longer_than_the_patience_is_tried_again(
    clock: list[float],
) -> None:
    clock[1] = 4 * PATIENCE
    assert await retried(failing(TimeoutError(), 1, clock)) == 2


async def test_a_database_that_stays_away_longer_than_the_patience_is_given_up(
    clock: list[float],
) -> None:
    clock[1] = PATIENCE
    with pytest.raises(ConnectionRefusedError):
        await retried(failing(ConnectionRefusedError(), 9, clock))


async def test_a_loop_waits_for_a_database_that_stays_away_longer_than_the_patience(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "_LONGEST_PAUSE", 0.0)
    clock[1] = PATIENCE
    assert await kept_up(failing(DatabaseAwayError(), 9, clock)) == 10
    with pytest.raises(asyncpg.UndefinedTableError):
        await kept_up(failing(asyncpg.UndefinedTableError(), 1, clock))


async def test_an_error_of_the_statement_is_not_tried_again(clock: list[float]) -> None:
    with pytest.raises(asyncpg.UndefinedTableError):
        await retried(failing(asyncpg.UndefinedTableError(), 1, clock))


async def test_what_works_on_by_itself_waits_while_its_password_is_refused(
    app: App, database: Settings
) -> None:
    broker = make_broker(database.broker_url)
    wrong = replace(database, secret_key=b"another")
    answers: Iterator[Settings] = iter(())
    again = asyncio.Event()

    def dsn(role: str) -> str:
        settings = next(answers, None)
        if settings is None:
            again.set()
        return (settings or database).dsn(role)

    async def renew() -> None:
        """Another password there is not."""

    refused = (wrong, wrong)
    for work, given in (
        (lambda db: Scheduler(db, broker), refused),
        (lambda db: SeriesFiller(db, app.clock), refused),
        # Once while it begins, and once where it listens.
        (lambda db: Projector(db, app.log), (*refused, database, *refused)),
    ):
        async with Database.open(dsn, renew) as db:
            answers = iter(given)
            again.clear()
            running = asyncio.ensure_future(work(db).run())
            asking = asyncio.ensure_future(again.wait())
            await asyncio.wait({running, asking}, return_when=asyncio.FIRST_COMPLETED)
            assert not running.done()
            running.cancel()
            await asyncio.wait({running})
    broker.close()


async def test_a_connection_that_was_closed_is_a_database_that_is_away(database: Settings) -> None:
    connection = await asyncpg.connect(database.dsn("app"))
    connection.terminate()
    with pytest.raises(asyncpg.InterfaceError) as raised:
        await connection.execute("select 1")
    assert is_away(raised.value)


async def test_a_pool_that_was_closed_is_a_database_that_is_away(database: Settings) -> None:
    pool = await asyncpg.create_pool(database.dsn("app"), min_size=0)
    await pool.close()
    with pytest.raises(asyncpg.InterfaceError) as raised:
        await pool.fetchval("select 1")
    assert is_away(raised.value)


async def test_a_connection_that_its_server_ended_is_a_database_that_is_away(
    database: Settings,
) -> None:
    pool = await asyncpg.create_pool(database.dsn("app"), min_size=0)
    async with pool.acquire() as connection:
        with pytest.raises(asyncpg.PostgresError) as first:
            await connection.execute("select pg_terminate_backend(pg_backend_pid())")
        with pytest.raises(asyncpg.InterfaceError) as then:
            await connection.execute("select 1")
    await pool.close()
    assert is_away(first.value) and is_away(then.value)


async def test_two_statements_at_once_on_one_connection_are_a_fault_of_the_program(
    database: Settings,
) -> None:
    connection = await asyncpg.connect(database.dsn("app"))
    both = [connection.fetchval("select 1") for _ in range(2)]
    _, error = await asyncio.gather(*both, return_exceptions=True)
    await connection.close()
    assert isinstance(error, asyncpg.InterfaceError) and not is_away(error)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (asyncpg.TooManyConnectionsError("sorry, too many clients already"), True),
        (asyncpg.InternalClientError("cannot switch to state 11"), True),
        (asyncpg.InternalClientError("no binary format encoder for type"), False),
        (asyncpg.ProtocolError("malformed array literal 'connection is closed'"), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_database_is_away_where_its_client_lost_it(error: Exception, expected: bool) -> None:
    assert is_away(error) is expected
    assert isinstance(error, DATABASE_ERRORS)
