"""Figures and the past evaluated in processes of their own, which can be ended as no thread can.

A few are kept, each with what it read last. One that takes too long, or that nobody waits for any
more, is ended, and another is started in its place.
"""

import asyncio
import os
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from io import BytesIO
from typing import Any

import structlog

from domain.kernel.errors import Refusal
from infra.readside.evaluator import SIZE_BYTES
from infra.settings import Settings
from infra.turns import Places
from services.kernel.beside import beside
from services.reading.evaluations import RemoteQuestion, V

PROCESSES = max(1, min(4, (os.cpu_count() or 1) - 1))
"""As beside the event loop: a core is left for the others."""

DEADLINE = 10.0
"""Seconds: several times what the costliest operation that is accepted takes on a busy machine."""

AT_ONCE_BYTES = 64 << 10
"""Of an answer that is unpacked on the event loop: 3 ms."""

STARTING = 30.0
"""Seconds until one that does not say it is ready is given up: many times what that takes."""

_PROGRAM = """
import gc
gc.disable()
from infra.readside.evaluator import main
main()
"""
"""Modules that are loaded make few cycles, and a fourth of its start went into looking for them."""


class EvaluatorPool:
    """Implements services/reading/evaluations.py's Evaluators. Of one partner no more are under way
    than there are processes: another one's waits for one evaluation at most."""

    def __init__(self, settings: Settings, at_once: int, deadline: float) -> None:
        self._settings, self._at_once, self.deadline = settings, at_once, deadline
        self._of_partner, self._of_all = Places(at_once), asyncio.Semaphore(at_once)
        self._idle: list[_Evaluator] = []
        self._ending: set[asyncio.Task[None]] = set()

    @classmethod
    @asynccontextmanager
    async def open(
        cls, settings: Settings, at_once: int = PROCESSES, deadline: float = DEADLINE
    ) -> AsyncIterator["EvaluatorPool"]:
        """None is started before it is needed, or `warm` says so."""
        its = cls(settings, at_once, deadline)
        try:
            yield its
        finally:
            for process in its._idle:
                its._end(process)
            await asyncio.gather(*its._ending)

    def warm(self) -> None:
        """Starts all of them, so that no question need wait for that."""
        self._idle += [_Evaluator(self._settings) for _ in range(self._at_once - len(self._idle))]

    @property
    def idle(self) -> list[int]:
        """The processes that wait for a question."""
        return [process.pid for process in self._idle if process.pid is not None]

    async def evaluate(self, asked: RemoteQuestion[V]) -> V:
        """What is answered there. Refuses what says that it took too long, and
        `figures_not_evaluated` where the process dies, and another one too: to ask changes nothing.
        """
        async with self._of_partner.of(asked.principal.tenant), self._of_all:
            try:
                found: V | Exception = await self._answer(asked)
            except EOFError:
                try:
                    found = await self._answer(asked)
                except EOFError as error:
                    raise Refusal("figures_not_evaluated") from error
        if isinstance(found, Exception):
            raise found
        return found

    async def _answer(self, asked: RemoteQuestion[V]) -> Any:
        process = self._take()
        try:
            return await process.answer(asked, within=self.deadline)
        except TimeoutError:
            raise Refusal(asked.TOO_LONG, seconds=round(self.deadline)) from None
        except EOFError as error:
            structlog.get_logger("evaluators").warning("evaluator ended", error=repr(error))
            raise
        finally:
            self._put_back(process)

    def _take(self) -> "_Evaluator":
        while self._idle:
            process = self._idle.pop()
            if process.is_free:
                return process
            self._end(process)
        return _Evaluator(self._settings)

    def _put_back(self, process: "_Evaluator") -> None:
        """Never waits: whoever is cancelled meanwhile would leave a process that still answers."""
        if not process.is_free:
            self._end(process)
            process = _Evaluator(self._settings)
        self._idle.append(process)

    def _end(self, process: "_Evaluator") -> None:
        process.kill()
        ending = asyncio.create_task(process.ended())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)


class _Evaluator:
    """A process (infra/readside/evaluator.py) that is asked one question at a time."""

    def __init__(self, settings: Settings) -> None:
        self._process: Process | None = None
        self._number, self._is_owing = 0, False
        self._starting = asyncio.create_task(self._start(settings))
        self._starting.add_done_callback(_heed)

    @property
    def is_free(self) -> bool:
        """Whether it may be asked, as far as is known: it runs, or is being started, and owes no
        answer."""
        if not self._starting.done():
            return True
        has_started = not self._starting.cancelled() and self._starting.exception() is None
        is_running = self._process is not None and self._process.returncode is None
        return has_started and is_running and not self._is_owing

    @property
    def pid(self) -> int | None:
        """None before it is started."""
        return None if self._process is None else self._process.pid

    async def answer(self, asked: RemoteQuestion[Any], *, within: float) -> Any:
        """What it answers, an exception where it raised one. within: seconds from when it is ready.
        Raises TimeoutError, and EOFError where it ended, or never began."""
        await asyncio.shield(self._starting)
        async with asyncio.timeout(within):
            return await self._exchange(asked)

    def kill(self) -> None:
        """Ends it at once, whatever it does."""
        self._starting.cancel()
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()

    async def ended(self) -> None:
        """Returns when nothing is left of it, after it was killed."""
        await asyncio.wait([self._starting])
        if self._process is not None:
            self.kill()
            await self._process.communicate()  # A pipe that is full keeps `wait` waiting.

    async def _start(self, settings: Settings) -> None:
        argv = (sys.executable, "-P", "-c", _PROGRAM)
        try:
            async with asyncio.timeout(STARTING):
                self._process = await asyncio.create_subprocess_exec(*argv, stdin=PIPE, stdout=PIPE)
                await self._exchange(settings)
        except OSError as error:  # As a TimeoutError is.
            raise EOFError("it did not start") from error

    async def _exchange(self, message: object) -> Any:
        """Its answer to a message. It owes one until that was read to the end, and is of use to
        nobody else as long as it does. Raises EOFError where none comes, or one to another."""
        assert self._process is not None  # noqa: S101 - it was started
        assert self._process.stdin is not None  # noqa: S101 - both were asked for as pipes
        assert self._process.stdout is not None  # noqa: S101
        self._number += 1
        content = pickle.dumps((self._number, message))
        self._is_owing = True
        self._process.stdin.write(content)
        size = int.from_bytes(await self._process.stdout.readexactly(SIZE_BYTES))
        number, answer = await unpickled(await self._process.stdout.readexactly(size))
        if number != self._number:
            raise EOFError(f"answer {number} to question {self._number}")
        self._is_owing = False
        return answer


async def unpickled(content: bytes) -> Any:
    """What another process pickled; beside the event loop where that takes long."""
    if len(content) <= AT_ONCE_BYTES:
        return pickle.loads(content)  # noqa: S301 - from a process of ours
    return await beside(pickle.load, _InFrames(content))


class _InFrames(BytesIO):
    """Bytes that are read by a function of Python's, frame by frame, between which the event loop
    gets its turn: pickle by itself keeps the interpreter from the first byte to the last."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(size)


def _heed(starting: asyncio.Task[None]) -> None:
    """Nobody need have waited for a start that failed."""
    if not starting.cancelled():
        starting.exception()
