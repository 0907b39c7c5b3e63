"""The commands that are measured: orders of many trainees of several partners."""

import asyncio
import time
from datetime import date, timedelta
from decimal import Decimal

from infra.bench.place import Bench
from services.execute import execute
from services.kernel.context import Principal
from services.teaching.cohort import OpenCohort
from services.trainees.order import RecordOrder
from services.trainees.trainee import EnrolTrainee

PARTNERS, TRAINEES = 16, 8_000
"""Partners, and the trainees of all of them together."""

AT_ONCE = 512


class Orders:
    """Records orders, round the trainees; each command is a new one."""

    def __init__(self, bench: Bench, people: list[tuple[Principal, str]], day: date) -> None:
        self._bench, self._people, self._day = bench, people, day
        self._numbers = iter(range(10**9))

    @classmethod
    async def prepare(cls, bench: Bench) -> "Orders":
        """Partners with enrolled trainees of its own."""
        principals = [await bench.new_principal() for _ in range(PARTNERS)]
        day = bench.app.clock().date() - timedelta(days=1)
        for principal in principals:
            opening = OpenCohort("B-01", "B-01", day)
            await execute(bench.app.context(principal), opening)
        people = [(principals[n % PARTNERS], f"T{n:05d}") for n in range(TRAINEES)]
        for first in range(0, TRAINEES, AT_ONCE):
            some = people[first : first + AT_ONCE]
            await asyncio.gather(*(cls._enrol(bench, *one, day) for one in some))
        return cls(bench, people, day)

    @staticmethod
    async def _enrol(bench: Bench, principal: Principal, no: str, day: date) -> None:
        command = EnrolTrainee("B-01", no, "新人", day)
        await execute(bench.app.context(principal), command)

    async def rate(self, at_once: int, seconds: float) -> float:
        """Commands per second with so many under way."""
        started = time.perf_counter()
        done = await asyncio.gather(*(self._work(started + seconds) for _ in range(at_once)))
        return sum(done) / (time.perf_counter() - started)

    async def _work(self, until: float) -> int:
        done = 0
        while time.perf_counter() < until:
            principal, command = self._next()
            key = f"order {command.order_no}"
            await execute(self._bench.app.context(principal, idempotency_key=key), command)
            done += 1
        return done

    def _next(self) -> tuple[Principal, RecordOrder]:
        number = next(self._numbers)
        principal, no = self._people[number % len(self._people)]
        return principal, RecordOrder(no, f"O-{number}", self._day, "企业邮箱", Decimal("1980.00"))
