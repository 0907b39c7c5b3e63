"""The checks of an uploaded file before a parser may touch it. Runs inside the limited child.

A parser allocates the rectangle that encloses a sheet's content: a 7 KB workbook with one cell
at XFD1048576 asks it for 512 GiB. So the content is counted first, streaming, with nothing kept.
"""

import re
import struct
import zipfile
from pathlib import PurePosixPath
from typing import BinaryIO
from xml.parsers import expat

import msgspec

from domain.kernel.errors import Refusal
from infra.sheets.sheet_scan import NumberStyle, SheetFound, SheetScan, is_true
from infra.sheets.sheet_wire import PADDED, PERCENT, SheetLimits

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
ZIP = b"PK\x03\x04"
END_OF_DIRECTORY = b"PK\x05\x06"
END_OF_DIRECTORY_REACH = 22 + 65_535
PERCENT_IDS = {"9", "10"}
"""The built-in number formats 0% and 0.00%."""

_WEB_PAGE = re.compile(
    rb"(\xef\xbb\xbf)?\s*<(!doctype|html|head|meta|table|\?xml)|mime-version:", re.I
)
_QUOTED = re.compile(r'"([^"]*)"|\\(.)')
_DIGITS = re.compile(rf"(?P<before>(?:{_QUOTED.pattern})*)(?P<digits>0+|#|General)")


class WorkbookXml(msgspec.Struct):
    """The findings of a workbook's scan. sheets: by name."""

    sheets: dict[str, SheetFound]
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
    if _WEB_PAGE.match(head):
        raise Refusal("file_is_web_page")
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
    found: dict[str, SheetFound] = {}
    book, styles, relations = _Book(), _Styles(), _Relations()
    # What is said of all sheets is known before the first of them is read.
    watched = {
        "xl/workbook.xml": book.watch,
        "xl/styles.xml": styles.watch,
        "xl/_rels/workbook.xml.rels": relations.watch,
    }
    for name in sorted(names, key=lambda name: name not in watched):
        scan = SheetScan(limits, watched.get(name), styles.shown, doubts_zero=book.is_uncounted)
        try:
            with archive.open(name) as member:
                scan.read(member)
        except expat.ExpatError:
            # A sheet may have any name, so everything is scanned; pictures are no XML.
            if name.endswith((".xml", ".rels")):
                raise
        found[name] = scan.found
    if len(book.sheets) > limits.sheets:
        raise Refusal("workbook_too_many_sheets", limit=limits.sheets)
    sheets = {
        sheet: found.get(relations.targets.get(relation, ""), SheetFound())
        for relation, sheet in book.sheets.items()
    }
    return WorkbookXml(sheets, book.epoch_1904)


class _Book:
    """What a workbook says of itself. sheets: names by relation. is_uncounted: a program wrote it,
    and whatever opens it is to count its formulas first."""

    def __init__(self) -> None:
        self.sheets: dict[str, str] = {}
        self.epoch_1904 = self.is_uncounted = False

    def watch(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet":
            relation = next((v for k, v in attributes.items() if k.split(":")[-1] == "id"), "")
            self.sheets[relation] = attributes.get("name", "")
        elif tag == "workbookPr":
            self.epoch_1904 |= is_true(attributes.get("date1904"))
        elif tag == "calcPr":
            self.is_uncounted = is_true(attributes.get("fullCalcOnLoad"))


class _Relations:
    """Where the sheets of a workbook stand, by relation."""

    def __init__(self) -> None:
        self.targets: dict[str, str] = {}

    def watch(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship":
            target = attributes.get("Target", "")
            path = target[1:] if target.startswith("/") else f"xl/{target}"
            self.targets[attributes.get("Id", "")] = path


class _Styles:
    """How numbers are shown otherwise than they are, by the styles that cells name: as percent, or
    with leading zeros or letters. A text behind them is a unit, and none of the number."""

    def __init__(self) -> None:
        self.shown: dict[str, NumberStyle] = {}
        self._formats: dict[str, NumberStyle] = dict.fromkeys(PERCENT_IDS, (PERCENT, ""))
        self._styles: int | None = None

    def watch(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "numFmt":
            if shown := _shown_by(attributes.get("formatCode", "")):
                self._formats[attributes.get("numFmtId", "")] = shown
        elif tag == "cellXfs":
            self._styles = 0
        elif tag == "xf" and self._styles is not None:
            if shown := self._formats.get(attributes.get("numFmtId", "")):
                self.shown[str(self._styles)] = shown
            self._styles += 1
        elif tag in ("cellStyles", "dxfs"):
            self._styles = None


def _shown_by(code: str) -> NumberStyle | None:
    """How a number format shows what is not negative, where that is otherwise than the number."""
    bare = _QUOTED.sub("", code).partition(";")[0]
    if "%" in bare:
        return PERCENT, ""
    found = _DIGITS.match(code)
    if found is None or found["digits"] != bare:
        return None
    before = _QUOTED.sub(r"\1\2", found["before"]).replace("{", "{{").replace("}", "}}")
    width = bare.count("0")
    return (PADDED, f"{before}{{:0{width}d}}") if before or width > 1 else None
