"""What is counted in a file before a parser may touch it. Runs inside the limited child.

A parser allocates the rectangle that encloses a sheet's content: a 7 KB workbook with one cell
at XFD1048576 asks it for 512 GiB. So the content is counted first, streaming, with nothing kept.
"""

import struct
import zipfile
from pathlib import PurePosixPath
from typing import BinaryIO
from xml.parsers import expat

import msgspec

from infra.sheet_limits import SheetLimits

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
ZIP = b"PK\x03\x04"
END_OF_DIRECTORY = b"PK\x05\x06"
END_OF_DIRECTORY_REACH = 22 + 65_535
CHUNK = 1 << 16


class FileRefusedError(Exception):
    """The file breaks a limit or a rule; ``code`` and ``params`` become a Refusal outside."""

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


class SheetXml(msgspec.Struct):
    """What the scan of one member found: extent, and the cells whose formula failed."""

    first_row: int = 0
    last_row: int = 0
    first_column: int = 0
    last_column: int = 0
    content: int = 0
    errors: list[tuple[int, int, str]] = []


class WorkbookXml(msgspec.Struct):
    """What the scan of a whole workbook found; ``sheets`` maps a sheet's name to its member."""

    members: dict[str, SheetXml]
    sheets: dict[str, str]
    epoch_1904: bool


def kind_of(head: bytes, file: BinaryIO) -> str:
    """``xlsx`` or ``csv`` by content; refuses what is neither, whatever its name says."""
    if not head:
        raise FileRefusedError("file_empty")
    if head.startswith(OLE):
        file.seek(0)
        encrypted = "EncryptedPackage".encode("utf-16-le") in file.read()
        raise FileRefusedError("workbook_encrypted" if encrypted else "workbook_old_format")
    if head.startswith(ZIP):
        return "xlsx"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "csv"
    if b"\x00" in head or head.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"\x1f\x8b")):
        raise FileRefusedError("file_type_unknown")
    return "csv"


def check_workbook(file: BinaryIO, size: int, limits: SheetLimits) -> WorkbookXml:
    """Counts everything in an xlsx file.

    Raises FileRefusedError for a limit that is broken, and zipfile.BadZipFile, zlib.error,
    EOFError or expat.ExpatError for a damaged file.
    """
    _check_directory(file, size, limits)
    with zipfile.ZipFile(file) as archive:
        infos = archive.infolist()
        names = [info.filename for info in infos]
        if len(set(names)) != len(names):
            raise FileRefusedError("workbook_damaged")
        if any(info.flag_bits & 1 for info in infos):
            raise FileRefusedError("workbook_encrypted")
        if any(PurePosixPath(name).name == "vbaProject.bin" for name in names):
            raise FileRefusedError("workbook_has_macros")
        if "xl/workbook.xml" not in names or "[Content_Types].xml" not in names:
            raise FileRefusedError("file_type_unknown")
        _check_unpacked(infos, limits)
        return _scan(archive, names, limits)


def _check_directory(file: BinaryIO, size: int, limits: SheetLimits) -> None:
    file.seek(max(0, size - END_OF_DIRECTORY_REACH))
    tail = file.read()
    at = tail.rfind(END_OF_DIRECTORY)
    if at < 0 or len(tail) < at + 12:
        raise FileRefusedError("workbook_damaged")
    (entries,) = struct.unpack_from("<H", tail, at + 10)
    if entries > limits.members:
        raise FileRefusedError("workbook_too_many_members", limit=limits.members)
    file.seek(0)


def _check_unpacked(infos: list[zipfile.ZipInfo], limits: SheetLimits) -> None:
    if len(infos) > limits.members:
        raise FileRefusedError("workbook_too_many_members", limit=limits.members)
    if sum(info.file_size for info in infos) > limits.unpacked_bytes:
        raise FileRefusedError("workbook_unpacks_too_large", limit=limits.unpacked_bytes >> 20)
    for info in infos:
        if info.file_size > max(limits.ratio_from_bytes, info.compress_size * limits.ratio):
            raise FileRefusedError("workbook_too_compressed", limit=limits.ratio)


def _scan(archive: zipfile.ZipFile, names: list[str], limits: SheetLimits) -> WorkbookXml:
    members: dict[str, SheetXml] = {}
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

    for name in names:
        if not name.endswith((".xml", ".rels")):
            continue
        counter = _Counter(limits)
        counter.also = {"xl/workbook.xml": book, "xl/_rels/workbook.xml.rels": relations}.get(name)
        with archive.open(name) as member:
            counter.read(member)
        if counter.found.content:
            members[name] = counter.found
    if len(names_by_relation) > limits.sheets:
        raise FileRefusedError("workbook_too_many_sheets", limit=limits.sheets)
    sheets = {sheet: targets.get(relation, "") for relation, sheet in names_by_relation.items()}
    return WorkbookXml(members=members, sheets=sheets, epoch_1904=any(epoch))


class _Counter:
    """Streams one XML member and keeps the extent of the cells that hold something."""

    def __init__(self, limits: SheetLimits) -> None:
        self.limits = limits
        self.found = SheetXml(errors=[])
        self.also: object = None
        self._row = self._column = 0
        self._is_error = False
        self._text: list[str] | None = None

    def read(self, member: "zipfile.ZipExtFile | BinaryIO") -> None:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._doctype
        while chunk := member.read(CHUNK):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)

    def _doctype(self, *_: object) -> None:
        raise FileRefusedError("workbook_damaged")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if tag == "c":
            self._cell(attributes)
        elif tag in {"v", "is", "f"}:
            self._content()
            if tag == "v" and self._is_error:
                self._text = []
        elif tag == "row":
            self._row = _number(attributes.get("r"), self._row + 1)
            self._column = 0
        if callable(self.also):
            self.also(tag, attributes)

    def _cell(self, attributes: dict[str, str]) -> None:
        self._is_error = attributes.get("t") == "e"
        reference = attributes.get("r")
        if reference is None:
            self._column += 1
            return
        letters = reference.rstrip("0123456789")
        self._row = _number(reference[len(letters) :], self._row)
        self._column = 0
        for letter in letters.upper():
            self._column = self._column * 26 + ord(letter) - 64

    def _content(self) -> None:
        found, row, column = self.found, max(1, self._row), max(1, self._column)
        if found.content == 0:
            found.first_row = found.last_row = row
            found.first_column = found.last_column = column
        else:
            found.first_row, found.last_row = min(found.first_row, row), max(found.last_row, row)
            found.first_column = min(found.first_column, column)
            found.last_column = max(found.last_column, column)
        found.content += 1
        limits = self.limits
        rows = found.last_row - found.first_row + 1
        columns = found.last_column - found.first_column + 1
        if (
            found.last_row > limits.rows
            or found.last_column > limits.columns
            or rows * columns > limits.cells
        ):
            raise FileRefusedError(
                "sheet_too_large", rows=limits.rows, columns=limits.columns, cells=limits.cells
            )

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _end(self, name: str) -> None:
        if self._text is not None and name.rpartition(":")[2] == "v":
            self.found.errors.append((self._row, self._column, "".join(self._text)[:32]))
            self._text = None


def _number(text: str | None, otherwise: int) -> int:
    try:
        return int(text) if text else otherwise
    except ValueError:
        return otherwise
