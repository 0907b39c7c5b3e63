"""Answers asked for lately, each kept by the state of the tenant that it is of.

A tenant's positions name a whole state, so what was computed from the read models there is true for
ever: what is kept never goes stale, it is only forgotten.
"""

from collections.abc import Hashable
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from cachetools import LRUCache

MemoKey = tuple[UUID, tuple[int, ...], Hashable]
"""A tenant, where its read models stand, and a question."""


class Positioned(Protocol):
    """An answer that knows the position which it shows, and how much room it takes."""

    @property
    def position(self) -> int: ...
    @property
    def weight(self) -> int: ...


A = TypeVar("A", bound=Positioned)


class Memo(Generic[A]):
    """most: the weight of all answers together; those not asked for longest go first."""

    def __init__(self, most: int) -> None:
        self._answers: LRUCache[MemoKey, A] = LRUCache(most, getsizeof=lambda answer: answer.weight)

    def recall(self, key: MemoKey | None) -> A | None:
        """None where it is not known; also for the question without a key."""
        return None if key is None else self._answers.get(key)

    def remember(self, key: MemoKey | None, answer: A) -> None:
        """Keeps an answer, unless it is of a later state than its key: that has its own."""
        if key is None or key in self._answers or min(key[1]) != answer.position:
            return
        if answer.weight <= self._answers.maxsize:
            self._answers[key] = answer
