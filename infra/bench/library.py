"""The peer of the append path: eventsourcing's application on its own PostgreSQL recorder."""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

from eventsourcing.application import Application
from eventsourcing.persistence import JSONTranscoder, Transcoding

from domain.trainees.trainee import Trainee
from infra.bench.place import Bench
from infra.servers.embedded_postgres import DATABASE, PORT, SUPERUSER

TRAINEES = 500
DAY = date(2026, 7, 1)


class _Dates(Transcoding):
    type = date
    name = "date"

    def encode(self, obj: date) -> str:
        return obj.isoformat()

    def decode(self, data: str) -> date:
        return date.fromisoformat(data)


class _Decimals(Transcoding):
    type = Decimal
    name = "decimal"

    def encode(self, obj: Decimal) -> str:
        return str(obj)

    def decode(self, data: str) -> Decimal:
        return Decimal(data)


class Trainees(Application[str]):
    """The library's application with our aggregates."""

    def register_transcodings(self, transcoder: JSONTranscoder) -> None:
        super().register_transcodings(transcoder)
        transcoder.register(_Dates())
        transcoder.register(_Decimals())

    def enrol(self) -> str:
        trainee = Trainee.enrol(
            f"trainee-{uuid4()}",
            cohort_id="cohort-1",
            cohort_code="B-01",
            employee_no="T01",
            name="新人",
            entered_on=DAY,
        )
        self.save(trainee)
        return trainee.id

    def record_order(self, trainee_id: str, order_no: str) -> None:
        trainee: Any = self.repository.get(trainee_id)
        trainee.close_order(
            order_no=order_no, closed_on=DAY, product="企业邮箱", amount=Decimal("1980.00")
        )
        self.save(trainee)


class LibraryPeer:
    """The application with trainees, and as many threads as commands at once."""

    def __init__(self, application: Trainees, at_once: int) -> None:
        self._application, self._at_once = application, at_once
        self._people = [application.enrol() for _ in range(TRAINEES)]
        self._numbers = iter(range(10**9))

    @classmethod
    @contextmanager
    def open(cls, bench: Bench, at_once: int) -> Iterator["LibraryPeer"]:
        application = Trainees(
            env={
                "PERSISTENCE_MODULE": "eventsourcing.postgres",
                "ORIGINATOR_ID_TYPE": "text",
                "POSTGRES_DBNAME": DATABASE,
                "POSTGRES_HOST": str(bench.postgres.sockets),
                "POSTGRES_PORT": str(PORT),
                "POSTGRES_USER": SUPERUSER,
                "POSTGRES_PASSWORD": bench.postgres.superuser_password,
                "POSTGRES_POOL_SIZE": str(min(at_once, 16)),
                "POSTGRES_MAX_WAITING": "0",
            }
        )
        try:
            yield cls(application, at_once)
        finally:
            application.close()

    async def rate(self, seconds: float) -> float:
        """Commands per second."""
        started = time.perf_counter()
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(self._at_once) as threads:
            done = await asyncio.gather(
                *(
                    loop.run_in_executor(threads, self._work, lane, started + seconds)
                    for lane in range(self._at_once)
                )
            )
        return sum(done) / (time.perf_counter() - started)

    def _work(self, lane: int, until: float) -> int:
        mine = self._people[lane :: self._at_once]
        done = 0
        while time.perf_counter() < until:
            self._application.record_order(mine[done % len(mine)], f"O-{next(self._numbers)}")
            done += 1
        return done
