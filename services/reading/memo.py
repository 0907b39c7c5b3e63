"""Answers asked for lately, each kept by the state of the tenant that it is of.

Where a tenant's read models stand names a whole state, so what was computed from them there is true
for ever: what is kept never goes stale, it is only forgotten.
"""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from contextvars import Context
from functools import partial
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from cachetools import LRUCache

from projections.kernel.progress import Standings

MemoKey = tuple[UUID, Standings, Hashable]
"""A tenant, where its read models stand, and a question."""


class Positioned(Protocol):
    """An answer that knows the position which it shows, and how much room it takes."""

    @property
    def position(self) -> int: ...
    @property
    def weight(self) -> int: ...


A = TypeVar("A", bound=Positioned)
V = TypeVar("V")


class Memo(Generic[A]):
    """most: the weight of all answers together; those not asked for longest go first."""

    def __init__(self, most: int) -> None:
        self._answers: LRUCache[MemoKey, A] = LRUCache(most, getsizeof=lambda answer: answer.weight)
        self._making: dict[MemoKey, Shared[A]] = {}

    async def get(self, key: MemoKey | None, make: Callable[[], Coroutine[Any, Any, A]]) -> A:
        """The answer, made where it is not kept, once for all who ask meanwhile and as long as one
        of them waits; for the question without a key every time."""
        if key is None:
            return await make()
        kept: A | None = self._answers.get(key)
        if kept is not None:
            return kept
        making = self._making.get(key)
        if making is None:
            # In a context of its own: it is nobody's request, and has nobody's turn to give back.
            making = self._making[key] = Shared(make(), Context())
            making.task.add_done_callback(partial(self._made, key, making))
        try:
            return await making.wait()
        finally:
            if not making.is_wanted:
                self._forget(key, making)

    def _made(self, key: MemoKey, making: "Shared[A]", task: asyncio.Task[A]) -> None:
        """Keeps the answer, unless it is of a later state than its key, which has its own."""
        self._forget(key, making)
        if task.cancelled() or task.exception():
            return
        answer = task.result()
        is_of_state = min(key[1]).position == answer.position
        if is_of_state and key not in self._answers and answer.weight <= self._answers.maxsize:
            self._answers[key] = answer

    def _forget(self, key: MemoKey, making: "Shared[A]") -> None:
        """That an answer is being made: who asks now has another one made."""
        if self._making.get(key) is making:
            del self._making[key]


class Shared(Generic[V]):
    """What is made for all who wait for it, as long as one of them does."""

    __slots__ = ("_waiting", "task")

    def __init__(self, make: Coroutine[Any, Any, V], context: Context | None = None) -> None:
        """context: None for that of who asks first."""
        self.task, self._waiting = asyncio.create_task(make, context=context), 0

    @property
    def is_wanted(self) -> bool:
        """Whether anybody waits; of what was just begun, not yet."""
        return self._waiting > 0

    async def wait(self) -> V:
        """What was made."""
        self._waiting += 1
        try:
            return await asyncio.shield(self.task)
        finally:
            self._waiting -= 1
            if not self._waiting:
                self.task.cancel()  # Nothing where it is done.
