"""The limited child: reads one file from standard input, writes its sheets to standard output.

Run by infra/sheets/sheets.py as ``python -m infra.sheets.sheet_reader``. It binds itself to its
limits before it reads a byte, checks, then parses; whatever the file does to the parser happens
here.
"""

import io
import os
import resource
import sys
import zipfile
import zlib
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import BinaryIO
from xml.parsers import expat

import msgspec

from domain.kernel.errors import Refusal
from infra.sheets.csv_reader import read_csv
from infra.sheets.sheet_checks import CellError, check_workbook, kind_of
from infra.sheets.sheet_wire import DATE, DATETIME, ERROR, SheetAnswer, SheetLimits, WireSheet

HEAD = 4096
PLAIN = (str, float, int, bool)


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
    content = io.BytesIO(stream.read(limits.file_bytes + 1))
    if kind_of(content.getvalue()[:HEAD], content) == "csv":
        return [WireSheet(name="", rows=read_csv(content.getvalue(), limits))]
    try:
        return _read_workbook(content, size, limits)
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
                first_row, first_column = sheet.start or (0, 0)
                errors = scanned.errors.get(meta.name, [])
                sheets.append(
                    WireSheet(
                        name=meta.name,
                        rows=_rows(sheet.to_python(), first_row, first_column, errors),
                        hidden=meta.visible != python_calamine.SheetVisibleEnum.Visible,
                        epoch_1904=scanned.epoch_1904,
                    )
                )
            return sheets
    except python_calamine.PasswordError as bad:
        raise Refusal("workbook_encrypted") from bad
    except (python_calamine.CalamineError, ValueError, OSError) as bad:
        raise Refusal("workbook_damaged") from bad


def _rows(
    values: Sequence[Sequence[object]], first_row: int, first_column: int, found: list[CellError]
) -> list[tuple[int, list[object]]]:
    lead = [None] * first_column
    rows = []
    errors: dict[int, list[tuple[int, str]]] = {}
    for row, column, text in found:
        errors.setdefault(row, []).append((column, text))
    for number, row_values in enumerate(values, start=first_row + 1):
        cells: list[object] = [
            *lead,
            *[
                (cell if cell != "" else None) if type(cell) in PLAIN else _wire(cell)
                for cell in row_values
            ],
        ]
        for column, text in errors.get(number, ()):
            cells.extend([None] * (column - len(cells)))
            cells[column - 1] = msgspec.msgpack.Ext(ERROR, text.encode())
        if any(cell is not None for cell in cells):
            rows.append((number, cells))
    return rows


def _wire(cell: object) -> object:
    if isinstance(cell, datetime):
        return msgspec.msgpack.Ext(DATETIME, cell.isoformat().encode())
    if isinstance(cell, date):
        return msgspec.msgpack.Ext(DATE, cell.isoformat().encode())
    if isinstance(cell, time | timedelta):
        return str(cell)
    return None


if __name__ == "__main__":
    main()
