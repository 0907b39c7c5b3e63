"""Trying again after a transient failure."""

from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from infra.database import retries
from infra.database.retries import PATIENCE, retried


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


async def test_an_error_of_the_statement_is_not_tried_again(clock: list[float]) -> None:
    with pytest.raises(asyncpg.UndefinedTableError):
        await retried(failing(asyncpg.UndefinedTableError(), 1, clock))
