"""Streams one XML member and keeps the extent of the cells that hold something, nothing else.

Runs once per element of a file that may have millions: only element starts call back, and the
text of a cell is looked at for failed formulas alone.
"""

from collections.abc import Callable
from typing import IO
from xml.parsers import expat

from infra.sheets.sheet_limits import FileRefusedError, SheetLimits

CHUNK = 1 << 16
DIGITS = "0123456789"

Watch = Callable[[str, dict[str, str]], None]
"""Told every element's local name and attributes."""

CellError = tuple[int, int, str]


class SheetScan:
    """Use once: `SheetScan(limits).read(member)`.

    errors: row and column, both 1-based, and text of each failed formula. Raises FileRefusedError
    as soon as a limit is passed, and for a document type declaration.
    """

    def __init__(self, limits: SheetLimits, watch: Watch | None = None) -> None:
        self.errors: list[CellError] = []
        self._limits = limits
        self._watch = watch
        self._row = self._column = 0
        self._height = self._width = range(0)
        self._is_error = False
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
        raise FileRefusedError("workbook_damaged")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = self._locals.get(name)
        if tag is None:
            tag = self._locals.setdefault(name, name.rpartition(":")[2])
        if tag == "c":
            self._cell(attributes)
        elif tag in ("v", "is", "f"):
            self._content()
            if self._is_error and tag == "v":
                self._listen()
        elif tag == "row":
            self._row = _number(attributes.get("r"), self._row + 1)
            self._column = 0
        if self._watch is not None:
            self._watch(tag, attributes)

    def _cell(self, attributes: dict[str, str]) -> None:
        self._is_error = attributes.get("t") == "e"
        reference = attributes.get("r")
        if reference is None:
            self._column += 1
            return
        letters = reference.rstrip(DIGITS)
        self._row = _number(reference[len(letters) :], self._row)
        column = self._columns.get(letters)
        if column is None:
            column = self._columns.setdefault(letters, _column(letters))
        self._column = column

    def _content(self) -> None:
        if self._row in self._height and self._column in self._width:
            return
        self._height = height = _extended(self._height, self._row)
        self._width = width = _extended(self._width, self._column)
        cells = (height.stop - height.start) * (width.stop - width.start)
        self._limits.refuse_larger(height.stop - 1, width.stop - 1, cells)

    def _listen(self) -> None:
        self._text = []
        self._parser.CharacterDataHandler = self._text.append
        self._parser.EndElementHandler = self._end

    def _end(self, _name: str) -> None:
        self.errors.append((self._row, self._column, "".join(self._text)[:32]))
        self._parser.CharacterDataHandler = None
        self._parser.EndElementHandler = None


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
