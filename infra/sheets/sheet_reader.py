"""The limited child: reads one file from standard input, writes its sheets to standard output.

Run by infra/sheets/sheets.py as ``python -m infra.sheets.sheet_reader``. It binds itself to its
limits before it reads a byte, checks, then parses; whatever the file does to the parser happens
here.
"""

import csv
import io
import os
import resource
import sys
import zipfile
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from itertools import islice
from math import isfinite
from typing import TYPE_CHECKING, BinaryIO, cast
from xml.parsers import expat

import msgspec

from domain.kernel.errors import Refusal
from infra.sheets.sheet_checks import check_workbook, kind_of
from infra.sheets.sheet_scan import SheetFound
from infra.sheets.sheet_wire import (
    DATE,
    DATETIME,
    ERROR,
    PADDED,
    PERCENT,
    SheetAnswer,
    SheetLimits,
    WireSheet,
)
from services.importing.workbook import FIGURES_KEPT, Block

if TYPE_CHECKING:
    import _csv

HEAD = 4096
PLAIN = (str, float, int, bool)
DELIMITERS = (",", ";", "\t")
SNIFFED_ROWS = 20
LONGEST_CELL = 32_767

WireRow = tuple[int, list[object]]


def main() -> None:
    """Reads, answers, ends; the answer is one msgpack-encoded Answer."""
    limits = msgspec.json.decode(sys.argv[1], type=SheetLimits)
    _bind(limits)
    try:
        answer = SheetAnswer(sheets=_read(sys.stdin.buffer, limits))
    except Refusal as refused:
        answer = SheetAnswer(code=refused.code, params=refused.params)
    except MemoryError:
        answer = SheetAnswer(code="file_too_costly")
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer))
    sys.stdout.buffer.flush()


def _bind(limits: SheetLimits) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))


def _read(stream: BinaryIO, limits: SheetLimits) -> list[WireSheet]:
    size = os.fstat(stream.fileno()).st_size
    if size > limits.file_bytes:
        raise Refusal("file_too_large", limit=limits.file_bytes >> 20)
    return read_content(io.BytesIO(stream.read(limits.file_bytes + 1)), limits)


def read_content(content: io.BytesIO, limits: SheetLimits) -> list[WireSheet]:
    """The sheets of a file. Raises Refusal."""
    if kind_of(content.getvalue()[:HEAD], content) == "csv":
        return [WireSheet(name="", rows=_read_csv(content.getvalue(), limits))]
    try:
        return _read_workbook(content, len(content.getbuffer()), limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, expat.ExpatError, NotImplementedError) as bad:
        raise Refusal("workbook_damaged") from bad


def _read_workbook(content: io.BytesIO, size: int, limits: SheetLimits) -> list[WireSheet]:
    scanned = check_workbook(content, size, limits)
    # Imported only now: a file that was refused never met the parser.
    import python_calamine  # noqa: PLC0415

    content.seek(0)
    try:
        with python_calamine.CalamineWorkbook.from_filelike(content) as book:
            sheets = []
            for meta in book.sheets_metadata:
                if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
                    continue
                sheet = book.get_sheet_by_name(meta.name)
                found = scanned.sheets.get(meta.name, SheetFound())
                rows = _rows(sheet.to_python(), *(sheet.start or (0, 0)), found)
                _spread(rows, found.merged)
                sheets.append(
                    WireSheet(
                        name=meta.name,
                        rows=rows,
                        hidden=meta.visible != python_calamine.SheetVisibleEnum.Visible,
                        epoch_1904=scanned.epoch_1904,
                        merged=found.merged,
                        hidden_rows=sorted(
                            number for number, _ in rows if number in found.hidden_rows
                        ),
                        hidden_columns=sorted(found.hidden_columns),
                    )
                )
            return sheets
    except python_calamine.PasswordError as bad:
        raise Refusal("workbook_encrypted") from bad
    except (python_calamine.CalamineError, ValueError, OSError) as bad:
        raise Refusal("workbook_damaged") from bad


def _rows(
    values: Sequence[Sequence[object]], first_row: int, first_column: int, found: SheetFound
) -> list[WireRow]:
    lead = [None] * first_column
    rows = []
    marks: dict[int, list[tuple[int, int, str]]] = {}
    for row, column, what, text in found.marks:
        marks.setdefault(row, []).append((column, what, text))
    held = dict(enumerate(values, start=first_row + 1))
    # A row of formulas without results is no row to the parser.
    for number in sorted(held.keys() | marks.keys()):
        cells: list[object] = [*lead, *map(_cell, held.get(number, ()))]
        for column, what, text in marks.get(number, ()):
            cells.extend([None] * (column - len(cells)))
            cells[column - 1] = _marked(cells[column - 1], what, text)
        if any(cell is not None for cell in cells):
            rows.append((number, cells))
    return rows


def _cell(cell: object) -> object:
    """A cell as it is handed on. A number that is none, or too large for one, is shown as an error:
    no program opens a sheet with it, nor writes one."""
    kind = type(cell)
    if kind is float and not isfinite(cast(float, cell)):
        return msgspec.msgpack.Ext(ERROR, b"#NUM!")
    if kind in PLAIN:
        return cell if cell != "" else None
    return _wire(cell)


def _marked(cell: object, what: int, text: str) -> object:
    if what not in (PERCENT, PADDED):
        return msgspec.msgpack.Ext(what, text.encode())
    if not isinstance(cell, int | float) or isinstance(cell, bool):
        return cell
    if what == PERCENT:
        return msgspec.msgpack.Ext(what, repr(cell).encode())
    is_whole = float(cell).is_integer() and abs(cell) < 10**FIGURES_KEPT
    return text.format(int(cell)) if is_whole else cell


def _spread(rows: list[WireRow], merged: Sequence[Block]) -> None:
    """Gives the value of a merged block to its rows below, as far as they hold something else.

    To the columns beside it none is given: they are others.
    """
    numbers = [number for number, _ in rows]
    for top, left, bottom, _ in merged:
        first = bisect_left(numbers, top)
        if first == len(rows) or numbers[first] != top or left > len(rows[first][1]):
            continue
        value = rows[first][1][left - 1]
        for _, cells in rows[first + 1 : bisect_right(numbers, bottom)]:
            cells.extend([None] * (left - len(cells)))
            cells[left - 1] = value


def _wire(cell: object) -> object:
    if isinstance(cell, datetime):
        return msgspec.msgpack.Ext(DATETIME, cell.isoformat().encode())
    if isinstance(cell, date):
        return msgspec.msgpack.Ext(DATE, cell.isoformat().encode())
    if isinstance(cell, time | timedelta):
        return str(cell)
    return None


def _read_csv(content: bytes, limits: SheetLimits) -> list[WireRow]:
    """The rows that hold something, with their 1-based row numbers as a spreadsheet counts them."""
    text = _decoded(content)
    if "\x00" in text:
        raise Refusal("file_type_unknown")
    csv.field_size_limit(LONGEST_CELL)
    rows: list[WireRow] = []
    cells, line = 0, 1
    reader = _reader(text, _sniffed(text))
    try:
        for number, values in enumerate(reader, start=1):
            line = reader.line_num + 1
            cells += len(values)
            limits.refuse_larger(number, len(values), cells)
            if any(value.strip() for value in values):
                rows.append((number, [value if value.strip() else None for value in values]))
    except csv.Error as bad:
        raise Refusal("text_damaged", line=line) from bad
    if not rows:
        raise Refusal("file_empty")
    return rows


def _decoded(content: bytes) -> str:
    """The text: UTF-8 or UTF-16 by its mark, else UTF-8, else GB 18030."""
    has_mark = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if has_mark else ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refusal("text_encoding_unknown")


def _sniffed(text: str) -> str:
    """The delimiter that gives the first rows the most columns, counted over all of them."""

    def columns(delimiter: str) -> int:
        found = 0
        with suppress(csv.Error):  # What comes before the fault tells too.
            for row in islice(_reader(text, delimiter), SNIFFED_ROWS):
                found += max(len(row) - 1, 0)
        return found

    return max(DELIMITERS, key=columns)


def _reader(text: str, delimiter: str) -> "_csv.Reader":
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


if __name__ == "__main__":
    main()
