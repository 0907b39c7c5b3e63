"""`chudan serve`: the servers and processes of one installation, kept running until a signal.

Nothing here connects or waits in a second thread: signals are blocked and taken one at a time,
between looks at the children, so that no moment exists in which a signal is lost.
"""

import asyncio
import http.client
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from infra.database.migrate import migrate
from infra.demo.accounts import demo_accounts
from infra.servers.checks import check_broker, check_database, refuse_unusable_address
from infra.servers.data_folder import hold, read_runtime
from infra.servers.embedded import Embedded
from infra.servers.process import Process, Program, ServerError, adopt_orphans
from infra.settings import Settings

CHILDREN = ("api", "projector", "worker", "scheduler")
FIRST_DELAY, LONGEST_DELAY, STEADY_SECONDS = 0.1, 5.0, 10.0
LOOK_SECONDS, STARTING_SECONDS = 0.2, 120.0
MOST_EARLY_ENDS = 6
"""So often may a child end before the first `ready`."""

_STOPPING = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}


class StopAskedError(Exception):
    """A signal asked this process to stop."""


def serve(settings: Settings, announce: Callable[[str], None], *, demo: bool = False) -> None:
    """Runs everything until SIGTERM or SIGINT; announces `ready http://H:N`.

    Raises ServerError: `data_folder_in_use` (path, pid), `child_failed` (name), and what the
    checks and the servers raise.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING | {signal.SIGCHLD})
    adopt_orphans()
    with hold(settings.data) as lock:
        if lock is None:
            runtime = read_runtime(settings.data)
            pid = runtime.pid if runtime else None
            raise ServerError("data_folder_in_use", path=str(settings.data), pid=pid)
        refuse_unusable_address(settings.host, settings.port)
        supervisor = Supervisor(Embedded(settings, lock))
        try:
            supervisor.run(announce, demo=demo)
        except StopAskedError:
            return
        finally:
            supervisor.stop()


class Supervisor:
    """The units of one installation: servers first, then the processes that use them."""

    def __init__(self, embedded: Embedded) -> None:
        self.embedded = embedded
        self.settings = embedded.settings
        self.units: list[Unit] = []

    def run(self, announce: Callable[[str], None], *, demo: bool) -> None:
        self.embedded.start(pause)
        for server in self.embedded.servers:
            process = self.embedded.processes[server.program.name]
            self.units.append(Unit(server.program, process))
        self._check_outside()
        asyncio.run(migrate(self.settings.dsn("owner"), self.settings.role_passwords))
        if demo and not demo_accounts(self.settings):
            self._seed()
        for name in CHILDREN:
            self.units.append(Unit(self._program(name)))
        self._await_ready()
        announce(f"ready http://{_bracketed(self.settings.host)}:{self.settings.port}")
        while True:
            self._look()

    def stop(self) -> None:
        """Stops the processes, then the servers, and leaves nobody behind."""
        servers = {server.program.name for server in self.embedded.servers}
        children = [unit for unit in self.units if unit.program.name not in servers]
        for unit in children:
            unit.process.ask_to_stop()
        for unit in children:
            unit.process.stop()
        for unit in self.units:
            if unit.program.name in servers:
                self.embedded.processes[unit.program.name] = unit.process
        self.embedded.stop()
        _reap(set())

    def _check_outside(self) -> None:
        embedded = {server.program.name for server in self.embedded.servers}
        if "postgres" not in embedded:
            asyncio.run(check_database(self.settings.dsn("owner")))
        if "redis" not in embedded:
            asyncio.run(check_broker(self.settings.broker_url or ""))

    def _seed(self) -> None:
        process = Process(self._program("seed"))
        self.units.append(Unit(process.program, process))
        while (code := process.exit_code) is None:
            pause(LOOK_SECONDS)
        self.units.pop()
        if code:
            raise ServerError("child_failed", name="seed")

    def _await_ready(self) -> None:
        """Waits as long as the API says that it is not ready: it may be building read models."""
        deadline = time.monotonic() + STARTING_SECONDS
        while (status := _status(self.settings.host, self.settings.port)) != http.client.OK:
            if status is not None:
                deadline = time.monotonic() + STARTING_SECONDS
            failed = [unit for unit in self.units if unit.early_ends >= MOST_EARLY_ENDS]
            if failed or time.monotonic() > deadline:
                raise ServerError("child_failed", name=failed[0].program.name if failed else "api")
            self._look()

    def _look(self) -> None:
        for unit in self.units:
            unit.look()
        _reap({unit.process.pid for unit in self.units})
        pause(LOOK_SECONDS)

    def _program(self, name: str) -> Program:
        argv = [sys.executable, "-P", "-m", "api.cli", name, "--data", str(self.settings.data)]
        if name == "api":
            argv += ["--host", self.settings.host, "--port", str(self.settings.port)]
        return Program(name, argv, os.environ, Path.cwd())


class Unit:
    """One program that is to run always; waits a little longer each time it ends soon."""

    def __init__(self, program: Program, process: Process | None = None) -> None:
        self.program = program
        self.process = process or Process(program)
        self.early_ends = 0
        self._delay = FIRST_DELAY
        self._started = time.monotonic()
        self._due: float | None = None

    def look(self) -> None:
        """Starts it again if it has ended and it is time to."""
        now = time.monotonic()
        if self._due is None and self.process.exit_code is not None:
            self.process.end_group()
            steady = now - self._started > STEADY_SECONDS
            self.early_ends = 0 if steady else self.early_ends + 1
            self._delay = FIRST_DELAY if steady else min(self._delay * 2, LONGEST_DELAY)
            self._due = now + self._delay
            structlog.get_logger("supervisor").warning(
                "child ended", child=self.program.name, exit_code=self.process.exit_code
            )
        if self._due is not None and now >= self._due:
            self._due, self._started = None, now
            self.process = Process(self.program)


def pause(seconds: float) -> None:
    """Waits, less long when a child ends. Raises StopAskedError."""
    received = signal.sigtimedwait(_STOPPING | {signal.SIGCHLD}, seconds)
    if received is not None and received.si_signo in _STOPPING:
        raise StopAskedError


def _status(host: str, port: int) -> int | None:
    """The status of `/readyz`; None while nothing answers."""
    local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    connection = http.client.HTTPConnection(local, port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _reap(ours: set[int]) -> None:
    """Buries orphans that became ours; the children proper are waited for by their owners."""
    try:
        listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    except OSError:
        return
    for pid in {int(word) for word in listed} - ours:
        try:
            os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            continue
