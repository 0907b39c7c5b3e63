"""A child process that cannot outlive its parent, and may run as another account.

PostgreSQL refuses to run as root, so root starts the servers as an account of their own. Where
that account cannot reach the program or its folder (a clone under /root, 0700), it is given one
capability, to pass through folders, rather than opening the folders to everybody.
"""

import ctypes
import math
import multiprocessing
import os
import pwd
import shutil
import signal
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

import msgspec
import structlog

from domain.kernel.errors import Refusal
from infra.servers.reasons import tells_of_no_room, why

ACCOUNT = "chudan"
"""The account made for the servers when root starts them; `nobody` where none can be made."""

FIRST_DELAY, LONGEST_DELAY = 0.1, 5.0
"""From one start of a program to the next, at least: doubled each time that it ended soon. What ran
longer than that is started again at once."""
STEADY_SECONDS = 10.0
"""After which an end is no longer soon."""
ASK_SECONDS = 1.0
"""Between two looks for a sign of life."""
AWAY_SECONDS = 5.0
"""Without a sign, until a program counts as away."""
HUNG_SECONDS = 20.0
"""Without a sign, until a program that gave one before is ended."""
BEGIN_SECONDS = 120.0
"""Until one that never gave any is."""
STOP_SECONDS = 20.0
"""That a program may take to stop before it is ended."""

_LIBC = ctypes.CDLL(None, use_errno=True)
_SET_PDEATHSIG, _SET_SECUREBITS, _SET_CHILD_SUBREAPER, _CAP_AMBIENT = 1, 28, 36, 47
_NO_SETUID_FIXUP, _AMBIENT_RAISE, _CAPABILITY_VERSION_3 = 4, 2, 0x20080522
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2


class ServerError(Refusal):
    """A server or a process of this installation cannot do what it should."""


STOPPED = ("T", "t")
"""How the system notes a process that a signal or a debugger has stopped."""


class Account(msgspec.Struct, frozen=True):
    """The system account that a child process runs as. capability: None, or the one that lets it
    pass through folders."""

    uid: int
    gid: int
    capability: int | None = None


class Program(msgspec.Struct, frozen=True):
    """How a child is run.

    env: the whole environment. log: None inherits standard error. keep: descriptors that stay open.
    """

    name: str
    argv: list[str]
    env: Mapping[str, str]
    folder: Path
    stop_signal: signal.Signals = signal.SIGTERM
    account: Account | None = None
    log: Path | None = None
    keep: tuple[int, ...] = ()


class Process:
    """A program that is run as the leader of its own session, and again where it is to run always:
    its starts being further apart each time it ends soon. One that hangs is ended for that."""

    def __init__(
        self,
        program: Program,
        is_alive: Callable[[], bool] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Starts it. is_alive: whether it gave a sign of life since that was asked last, where it
        gives any. Raises ServerError `process_not_started` (name, reason)."""
        self.program = program
        self._is_alive, self._clock = is_alive, clock
        self.early_ends = 0
        self._delay = FIRST_DELAY
        self._start()

    def _start(self) -> None:
        program = self.program
        self._asked, self._due, self._started = False, math.inf, self._clock()
        self._looked, self._silence, self._has_begun = self._started, 0.0, self._is_alive is None
        if self._is_alive is not None:
            self._is_alive()  # What the last one said is forgotten.
        if program.log is not None:
            program.log.touch(mode=0o600)
        output = program.log.open("ab") if program.log else None
        try:
            self._popen = subprocess.Popen(  # noqa: S603
                program.argv,
                env=dict(program.env),
                cwd=program.folder,
                stdin=subprocess.DEVNULL,
                stdout=output or 2,
                stderr=output,
                start_new_session=True,
                pass_fds=program.keep,
                preexec_fn=_before_exec(program),  # noqa: PLW1509 - one thread starts children
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise ServerError(
                "process_not_started", name=program.name, reason=why(error)
            ) from error
        finally:
            if output is not None:
                output.close()

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def exit_code(self) -> int | None:
        """The exit code: None while it runs; negative: the signal that ended it."""
        return self._popen.poll()

    @property
    def is_away(self) -> bool:
        """Whether it has ended, is beginning, or gives no sign of life."""
        is_here = self._has_begun and self._silence < AWAY_SECONDS
        return self.exit_code is not None or not is_here

    def look(self) -> None:
        """Ends the program if it hangs; starts it again if it has ended and its pause is over."""
        now = self._clock()
        is_due = now - self._looked >= ASK_SECONDS or not self._has_begun
        if self._is_alive is not None and is_due:
            # Its own children may give signs of life while it is stopped.
            self._listen(self._is_alive() and state_of(self.pid) not in STOPPED, now)
        if self._due == math.inf and self.exit_code is not None:
            self._end_group()
            # One that hung from its start ended soon, however long it was waited for.
            steady = self._has_begun and now - self._started > STEADY_SECONDS
            self.early_ends = 0 if steady else self.early_ends + 1
            self._delay = FIRST_DELAY if steady else min(self._delay * 2, LONGEST_DELAY)
            self._due = max(now, self._started + self._delay)
            structlog.get_logger("supervisor").warning(
                "child ended", child=self.program.name, exit_code=self.exit_code
            )
        if now >= self._due:
            self._start()

    def _listen(self, is_alive: bool, now: float) -> None:
        # Where nobody looked for long, the machine or we stood still, and perhaps it did too.
        self._silence = 0.0 if is_alive else self._silence + min(now - self._looked, AWAY_SECONDS)
        self._looked, self._has_begun = now, self._has_begun or is_alive
        if self._silence > (HUNG_SECONDS if self._has_begun else BEGIN_SECONDS):
            self._silence = 0.0
            structlog.get_logger("supervisor").error("child hangs", child=self.program.name)
            self._popen.kill()

    def ask_to_stop(self) -> None:
        if self.exit_code is None and not self._asked:
            self._asked = True
            self._popen.send_signal(self.program.stop_signal)

    def stop(self) -> None:
        """Stops the program: a signal, a wait, then the end of its whole group."""
        self.ask_to_stop()
        try:
            self._popen.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
        self._end_group()

    def _end_group(self) -> None:
        """Kills the processes that a dead leader left in its group."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return


def run(program: Program, *, text: str = "", seconds: float = 120.0) -> str:
    """Runs a program to its end and answers its output.

    Raises ServerError `process_not_started` (name, reason), `program_failed` (name, said: the last
    line that it wrote), and `disk_full` where it had no room.
    """
    try:
        done = subprocess.run(  # noqa: S603
            program.argv,
            env=dict(program.env),
            cwd=program.folder,
            input=text,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            check=False,
            start_new_session=True,  # Ctrl-C in the terminal is ours to answer.
            pass_fds=program.keep,
            preexec_fn=_before_exec(program),
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ServerError("process_not_started", name=program.name, reason=why(error)) from error
    if done.returncode:
        lines = done.stdout.strip().splitlines() or [f"exit {done.returncode}"]
        if tells_of_no_room(done.stdout):
            raise ServerError("disk_full")
        raise ServerError("program_failed", name=program.name, said=lines[-1])
    return done.stdout


def installed(package: str) -> Path:
    """The folder of an installed package that is not imported for it."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ServerError("package_missing", name=package)
    return Path(spec.submodule_search_locations[0])


def state_of(pid: int) -> str:
    """How the system notes what a process does: `Z` or `X` where it has ended, or there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "X"


def adopt_orphans() -> None:
    """Grandchildren whose parent dies become this process's children."""
    _LIBC.prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def server_account(folder: Path, program: Path) -> Account | None:
    """The account that servers run as; None: our own. folder: theirs already, or to become theirs.

    Raises ServerError `servers_need_account` (path) when root can make none that reaches both.
    """
    if os.geteuid() != 0:
        return None
    owner = folder.stat().st_uid if folder.exists() else 0
    entry = pwd.getpwuid(owner) if owner else _own_account()
    for capability in (None, _CAP_DAC_READ_SEARCH, _CAP_DAC_OVERRIDE):
        account = Account(entry.pw_uid, entry.pw_gid, capability)
        if _reaches(account, folder.parent, program):
            return account
    raise ServerError("servers_need_account", path=str(folder))


def _own_account() -> pwd.struct_passwd:
    for _ in range(2):
        try:
            return pwd.getpwnam(ACCOUNT)
        except KeyError:
            useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
            if useradd is None:
                break
            home = ["--no-create-home", "--home-dir", "/nonexistent"]
            command = [useradd, "--system", *home, "--shell", "/usr/sbin/nologin", ACCOUNT]
            subprocess.run(command, check=False, capture_output=True)  # noqa: S603
    return pwd.getpwnam("nobody")


def _reaches(account: Account, folder: Path, program: Path) -> bool:
    probe = Path(tempfile.mkdtemp(prefix=".reach-", dir=folder))
    try:
        os.chown(probe, account.uid, account.gid)
        argv = [str(program), "--version"]
        run(Program("reach", argv, {}, Path("/"), account=account), seconds=10)
        touch = ["/bin/sh", "-c", 'cd "$0" && : > file', str(probe)]
        run(Program("reach", touch, {}, Path("/"), account=account), seconds=10)
        return True
    except ServerError:
        return False
    finally:
        shutil.rmtree(probe, ignore_errors=True)


def _before_exec(program: Program) -> Callable[[], None]:
    parent, death, account = os.getpid(), int(program.stop_signal), program.account

    def before_exec() -> None:
        if account is not None:
            _become(account)
        end_with(parent, death)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])

    return before_exec


def end_with_parent() -> None:
    """Ends this process, which multiprocessing started, when its parent is killed: who was to stop
    it is gone, and it would go on serving for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        end_with(parent.pid, signal.SIGKILL)


def end_with(parent: int, death: int) -> None:
    """Has the kernel send the signal at the parent's death; ends where it died before that."""
    _LIBC.prctl(_SET_PDEATHSIG, death, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _become(account: Account) -> None:
    if account.capability is not None:
        _checked(_LIBC.prctl(_SET_SECUREBITS, _NO_SETUID_FIXUP, 0, 0, 0))
    os.setgroups([])
    os.setgid(account.gid)
    os.setuid(account.uid)
    os.umask(0o077)
    if account.capability is not None:
        mask = 1 << account.capability
        header = struct.pack("II", _CAPABILITY_VERSION_3, 0)
        _checked(_LIBC.capset(header, struct.pack("IIIIII", mask, mask, mask, 0, 0, 0)))
        _checked(_LIBC.prctl(_CAP_AMBIENT, _AMBIENT_RAISE, account.capability, 0, 0))


def _checked(result: int) -> None:
    if result:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
