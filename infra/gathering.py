"""Waiting requests answered together: while one round is under way, the next one gathers.

No timer: a lone request starts at once, and the more there are, the larger the rounds.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")

MANY = 16
"""Requests from which on it pays to answer them in two rounds."""

Answered = list[A | BaseException]
"""One answer or error per request, in the order of the requests."""


class Gathering(Generic[Q, A]):
    """answer: takes the requests of one round and gives an answer or an error for each.

    in_turns: where many wait for the first round it takes half of them, so that from then on one
    half is answered while the other makes up its mind, and neither waits for the other.
    """

    def __init__(
        self,
        answer: Callable[[list[Q]], Awaitable[Answered[A]]],
        *,
        limit: int,
        in_turns: bool = False,
    ) -> None:
        self._answer = answer
        self._limit = limit
        self._in_turns = in_turns
        self._waiting: list[tuple[Q, asyncio.Future[A]]] = []
        self._task: asyncio.Task[None] | None = None

    async def ask(self, request: Q) -> A:
        """The answer to this request; raises what the round answered with an error."""
        future: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, future))
        if self._task is None:
            self._task = asyncio.create_task(self._rounds())
        return await future

    async def close(self) -> None:
        """Waits until everything asked so far is answered."""
        while self._task is not None:
            await asyncio.wait([self._task])

    async def _rounds(self) -> None:
        try:
            size = self._limit
            if self._in_turns and len(self._waiting) >= MANY:
                size = min(size, len(self._waiting) // 2)
            while self._waiting:
                taken = self._waiting[:size]
                del self._waiting[:size]
                await self._round(taken)
                size = self._limit
        finally:
            self._task = None

    async def _round(self, taken: list[tuple[Q, asyncio.Future[A]]]) -> None:
        try:
            answers = await self._answer([request for request, _ in taken])
        except BaseException as error:
            answers = [error] * len(taken)
            if not isinstance(error, Exception):
                _settle(taken, answers)
                raise
        _settle(taken, answers)


def _settle(taken: list[tuple[Q, asyncio.Future[A]]], answers: Answered[A]) -> None:
    for (_, future), answer in zip(taken, answers, strict=True):
        if future.done():
            continue
        if isinstance(answer, BaseException):
            future.set_exception(answer)
        else:
            future.set_result(answer)
