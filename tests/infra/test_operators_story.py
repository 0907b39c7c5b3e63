"""One installation from an empty folder through all that goes wrong in an operator's years: each is
told with what to do, and nothing that was acknowledged is lost."""

import json
import signal
import sys
from collections.abc import Sequence
from itertools import count
from typing import Any

import httpx
import psycopg

from infra.bootstrap import bootstrap
from projections import PROJECTIONS
from services.reactors import REACTORS
from tests.infra import disk as disks
from tests.infra.disk import Disk
from tests.infra.installation import (
    Installation,
    all_gone,
    chudan,
    installation,
    superuser_url,
    until,
)
from tests.read_models import head, plant

disk = disks.disk

HASTY = """
import os
os.umask(0)
from infra.servers import process
process.ASK_SECONDS, process.AWAY_SECONDS, process.HUNG_SECONDS = 0.2, 3.0, 12.0
from api.cli import main
main()
"""
PARTNER = ("--partner", "hz")
LACKING = "chudan: Read models that lack something recorded: "
PASSPHRASE = {"CHUDAN_PASSPHRASE": "a long passphrase"}
OPEN = (
    'mutation { openCohort(input: {code: "%s", name: "甲", openedOn: "2026-05-01"}) { position } }'
)
OPENED = "{ cohorts(first: 100) { edges { node { code } } } }"
ENROLLED = "{ trainees(first: 1) { edges { node { employeeNo } } } }"
OF_TRAINEES = [one for one in PROJECTIONS if "trainee.went_live" in one.topics]
STOPPED = (*OF_TRAINEES, *REACTORS)
PAYLOAD_OF = "select payload::text from events where tenant_id = %s and position = %s"
REWRITE = "update events set payload = %s where tenant_id = %s and position = %s"


class Operator:
    """Who runs it, and a partner's integration, which remembers what was acknowledged."""

    def __init__(self, running: Installation, token: str = "") -> None:
        self.running, self.token = running, token
        self.acknowledged: list[str] = []
        self._codes = count(1)

    def run(self, *arguments: str, **told: str) -> tuple[int, str, str]:
        """A command: its exit status, what it says and what it complains of."""
        done = chudan(*arguments, "--data", str(self.running.data), **told)
        return done.returncode, done.stdout, done.stderr

    def ask(self, document: str) -> Any:
        """The answer of GraphQL, in English."""
        return httpx.post(
            f"http://127.0.0.1:{self.running.port}/graphql",
            headers={"authorization": f"Bearer {self.token}", "accept-language": "en"},
            json={"query": document},
            timeout=60,
        ).json()

    def open_cohort(self) -> Any:
        """Answers what was said to it."""
        code = f"C-{next(self._codes)}"
        if "errors" not in (answer := self.ask(OPEN % code)):
            self.acknowledged.append(code)
        return answer

    def shown(self) -> set[str]:
        edges = self.ask(OPENED)["data"]["cohorts"]["edges"]
        return {edge["node"]["code"] for edge in edges}

    def ready(self) -> tuple[int, Any]:
        answer = httpx.get(f"http://127.0.0.1:{self.running.port}/readyz", timeout=30)
        return answer.status_code, answer.json()

    def away(self) -> list[str] | None:
        """What does not answer; None while the database has gone."""
        named: list[str] | None = self.ready()[1].get("away")
        return named

    def is_well(self) -> bool:
        return self.running.status("/readyz") == 200 and self.away() == []


async def test_nothing_is_lost_and_each_is_told_what_is_wrong(disk: Disk) -> None:
    data = disk.folder / "var"
    with installation(data, [sys.executable, "-P", "-c", HASTY]) as running:
        assert running.ready_line() == f"ready http://127.0.0.1:{running.port}"
        operator = Operator(running)
        operator.run("partner", "create", "--code", "hz", "--name", "杭州渠道")
        _, token, _ = operator.run("token", "create", *PARTNER, "--role", "training_manager")
        operator.token = token.strip()
        assert operator.open_cohort()["data"]

        _hung(operator)
        await _rewritten_and_poisoned(operator)
        if disk.is_small:
            _full(operator, disk)

        wide = [path for path in data.rglob("*") if path.lstat().st_mode & 0o077]
        assert [path for path in wide if not path.is_socket()] == []
        assert operator.open_cohort()["data"]
        backup = str(disk.folder / "evening.chudan")
        assert operator.run("backup", backup, **PASSPHRASE)[0] == 0
        everybody = running.everybody()
        assert len(everybody) > 6
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(60) == 0
        assert not [process for process in everybody if process.is_running()]

    data.rename(disk.folder / "lost")
    running.data = disk.folder / "elsewhere"
    status, _, errors = operator.run("restore", backup, **PASSPHRASE)
    # Of the record that somebody planted: it was there when the backup was made.
    assert status == 1 and errors.splitlines()[-1].startswith(LACKING)
    _wrong_key(operator)
    with installation(running.data) as again:
        assert again.ready_line() == f"ready http://127.0.0.1:{again.port}"
        operator.running = again
        until(lambda: operator.shown() == {*operator.acknowledged})


async def _rewritten_and_poisoned(operator: Operator) -> None:
    """An event that somebody altered is named, and one that no projection can digest is passed
    over by those that it stops."""
    settings = operator.running.settings
    async with bootstrap(settings) as app:
        tenant = (await app.accounts.partner("hz")).tenant_id
        until((settings.data / "seals" / f"{tenant}.jsonl").exists)
        await plant(app, tenant, "trainee.went_live", '{"on": "never"}')
        position = await head(app, tenant)
    until(lambda: _parked(operator) == len(STOPPED))
    assert operator.open_cohort()["data"]
    until(lambda: _warned(operator) == ["read_model_incomplete"])

    with psycopg.connect(superuser_url(settings), autocommit=True) as superuser:
        (was,) = superuser.execute(PAYLOAD_OF, [tenant, 1]).fetchone() or [""]
        superuser.execute(REWRITE, ["{}", tenant, 1])
        status, said, errors = operator.run("verify", *PARTNER)
        superuser.execute(REWRITE, [was, tenant, 1])
    assert (status, said.splitlines()[0]) == (
        1,
        "hz: the event at position 1 is not as it was sealed.",
    )
    assert "Leave the database" in errors and "rebuild" not in errors
    status, said, errors = operator.run("verify", *PARTNER)
    assert (status, "as it was sealed" in said) == (1, False)
    assert errors.splitlines()[-1].startswith(LACKING)
    _let_on(operator, position)


def _parked(operator: Operator) -> int:
    ready = operator.ready()[1]
    return sum(one["parked"] for one in [*ready["projections"], *ready["reactors"]])


def _warned(operator: Operator) -> list[str]:
    told = operator.ask(ENROLLED).get("extensions", {}).get("warnings", ())
    return [warning["code"] for warning in told]


def _let_on(operator: Operator, position: int) -> None:
    status, said, _ = operator.run("projection", "list", *PARTNER)
    error = "ValidationError (trainee.went_live $.on)"
    told = sorted((one.checkpoint, position, error) for one in STOPPED)
    assert (status, _told(said)) == (0, told)
    status, said, _ = operator.run("doctor")
    models, reactors = (line for line in said.splitlines() if line.startswith("problem"))
    assert status == 1
    assert all(one.checkpoint in models for one in OF_TRAINEES)
    assert all(f"{one.checkpoint} ({position})" in reactors for one in REACTORS)

    first, *others = OF_TRAINEES
    wanted = [first.name, *PARTNER, "--position", str(position), "--reason", "记录已损坏"]
    status, _, errors = operator.run("projection", "retry", *wanted)
    assert status == 1
    assert f"{first.name} is parked at position {position} after all" in errors
    assert operator.run("projection", "skip", *wanted)[:2] == (0, f"hz: {first.name} goes on.\n")
    entries = json.loads(operator.run("projection", "list", *PARTNER)[1])
    parked = sorted(one["projection"] for one in entries if one["state"] == "parked")
    assert parked == sorted(one.checkpoint for one in (*others, *REACTORS))
    (skips,) = (one for one in entries if one["state"] == "skips")
    assert (skips["projection"], skips["reason"]) == (first.checkpoint, "记录已损坏")
    assert (skips["position"], skips["until"]) == (position, position)
    status, said, errors = operator.run("verify", *PARTNER)
    assert status == 1 and first.checkpoint.rpartition("_v")[0] in errors
    assert f"hz: {first.name}: commands passed over: 1; " in said
    status, _, errors = operator.run("projection", "retry", *wanted)
    assert status == 1
    assert f"{first.name} cannot be made with the command at position {position}" in errors


def _told(listed: str) -> Sequence[tuple[str, int, str]]:
    return sorted((one["projection"], one["position"], one["error"]) for one in json.loads(listed))


def _full(operator: Operator, disk: Disk) -> None:
    """What cannot be stored is refused, and all goes on by itself."""
    disk.fill()
    while "errors" not in (answer := operator.open_cohort()):
        pass
    assert [one["extensions"]["code"] for one in answer["errors"]] == ["disk_full"]
    status, told = operator.ready()
    assert (status, told["code"]) == (503, "disk_full")
    status, said, _ = operator.run("doctor")
    assert status == 1
    assert "Free some space" in said and "disk is full" in said
    disk.empty()
    until(operator.is_well)
    assert operator.open_cohort()["data"]


def _hung(operator: Operator) -> None:
    """What hangs is named, ended and started again."""
    running = operator.running
    names = ("postgres", "redis-server", "projector", "worker", "scheduler")
    stopped = [child for name in names if (child := running.child(name))]
    for process in stopped:
        process.suspend()
    until(lambda: operator.away() == ["postgres", "redis", "projector", "worker", "scheduler"])
    assert all_gone(stopped)
    until(operator.is_well)
    api = running.child("api")
    assert api is not None
    serving = api.children(recursive=True)
    for process in serving:
        process.suspend()
    assert all_gone(serving)
    until(lambda: running.status("/readyz") == 200)


def _wrong_key(operator: Operator) -> None:
    """With another secret key nothing begins."""
    kept = operator.running.data / "secret_key"
    aside = kept.rename(kept.with_name("aside"))
    wrong = {"CHUDAN_SECRET_KEY": "a wrong secret key"}
    status, said, errors = operator.run("serve", "--port", "1", **wrong)
    assert (status, said, errors.count("\n")) == (1, "", 1)
    assert "put the file secret_key of the data folder back" in errors
    status, said, _ = operator.run("doctor", **wrong)
    problems = [line for line in said.splitlines() if line.startswith("problem")]
    assert status == 1
    assert all("The secret key is not the one" in line for line in problems)
    aside.rename(kept)
