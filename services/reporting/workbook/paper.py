"""Drawing on a workbook: formats, tables, printing. Knows nothing of what the tables say."""

from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter

from services.reporting.workbook.tables import Column, Style, Table

INK, MUTED, BAND, LINE = "#1F2933", "#5F6B7A", "#E8EEF4", "#C8D1DB"
FONTS = {"zh-CN": "Microsoft YaHei", "en": "Calibri"}
NUMBER_FORMATS: dict[Style, str] = {
    "count": "0",
    "percent": "0.0%",
    "average": "0.00",
    "tenths": "0.0",
    "date": "yyyy-mm-dd",
    "instant": "yyyy-mm-dd hh:mm:ss",
}
A4 = 9
ROW_HEIGHT = 18


class Paper:
    """A workbook that is being drawn, the same bytes for the same strokes.

    Text is never taken for a formula, a link or a number, whatever it begins with.
    """

    def __init__(self, *, language: str, created: datetime, title: str, none: str) -> None:
        """created: the only time in the file. none: what stands for an undefined figure."""
        self._bytes = BytesIO()
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": NUMBER_FORMATS["date"],
        }
        self.book = xlsxwriter.Workbook(self._bytes, options)
        self.book.set_properties({"title": title, "created": created.replace(tzinfo=None)})
        self.book.set_calc_mode("auto")
        self._font = {"font_name": FONTS[language], "font_size": 10, "font_color": INK}
        self._none = none
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def format(self, **properties: Any) -> Any:
        """A format on top of the font; equal ones are one."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(
                {**self._font, "valign": "vcenter", **properties}
            )
        return self._formats[key]

    def sheet(self, name: str, footer: str) -> Any:
        """A sheet set up for A4, landscape, one page wide, with pages numbered."""
        sheet = self.book.add_worksheet(name[:31])
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        sheet.set_footer(f"&L&8{footer.replace('&', '&&')}&R&8&P / &N")
        return sheet

    def title(self, sheet: Any, row: int, text: str, *, large: bool = False) -> None:
        sheet.set_row(row, 28 if large else 22)
        sheet.write_string(row, 0, text, self.format(bold=True, font_size=16 if large else 12))

    def note(self, sheet: Any, row: int, text: str) -> None:
        sheet.write_string(row, 0, text, self.format(font_color=MUTED))

    def widths(self, sheet: Any, columns: tuple[Column, ...]) -> None:
        for index, column in enumerate(columns):
            sheet.set_column(index, index, column.width)

    def headings(self, sheet: Any, row: int, columns: tuple[Column, ...]) -> None:
        sheet.set_row(row, 32)
        for index, column in enumerate(columns):
            is_text = column.style in ("text", "wrapped")
            heading = self.format(
                bold=True,
                bg_color=BAND,
                bottom=1,
                bottom_color=LINE,
                text_wrap=True,
                align="left" if is_text else "right",
                indent=1 if is_text and index else 0,
            )
            sheet.write_string(row, index, column.heading, heading)

    def rows(self, sheet: Any, first: int, table: Table) -> int:
        """Writes the rows from `first` on; answers the row after them."""
        for offset, row in enumerate(table.rows):
            sheet.set_row(first + offset, ROW_HEIGHT)
            for index, (column, value) in enumerate(zip(table.columns, row, strict=True)):
                self.cell(sheet, first + offset, index, value, column.style)
        return first + len(table.rows)

    def cell(
        self, sheet: Any, row: int, column: int, value: Any, style: Style, **more: Any
    ) -> None:
        """A value by its style; None is a dash where a figure is undefined, else empty."""
        properties: dict[str, Any] = {"bottom": 1, "bottom_color": LINE, **more}
        if style in NUMBER_FORMATS:
            properties |= {"num_format": NUMBER_FORMATS[style], "align": "right"}
        elif column:
            properties["indent"] = 1
        if style == "wrapped":
            properties["text_wrap"] = True
        made = self.format(**properties)
        if value is None and style in ("percent", "average", "tenths"):
            sheet.write_string(row, column, self._none, made)
        elif value is None:
            sheet.write_blank(row, column, None, made)
        elif style in ("date", "instant"):
            sheet.write_datetime(row, column, value, made)
        elif style in NUMBER_FORMATS:
            sheet.write_number(row, column, value, made)
        else:
            sheet.write_string(row, column, str(value), made)

    def list_sheet(self, table: Table, footer: str, nothing: str) -> None:
        """A sheet of its own for one long table: filter, headings that stay, on every page."""
        sheet = self.sheet(table.title, footer)
        self.widths(sheet, table.columns)
        self.title(sheet, 0, table.title)
        self.headings(sheet, 1, table.columns)
        self.finish_list(sheet, 1, table, nothing)

    def finish_list(self, sheet: Any, heading_row: int, table: Table, nothing: str) -> None:
        after = self.rows(sheet, heading_row + 1, table)
        if table.rows:
            sheet.autofilter(heading_row, 0, after - 1, len(table.columns) - 1)
        else:
            self.note(sheet, heading_row + 1, nothing)
        sheet.freeze_panes(heading_row + 1, 0)
        sheet.repeat_rows(heading_row)

    def finish(self) -> bytes:
        self.book.close()
        return self._bytes.getvalue()
