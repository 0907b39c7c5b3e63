"""Values in the database that many follow: one look for all of them, one value for all of them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Generic, TypeVar

from infra.database.retries import DATABASE_ERRORS

AT_ONCE = 32
"""Followers that go on in one turn of the event loop: of thousands, everybody else would have to
wait for all."""

K = TypeVar("K")
V = TypeVar("V")


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

        Raises what the look raised, other than that the database is away, which is waited for."""
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

    look: the values of these keys; what it leaves out is not told. pause: seconds between two.
    """

    def __init__(
        self, look: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]], pause: float
    ) -> None:
        self._ask, self._pause = look, pause
        self._followed: dict[K, _Followed[V]] = {}
        self._added = asyncio.Event()
        self.looking: asyncio.Task[None] | None = None

    @contextmanager
    def follow(self, key: K) -> Iterator[Follower[V]]:
        """Follows one value; the first news is the value as it is."""
        if key not in self._followed:
            self._followed[key] = _Followed()
            self._added.set()
        followed = self._followed[key]
        followed.followers += 1
        if self.looking is None or self.looking.done():
            self.looking = asyncio.create_task(self._look())
        try:
            yield Follower(followed)
        finally:
            followed.followers -= 1
            if not followed.followers and self._followed.get(key) is followed:
                del self._followed[key]

    async def _look(self) -> None:
        while self._followed:
            self._added.clear()
            try:
                found = await self._ask(list(self._followed))
            except DATABASE_ERRORS:
                found = {}
            except Exception as error:
                failed, self._followed = self._followed, {}
                for followed in failed.values():
                    followed.error = error
                    await followed.tell()
                continue
            for key, value in found.items():
                one = self._followed.get(key)
                if one is not None and (not one.told or one.value != value):
                    one.value = value
                    await one.tell()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pause):
                    await self._added.wait()
