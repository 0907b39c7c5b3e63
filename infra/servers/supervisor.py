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
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import structlog

from infra.access.first_start import OwnersFirstLink
from infra.demo.accounts import demo_accounts
from infra.log.secret_keys import list_keys_in_use, not_in_force
from infra.servers.data_folder import (
    hold,
    read_runtime,
    refuse_half_restored,
    socket_folder,
)
from infra.servers.embedded import Embedded
from infra.servers.private_files import clear_drafts
from infra.servers.process import Process, Program, ServerError, adopt_orphans
from infra.servers.watchdog import Watchdog
from infra.settings import Settings, unusable
from services.people.first_start import first_link

CHILDREN = ("api", "projector", "worker", "scheduler")
LOOK_SECONDS, STARTING_SECONDS = 0.2, 120.0
MOST_EARLY_ENDS = 6
"""So often may a child end before the first `ready`."""

Announce = Callable[[str, str | None], None]
"""Told that all is ready, and the link of the first account, where there is none yet."""

_STOPPING = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}


class StopAskedError(Exception):
    """A signal asked this process to stop."""


def serve(settings: Settings, announce: Announce, *, demo: bool = False) -> None:
    """Runs everything until SIGTERM or SIGINT; announces `ready http://H:N`.

    A command that runs the folder's servers is waited for. Raises ServerError:
    `data_folder_in_use` (path, pid), `restore_interrupted` (path), `child_failed` (name), and
    what the servers raise.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING | {signal.SIGCHLD})
    adopt_orphans()
    with suppress(StopAskedError), hold(settings.data, lasting=True, pause=pause) as lock:
        if lock is None:
            runtime = read_runtime(settings.data)
            pid = runtime.pid if runtime else None
            raise ServerError("data_folder_in_use", path=str(settings.data), pid=pid)
        refuse_half_restored(settings.data)
        try:
            clear_drafts(settings.data)
        except OSError as error:
            raise unusable(settings.data, error) from error
        supervisor = Supervisor(Embedded(settings, lock))
        try:
            supervisor.run(announce, demo=demo)
        finally:
            supervisor.stop()


class Supervisor:
    """The servers of one installation and the processes that use them."""

    def __init__(self, embedded: Embedded) -> None:
        self.embedded = embedded
        self.settings = embedded.settings
        self.children: list[Process] = []
        self._away: tuple[str, ...] = ()

    def run(self, announce: Announce, *, demo: bool) -> None:
        self.embedded.start(pause, up_to_date=True, lasting=True)
        given = self.settings.given()
        if amiss := not_in_force(given, asyncio.run(list_keys_in_use(given))):
            structlog.get_logger("serve").warning(amiss.code, key_id=amiss.params["key"])
        if demo and not demo_accounts(self.settings):
            self._seed()
        link = asyncio.run(self._first_link())
        signs = socket_folder(self.settings.data / "signs", None)
        for name in CHILDREN:
            watchdog = Watchdog(signs / name)
            program = self._program(name, watchdog.environment)
            self.children.append(Process(program, watchdog.has_heard))
        self._await_ready()
        host, port = self.settings.host, self.settings.port
        address = f"[{host}]" if ":" in host else host
        announce(f"ready http://{address}:{port}", link)
        while True:
            self._look()

    def stop(self) -> None:
        """Stops the processes, then the servers, and leaves nobody behind."""
        for child in self.children:
            child.ask_to_stop()
        for child in self.children:
            child.stop()
        self.embedded.stop()
        _reap(set())

    async def _first_link(self) -> str | None:
        rows = OwnersFirstLink(self.settings.dsn("owner"))
        return await first_link(rows, datetime.now(UTC), self.settings.origin)

    def _seed(self) -> None:
        seeding = Process(self._program("seed"))
        self.children.append(seeding)
        while (code := seeding.exit_code) is None:
            pause(LOOK_SECONDS)
        self.children.remove(seeding)
        if code:
            raise ServerError("child_failed", name="seed")

    def _await_ready(self) -> None:
        """Waits until all of them are there, and as long as nothing but the API says that it is not
        ready: it may be building read models."""
        deadline = time.monotonic() + STARTING_SECONDS
        while True:
            self._look()
            status = _status(self.settings.host, self.settings.port)
            if status == http.client.OK and not self._away:
                return
            if status is not None and not self._away:
                deadline = time.monotonic() + STARTING_SECONDS
            failed = [
                one.program.name for one in self._processes if one.early_ends >= MOST_EARLY_ENDS
            ]
            if failed or time.monotonic() > deadline:
                raise ServerError("child_failed", name=[*failed, *self._away, "api"][0])

    def _look(self) -> None:
        for process in self._processes:
            process.look()
        _reap({process.pid for process in self._processes})
        self._tell()
        pause(LOOK_SECONDS)

    def _tell(self) -> None:
        away = tuple(one.program.name for one in self._processes if one.is_away)
        if away != self._away:
            with suppress(OSError):  # On a full disk it is told later.
                self.embedded.tell(lasting=True, away=away)
                self._away = away

    @property
    def _processes(self) -> list[Process]:
        return [*self.embedded.processes, *self.children]

    def _program(self, name: str, more: Mapping[str, str] = MappingProxyType({})) -> Program:
        argv = [sys.executable, "-P", "-m", "api.cli", name, "--data", str(self.settings.data)]
        if name == "api":
            argv += ["--host", self.settings.host, "--port", str(self.settings.port)]
        return Program(name, argv, {**os.environ, **more}, Path.cwd())


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
