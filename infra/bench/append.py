"""Appends: a command through aggregate and log, beside the library's own recorder and pgbench.

An order recorded with an idempotency key: the trainee is found by a claim and loaded, decides, and
one event, one claim and one answered key are written under row-level security. The library does the
same with the same aggregates, without claims, keys and policies. pgbench inserts single event rows
past every policy: the database's own speed of one row per transaction.
"""

from infra.bench.library import LibraryPeer
from infra.bench.measure import Contender, Figure, compared, interleaved
from infra.bench.pgbench import Pgbench
from infra.bench.place import Bench
from infra.bench.workload import Orders

TARGETS = {"pgbench, single rows": 1.5, "eventsourcing's recorder": 15.0}


async def run(bench: Bench) -> list[Figure]:
    """Rates at 1 and at 64 concurrent commands."""
    alone = await _compare(bench, 1, 1.0, None)
    return [*alone, *await _compare(bench, 64, 2.0, TARGETS)]


async def _compare(
    bench: Bench, at_once: int, seconds: float, targets: dict[str, float] | None
) -> list[Figure]:
    orders = await Orders.prepare(bench)
    with LibraryPeer.open(bench, at_once) as library, Pgbench.prepare(bench) as pgbench:
        contenders: dict[str, Contender] = {
            "chudan": lambda: orders.rate(at_once, seconds),
            "pgbench, single rows": lambda: pgbench.rate(at_once, 2 * seconds),
            "eventsourcing's recorder": lambda: library.rate(seconds),
        }
        rates = await interleaved(contenders, bench.rounds)
    part = f"append, {at_once} at once"
    return compared(part, "chudan", rates, unit="commands/s", targets=targets)
