"""The servers of an installation: embedded ones where the environment names no other.

`chudan serve` and the commands beside it meet here. Whoever holds the data folder runs the
servers; everybody else finds them in `runtime.json`.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from infra.database.migrate import migrate
from infra.servers.data_folder import (
    POLL_SECONDS,
    RESTORING,
    RUNTIME,
    Runtime,
    guests,
    hold,
    read_runtime,
    refuse_half_restored,
    refuse_when_full,
    serving,
    socket_folder,
    write_private,
)
from infra.servers.embedded_servers import CLUSTER, EmbeddedPostgres, EmbeddedRedis, programs
from infra.servers.private_files import keep_secret
from infra.servers.process import Process, ServerError, server_account
from infra.settings import Settings, named_servers

READY_SECONDS = 60.0
LARGEST_LOG = 16 << 20


class Embedded:
    """The servers that this process runs. settings: with the addresses of all of them."""

    def __init__(self, settings: Settings, lock: int | None, *, durable: bool = True) -> None:
        """lock: the descriptor of infra.servers.data_folder.hold. Raises ServerError."""
        self.servers: list[EmbeddedPostgres | EmbeddedRedis] = []
        self.processes: list[Process] = []
        data, keep = settings.data, () if lock is None else (lock,)
        if settings.database_url is None or settings.broker_url is None:
            refuse_when_full(data)
            _prepare_logs(data / "log")
            account = server_account(data / CLUSTER, programs() / "postgres")
            sockets = socket_folder(data / "run", account)
            if settings.database_url is None:
                postgres = EmbeddedPostgres(
                    data=data,
                    sockets=sockets,
                    account=account,
                    keep=keep,
                    superuser_password=keep_secret(data / "superuser"),
                    owner_password=keep_secret(data / "owner"),
                    durable=durable,
                )
                self.servers.append(postgres)
                settings = msgspec.structs.replace(settings, database_url=postgres.url)
            if settings.broker_url is None:
                redis = EmbeddedRedis(data=data, sockets=sockets, account=account, keep=keep)
                self.servers.append(redis)
                settings = msgspec.structs.replace(settings, broker_url=redis.url)
        self.settings = settings

    def start(
        self,
        pause: Callable[[float], object] = time.sleep,
        *,
        up_to_date: bool = False,
        lasting: bool = False,
        is_told: bool = True,
    ) -> None:
        """Starts all servers, waits until they are ready, and only then tells others of them.

        pause: called between looks, may raise to give up. up_to_date: the schema is made so before.
        lasting: as of a Runtime. is_told: others may use them.
        Raises ServerError `server_not_ready` (name, log).
        """
        try:
            for server in self.servers:
                server.prepare()
                self.processes.append(Process(server.program, server.is_alive))
            for server, process in zip(self.servers, self.processes, strict=True):
                deadline = time.monotonic() + READY_SECONDS
                while not server.is_ready(process):
                    if process.exit_code is not None or time.monotonic() > deadline:
                        name, log = process.program.name, process.program.log
                        raise ServerError("server_not_ready", name=name, log=str(log))
                    pause(POLL_SECONDS)
                server.complete()
            if up_to_date:
                asyncio.run(migrate(self.settings))
            if is_told:
                self.tell(lasting=lasting)
        except BaseException:
            self.stop()
            raise

    def tell(self, *, lasting: bool, away: tuple[str, ...] = ()) -> None:
        """Tells others of the servers, see Runtime."""
        runtime = Runtime(
            pid=os.getpid(),
            database_url=self.settings.database_url or "",
            broker_url=self.settings.broker_url or "",
            is_lasting=lasting,
            away=away,
            address=self.settings.origin if lasting else "",
        )
        write_private(self.settings.data / RUNTIME, msgspec.json.encode(runtime))

    def stop(self) -> None:
        """Stops the servers in the opposite order."""
        (self.settings.data / RUNTIME).unlink(missing_ok=True)
        for process in self.processes:
            process.ask_to_stop()
        while self.processes:
            self.processes.pop().stop()


def refuse_nothing(data: Path) -> None:
    """Refuses `no_installation` (path) where servers would be begun in the folder, of which a
    command asks what is there: it is another folder than is meant, most often."""
    is_begun = any((data / name).exists() for name in (CLUSTER, RUNTIME, RESTORING))
    if not is_begun and named_servers()[0] is None:
        raise ServerError("no_installation", path=str(data))


@contextmanager
def connected(
    settings: Settings, *, up_to_date: bool = False, is_restoring: bool = False
) -> Iterator[Settings]:
    """The settings with every address: of the servers that run, or of those started for this, and
    of the pages that `serve` serves.

    up_to_date: the schema of an embedded database is made so before, where its servers are started
    for this: under those that run, who runs them may be of an earlier version. is_restoring: this
    is the command that puts a backup back into the folder.
    Raises ServerError `servers_not_ready`, `restore_interrupted`, and what starting them raises.
    """
    if not is_restoring:
        refuse_half_restored(settings.data)
    if settings.address is None and (served := serving(settings.data)):
        settings = msgspec.structs.replace(settings, address=served.address)
    if settings.database_url is not None and settings.broker_url is not None:
        yield settings
        return
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        with hold(settings.data) as lock:
            if lock is not None:
                embedded, is_elsewhere = Embedded(settings, lock), settings.database_url is not None
                embedded.start(
                    up_to_date=up_to_date and not is_elsewhere,
                    # Others would find the schema as it is before `chudan migrate` has come to it.
                    is_told=up_to_date or is_elsewhere,
                )
                try:
                    yield embedded.settings
                finally:
                    with guests(settings.data, alone=True):
                        embedded.stop()
                return
        with guests(settings.data):
            runtime = read_runtime(settings.data)
            if runtime is not None:
                found = msgspec.structs.replace(
                    settings,
                    database_url=settings.database_url or runtime.database_url,
                    broker_url=settings.broker_url or runtime.broker_url,
                )
                yield found
                return
        time.sleep(POLL_SECONDS)
    raise ServerError("servers_not_ready", path=str(settings.data))


def _prepare_logs(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    for log in folder.glob("*.log"):
        log.chmod(0o600)
        if log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_suffix(".log.1"))
