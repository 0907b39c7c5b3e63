"""Reads a workbook or text file in a child process that the file may kill and nothing else."""

import asyncio
import stat
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

import msgspec

from domain.kernel.errors import Refusal
from infra.sheets.sheet_wire import SheetAnswer, SheetLimits, WireSheet, decode
from services.importing.workbook import Sheet, SheetRow, Workbook

# No variable of ours reaches the child, so no secret does.
CHILD_ENVIRONMENT = {"LC_ALL": "C.UTF-8"}
CODE_ROOT = Path(__file__).resolve().parents[2]
CHUNK = 1 << 20


async def read_workbook(
    path: Path, *, name: str | None = None, limits: SheetLimits | None = None
) -> Workbook:
    """The sheets of the file at ``path``, called ``name`` in what is shown (default: its own).

    Raises Refusal when the file is missing, a folder, too large, of another kind, damaged,
    encrypted, or costs more than ``limits`` allow; the calling process is never harmed.
    """
    limits = limits or SheetLimits()
    shown = name or path.name or str(path)
    _require_file(path, shown)
    answer = await _ask_child(path, shown, limits)
    if answer.code is not None:
        raise Refusal(answer.code, file=shown, **answer.params)
    return workbook_of(shown, answer)


def workbook_of(file: str, answer: SheetAnswer) -> Workbook:
    """The workbook that the child's answer tells of."""
    return Workbook(sheets=[_sheet(file, sheet) for sheet in answer.sheets])


def _require_file(path: Path, shown: str) -> None:
    """Refuses what is missing, a folder, and what may never end: a device or a pipe."""
    try:
        mode = path.stat().st_mode
    except OSError as missing:  # A folder on its way is not ours to look into, perhaps.
        raise Refusal("file_not_found", file=shown) from missing
    if not stat.S_ISREG(mode):
        code = "file_is_folder" if stat.S_ISDIR(mode) else "file_type_unknown"
        raise Refusal(code, file=shown)


async def _ask_child(path: Path, shown: str, limits: SheetLimits) -> SheetAnswer:
    try:
        file = await asyncio.to_thread(path.open, "rb")
    except OSError as unreadable:
        raise Refusal("file_not_readable", file=shown) from unreadable
    with file:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-E", "-s", "-B", "-m", "infra.sheets.sheet_reader"),
            msgspec.json.encode(limits).decode(),
            stdin=file,
            stdout=PIPE,
            stderr=DEVNULL,
            cwd=CODE_ROOT,
            env=CHILD_ENVIRONMENT,
            limit=CHUNK,
        )
    try:
        message = await asyncio.wait_for(_collect(child, limits), limits.wall_seconds)
        if message is not None and await child.wait() == 0:
            return decode(message)
    except (TimeoutError, msgspec.DecodeError):
        pass
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    raise Refusal("file_too_costly", file=shown)


async def _collect(child: asyncio.subprocess.Process, limits: SheetLimits) -> bytes | None:
    parts, size = [], 0
    assert child.stdout is not None  # noqa: S101 - it was asked for as a pipe
    while chunk := await child.stdout.read(CHUNK):
        size += len(chunk)
        if size > limits.answer_bytes:
            return None
        parts.append(chunk)
    return b"".join(parts)


def _sheet(file: str, sheet: WireSheet) -> Sheet:
    return Sheet(
        file=file,
        name=sheet.name or Path(file).stem,
        rows=[SheetRow(number, cells) for number, cells in sheet.rows],
        hidden=sheet.hidden,
        epoch_1904=sheet.epoch_1904,
        merged=sheet.merged,
        hidden_rows=sheet.hidden_rows,
        hidden_columns=[column - 1 for column in sheet.hidden_columns],
    )
