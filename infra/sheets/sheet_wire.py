"""The protocol of the limited child and its parent: a file's limits, and the answer."""

from datetime import date, datetime
from typing import Any

import msgspec

from domain.kernel.errors import Refusal
from services.importing.workbook import Block, ErrorCell, PercentCell, UncountedCell

MIB = 1024 * 1024
DATE, DATETIME, ERROR, UNCOUNTED, PERCENT, PADDED = range(1, 7)


class SheetLimits(msgspec.Struct, frozen=True):
    """Bounds of one file and of the child process that reads it.

    Sizes are bytes, times seconds. ``cells`` bounds the rectangle that encloses a sheet's
    content, since a parser allocates the whole rectangle; ``ratio`` is how many times larger a
    member may become when unpacked, asked only of members above ``ratio_from_bytes``.
    """

    file_bytes: int = 32 * MIB
    members: int = 1_000
    unpacked_bytes: int = 256 * MIB
    ratio: int = 200
    ratio_from_bytes: int = 4 * MIB
    rows: int = 200_000
    columns: int = 512
    cells: int = 2_000_000
    sheets: int = 64
    memory_bytes: int = 1024 * MIB
    cpu_seconds: int = 40
    wall_seconds: float = 60.0
    answer_bytes: int = 256 * MIB

    def refuse_larger(self, rows: int, columns: int, cells: int) -> None:
        """Refuses `sheet_too_large`."""
        if rows > self.rows or columns > self.columns or cells > self.cells:
            raise Refusal("sheet_too_large", rows=self.rows, columns=self.columns, cells=self.cells)


class WireSheet(msgspec.Struct, array_like=True):
    """One sheet; ``rows`` are pairs of the 1-based row number and the cells from column A."""

    name: str
    rows: list[tuple[int, list[Any]]]
    hidden: bool = False
    epoch_1904: bool = False
    merged: list[Block] = []
    hidden_rows: list[int] = []
    hidden_columns: list[int] = []


class SheetAnswer(msgspec.Struct, array_like=True):
    """Sheets, or the code of a refusal with its params."""

    sheets: list[WireSheet] = []
    code: str | None = None
    params: dict[str, Any] = {}


def decode(message: bytes) -> SheetAnswer:
    """The child's answer with dates and special cells restored; raises msgspec.DecodeError."""
    return msgspec.msgpack.decode(message, type=SheetAnswer, ext_hook=_restore)


def _restore(code: int, content: memoryview) -> object:
    text = bytes(content).decode()
    if code == DATE:
        return date.fromisoformat(text)
    if code == DATETIME:
        return datetime.fromisoformat(text)
    if code == PERCENT:
        return PercentCell(float(text))
    return UncountedCell() if code == UNCOUNTED else ErrorCell(text)
