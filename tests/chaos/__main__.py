"""Kills the parts of `chudan serve` under load: `python -m tests.chaos --kills 200 --seed 1`.

    --kills 200   how many blows, some of which hit two parts
    --seed 1      the same seed: the same commands and the same blows; the times differ

Ctrl-C ends the kills, and what there is by then is checked. Exits with 1 if anything is wrong.
"""

import argparse
import asyncio
import json
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

import httpx
import msgspec

from tests.chaos.audit import UNENDED, audit, connect, differing
from tests.chaos.checking import Found
from tests.chaos.clients import Client, Partner
from tests.chaos.killing import blow
from tests.chaos.plan import cohorts, kills
from tests.infra.installation import CHUDAN, Installation, chudan, installation
from tests.oracle.known import ZONE

PARTNERS, CLIENTS = ("A", "B", "C"), 3
ANSWER_SECONDS, ENDING_SECONDS, JOBS_SECONDS = 15.0, 300.0, 180.0
APART = ("setsid", *CHUDAN)
"""Ctrl-C is for us alone: what is killed goes on, so that it can be looked at."""
CAUGHT_UP = '{ newcomerFigures(month: "2026-03") { asOf { position } } }'
SHOWN = 20
"""Sentences of what is wrong, at most."""


class Run(msgspec.Struct):
    """What was done. away: the seconds that each part was."""

    partners: list[Partner] = []
    away: dict[str, list[float]] = msgspec.field(default_factory=lambda: defaultdict(list))
    stopped: dict[str, list[float]] = msgspec.field(default_factory=lambda: defaultdict(list))
    blows: int = 0
    wrong: list[str] = []
    counts: Counter[str] = msgspec.field(default_factory=Counter)


async def chaos(running: Installation, seed: int, count: int, run: Run) -> None:
    """Sends and kills until the blows are over or a signal comes; then what is left is sent."""
    ending, interrupted = asyncio.Event(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupted.set)
    url = f"http://127.0.0.1:{running.port}"
    async with (
        asyncio.timeout(None) as limit,
        httpx.AsyncClient(base_url=url, timeout=ANSWER_SECONDS) as http,
        asyncio.TaskGroup() as group,
    ):
        for partner in run.partners:
            for number in range(CLIENTS):
                client = Client(http, partner, ending)
                name = f"{partner.code}{number}"
                group.create_task(client.send(cohorts(seed, name)))
        try:
            for kill in kills(seed, count):
                reached = {one.code: one.reached for one in run.partners}

                async def caught_up(reached: dict[str, int] = reached) -> bool:
                    return all([await _has(http, one, reached) for one in run.partners])

                taken = await blow(running, kill, caught_up)
                run.blows += 1
                times = run.away if kill.by is signal.SIGKILL else run.stopped
                for part, seconds in taken.items():
                    times[part].append(seconds)
                _progress(run, taken, kill.by)
                if interrupted.is_set():
                    break
        except TimeoutError as error:
            run.wrong.append(str(error))
        ending.set()
        limit.reschedule(asyncio.get_running_loop().time() + ENDING_SECONDS)


async def _has(http: httpx.AsyncClient, partner: Partner, reached: dict[str, int]) -> bool:
    try:
        headers = {"Authorization": f"Bearer {partner.token}"}
        answer = await http.post("/graphql", headers=headers, json={"query": CAUGHT_UP})
        position = answer.json()["data"]["newcomerFigures"]["asOf"]["position"]
    except (httpx.TransportError, KeyError, TypeError, ValueError):
        return False
    return int(position) >= reached[partner.code]


def _progress(run: Run, taken: dict[str, float], by: signal.Signals) -> None:
    parts = ", ".join(f"{part} {seconds:.1f}" for part, seconds in taken.items())
    done = sum(len(one.told.commands) for one in run.partners)
    sys.stderr.write(f"{run.blows:4d} {by.name} {parts}; {done} acknowledged\n")


def judge(running: Installation, run: Run) -> None:
    """Waits for the jobs, and compares everything."""
    with connect(running.settings) as connection:
        deadline = time.monotonic() + JOBS_SECONDS
        while connection.execute(UNENDED).fetchone() != {"count": 0}:
            if time.monotonic() > deadline:
                run.wrong.append("jobs have not ended")
                break
            time.sleep(0.2)
        for partner in run.partners:
            found = audit(connection, partner)
            for name in Found.__struct_fields__:
                sentences = getattr(found, name)
                run.counts[name] += len(sentences)
                run.wrong += [f"{partner.code} {name}: {one}" for one in sentences]
    day = datetime.now(ZONE).date() - timedelta(days=1)
    for partner in run.partners:
        different = differing(running.data, partner, day)
        run.counts["figures"] += len(different)
        run.wrong += different
    verified = chudan("verify", "--data", str(running.data))
    if verified.returncode:
        run.wrong.append(f"verify: {verified.stdout[-1500:]}{verified.stderr[-1500:]}")


def table(run: Run) -> str:
    """Kills by part, and what became of the commands."""
    lines = ["| killed | times | back after, median s | most s |", "| --- | --- | --- | --- |"]
    for word, times in (("", run.away), (" (stopped)", run.stopped)):
        for part, away in sorted(times.items()):
            lines.append(f"| {part}{word} | {len(away)} | {median(away):.1f} | {max(away):.1f} |")
    told = [one.told for one in run.partners]
    twice = sum(len(command.positions) > 1 for one in told for command in one.commands)
    reasons = sum((one.unanswered for one in run.partners), Counter[str]())
    lines += [
        "",
        f"blows {run.blows}, acknowledged {sum(len(one.commands) for one in told)}, "
        f"of them sent twice on purpose {twice}, "
        f"reports {sum(len(one.reports) for one in told)}, "
        f"sheets {sum(len(one.imports) for one in told)}, "
        f"orders {sum(len(one.orders) for one in told)}",
        ", ".join(f"{name} {run.counts[name]}" for name in (*Found.__struct_fields__, "figures")),
        f"sent again because of: {dict(reasons.most_common())}",
        *(["wrong:", *run.wrong[:SHOWN]] if run.wrong else ["nothing is wrong"]),
    ]
    return "\n".join(lines)


def partners_of(running: Installation) -> list[Partner]:
    """Made anew, each with a token of an integration."""
    data, made = ("--data", str(running.data)), []
    for code in PARTNERS:
        created = chudan("partner", "create", "--code", code, "--name", code, *data)
        assert json.loads(created.stdout)["code"] == code, created.stderr
        role = ("--role", "training_manager")
        token = chudan("token", "create", "--partner", code, *role, *data).stdout.strip()
        made.append(Partner(code, token))
    return made


def perform(seed: int, count: int, folder: Path) -> Run:
    """The whole of it, in an installation of its own. folder: where that is made."""
    run = Run()
    with installation(folder / "var", APART) as running:
        ready = running.ready_line()
        assert ready.startswith("ready "), ready
        run.partners = partners_of(running)
        try:
            asyncio.run(chaos(running, seed, count, run))
        except* Exception as group:  # What was done by then is looked at all the same.
            run.wrong += [repr(error) for error in group.exceptions]
        judge(running, run)
    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="chudan-chaos-") as folder:
        sys.stderr.write(f"an installation of its own in {folder}; no other is touched\n")
        run = perform(asked.seed, asked.kills, Path(folder))
    sys.stdout.write(f"seed {asked.seed}\n{table(run)}\n")
    sys.exit(1 if run.wrong else 0)


if __name__ == "__main__":
    main()
