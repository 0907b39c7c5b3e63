"""Values in the database that many follow: one look for all of them, one value for all of them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Generic, TypeVar

from infra.database.retries import is_waited_for
from infra.logging import WaitLog

AT_ONCE = 32
"""Followers that go on in one turn of the event loop: of thousands, everybody else would have to
wait for all."""

K = TypeVar("K")
V = TypeVar("V")

Look = Callable[[Sequence[K]], Awaitable[Mapping[K, V | Exception]]]


class _Followed(Generic[V]):
    """A value, and who waits for another one."""

    value: V
    error: Exception | None = None
    told = followers = 0

    def __init__(self) -> None:
        self.waiting: dict[asyncio.Future[None], None] = {}

    async def tell(self) -> None:
        """Has everybody go on who waits."""
        self.told += 1
        for number, waiting in enumerate(list(self.waiting), 1):
            if not waiting.done():
                waiting.set_result(None)
            if not number % AT_ONCE:
                await asyncio.sleep(0)


class Follower(Generic[V]):
    """Somebody who follows a value, for whom nothing is kept meanwhile."""

    def __init__(self, followed: _Followed[V]) -> None:
        self._followed, self._told = followed, 0

    async def news(self) -> V:
        """The value, as soon as it is not the one that was told before: the latest, not every one.

        Raises what keeps the look from it; what the installation lacks at present is waited for."""
        followed = self._followed
        while self._told == followed.told:
            waiting = asyncio.get_running_loop().create_future()
            followed.waiting[waiting] = None
            try:
                await waiting
            finally:
                del followed.waiting[waiting]
        self._told = followed.told
        if followed.error is not None:
            raise followed.error
        return followed.value


class Watcher(Generic[K, V]):
    """Values that are looked at as long as anybody follows them.

    look: of these keys the values, or what keeps it from one; what it leaves out is not told.
    pause: seconds between two looks at the same keys, so that nobody's following has the others'
    looked at again.
    """

    def __init__(self, look: Look[K, V], pause: float) -> None:
        self._ask, self._pause = look, pause
        self._followed: dict[K, _Followed[V]] = {}
        self._added: set[K] = set()
        self._is_added = asyncio.Event()
        self._waits = WaitLog("database", "look_waits")
        self.looking: asyncio.Task[None] | None = None

    @contextmanager
    def follow(self, key: K) -> Iterator[Follower[V]]:
        """Follows one value; the first news is the value as it is."""
        if key not in self._followed:
            self._followed[key] = _Followed()
            self._added.add(key)
            self._is_added.set()
        followed = self._followed[key]
        followed.followers += 1
        if self.looking is None or self.looking.done():
            self.looking = asyncio.create_task(self._look())
        try:
            yield Follower(followed)
        finally:
            followed.followers -= 1
            if not followed.followers and self._followed.get(key) is followed:
                self._forget(key)

    def _forget(self, key: K) -> _Followed[V]:
        self._added.discard(key)
        return self._followed.pop(key)

    async def _look(self) -> None:
        clock = asyncio.get_running_loop().time
        due = clock()
        while self._followed:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self._is_added.wait()
            is_due = clock() >= due
            keys = list(self._followed if is_due else self._added)
            self._added.clear()
            self._is_added.clear()
            lacking = await self._tell(await self._answers(keys))
            if is_due:
                self._waits.tell(None if lacking is None else type(lacking).__name__)
                due = clock() + self._pause

    async def _answers(self, keys: Sequence[K]) -> Mapping[K, V | Exception]:
        try:
            return await self._ask(keys)
        except Exception as error:
            return dict.fromkeys(keys, error)

    async def _tell(self, answers: Mapping[K, V | Exception]) -> Exception | None:
        """Tells everybody but those who wait for what the installation lacks, which it returns."""
        lacking: Exception | None = None
        for key, answer in answers.items():
            followed = self._followed.get(key)
            if followed is None:
                continue
            if not isinstance(answer, Exception):
                if not followed.told or followed.value != answer:
                    followed.value = answer
                    await followed.tell()
            elif is_waited_for(answer):
                lacking = answer
            else:
                followed.error = answer
                await self._forget(key).tell()
        return lacking
