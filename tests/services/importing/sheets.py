"""Sheets made from plain lists, for tests of the importer."""

from services.importing.workbook import Cell, Sheet, SheetRow, Workbook

ROSTER_HEADINGS: list[Cell] = ["姓名", "工号", "批次", "入职日期"]


def sheet(*rows: list[Cell], name: str = "花名册", file: str = "a.xlsx") -> Sheet:
    """A sheet whose first row is row 1; empty lists are blank rows."""
    return Sheet(file, name, [SheetRow(n, cells) for n, cells in enumerate(rows, start=1) if cells])


def book(*sheets: Sheet) -> Workbook:
    """A workbook of these sheets."""
    return Workbook(list(sheets))
