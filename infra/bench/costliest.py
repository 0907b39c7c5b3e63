"""The costliest documents that are accepted, about a large partner: how long another partner waits
for `{ me { role } }` meanwhile, beside how long with nothing else, and how much memory they take.

Of the roles that read figures all have the same documents; of the others head office has one."""

import asyncio
import os
from collections.abc import Awaitable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import msgspec

from infra.bench.figuring import DAY, LARGE
from infra.bench.measure import Figure, beside_nothing, milliseconds, timed
from infra.bench.place import Bench
from infra.bench.serving import CHUDAN, KeptConnection, served
from infra.bench.synthetic import make_newcomers
from services.kernel.context import Role

MOST_MILLISECONDS, MOST_MEGABYTES = 100.0, 50.0
PAUSE, SETTLING, BATCH = 0.005, 1.0, 5
STANDING_KILOBYTES = 256
ME = "{ me { role } }"
OURS = (b"api.cli", b"infra.readside.evaluator")
"""What the command lines of the server's processes have in them."""

KPIS = (
    "order_rate",
    "average_orders",
    "entered",
    "went_live",
    "trial_pass_rate",
    "employed",
    "retention_30",
    "orders_in_first_week",
)
FORECAST = '{ forecast(happenedBy: "%s") { expected { value } } }'
LEAGUE = "head office's league"
LEAGUE_OF_ALL = """{ headOffice { league(kpi: "%s") {
    edges { node { partner { code } } }
} } }"""
CURVE = '{ firstOrderCurve(happenedBy: "%s") { people } }'
EVENINGS = (
    'series(kpi: "%s", by: DAY, since: "%s", happenedBy: "%s") { key figure { ratio { value } } }'
)
OPENED = """newcomerFigures(happenedBy: "%s") { explanation {
    countedMembers membersCounted { edges { node { employeeNo } } }
} }"""
COMPARED = """{ compare(kpis: %s, before: {happenedBy: "%s"}, after: {happenedBy: "%s"}) {
    movedCount moved { edges { node { label } } }
} }"""


async def run(bench: Bench) -> list[Figure]:
    """Milliseconds, each the median of the rounds' worst; and megabytes of a server that was asked
    nothing before."""
    large, other = await bench.new_principal(), await bench.new_principal()
    async with bench.superuser() as connection:
        await make_newcomers(connection, [large.tenant], LARGE, DAY)
    tokens = [await bench.token(principal) for principal in (large, other)]
    above = await bench.app.accounts.issue_token(role=Role.HEAD_OFFICE)
    figures = []
    for name in _documents(DAY):
        by = above.token if name == LEAGUE else tokens[0]
        async with served(bench, CHUDAN, {"CHUDAN_LOG_LEVEL": "warning"}) as port:
            asking, waiting = [
                await KeptConnection.connect(port, token) for token in (by, tokens[1])
            ]
            await _ask(waiting, ME)
            await _settled()
            found = []
            for ago in range(bench.rounds + 1):
                documents = _documents(DAY - timedelta(days=7 * ago))[name]
                found.append(await _measured(asking, waiting, documents))
        (_, _, grew, _), *others = found
        took, waited, _, idle = (median(values) for values in zip(*others, strict=True))
        part = f"{name}, {LARGE:,} newcomers"
        figures += [
            milliseconds(part, "the document", took),
            milliseconds(part, "the slowest `me` of another, nothing asked", idle),
            beside_nothing(part, "the slowest `me` of another", waited, idle, MOST_MILLISECONDS),
            Figure(
                part=part,
                name="memory, with the facts",
                value=round(grew, 1),
                unit="MB",
                targets={"value": MOST_MEGABYTES},
                lower_is_better=True,
            ),
        ]
    return figures


def _documents(day: date) -> dict[str, list[str]]:
    """Each as dear as may be; several: a batch."""
    since, earlier = day - timedelta(days=91), day - timedelta(days=30)
    evenings = f"{{ {EVENINGS % (KPIS[0], since, day)} }}"
    opened = (OPENED % (day - timedelta(days=days)) for days in range(2))
    return {
        LEAGUE: [LEAGUE_OF_ALL % kpi for kpi in KPIS[:BATCH]],
        "a forecast": [FORECAST % day],
        "a figure on 92 evenings": [evenings],
        "figures opened on two days": [_aliased(opened)],
        "eight KPIs compared": [COMPARED % (msgspec.json.encode(KPIS).decode(), earlier, day)],
        "92 evenings and curves in a batch": [
            evenings,
            CURVE % day,
            CURVE % since,
            CURVE % earlier,
        ],
    }


def _aliased(fields: Sequence[str] | Iterator[str]) -> str:
    return "{ " + " ".join(f"of{number}: {one}" for number, one in enumerate(fields)) + " }"


async def _ask(connection: KeptConnection, *documents: str) -> None:
    """Raises RuntimeError for an answer with errors."""
    if b'"errors"' in (found := await connection.ask(*documents)):
        raise RuntimeError(f"{found[:500]!r}")


async def _measured(
    asking: KeptConnection, waiting: KeptConnection, documents: Sequence[str]
) -> tuple[float, float, float, float]:
    """Milliseconds that it took and that another waited at most, megabytes that it took, and what
    the other waits in as long with nothing asked."""
    before = dict(_memory(at_once=True))
    took, slowest = await _waited(waiting, _ask(asking, *documents))
    grew = sum(peak - before.get(pid, 0) for pid, peak in _memory(at_once=False))
    _, idle = await _waited(waiting, asyncio.sleep(took / 1e3))
    return took, slowest, grew / 1024, idle


async def _waited(waiting: KeptConnection, work: Awaitable[None]) -> tuple[float, float]:
    """Milliseconds that the work took and that another waited at most."""
    doing, slowest = asyncio.create_task(timed(work)), 0.0
    await asyncio.sleep(0)
    while not doing.done():
        slowest = max(slowest, await timed(_ask(waiting, ME)))
        await asyncio.sleep(PAUSE)
    return await doing, slowest


async def _settled() -> None:
    """Returns when the processes that a server starts beforehand stand ready: what they take for
    themselves no document brought."""
    grew = float("inf")
    while grew > STANDING_KILOBYTES:
        before = sum(dict(_memory(at_once=True)).values())
        await asyncio.sleep(SETTLING)
        grew = sum(dict(_memory(at_once=True)).values()) - before


def _memory(*, at_once: bool) -> Iterator[tuple[int, int]]:
    """The kilobytes of each process of the server: now, which forgets the peak, or at the peak."""
    for found in Path("/proc").glob("[0-9]*/status"):
        process = found.parent
        try:
            if not any(word in (process / "cmdline").read_bytes() for word in OURS):
                continue
            if at_once:
                (process / "clear_refs").write_text("5")
            lines = dict(line.split(":", 1) for line in found.read_text().splitlines())
        except OSError:
            continue
        if _is_below(int(process.name)):
            yield int(process.name), int(lines["VmRSS" if at_once else "VmHWM"].split()[0])


def _is_below(pid: int) -> bool:
    """Whether this process started it, or one that it started."""
    while pid > 1:
        if pid == os.getpid():
            return True
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return False
        pid = int(stat.rpartition(")")[2].split()[1])
    return False
