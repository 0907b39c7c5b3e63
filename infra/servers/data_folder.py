"""The locks of the data folder, and the addresses of its servers.

servers.lock    held by the one process that runs the servers: `serve`, or a command
guests.lock     shared by commands that use another command's servers
runtime.json    0600: addresses of the servers while they run
restoring       while a backup is being put back here
run/            the servers' sockets; a short folder elsewhere where the path would be too long
signs/          those that `serve` listens to its processes by; the same
"""

import hashlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec

from infra.servers.locks import ALONE, AMONG_OTHERS, AT_ONCE, is_held, locked, opened
from infra.servers.private_files import draft_of
from infra.servers.process import Account, ServerError, state_of

SOCKET_PATH_BYTES = 107
LONGEST_SOCKET_NAME = "/.s.PGSQL.5432.lock"
RUNTIME, RESTORING = "runtime.json", "restoring"
SECONDS_TO_SHUT_DOWN, SECONDS_OF_A_COMMAND, POLL_SECONDS = 20.0, 60.0, 0.05
SPACE_NEEDED = 256 << 20
"""Bytes that must be free where the servers are embedded: a new cluster and its first log files."""
LEAST_ROOM = 32 << 20
"""Bytes below which a disk counts as full: two of the log files that PostgreSQL makes ahead, which
stops without."""


class Runtime(msgspec.Struct, frozen=True):
    """The running servers, when others may use them.

    is_lasting: they run until somebody stops them, and not for a command alone. away: the servers
    and processes that do not answer at present, or are being started. address: where people find
    the pages; empty where none are served.
    """

    pid: int
    database_url: str
    broker_url: str
    is_lasting: bool = False
    away: tuple[str, ...] = ()
    address: str = ""


def read_runtime(data: Path) -> Runtime | None:
    try:
        return msgspec.json.decode((data / RUNTIME).read_bytes(), type=Runtime)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def list_away(data: Path) -> Sequence[str]:
    """What does not answer at present or is being started, of all that `serve` runs in the folder;
    nothing where it does not run."""
    return runtime.away if (runtime := serving(data)) else ()


def serving(data: Path) -> Runtime | None:
    """What `serve` tells that runs in the folder; None where it does not run."""
    runtime = read_runtime(data)
    return runtime if runtime and runtime.is_lasting and _is_held(data) else None


@contextmanager
def hold(
    data: Path, *, lasting: bool = False, pause: Callable[[float], object] = time.sleep
) -> Iterator[int | None]:
    """The lock's descriptor while this process runs the folder's servers, None if another does.

    The servers inherit it, so that nobody starts a second set while the first, its parent killed,
    is still shutting down: that is waited for. lasting: so is who runs them for a command alone, or
    starts or stops them and does not say; else a living process is not. pause: between two looks,
    may raise to give up.
    """
    with opened(data / "servers.lock") as descriptor:
        deadline = time.monotonic() + (SECONDS_OF_A_COMMAND if lasting else SECONDS_TO_SHUT_DOWN)
        while not (held := locked(descriptor, ALONE | AT_ONCE)):
            runtime = read_runtime(data)
            is_ending = runtime is not None and not _is_alive(runtime.pid)
            is_command = lasting and not (runtime and runtime.is_lasting)
            if not (is_ending or is_command) or time.monotonic() > deadline:
                break
            pause(POLL_SECONDS)
        if held:  # What one that was killed told is so no more.
            (data / RUNTIME).unlink(missing_ok=True)
        yield descriptor if held else None


def _is_held(data: Path) -> bool:
    """Whether the folder's servers run; a process of the same id as who ran them says nothing."""
    with opened(data / "servers.lock") as descriptor:
        return is_held(descriptor)


@contextmanager
def guests(data: Path, *, alone: bool = False) -> Iterator[None]:
    """While this lasts, a command that runs the servers does not stop them.

    alone: waits until the last guest has gone, and lets no new one in.
    """
    with opened(data / "guests.lock") as descriptor:
        locked(descriptor, ALONE if alone else AMONG_OTHERS)
        yield


def _is_alive(pid: int) -> bool:
    """Whether the process runs: one that has ended and waits for its parent does not."""
    return state_of(pid) not in "ZX"


def has_room(data: Path) -> bool:
    """Whether the folder's disk is not full, before it has no room at all."""
    return shutil.disk_usage(data).free >= LEAST_ROOM


def refuse_when_full(data: Path, free: int | None = None, needed: int = SPACE_NEEDED) -> None:
    """Raises ServerError `data_folder_full` on a full disk. data: perhaps yet to be made. free:
    bytes, else measured."""
    if free is None:
        there = next(one for one in (data, *data.parents) if one.exists())
        free = shutil.disk_usage(there).free
    if free < needed:
        raise ServerError("data_folder_full", path=str(data), free=free >> 20, needed=needed >> 20)


def write_private(path: Path, content: bytes, account: Account | None = None) -> None:
    """Makes or replaces a file, whole at every moment: 0600, the account's or our own."""
    with draft_of(path) as draft:
        draft.write_bytes(content)
        if account:
            os.chown(draft, account.uid, account.gid)
        draft.replace(path)


def refuse_half_restored(data: Path) -> None:
    """Raises ServerError `restore_interrupted` (path) where a backup was put back
    in part."""
    if (data / RESTORING).exists():
        raise ServerError("restore_interrupted", path=str(data))


def own_folder(path: Path, account: Account | None) -> Path:
    """Makes the folder, 0700, the account's own.

    Raises ServerError `folder_not_ours` when another account's folder or a link is in the way.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    uid = account.uid if account else os.geteuid()
    if account and path.lstat().st_uid == 0:
        os.chown(path, account.uid, account.gid)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid:
        raise ServerError("folder_not_ours", path=str(path))
    path.chmod(0o700)
    return path


def socket_folder(path: Path, account: Account | None) -> Path:
    """Where the sockets are: in that folder, or a short 0700 one where the path is too long."""
    if len(os.fsencode(str(path) + LONGEST_SOCKET_NAME)) > SOCKET_PATH_BYTES:
        runtime = os.environ.get("XDG_RUNTIME_DIR") if account is None else None
        short = Path(runtime or tempfile.gettempdir()) / _short_name(path)
        too_long = len(os.fsencode(str(short) + LONGEST_SOCKET_NAME)) > SOCKET_PATH_BYTES
        path = Path("/tmp", short.name) if too_long else short  # noqa: S108
    return own_folder(path, account)


def _short_name(path: Path) -> str:
    digest = hashlib.sha256(os.fsencode(str(path))).hexdigest()[:12]
    return f"chudan-{os.geteuid()}-{digest}"


def is_in_folder(data: Path, database_url: str) -> bool:
    """Whether it is the embedded database of this folder, whose files are there."""
    sockets = Path(parse_qs(urlsplit(database_url).query).get("host", [""])[-1])
    return sockets == data / "run" or sockets.name == _short_name(data / "run")
