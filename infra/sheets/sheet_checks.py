"""The checks of an uploaded file before a parser may touch it. Runs inside the limited child.

A parser allocates the rectangle that encloses a sheet's content: a 7 KB workbook with one cell
at XFD1048576 asks it for 512 GiB. So the content is counted first, streaming, with nothing kept.
"""

import struct
import zipfile
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import IO, BinaryIO
from xml.parsers import expat

import msgspec

from domain.kernel.errors import Refusal
from infra.sheets.sheet_wire import SheetLimits

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
ZIP = b"PK\x03\x04"
END_OF_DIRECTORY = b"PK\x05\x06"
END_OF_DIRECTORY_REACH = 22 + 65_535
CHUNK = 1 << 16
DIGITS = "0123456789"

Watch = Callable[[str, dict[str, str]], None]
"""Told every element's local name and attributes."""

CellError = tuple[int, int, str]


class WorkbookXml(msgspec.Struct):
    """The findings of a workbook's scan. errors: the failed formulas by the sheet's name."""

    errors: dict[str, list[CellError]]
    epoch_1904: bool


def kind_of(head: bytes, file: BinaryIO) -> str:
    """``xlsx`` or ``csv`` by content; refuses what is neither, whatever its name says."""
    if not head:
        raise Refusal("file_empty")
    if head.startswith(OLE):
        file.seek(0)
        if "EncryptedPackage".encode("utf-16-le") in file.read():
            raise Refusal("workbook_encrypted")
        raise Refusal("workbook_old_format")
    if head.startswith(ZIP):
        return "xlsx"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "csv"
    if b"\x00" in head or head.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"\x1f\x8b")):
        raise Refusal("file_type_unknown")
    return "csv"


def check_workbook(file: BinaryIO, size: int, limits: SheetLimits) -> WorkbookXml:
    """Counts everything in an xlsx file.

    Raises Refusal for a limit that is broken, and zipfile.BadZipFile, zlib.error,
    EOFError or expat.ExpatError for a damaged file.
    """
    _check_directory(file, size, limits)
    with zipfile.ZipFile(file) as archive:
        infos = archive.infolist()
        names = [info.filename for info in infos]
        if len(set(names)) != len(names):
            raise Refusal("workbook_damaged")
        if any(info.flag_bits & 1 for info in infos):
            raise Refusal("workbook_encrypted")
        if any(PurePosixPath(name).name == "vbaProject.bin" for name in names):
            raise Refusal("workbook_has_macros")
        if "xl/workbook.xml" not in names or "[Content_Types].xml" not in names:
            raise Refusal("file_type_unknown")
        _check_unpacked(infos, limits)
        return _scan(archive, names, limits)


def _check_directory(file: BinaryIO, size: int, limits: SheetLimits) -> None:
    file.seek(max(0, size - END_OF_DIRECTORY_REACH))
    tail = file.read()
    at = tail.rfind(END_OF_DIRECTORY)
    if at < 0 or len(tail) < at + 12:
        raise Refusal("workbook_damaged")
    (entries,) = struct.unpack_from("<H", tail, at + 10)
    if entries > limits.members:
        raise Refusal("workbook_too_many_members", limit=limits.members)
    file.seek(0)


def _check_unpacked(infos: list[zipfile.ZipInfo], limits: SheetLimits) -> None:
    if len(infos) > limits.members:
        raise Refusal("workbook_too_many_members", limit=limits.members)
    if sum(info.file_size for info in infos) > limits.unpacked_bytes:
        raise Refusal("workbook_unpacks_too_large", limit=limits.unpacked_bytes >> 20)
    for info in infos:
        if info.file_size > max(limits.ratio_from_bytes, info.compress_size * limits.ratio):
            raise Refusal("workbook_too_compressed", limit=limits.ratio)


def _scan(archive: zipfile.ZipFile, names: list[str], limits: SheetLimits) -> WorkbookXml:
    members: dict[str, list[CellError]] = {}
    names_by_relation: dict[str, str] = {}
    targets: dict[str, str] = {}
    epoch: list[bool] = []

    def book(tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet":
            relation = next((v for k, v in attributes.items() if k.split(":")[-1] == "id"), "")
            names_by_relation[relation] = attributes.get("name", "")
        elif tag == "workbookPr":
            epoch.append(attributes.get("date1904", "0") in {"1", "true"})

    def relations(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship":
            target = attributes.get("Target", "")
            path = target[1:] if target.startswith("/") else f"xl/{target}"
            targets[attributes.get("Id", "")] = path

    watched = {"xl/workbook.xml": book, "xl/_rels/workbook.xml.rels": relations}
    for name in names:
        scan = SheetScan(limits, watched.get(name))
        try:
            with archive.open(name) as member:
                scan.read(member)
        except expat.ExpatError:
            # A sheet may have any name, so everything is scanned; pictures are no XML.
            if name.endswith((".xml", ".rels")):
                raise
        members[name] = scan.errors
    if len(names_by_relation) > limits.sheets:
        raise Refusal("workbook_too_many_sheets", limit=limits.sheets)
    errors = {
        sheet: members.get(targets.get(relation, ""), [])
        for relation, sheet in names_by_relation.items()
    }
    return WorkbookXml(errors, any(epoch))


class SheetScan:
    """Streams one XML member and counts the extent of the cells that hold something.

    Runs once per element of a file that may have millions: only element starts call back, and the
    text of a cell is looked at for failed formulas alone.

    errors: row and column, both 1-based, and text of each failed formula. Raises Refusal
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
        raise Refusal("workbook_damaged")

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
