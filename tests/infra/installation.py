"""`chudan serve` as a real process, for the tests of what happens to it."""

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg

from infra.servers.data_folder import read_runtime
from infra.servers.embedded_servers import SUPERUSER
from infra.servers.private_files import keep_secret
from infra.settings import Settings, load_settings
from tests import warm

CHUDAN = [sys.executable, "-P", "-m", "api.cli"]
MOST_SECONDS = 90.0


class Installation:
    """A running `chudan serve`. how: it is called."""

    def __init__(self, data: Path, how: Sequence[str] = CHUDAN, **told: str) -> None:
        self.data, self.port = data, free_port()
        self.log = data.with_suffix(".log")
        command = [*how, "serve", "--data", str(data), "--port", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=environment() | told, stdout=subprocess.PIPE, stderr=log, text=True
            )

    def ready_line(self) -> str:
        """Waits for the first line; what was logged if there is none."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip() or self.log.read_text()

    def first_link(self) -> str:
        """The link of the first account: what follows the first line says in which file it is."""
        assert self.process.stdout is not None
        named = re.search(r"/\S+$", self.process.stdout.readline().strip())
        assert named is not None
        file = Path(named[0])
        assert file.stat().st_mode & 0o777 == 0o600
        return file.read_text().strip()

    @property
    def settings(self) -> Settings:
        """With the servers' addresses, while they run."""
        runtime = read_runtime(self.data)
        assert runtime is not None
        there = {
            "CHUDAN_DATABASE_URL": runtime.database_url,
            "CHUDAN_BROKER_URL": runtime.broker_url,
        }
        return load_settings(there, data=self.data)

    def everybody(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, word: str) -> psutil.Process | None:
        """The child that runs a command of chudan, or the server of that name."""
        for child in psutil.Process(self.process.pid).children():
            try:
                if word in child.cmdline()[4:5] or word == child.name():
                    return child
            except psutil.Error:
                continue
        return None

    def status(self, path: str) -> int:
        return status(self.port, path)


class Obstacle:
    """An order number that nobody else may claim yet: an import that comes to it waits there."""

    def __init__(self, running: Installation, tenant_id: str, order_no: str) -> None:
        settings = running.settings
        self._watch = psycopg.connect(settings.dsn("owner"), autocommit=True)
        self._held = psycopg.connect(settings.dsn("log"))
        self._held.execute("select set_config('app.tenants', %s, true)", [tenant_id])
        self._held.execute(
            "insert into claims values (%s, 'order_no', %s, 'nobody')",
            [tenant_id, order_no],
        )

    def is_reached(self) -> bool:
        """Whether somebody waits for it."""
        waiting = "select count(*) > 0 from pg_locks where %s = any(pg_blocking_pids(pid))"
        row = self._watch.execute(waiting, [self._held.info.backend_pid]).fetchone()
        return bool(row and row[0])

    def clear(self) -> None:
        """Takes it away, unless the database has died with it."""
        self._held.close()
        self._watch.close()


@contextmanager
def installation(data: Path, how: Sequence[str] = CHUDAN, **told: str) -> Iterator[Installation]:
    """Started; stopped at the end if the test left it running. told: more of the environment."""
    started = Installation(data, how, **told)
    try:
        yield started
    finally:
        started.process.terminate()
        started.process.wait(MOST_SECONDS)


def chudan(*arguments: str, **told: str) -> subprocess.CompletedProcess[str]:
    """Runs one command to its end; told: more of the environment."""
    status, output, errors = warm.ended(environment() | told, arguments)
    return subprocess.CompletedProcess(["chudan", *arguments], status, output, errors)


def environment() -> dict[str, str]:
    """Ours without what names servers, in English."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("CHUDAN_")}
    return ours | {"LC_ALL": "C.UTF-8", "CHUDAN_LOG": "json"}


def superuser_url(settings: Settings) -> str:
    """Of embedded servers, the address as whoever may do anything with the database."""
    parts = urlsplit(settings.dsn("owner"))
    password = keep_secret(settings.data / "superuser")
    place = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{SUPERUSER}:{password}@{place}").geturl()


def status(port: int, path: str) -> int:
    """The HTTP status of a page, 0 when nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(condition: Callable[[], bool]) -> None:
    """Waits for it; fails after MOST_SECONDS."""
    deadline = time.monotonic() + MOST_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def all_gone(processes: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=MOST_SECONDS)
    return not alive
