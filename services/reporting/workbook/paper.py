"""Drawing on a workbook: formats, tables, page setup."""

from collections.abc import Iterable
from datetime import datetime
from io import BytesIO
from typing import Any, get_args

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from domain.kpi.rounding import Unit
from services.reporting.workbook.tables import Style, StyledValue, Table
from services.words.texts import Texts

INK, MUTED, BAND, LINE = "#1F2933", "#5F6B7A", "#E8EEF4", "#C8D1DB"
FONTS = {"zh-CN": "Microsoft YaHei", "en": "Calibri"}
NUMBER_FORMATS: dict[Style, str] = {
    "count": "0",
    "people": "0",
    "percent": "0.0%",
    "per_person": "0.00",
    "days": "0.0",
    "points": "0.0",
    "exact": "General",
    "date": "yyyy-mm-dd",
    "month": "yyyy-mm",
    "instant": "yyyy-mm-dd hh:mm:ss",
}
OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd",
}
"""Of every workbook: text is no formula, link or number, whatever it begins with. Each sheet also
hands it to `write_string`, since `write` takes `{=…}` for a formula."""

LINED = {"bottom": 1, "bottom_color": LINE}
"""The format of a line below a cell."""

A4 = 9
ROW_HEIGHT = 18


class Paper:
    """A workbook that is being drawn; the same calls give the same bytes."""

    def __init__(self, texts: Texts, *, created: datetime, title: str, footer: str) -> None:
        """created: the only time in the file. footer: of every page."""
        self._bytes = BytesIO()
        self.book = xlsxwriter.Workbook(self._bytes, OPTIONS | {"in_memory": True})
        self.book.set_properties({"title": title, "created": created.replace(tzinfo=None)})
        self.book.set_calc_mode("auto")
        self._font = {"font_name": FONTS[texts.language], "font_size": 10, "font_color": INK}
        self._footer = footer.replace("&", "&&")
        self._texts = texts
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def format(self, **properties: Any) -> Any:
        """A format on top of the font; equal ones are one."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(
                {**self._font, "valign": "vcenter", **properties}
            )
        return self._formats[key]

    def sheet(self, name: str) -> Any:
        """A sheet set up for A4, landscape, one page wide, with pages numbered."""
        sheet = self.book.add_worksheet(name[:31])
        sheet.add_write_handler(str, Worksheet.write_string)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        sheet.set_footer(f"&L&8{self._footer}&R&8&P / &N")
        return sheet

    def title(self, sheet: Any, row: int, text: str, *, large: bool = False) -> None:
        sheet.set_row(row, 28 if large else 22)
        sheet.write_string(row, 0, text, self.format(bold=True, font_size=16 if large else 12))

    def note(self, sheet: Any, row: int, text: str) -> None:
        sheet.write_string(row, 0, text, self.format(font_color=MUTED))

    def headings(self, sheet: Any, row: int, headings: Iterable[tuple[str, Style]]) -> None:
        """Writes headings over columns of these styles."""
        sheet.set_row(row, 32)
        for index, (heading, style) in enumerate(headings):
            is_text = style in ("text", "wrapped")
            made = self.format(
                bold=True,
                bg_color=BAND,
                text_wrap=True,
                align="left" if is_text else "right",
                indent=1 if is_text and index else 0,
                **LINED,
            )
            sheet.write_string(row, index, heading, made)

    def table(self, sheet: Any, row: int, table: Table) -> int:
        """Draws the headings into a row and the lines below; answers the row after them."""
        columns = list(enumerate(table.columns))
        self.headings(sheet, row, ((column.heading, column.style) for _, column in columns))
        for line in table.lines:
            row += 1
            sheet.set_row(row, ROW_HEIGHT)
            for index, column in columns:
                value = column.value(line)
                cell = value if isinstance(value, StyledValue) else StyledValue(value, column.style)
                self.cell(sheet, row, index, *cell)
        return row + 1

    def cell(
        self, sheet: Any, row: int, column: int, value: Any, style: Style, **more: Any
    ) -> None:
        """Writes a value by its style; None is a dash where a figure is undefined, else empty."""
        properties: dict[str, Any] = {**LINED, **more}
        if style in NUMBER_FORMATS:
            properties = {"num_format": NUMBER_FORMATS[style], "align": "right", **properties}
        elif column:
            properties["indent"] = 1
        if style == "wrapped":
            properties["text_wrap"] = True
        if value is None and style in get_args(Unit):
            value = self._texts("none")
        sheet.write(row, column, value, self.format(**properties))

    def table_sheet(self, table: Table, name: str | None = None) -> Any:
        """A sheet with the widths of a table. name: the table's title if not given."""
        sheet = self.sheet(name or table.title)
        for index, column in enumerate(table.columns):
            sheet.set_column(index, index, column.width)
        return sheet

    def list_sheet(self, table: Table) -> None:
        """Adds a sheet for one long table."""
        sheet = self.table_sheet(table)
        self.title(sheet, 0, table.title)
        self.list_table(sheet, 1, table)

    def list_table(self, sheet: Any, heading_row: int, table: Table) -> None:
        """Draws a long table: with a filter, and headings that stay, on every page."""
        after = self.table(sheet, heading_row, table)
        if table.lines:
            sheet.autofilter(heading_row, 0, after - 1, len(table.columns) - 1)
        else:
            self.note(sheet, heading_row + 1, self._texts("members.none"))
        sheet.freeze_panes(heading_row + 1, 0)
        sheet.repeat_rows(heading_row)

    def finish(self) -> bytes:
        self.book.close()
        return self._bytes.getvalue()
