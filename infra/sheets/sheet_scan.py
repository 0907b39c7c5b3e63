"""What a sheet's XML says that its values do not: its extent, merged and hidden parts, how cells
are shown, and which formulas have no result. Read streaming, with nothing kept but what is found.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import IO
from xml.parsers import expat

import msgspec

from domain.kernel.errors import Refusal
from infra.sheets.sheet_wire import ERROR, UNCOUNTED, SheetLimits
from services.importing.workbook import Block

CHUNK = 1 << 16
DIGITS = "0123456789"

_BLOCK = re.compile("([A-Z]{1,3}[0-9]{1,7}):([A-Z]{1,3}[0-9]{1,7})")

Watch = Callable[[str, dict[str, str]], None]
"""Told every element's local name and attributes."""

NumberStyle = tuple[int, str]
"""How a number is shown, as its cell is marked: as percent, or as the text formats it."""

CellMark = tuple[int, int, int, str]
"""Row and column, both 1-based, what is marked, and the text of the mark."""


class SheetFound(msgspec.Struct):
    """The findings of one sheet. merged, hidden_columns: 1-based, as far as a sheet may go."""

    marks: list[CellMark] = []
    merged: list[Block] = []
    hidden_rows: set[int] = set()
    hidden_columns: set[int] = set()


class SheetScan:
    """Streams one XML member and counts the extent of the cells that hold something.

    Runs once per element of a file that may have millions: only element starts call back, and the
    text of a cell is looked at for formulas alone.

    shown: how styles show numbers. doubts_zero: a formula's 0 is no result. Raises Refusal
    as soon as a limit is passed, and for a document type declaration.
    """

    def __init__(
        self,
        limits: SheetLimits,
        watch: Watch | None = None,
        shown: Mapping[str, NumberStyle] = MappingProxyType({}),
        *,
        doubts_zero: bool = False,
    ) -> None:
        self.found = SheetFound([], [], set(), set())
        self._limits = limits
        self._watch = watch
        self._shown = shown
        self._doubted = ("", "0") if doubts_zero else ("",)
        self._row = self._column = self._merged_cells = 0
        self._style: NumberStyle | None = None
        self._height = self._width = range(0)
        self._kind: str | None = None
        self._is_formula = False
        self._text: list[str] = []
        self._locals: dict[str, str] = {}
        self._columns: dict[str, int] = {}
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.StartDoctypeDeclHandler = self._doctype

    def read(self, member: IO[bytes]) -> None:
        while chunk := member.read(CHUNK):
            self._parser.Parse(chunk, False)
        self._parser.Parse(b"", True)

    def _doctype(self, *_: object) -> None:
        raise Refusal("workbook_damaged")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = self._locals.get(name)
        if tag is None:
            tag = self._locals.setdefault(name, name.rpartition(":")[2])
        if tag == "c":
            self._cell(attributes)
        elif tag in ("v", "is", "f"):
            self._content()
            self._result(tag)
        elif tag == "row":
            self._row = _number(attributes.get("r"), self._row + 1)
            self._column = 0
            if is_true(attributes.get("hidden")):
                self.found.hidden_rows.add(self._row)
        elif tag == "mergeCell":
            self._merged(attributes.get("ref", ""))
        elif tag == "col" and is_true(attributes.get("hidden")):
            first = _number(attributes.get("min"), 1)
            last = min(_number(attributes.get("max"), first), self._limits.columns)
            self.found.hidden_columns.update(range(first, last + 1))
        if self._watch is not None:
            self._watch(tag, attributes)

    def _cell(self, attributes: dict[str, str]) -> None:
        self._kind = attributes.get("t")
        self._is_formula = False
        reference = attributes.get("r")
        if reference is None:
            self._column += 1
        else:
            self._row, self._column = self._place(reference)
        self._style = self._shown.get(attributes.get("s", "")) if self._shown else None

    def _place(self, reference: str) -> tuple[int, int]:
        letters = reference.rstrip(DIGITS)
        column = self._columns.get(letters)
        if column is None:
            column = self._columns.setdefault(letters, _column(letters))
        return _number(reference[len(letters) :], self._row), column

    def _content(self) -> None:
        self._extend()
        if self._style:
            self._mark(*self._style)
            self._style = None

    def _extend(self) -> None:
        if self._row in self._height and self._column in self._width:
            return
        self._height = height = _extended(self._height, self._row)
        self._width = width = _extended(self._width, self._column)
        cells = (height.stop - height.start) * (width.stop - width.start)
        self._limits.refuse_larger(height.stop - 1, width.stop - 1, cells)

    def _result(self, tag: str) -> None:
        """A formula has no result until one is met; the text of a result tells what it is."""
        if tag == "f":
            self._is_formula = True
            self._mark(UNCOUNTED)
        elif self._kind == "e" or self._is_formula:
            self._text = []
            self._parser.CharacterDataHandler = self._text.append
            self._parser.EndElementHandler = self._end

    def _end(self, _name: str) -> None:
        text = "".join(self._text)
        # An empty text is a result too, that of a formula which answers with text.
        if self._is_formula and (text not in self._doubted or self._kind == "str"):
            self.found.marks.pop()
        if self._kind == "e":
            self._mark(ERROR, text[:32])
        self._is_formula = False
        self._parser.CharacterDataHandler = None
        self._parser.EndElementHandler = None

    def _mark(self, what: int, text: str = "") -> None:
        self.found.marks.append((self._row, self._column, what, text))

    def _merged(self, reference: str) -> None:
        """Keeps a block; blocks over each other cost as if they were beside each other."""
        if (block := _BLOCK.fullmatch(reference)) is None:
            return
        (top, left), (bottom, right) = map(self._place, block.groups())
        bottom, right = min(bottom, self._limits.rows), min(right, self._limits.columns)
        if not (0 < top <= bottom and left <= right):
            return
        self.found.merged.append((top, left, bottom, right))
        self._merged_cells += (bottom - top + 1) * (right - left + 1)
        self._limits.refuse_larger(len(self.found.merged), 0, self._merged_cells)


def is_true(text: str | None) -> bool:
    """Whether an attribute says yes."""
    return text in ("1", "true")


def _extended(span: range, number: int) -> range:
    if not span:
        return range(number, number + 1)
    return range(min(span.start, number), max(span.stop, number + 1))


def _column(letters: str) -> int:
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return column


def _number(text: str | None, otherwise: int) -> int:
    try:
        return int(text) if text else otherwise
    except ValueError:
        return otherwise
