"""Text files as rows. Runs inside the limited child."""

import csv
import io
from collections.abc import Iterator
from itertools import islice

from domain.kernel.errors import Refusal
from infra.sheets.sheet_wire import SheetLimits

DELIMITERS = (",", ";", "\t")
SNIFFED_ROWS = 20
LONGEST_CELL = 32_767


def read_csv(content: bytes, limits: SheetLimits) -> list[tuple[int, list[object]]]:
    """The rows that hold something, with their 1-based row numbers as a spreadsheet counts them."""
    text = decoded(content)
    if "\x00" in text:
        raise Refusal("file_type_unknown")
    csv.field_size_limit(LONGEST_CELL)
    rows: list[tuple[int, list[object]]] = []
    cells = 0
    try:
        for number, values in enumerate(_reader(text, sniffed(text)), start=1):
            cells += len(values)
            limits.refuse_larger(number, len(values), cells)
            if any(value.strip() for value in values):
                rows.append((number, [value if value.strip() else None for value in values]))
    except csv.Error as bad:
        raise Refusal("text_damaged") from bad
    if not rows:
        raise Refusal("file_empty")
    return rows


def decoded(content: bytes) -> str:
    """The text: UTF-8 or UTF-16 by its mark, else UTF-8, else GB 18030."""
    has_mark = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if has_mark else ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refusal("text_encoding_unknown")


def sniffed(text: str) -> str:
    """The delimiter that gives the first rows the most columns, counted over all of them."""

    def columns(delimiter: str) -> int:
        try:
            return sum(
                len(row) - 1 for row in islice(_reader(text, delimiter), SNIFFED_ROWS) if row
            )
        except csv.Error:
            return -1

    return max(DELIMITERS, key=columns)


def _reader(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
