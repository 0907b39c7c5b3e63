"""Appends: a command through aggregate and log, beside the library's own recorder and pgbench.

An order recorded with an idempotency key: the trainee is found by a claim and loaded, decides, and
one event, one claim and one answered key are written under row-level security. The library does the
same with the same aggregates, without claims, keys and policies. pgbench inserts single event rows
past every policy: the database's own speed of one row per transaction.
"""

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from eventsourcing.application import Application
from eventsourcing.persistence import JSONTranscoder, Transcoding

from domain.trainees.trainee import Trainee
from infra.bench.measure import Contender, Figure, compared, interleaved, rate
from infra.bench.place import Bench
from infra.readside.folding import tune_garbage_collector
from infra.servers.embedded_servers import DATABASE, PORT, SUPERUSER, programs
from services.execute import execute
from services.kernel.context import Principal
from services.teaching.cohort import OpenCohort
from services.trainees.selling import RecordOrder
from services.trainees.trainee import EnrolTrainee

TARGETS = {"pgbench, single rows": 1.5, "eventsourcing's recorder": 15.0}
PARTNERS, TRAINEES, TRAINEES_OF_PEER = 16, 8_000, 500
ENROLLED_AT_ONCE = 512
PRICE = Decimal("1980.00")


async def run(bench: Bench) -> list[Figure]:
    """Rates at 1 and at 64 concurrent commands, with the collector as the service has it."""
    tune_garbage_collector()
    alone = await _compare(bench, 1, 1.0, {})
    return [*alone, *await _compare(bench, 64, 2.0, TARGETS)]


async def _compare(
    bench: Bench, at_once: int, seconds: float, targets: dict[str, float]
) -> list[Figure]:
    orders = await Orders.prepare(bench)
    with LibraryPeer.open(bench, at_once) as library, TemporaryDirectory() as folder:
        script = Path(folder) / "insert.sql"
        script.write_text(_SCRIPT, encoding="utf-8")
        runs = count(1)
        contenders: dict[str, Contender] = {
            "chudan": lambda: rate(orders.work, at_once, seconds),
            "pgbench, single rows": lambda: pgbench(bench, script, next(runs), at_once, seconds),
            "eventsourcing's recorder": lambda: rate(library.work, at_once, seconds),
        }
        rates = await interleaved(contenders, bench.rounds)
    part = f"append, {at_once} at once"
    return compared(part, "chudan", rates, unit="commands/s", targets=targets)


class Orders:
    """Records orders of trainees of several partners, in turn; each command is a new one."""

    def __init__(self, bench: Bench, people: list[tuple[Principal, str]], day: date) -> None:
        self._bench, self._people, self._day = bench, people, day
        self._numbers = count()

    @classmethod
    async def prepare(cls, bench: Bench) -> "Orders":
        """Partners with enrolled trainees of its own."""
        principals = [await bench.new_principal() for _ in range(PARTNERS)]
        day = bench.app.clock().date() - timedelta(days=1)
        for principal in principals:
            await execute(bench.app.context(principal), OpenCohort("B-01", "B-01", day))
        people = [(principals[n % PARTNERS], f"T{n:05d}") for n in range(TRAINEES)]
        for first in range(0, TRAINEES, ENROLLED_AT_ONCE):
            await asyncio.gather(
                *(
                    execute(bench.app.context(principal), EnrolTrainee("B-01", no, "新人", day))
                    for principal, no in people[first : first + ENROLLED_AT_ONCE]
                )
            )
        return cls(bench, people, day)

    async def work(self, _lane: int, until: float) -> int:
        """Records orders one after another; answers how many."""
        done = 0
        while time.perf_counter() < until:
            number = next(self._numbers)
            principal, no = self._people[number % len(self._people)]
            context = self._bench.app.context(principal, idempotency_key=f"order O-{number}")
            await execute(context, RecordOrder(no, f"O-{number}", self._day, "企业邮箱", PRICE))
            done += 1
        return done


class _AsText(Transcoding):
    """How the library stores a value of a type that JSON does not have."""

    def __init__(self, kind: type, read: Callable[[str], Any]) -> None:
        self.type, self.name, self._read = kind, kind.__name__, read

    def encode(self, obj: Any) -> str:
        return str(obj)

    def decode(self, data: str) -> Any:
        return self._read(data)


class Trainees(Application[str]):
    """The library's application with our aggregates."""

    def register_transcodings(self, transcoder: JSONTranscoder) -> None:
        super().register_transcodings(transcoder)
        transcoder.register(_AsText(date, date.fromisoformat))
        transcoder.register(_AsText(Decimal, Decimal))

    def enrol(self) -> str:
        trainee = Trainee.enrol(
            f"trainee-{uuid4()}",
            cohort_id="cohort-1",
            cohort_code="B-01",
            employee_no="T01",
            entered_on=date(2026, 7, 1),
        )
        self.save(trainee)
        return trainee.id

    def record_order(self, trainee_id: str, order_no: str) -> None:
        trainee: Any = self.repository.get(trainee_id)
        day = date(2026, 7, 1)
        trainee.close_order(order_no=order_no, closed_on=day, product="企业邮箱", amount=PRICE)
        self.save(trainee)


class LibraryPeer:
    """eventsourcing's application on its own PostgreSQL recorder, one thread for each lane."""

    def __init__(self, application: Trainees, threads: ThreadPoolExecutor, at_once: int) -> None:
        self._application, self._threads, self._at_once = application, threads, at_once
        self._people = [application.enrol() for _ in range(TRAINEES_OF_PEER)]
        self._numbers = count()

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
            with ThreadPoolExecutor(at_once) as threads:
                yield cls(application, threads, at_once)
        finally:
            application.close()

    async def work(self, lane: int, until: float) -> int:
        """Records orders of the lane's own trainees; answers how many."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._record, lane, until)

    def _record(self, lane: int, until: float) -> int:
        mine = self._people[lane :: self._at_once]
        done = 0
        while time.perf_counter() < until:
            self._application.record_order(mine[done % len(mine)], f"O-{next(self._numbers)}")
            done += 1
        return done


# Each client is a tenant of its own whose positions go up, as the log's do: the index is touched in
# the same places.
_SCRIPT = """\
\\set n :n + 1
insert into events (tenant_id, position, stream_id, version, topic, class_version, payload, actor,
    recorded_at, source, correlation_id, causation_id)
values (('00000000-0000-4000-8000-' || lpad((:run * 1000 + :client_id)::text, 12, '0'))::uuid, :n,
    'trainee-00000000-0000-7000-8000-' || lpad((:n % 1000)::text, 12, '0'), :n,
    'trainee.order_closed', 1,
    '{"order_no":"O-123456","closed_on":"2026-07-01","product":"企业邮箱","amount":"1980.00"}',
    'bench', now(), '{"kind": "typed"}', gen_random_uuid(), null);
"""


async def pgbench(bench: Bench, script: Path, run: int, clients: int, seconds: float) -> float:
    """Rows per second of pgbench, one event row per transaction into the log's own table, in twice
    the time that the others are given."""
    postgres = bench.postgres
    argv = ["-n", "-M", "prepared", "-c", str(clients), "-j", str(min(clients, 2))]
    argv += ["-T", str(max(round(2 * seconds), 1)), "-f", str(script), "-D", "n=0"]
    argv += ["-D", f"run={run}", "-h", str(postgres.sockets), "-p", str(PORT)]
    process = await asyncio.create_subprocess_exec(
        str(programs() / "pgbench"),
        *(*argv, "-U", SUPERUSER, DATABASE),
        env={"PGPASSWORD": postgres.superuser_password},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    found = re.search(r"tps = ([\d.]+) \(without", output.decode())
    if found is None:
        raise RuntimeError((output + errors).decode())
    return float(found[1])
