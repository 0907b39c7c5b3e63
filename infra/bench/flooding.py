"""A flood of one partner's commands that are all refused: how long another's commands take
meanwhile, beside how long with nothing else."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

from infra.bench.measure import Figure, beside_nothing, milliseconds, percentile, timed
from infra.bench.place import Bench
from infra.bench.serving import BEARER_VARIABLE, CHUDAN, PYTHON, KeptConnection, served

CONNECTIONS, QUICK_CONNECTIONS = 400, 40
COMMANDS, QUICK_COMMANDS = 300, 30
MOST_MILLISECONDS = {0.5: 100.0, 0.95: 250.0}
TAKEN = "TAKEN"
OPEN = """mutation { openCohort(input: {code: "%s", name: "B", openedOn: "2026-05-01"}) {
    errors { code }
} }"""


async def run(bench: Bench) -> list[Figure]:
    """Milliseconds."""
    connections = bench.size(CONNECTIONS, QUICK_CONNECTIONS)
    many = bench.size(COMMANDS, QUICK_COMMANDS)
    loud, quiet = [await bench.token(await bench.new_principal()) for _ in range(2)]
    codes = (f"B{number}" for number in count())
    async with served(bench, CHUDAN, {"CHUDAN_LOG_LEVEL": "warning"}) as port:
        await (await KeptConnection.connect(port, loud)).ask(OPEN % TAKEN)
        waiting = await KeptConnection.connect(port, quiet)

        async def took() -> list[float]:
            return [await timed(_open_cohort(waiting, next(codes))) for _ in range(many)]

        await took()
        alone = await took()
        async with _flood(port, loud, connections):
            beside = await took()
    part = f"{connections} refused commands of one partner at once"
    figures = []
    for share, most in MOST_MILLISECONDS.items():
        name, nothing = f"another's commands, p{share * 100:.0f}", percentile(alone, share)
        figures += [
            milliseconds(part, f"{name}, nothing else", nothing),
            beside_nothing(part, name, percentile(beside, share), nothing, most),
        ]
    return figures


async def _open_cohort(connection: KeptConnection, code: str) -> None:
    """Raises RuntimeError where it is not refused as TAKEN is, or another is."""
    expected = b'"code":"cohort_code_taken"' if code == TAKEN else b'"errors":[]'
    if expected not in (found := await connection.ask(OPEN % code)):
        raise RuntimeError(f"{found[:500]!r}")


@asynccontextmanager
async def _flood(port: int, token: str, connections: int) -> AsyncIterator[None]:
    """While it lasts, from a process of its own: this one measures."""
    argv = (*PYTHON, __name__, str(port), str(connections))
    process = await asyncio.create_subprocess_exec(
        *argv, env={**os.environ, BEARER_VARIABLE: token}, stdout=asyncio.subprocess.PIPE
    )
    try:
        if process.stdout is None or not await process.stdout.readline():
            raise RuntimeError("the flood did not begin")
        yield
        if process.returncode is not None:
            raise RuntimeError("the flood ended early")
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _pour(port: int, token: str, connections: int) -> None:
    """Says by a line that every connection has been refused once."""
    crowd = [await KeptConnection.connect(port, token) for _ in range(connections)]
    await asyncio.gather(*(_open_cohort(one, TAKEN) for one in crowd))
    print("begun", flush=True)  # noqa: T201 - to who measures
    await asyncio.gather(*(_again(one) for one in crowd))


async def _again(connection: KeptConnection) -> None:
    while True:
        await _open_cohort(connection, TAKEN)


if __name__ == "__main__":
    asyncio.run(_pour(int(sys.argv[1]), os.environ[BEARER_VARIABLE], int(sys.argv[2])))
