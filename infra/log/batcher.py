"""Waiting requests answered together: while one round is under way, the next one fills.

No timer: a lone request starts at once, and the more there are, the larger the rounds.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")

Answered = list[A | BaseException]
"""One answer or error per request, in the order of the requests."""


class Batcher(Generic[Q, A]):
    """answer: takes the requests of one round and gives an answer or an error for each."""

    def __init__(self, answer: Callable[[list[Q]], Awaitable[Answered[A]]], *, limit: int) -> None:
        self._answer = answer
        self._limit = limit
        self._waiting: list[tuple[Q, asyncio.Future[A]]] = []
        self._task: asyncio.Task[None] | None = None

    def submit(self, request: Q) -> asyncio.Future[A]:
        """The answer to this request; raises what the round answered with an error."""
        future: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, future))
        if self._task is None:
            self._task = asyncio.create_task(self._rounds())
        return future

    async def close(self) -> None:
        """Waits until every question is answered."""
        while self._task is not None:
            await asyncio.wait([self._task])

    async def _rounds(self) -> None:
        try:
            while self._waiting:
                taken = self._waiting[: self._limit]
                del self._waiting[: self._limit]
                await self._round(taken)
                # Whoever was answered and asks again at once is of the next round.
                await asyncio.sleep(0)
        finally:
            self._task = None

    async def _round(self, taken: list[tuple[Q, asyncio.Future[A]]]) -> None:
        stopped: BaseException | None = None
        try:
            answers = await self._answer([request for request, _ in taken])
        except BaseException as error:
            answers = [error] * len(taken)
            stopped = None if isinstance(error, Exception) else error
        for (_, future), answer in zip(taken, answers, strict=True):
            if future.done():
                continue
            if isinstance(answer, BaseException):
                future.set_exception(answer)
            else:
                future.set_result(answer)
        if stopped is not None:
            raise stopped
