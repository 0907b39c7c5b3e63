"""The file of a backup or an export: named members in order, sealed with a passphrase (decision
0042).

    {"is":"chudan archive","format":1,"kind":"backup",…}    one line that everybody can read
    <4 bytes: length> <a frame: piece of a member, compressed and sealed>
    …

A frame is sealed with its place, with the first line and with whether it is the last: one that is
cut off, moved, taken from another archive or changed does not open.
"""

import hashlib
import os
import shlex
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, Literal

import msgspec
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from domain.kernel.errors import Refusal
from infra.servers.private_files import clear_drafts, draft_of, sync_folder

FORMAT = 1
PIECE = 1 << 20
"""Bytes of a member that one frame holds at most."""

MOST_WHOLE = 16 << 20
"""Bytes of a member that is held as a whole, at most."""

LEAST_PASSPHRASE = 12
"""Characters."""

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError)
"""What msgspec says of bytes that it has not written."""

ArchiveKind = Literal["backup", "export"]
TAKEN_BY: Mapping[ArchiveKind, str] = MappingProxyType({"backup": "restore", "export": "adopt"})
"""The command that takes an archive of each kind."""

_IS = "chudan archive"
_LONGEST_LINE, _LENGTH = 1 << 10, 4
_LARGEST_FRAME = PIECE + (PIECE >> 4)
_KEY, _CHECK = 32, 16
_MOST_ROUNDS, _MOST_MEMORY, _MOST_LANES = 16, 1 << 20, 16
"""What an archive may ask of whoever opens it; KiB."""


class Cost(msgspec.Struct, frozen=True):
    """What argon2id takes for one passphrase. memory: KiB."""

    rounds: int = 3
    memory: int = 1 << 16
    lanes: int = 4


COST = Cost()


class _FirstLine(msgspec.Struct, frozen=True, rename={"is_": "is"}):
    """salt, check: hexadecimal. check: follows from the passphrase, and tells a wrong one. digest:
    of all before it, which tells a damaged line from that."""

    is_: str
    format: int
    kind: ArchiveKind
    cost: Cost
    salt: str
    check: str = ""
    digest: str = ""


class _Piece(msgspec.Struct, frozen=True, array_like=True):
    """name: of the member that begins here, else it goes on."""

    name: str | None
    content: bytes


_encode, _decode = msgspec.msgpack.Encoder().encode, msgspec.msgpack.Decoder(_Piece).decode


class ArchiveWriter:
    """An archive that is being written: `begin` a member, `write` what it holds."""

    def __init__(
        self, write: Callable[[bytes], object], kind: ArchiveKind, passphrase: str, cost: Cost
    ) -> None:
        salt = os.urandom(16)
        key, check = _derived(passphrase, salt, cost)
        line = _FirstLine(_IS, FORMAT, kind, cost, salt.hex(), check)
        written = msgspec.json.encode(msgspec.structs.replace(line, digest=_digest(line))) + b"\n"
        write(written)
        self._write, self._seal, self._places = write, _Seal(key, written), count()
        self._name: str | None = None
        self._held = bytearray()

    def begin(self, name: str) -> None:
        """Begins a member; the one before is whole then."""
        if self._held or self._name is not None:
            self._put()
        self._name = name

    def write(self, content: bytes) -> None:
        """Adds to the member that was begun."""
        self._held += content
        while len(self._held) > PIECE:
            self._put()

    def add(self, name: str, content: Iterable[bytes] = ()) -> None:
        """A whole member."""
        self.begin(name)
        for piece in content:
            self.write(piece)

    def end(self) -> None:
        """Writes what is held, as the last frame."""
        self._put(is_last=True)

    def _put(self, *, is_last: bool = False) -> None:
        piece = _encode(_Piece(self._name, bytes(self._held[:PIECE])))
        self._name = None
        del self._held[:PIECE]
        frame = self._seal.close(zlib.compress(piece, 3), next(self._places), is_last)
        self._write(len(frame).to_bytes(_LENGTH, "big") + frame)


@contextmanager
def archive_written(
    path: Path,
    kind: ArchiveKind,
    passphrase: str,
    *,
    replace: bool = False,
    cost: Cost = COST,
) -> Iterator[ArchiveWriter]:
    """An archive that has its name only when it is whole and outlasts a crash, and mode 0600.

    replace: an archive that stands there. Refuses `passphrase_short` (least), and what
    refuse_target does.
    """
    require_long(passphrase)
    _refuse_existing(path, replace)
    clear_drafts(path.parent)
    with draft_of(path) as draft:
        with _file_of(draft, path) as file:

            def write(content: bytes) -> None:
                with _named(path):
                    file.write(content)

            archive = ArchiveWriter(write, kind, passphrase, cost)
            yield archive
            archive.end()
            with _named(path):
                file.flush()
                os.fsync(file.fileno())
        _refuse_existing(path, replace)
        draft.replace(path)
        sync_folder(path.parent)


@contextmanager
def _file_of(draft: Path, path: Path) -> Iterator[BinaryIO]:
    file = draft.open("wb")
    try:
        yield file
    finally:
        with _named(path):  # To close it writes what is left.
            file.close()


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """An error of the system names the file, as one of writing does not."""
    try:
        yield
    except OSError as error:
        error.filename = str(path)
        raise


def refuse_target(path: Path, *, replace: bool) -> None:
    """Refuses `archive_exists` (path) and `file_is_folder` (file), and raises the OSError that
    writing the file would: before the passphrase is typed."""
    _refuse_existing(path, replace)
    path.parent.stat()  # It is that which is not there, rather than the file.
    with draft_of(path):
        pass


def require_long(passphrase: str) -> None:
    """Refuses `passphrase_short` (least)."""
    if len(passphrase) < LEAST_PASSPHRASE:
        raise Refusal("passphrase_short", least=LEAST_PASSPHRASE)


class Archive:
    """An archive that was found to be whole. id: no other archive has it."""

    def __init__(self, file: BinaryIO, path: Path, kind: ArchiveKind, passphrase: str) -> None:
        """Opens every frame once. Refuses as archive_read does."""
        self._file, self._path = file, path
        written, line = _read_first_line(file, path, kind)
        key, check = _derived(passphrase, bytes.fromhex(line.salt), line.cost)
        if check != line.check:
            raise Refusal("passphrase_wrong", path=str(path))
        self._seal = _Seal(key, written)
        self._begin = len(written)
        self.id = hashlib.sha256(written).hexdigest()
        for _ in self._pieces():
            pass

    def members(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """The members in order, each with its content piece by piece; what is not read of one is
        passed over."""
        pieces = self._pieces()
        first = next(pieces, None)

        def content() -> Iterator[bytes]:
            nonlocal first
            assert first is not None  # noqa: S101 - for the checker of types
            yield first.content
            for first in pieces:
                if first.name is not None:
                    return
                yield first.content
            first = None

        while first is not None:
            # An archive without members has one frame, which names none.
            if first.name is None:
                return
            its = content()
            yield first.name, its
            for _ in its:
                pass

    def whole(self, content: Iterator[bytes], most: int = MOST_WHOLE) -> bytes:
        """All that a small member holds. Refuses `archive_damaged` where it is not small."""
        held = bytearray()
        for piece in content:
            held += piece
            # Much may come of little: whoever has the passphrase chose what was compressed.
            if len(held) > most:
                raise self.damaged()
        return bytes(held)

    def _pieces(self) -> Iterator[_Piece]:
        self._file.seek(self._begin)
        following = self._frame()
        for place in count():
            frame, following = following, self._frame()
            if frame is None:
                raise self.damaged()
            try:
                yield _decode(self._inflated(self._seal.open(frame, place, following is None)))
            except (InvalidTag, zlib.error, *UNREADABLE) as error:
                raise self.damaged() from error
            if following is None:
                return

    def _frame(self) -> bytes | None:
        """The next one; None at the end."""
        length = self._file.read(_LENGTH)
        if not length:
            return None
        wanted = int.from_bytes(length, "big")
        if len(length) < _LENGTH or wanted > _LARGEST_FRAME:
            raise self.damaged()
        frame = self._file.read(wanted)
        if len(frame) < wanted:
            raise self.damaged()
        return frame

    def _inflated(self, compressed: bytes) -> bytes:
        inflating = zlib.decompressobj()
        piece = inflating.decompress(compressed, _LARGEST_FRAME)
        if not inflating.eof:
            raise self.damaged()
        return piece

    def damaged(self) -> Refusal:
        """What is raised of an archive that is not what it says."""
        return _damaged(self._path)


@contextmanager
def archive_read(path: Path, kind: ArchiveKind, passphrase: str) -> Iterator[Archive]:
    """An archive, found to be whole before this begins.

    Refuses `archive_missing`, `archive_foreign`, `archive_newer`, `archive_of_other_kind` (kind,
    takes), `archive_damaged` and `passphrase_wrong`, each with its path, `file_is_folder` and
    `file_is_pipe` (file).
    """
    with _opened(path) as file:
        yield Archive(file, path, kind, passphrase)


def refuse_source(path: Path, kind: ArchiveKind) -> None:
    """Refuses what archive_read does that is known without the passphrase: before it is typed."""
    with _opened(path) as file:
        _read_first_line(file, path, kind)


def _opened(path: Path) -> BinaryIO:
    # To open a pipe waits for its other end, and what comes out of it comes once.
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise Refusal("file_is_pipe", file=str(path))
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        raise Refusal("archive_missing", path=str(path)) from error
    except IsADirectoryError as error:
        raise Refusal("file_is_folder", file=str(path)) from error


def _read_first_line(file: BinaryIO, path: Path, kind: ArchiveKind) -> tuple[bytes, _FirstLine]:
    """As it is written, and what it says."""
    written = file.readline(_LONGEST_LINE)
    try:
        line = msgspec.json.decode(written, type=_FirstLine)
        salt, cost = bytes.fromhex(line.salt), line.cost
    except (msgspec.DecodeError, ValueError) as error:
        raise Refusal("archive_foreign", path=str(path)) from error
    if line.is_ != _IS:
        raise Refusal("archive_foreign", path=str(path))
    if line.format > FORMAT:
        raise Refusal("archive_newer", path=str(path))
    is_bearable = (
        0 < cost.rounds <= _MOST_ROUNDS
        and 0 < cost.lanes <= _MOST_LANES
        and 8 * cost.lanes <= cost.memory <= _MOST_MEMORY
    )
    if line.digest != _digest(line) or not is_bearable or len(salt) < 8:
        raise _damaged(path)
    if line.kind != kind:
        takes = f"chudan {TAKEN_BY[line.kind]} {shlex.quote(str(path))}"
        raise Refusal("archive_of_other_kind", path=str(path), kind=line.kind, takes=takes)
    return written, line


def _damaged(path: Path) -> Refusal:
    return Refusal("archive_damaged", path=str(path))


class _Seal:
    """Closes and opens the frames of one archive."""

    def __init__(self, key: bytes, first_line: bytes) -> None:
        self._cipher = ChaCha20Poly1305(key)
        self._about = hashlib.sha256(first_line).digest()

    def close(self, content: bytes, place: int, is_last: bool) -> bytes:
        return self._cipher.encrypt(_nonce(place), content, self._told(is_last))

    def open(self, frame: bytes, place: int, is_last: bool) -> bytes:
        return self._cipher.decrypt(_nonce(place), frame, self._told(is_last))

    def _told(self, is_last: bool) -> bytes:
        return self._about + bytes([is_last])


def _nonce(place: int) -> bytes:
    return place.to_bytes(12, "big")


def _derived(passphrase: str, salt: bytes, cost: Cost) -> tuple[bytes, str]:
    """The key, and the check, which tells nothing of it."""
    secret = hash_secret_raw(
        passphrase.encode(),
        salt,
        time_cost=cost.rounds,
        memory_cost=cost.memory,
        parallelism=cost.lanes,
        hash_len=_KEY + _CHECK,
        type=Type.ID,
    )
    return secret[:_KEY], secret[_KEY:].hex()


def _digest(line: _FirstLine) -> str:
    return hashlib.sha256(msgspec.json.encode(msgspec.structs.replace(line, digest=""))).hexdigest()


def _refuse_existing(path: Path, replace: bool) -> None:
    if path.is_dir():
        raise Refusal("file_is_folder", file=str(path))
    if path.exists() and not (replace and path.is_file()):
        raise Refusal("archive_exists", path=str(path))
