"""An archive is read back as it was written, or refused whole."""

import os
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cli.failures import error_line
from domain.kernel.errors import Refusal
from infra.archives.archive import (
    PIECE,
    ArchiveKind,
    Cost,
    _digest,
    _FirstLine,
    archive_read,
    archive_written,
    refuse_source,
    refuse_target,
)
from infra.archives.backup import MANIFEST, Manifest
from infra.archives.restore import folder_restored
from infra.database.migrate import checksums
from infra.servers.private_files import draft_of

PASSPHRASE = "twelve or more characters"
QUICK = Cost(1, 8, 1)

Members = list[tuple[str, list[bytes]]]

NOT_A_PLACE = Manifest(
    schema=1, made_at=datetime.now(UTC), tables={}, files=0, lost=["files/\x1b[2J"]
)

OF_OURS = b'{"checksums":["' + checksums()[0].encode() + b'"],"schema":%s,%s}'
EDITED = msgspec.structs.replace(NOT_A_PLACE, checksums=[*checksums()[:-1], "edited"], lost=[])

members = st.lists(
    st.tuples(st.text(max_size=9), st.lists(st.binary(max_size=40), max_size=3)), max_size=4
)


def write(path: Path, given: Members) -> bytes:
    with archive_written(path, "backup", PASSPHRASE, replace=True, cost=QUICK) as archive:
        for name, pieces in given:
            archive.add(name, pieces)
    return path.read_bytes()


def read(path: Path) -> list[tuple[str, bytes]]:
    with archive_read(path, "backup", PASSPHRASE) as archive:
        return [(name, b"".join(content)) for name, content in archive.members()]


def rewritten(
    path: Path, kind: ArchiveKind, member: str, change: Callable[[bytes], bytes | None]
) -> Path:
    """What somebody who has the passphrase makes of an archive: another content of a member, and
    of those below its name, or none of them."""
    made = path.with_name("rewritten")
    with (
        archive_read(path, kind, PASSPHRASE) as whole,
        archive_written(made, kind, PASSPHRASE, replace=True, cost=QUICK) as archive,
    ):
        for name, pieces in whole.members():
            content: bytes | None = b"".join(pieces)
            if content is not None and (name == member or name.startswith(f"{member}/")):
                content = change(content)
            if content is not None:
                archive.add(name, [content])
    return made


def refusal_of(path: Path, written: bytes, passphrase: str = PASSPHRASE) -> str:
    path.write_bytes(written)
    with pytest.raises(Refusal) as refused, archive_read(path, "backup", passphrase):
        pass
    return refused.value.code


def frames(written: bytes) -> tuple[bytes, list[bytes]]:
    line, _, rest = written.partition(b"\n")
    found = []
    while rest:
        size = 4 + int.from_bytes(rest[:4], "big")
        found.append(rest[:size])
        rest = rest[size:]
    return line + b"\n", found


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("archives") / "one.backup"


@given(given=members)
def test_reads_what_was_written(path: Path, given: Members) -> None:
    write(path, given)
    assert read(path) == [(name, b"".join(pieces)) for name, pieces in given]


@given(given=members, data=st.data())
def test_refuses_what_is_cut_flipped_or_longer(
    path: Path, given: Members, data: st.DataObject
) -> None:
    written = write(path, given)
    cut = data.draw(st.integers(0, len(written) - 1))
    assert refusal_of(path, written[:cut]) in {"archive_damaged", "archive_foreign"}
    at, bit = data.draw(st.integers(0, len(written) - 1)), data.draw(st.integers(0, 7))
    flipped = bytearray(written)
    flipped[at] ^= 1 << bit
    assert refusal_of(path, bytes(flipped)).startswith("archive_")
    more = data.draw(st.binary(min_size=1, max_size=9))
    assert refusal_of(path, written + more) == "archive_damaged"


@given(data=st.data())
def test_refuses_frames_in_another_order_or_of_another_archive(
    path: Path, data: st.DataObject
) -> None:
    given: Members = [("one", [b"1"]), ("two", [b"2"]), ("three", [b"3"])]
    line, own = frames(write(path, given))
    _, other = frames(write(path, given))
    chosen = data.draw(st.lists(st.sampled_from([*own, *other]), max_size=4))
    if chosen != own:
        assert refusal_of(path, line + b"".join(chosen)) == "archive_damaged"


def test_refuses_frames_under_a_first_line_that_somebody_wrote_anew(path: Path) -> None:
    line, own = frames(write(path, [("one", [b"1"])]))
    wanted = msgspec.structs.replace(msgspec.json.decode(line, type=_FirstLine), kind="export")
    written = msgspec.structs.replace(wanted, digest=_digest(wanted))
    path.write_bytes(msgspec.json.encode(written) + b"\n" + b"".join(own))
    with (
        pytest.raises(Refusal, match="archive_damaged"),
        archive_read(path, "export", PASSPHRASE),
    ):
        pass


def test_a_wrong_passphrase_is_told_from_damage(path: Path) -> None:
    written = write(path, [("one", [b"1"])])
    assert refusal_of(path, written, PASSPHRASE + "!") == "passphrase_wrong"
    with (
        pytest.raises(Refusal, match="passphrase_short"),
        archive_written(path.with_name("short"), "backup", "eleven char", cost=QUICK),
    ):
        pass


def test_what_is_not_of_the_kind_that_is_wanted(path: Path) -> None:
    written = write(path, [])
    with (
        pytest.raises(Refusal, match="archive_of_other_kind"),
        archive_read(path, "export", PASSPHRASE),
    ):
        pass
    assert refusal_of(path, written.replace(b'"format":1', b'"format":2')) == "archive_newer"
    assert refusal_of(path, b"PK\x03\x04 something else\n" * 9) == "archive_foreign"
    with (
        pytest.raises(Refusal, match="archive_missing"),
        archive_read(path.with_name("nowhere"), "backup", PASSPHRASE),
    ):
        pass


def test_what_cannot_be_written_or_read_is_refused_before_a_passphrase_is_asked_for(
    tmp_path: Path,
) -> None:
    there = tmp_path / "there"
    refuse_target(there, replace=False)
    assert list(tmp_path.iterdir()) == []
    write(there, [])
    refuse_target(there, replace=True)
    refuse_source(there, "backup")
    os.mkfifo(pipe := tmp_path / "pipe")
    for refused, code in (
        (lambda: refuse_target(there, replace=False), "archive_exists"),
        (lambda: refuse_target(tmp_path, replace=True), "file_is_folder"),
        (lambda: refuse_source(tmp_path, "backup"), "file_is_folder"),
        (lambda: refuse_source(pipe, "backup"), "file_is_pipe"),
        (lambda: refuse_source(there, "export"), "archive_of_other_kind"),
        (lambda: refuse_source(tmp_path / "nowhere", "backup"), "archive_missing"),
    ):
        with pytest.raises(Refusal) as refusal:
            refused()
        assert refusal.value.code == code
    nowhere = tmp_path / "nowhere"
    # By the name that was typed, not that of the draft.
    for path, named in ((nowhere / "file", nowhere), (there / "file", there / "file")):
        with pytest.raises(OSError) as raised:
            refuse_target(path, replace=False)
        assert f"{named} cannot be used: " in (error_line(raised.value) or "")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ([], "archive_damaged"),
        ([(MANIFEST, [OF_OURS % (b"1", b'"rows":9')])], "archive_damaged"),
        ([(MANIFEST, [OF_OURS % (b"1", b'"made_at":"\xff"')])], "archive_damaged"),
        ([(MANIFEST, [b'{"schema":30,"rows":9}'])], "formats_of_before"),
        ([(MANIFEST, [msgspec.json.encode(NOT_A_PLACE)])], "archive_damaged"),
        ([(MANIFEST, [msgspec.json.encode(EDITED)])], "archive_migration_differs"),
        ([(MANIFEST, [OF_OURS % (b"9999", b'"rows":9')])], "archive_of_newer_schema"),
    ],
)
def test_what_has_not_what_a_backup_has_is_refused_before_anything_is_written(
    path: Path, given: Members, code: str
) -> None:
    write(path, given)
    there = path.with_name("there")
    with (
        archive_read(path, "backup", PASSPHRASE) as archive,
        pytest.raises(Refusal) as refused,
        folder_restored(archive, there),
    ):
        pass
    assert (refused.value.code, there.exists()) == (code, False)


def test_what_is_broken_off_leaves_nothing_and_what_stands_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "one"
    with (
        pytest.raises(KeyboardInterrupt),
        archive_written(path, "backup", PASSPHRASE, cost=QUICK) as archive,
    ):
        archive.add("one", [b"1" * PIECE] * 2)
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
    with draft_of(path) as draft:
        killed_over = draft
    killed_over.touch()
    os.utime(killed_over, (0, 0))
    write(path, [("one", [b"1"])])
    assert path.stat().st_mode & 0o777 == 0o600
    with (
        pytest.raises(Refusal, match="archive_exists"),
        archive_written(path, "backup", PASSPHRASE, cost=QUICK),
    ):
        pass
    assert read(path) == [("one", b"1")]
    assert list(tmp_path.iterdir()) == [path]


def test_a_large_member_takes_little_memory(path: Path) -> None:
    pieces = 64
    tracemalloc.start()
    try:
        with archive_written(path, "backup", PASSPHRASE, replace=True, cost=QUICK) as archive:
            archive.add("large", (bytes([n]) * PIECE for n in range(pieces)))
        with archive_read(path, "backup", PASSPHRASE) as archive:
            for _, content in archive.members():
                assert sum(map(len, content)) == pieces * PIECE
            for _, content in archive.members():
                with pytest.raises(Refusal, match="archive_damaged"):
                    archive.whole(content, most=PIECE)
        assert tracemalloc.get_traced_memory()[1] < 10 * PIECE
    finally:
        tracemalloc.stop()
