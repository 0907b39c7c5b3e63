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

from infra.sheets.sheet_limits import FileRefusedError, SheetLimits
from infra.sheets.sheet_scan import CellError, SheetScan

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
ZIP = b"PK\x03\x04"
END_OF_DIRECTORY = b"PK\x05\x06"
END_OF_DIRECTORY_REACH = 22 + 65_535


class WorkbookXml(msgspec.Struct):
    """What the scan of a whole workbook found. errors: the failed formulas by the sheet's name."""

    errors: dict[str, list[CellError]]
    epoch_1904: bool


def kind_of(head: bytes, file: BinaryIO) -> str:
    """``xlsx`` or ``csv`` by content; refuses what is neither, whatever its name says."""
    if not head:
        raise FileRefusedError("file_empty")
    if head.startswith(OLE):
        file.seek(0)
        if "EncryptedPackage".encode("utf-16-le") in file.read():
            raise FileRefusedError("workbook_encrypted")
        raise FileRefusedError("workbook_old_format")
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
        raise FileRefusedError("workbook_too_many_sheets", limit=limits.sheets)
    errors = {
        sheet: members.get(targets.get(relation, ""), [])
        for relation, sheet in names_by_relation.items()
    }
    return WorkbookXml(errors, any(epoch))
