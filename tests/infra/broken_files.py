"""Files that mean harm or are broken, made here so that none of them lies in the repository."""

import io
import zipfile
from collections.abc import Callable

import xlsxwriter

CONTENT_TYPES = "[Content_Types].xml"
WORKBOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Target="worksheets/sheet1.xml" Type="http://schemas.openxmlformats'
    '.org/officeDocument/2006/relationships/worksheet"/></Relationships>'
)
ROOT_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Target="xl/workbook.xml" Type="http://schemas.openxmlformats'
    '.org/officeDocument/2006/relationships/officeDocument"/></Relationships>'
)
SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    "<sheetData>{rows}</sheetData></worksheet>"
)


def written(write: Callable[[xlsxwriter.Workbook], object]) -> bytes:
    """A healthy workbook, filled by `write`."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        write(book)
    return buffer.getvalue()


def packed(rows: str, **more: bytes | str) -> bytes:
    """A workbook of one sheet with the given row elements, and further members."""
    members: dict[str, bytes | str] = {
        CONTENT_TYPES: "<Types/>",
        "_rels/.rels": ROOT_RELATIONS,
        "xl/workbook.xml": WORKBOOK,
        "xl/_rels/workbook.xml.rels": RELATIONS,
        "xl/worksheets/sheet1.xml": SHEET.format(rows=rows),
        **more,
    }
    return zipped(members)


def zipped(members: dict[str, bytes | str]) -> bytes:
    """A zip file of these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def one_cell_at(reference: str) -> str:
    """Row elements: A1 and one far cell."""
    row = reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return (
        '<row r="1"><c r="A1"><v>1</v></c></row>'
        f'<row r="{row}"><c r="{reference}"><v>1</v></c></row>'
    )


def with_text(cells: int, length: int) -> bytes:
    """One long shared string that many cells repeat: small packed, huge parsed."""
    string = f"<sst><si><t>{'x' * length}</t></si></sst>"
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, cells + 1)
    )
    relations = RELATIONS.replace(
        "</Relationships>",
        '<Relationship Id="rId2" Target="sharedStrings.xml" Type="http://schemas.openxmlformats'
        '.org/officeDocument/2006/relationships/sharedStrings"/></Relationships>',
    )
    more: dict[str, bytes | str] = {
        "xl/sharedStrings.xml": string,
        "xl/_rels/workbook.xml.rels": relations,
    }
    return packed(rows, **more)


ENCRYPTED = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 500 + "EncryptedPackage".encode("utf-16-le")
OLD_FORMAT = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 500
MILLION_COLUMNS = b"," * 1_000_000 + b"\n"
BILLION_LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    '<worksheet><sheetData><row r="1"><c r="A1"><v>&b;</v></c></row></sheetData></worksheet>'
)

HEALTHY = written(lambda book: book.add_worksheet("S").write(0, 0, "x"))

BROKEN: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "file_empty"),
    "csv of blank lines": (b"\n\n , ,\n", "file_empty"),
    "pdf": (b"%PDF-1.7 hello", "file_type_unknown"),
    "binary": (b"a,b\n\x00\x01\x02", "file_type_unknown"),
    "nul bytes late": (b"a,b\n" * 2000 + b"\x00,1\n", "file_type_unknown"),
    "no known encoding": (b"a,b\n\xff\xfea\x80\xff\n", "text_encoding_unknown"),
    "open quote": (b'a,b\n"never closed', "text_damaged"),
    "million columns": (MILLION_COLUMNS, "sheet_too_large"),
    "password": (ENCRYPTED, "workbook_encrypted"),
    "xls": (OLD_FORMAT, "workbook_old_format"),
    "zip of something else": (zipped({"notes.txt": "hello"}), "file_type_unknown"),
    "macros": (packed("", **{"xl/vbaProject.bin": b"x"}), "workbook_has_macros"),
    "far cell": (packed(one_cell_at("XFD1048576")), "sheet_too_large"),
    "far row": (packed(one_cell_at("A1048576")), "sheet_too_large"),
    "far column": (packed(one_cell_at("XFD1")), "sheet_too_large"),
    "large rectangle": (packed(one_cell_at("SR190000")), "sheet_too_large"),
    "far cell elsewhere": (
        packed("", **{"xl/other/hidden.png": SHEET.format(rows=one_cell_at("XFD1048576"))}),
        "sheet_too_large",
    ),
    "high ratio": (packed("", **{"xl/big.xml": b" " * 50_000_000}), "workbook_too_compressed"),
    "thousands of members": (
        packed("", **{f"xl/media/{n}.png": b"" for n in range(3000)}),
        "workbook_too_many_members",
    ),
    "truncated": (HEALTHY[: len(HEALTHY) // 2], "workbook_damaged"),
    "not xml": (packed("", **{"xl/worksheets/sheet1.xml": "<a><b>"}), "workbook_damaged"),
    "entities": (packed("", **{"xl/worksheets/sheet1.xml": BILLION_LAUGHS}), "workbook_damaged"),
    "long string often": (with_text(cells=150_000, length=30_000), "file_too_costly"),
}
