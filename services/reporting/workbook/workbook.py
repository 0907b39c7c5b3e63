"""The report as a workbook: figures with a chart, members, orders, trials, and what it rests on."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from domain.kernel.values import Ratio
from domain.kpi.catalog import CATALOG, HEADLINES
from domain.kpi.catalog.qualification import TRIAL_PASS_RATE_OF_ENTERED
from domain.kpi.kpi import Kpi, KpiFigure
from domain.kpi.scheme.scorecard import shown_points, summary_of
from services.reporting.workbook.content import Content
from services.reporting.workbook.paper import BAND, LINED, MUTED, Paper
from services.reporting.workbook.tables import (
    ReportTables,
    Style,
    Table,
    number,
    scorecard_table,
    status,
    versions,
)
from services.words.texts import Texts

CHART_ROWS = 17
RATE_COLOUR, AVERAGE_COLOUR = "#2F6F9F", "#D9822B"

HEADINGS = ("kpi", "value", "numerator", "denominator", "floor", "ceiling", "meaning")
STYLES: tuple[Style, ...] = ("text", *("count",) * 5, "text")
MEANING = len(HEADINGS) - 1
LAST = MEANING + 5
"""The meaning is written over the columns from MEANING to LAST."""


class _KpiRow(Struct, frozen=True):
    """One figure. words: the message id of what it says or how it is counted."""

    name: str
    kpi: Kpi
    figure: KpiFigure
    rounding: str
    words: str

    @property
    def is_main(self) -> bool:
        """Whether it is the KPI itself, and not something beside it."""
        return self.words == self.kpi.meaning_id


def _cells(line: _KpiRow) -> list[tuple[Any, Style]]:
    """The cells between the name and the meaning; empty ones where nobody records the figure."""
    figure, kpi = line.figure, line.kpi
    if not figure.has_source:
        return [(None, "text")] * (MEANING - 1)

    def shown(ratio: Ratio | None) -> tuple[Any, Style]:
        return (number(ratio, kpi.unit, line.rounding), kpi.unit) if ratio else (None, "text")

    denominator = figure.ratio.denominator if kpi.denominator else None
    return [
        shown(figure.ratio),
        (figure.ratio.numerator, "count"),
        (denominator, "count"),
        shown(figure.floor),
        shown(figure.ceiling),
    ]


def render(content: Content, texts: Texts) -> bytes:
    """The report as an xlsx file; equal contents give equal bytes."""
    return _MonthWorkbook(content, texts).drawn()


class _MonthWorkbook:
    def __init__(self, content: Content, texts: Texts) -> None:
        self._content, self._texts = content, texts
        self._tables = ReportTables(content, texts)
        pinned = content.pinned
        month = texts("report.month", year=pinned.month.year, month=pinned.month.month)
        self._title = texts("report.title", partner=pinned.partner, month=month)
        self._state = (
            texts("state.month_running", month=month)
            if content.is_running
            else status(content.whole["order_rate"], texts)
        )
        self._as_of = texts(
            "report.as_of",
            day=pinned.happened_by.isoformat(),
            position=pinned.position,
            versions=versions(content.whole, texts),
        )
        footer = f"{self._title} · {self._as_of}"
        self._paper = Paper(texts, created=pinned.requested_at, title=self._title, footer=footer)

    def drawn(self) -> bytes:
        """Draws every sheet; answers the file."""
        tables, paper = self._tables, self._paper
        self._draw_figures()
        self._draw_catalog()
        self._draw_scorecard()
        paper.list_sheet(tables.members())
        paper.list_sheet(tables.orders_excluded())
        paper.list_sheet(tables.orders_counted())
        paper.list_sheet(tables.trials())
        self._draw_basis()
        return paper.finish()

    def _draw_figures(self) -> None:
        paper, texts = self._paper, self._texts
        trend = self._tables.groups("month")
        sheet = paper.table_sheet(trend, texts("report.sheet.figures"))
        paper.title(sheet, 0, self._title, large=True)
        paper.note(sheet, 1, self._as_of)
        paper.note(sheet, 2, f"{texts('figure.state')}: {self._state}")
        chart_row = self._kpi_table(sheet, 4, self._headline_rows()) + 1
        row = chart_row + CHART_ROWS + 1
        self._chart(sheet, chart_row, row + 2, trend)
        sheet.set_h_pagebreaks([row])
        for table in (trend, self._tables.groups("cohort"), self._tables.groups("manager")):
            if table.lines:
                paper.title(sheet, row, table.title)
                row = paper.table(sheet, row + 1, table) + 1
        sheet.freeze_panes(1, 0)

    def _draw_catalog(self) -> None:
        """Every figure of the catalog for the month's group."""
        paper, title = self._paper, self._texts("report.sheet.catalog")
        sheet = paper.sheet(title)
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, len(HEADINGS), 12)
        paper.title(sheet, 0, title)
        self._kpi_table(sheet, 1, [*map(self._row, CATALOG)])
        sheet.freeze_panes(2, 0)
        sheet.repeat_rows(1)

    def _draw_scorecard(self) -> None:
        """The lines of the scheme judged, and above them what is undefined said."""
        paper, content, texts = self._paper, self._content, self._texts
        table = scorecard_table(content, texts)
        sheet = paper.table_sheet(table)
        paper.title(sheet, 0, table.title)
        earned = shown_points(content.card.earned, content.whole.rounding)
        msgid, totals = summary_of(content.card, earned)
        paper.note(sheet, 1, texts(msgid, **totals))
        paper.table(sheet, 2, table)
        sheet.freeze_panes(3, 0)

    def _draw_basis(self) -> None:
        """What the report is pinned to, and the events behind its figures."""
        paper, pinned, texts = self._paper, self._content.pinned, self._texts
        table, title = self._tables.records(), texts("report.sheet.basis")
        sheet = paper.table_sheet(table, title)
        paper.title(sheet, 0, title)
        facts = {
            "report.partner": pinned.partner,
            "filter.month": str(pinned.month),
            "filter.on": pinned.happened_by.isoformat(),
            "report.position": str(pinned.position),
            "report.scheme": versions(self._content.whole, texts),
            "figure.state": self._state,
        }
        for row, (msgid, value) in enumerate(facts.items(), start=1):
            paper.cell(sheet, row, 0, texts(msgid), "text", bold=True)
            paper.cell(sheet, row, 1, value, "text")
        heading_row = len(facts) + 3
        paper.title(sheet, heading_row - 1, table.title)
        paper.list_table(sheet, heading_row, table)

    def _chart(self, sheet: Any, row: int, first: int, trend: Table) -> None:
        """A native chart over the months' table that begins at row `first`: the order rate as
        columns, the average orders as a line on an axis of its own."""
        if not trend.lines:
            return
        book, texts = self._paper.book, self._texts
        last, name = first + len(trend.lines) - 1, sheet.get_name()
        headings = [column.heading for column in trend.columns]
        rate, average = (headings.index(texts(kpi.name_id)) for kpi in HEADLINES[:2])
        months = [name, first, 0, last, 0]
        columns = book.add_chart({"type": "column"})
        columns.add_series(
            {
                "name": texts(HEADLINES[0].name_id),
                "categories": months,
                "values": [name, first, rate, last, rate],
                "fill": {"color": RATE_COLOUR},
                "gap": 60,
                "data_labels": {"value": True, "num_format": "0.0%", "font": {"size": 8}},
            }
        )
        line = book.add_chart({"type": "line"})
        line.add_series(
            {
                "name": texts(HEADLINES[1].name_id),
                "categories": months,
                "values": [name, first, average, last, average],
                "y2_axis": True,
                "line": {"color": AVERAGE_COLOUR, "width": 2},
                "marker": {"type": "circle", "size": 6, "fill": {"color": AVERAGE_COLOUR}},
            }
        )
        columns.combine(line)
        columns.set_title({"name": texts("report.chart"), "name_font": {"size": 11}})
        columns.set_y_axis(
            {
                "num_format": "0%",
                "min": 0,
                "max": 1,
                "major_gridlines": {"visible": True, "line": {"color": "#E3E8EE"}},
                "name": texts(HEADLINES[0].name_id),
            }
        )
        line.set_y2_axis({"num_format": "0.0", "min": 0, "name": texts(HEADLINES[1].name_id)})
        columns.set_legend({"position": "bottom"})
        columns.set_size({"width": 1000, "height": CHART_ROWS * 20})
        sheet.insert_chart(
            row, 0, columns, {"object_position": 2, "description": texts("report.chart")}
        )

    def _headline_rows(self) -> list[_KpiRow]:
        """The headlines, the trial pass rate of all who entered, and what became final (S54)."""
        texts, closed = self._texts, self._content.became_final
        rows = [*map(self._row, (*HEADLINES, TRIAL_PASS_RATE_OF_ENTERED))]
        for kpi in HEADLINES:
            if kpi.population == "went_live":
                name = texts("report.became_final", kpi=texts(kpi.name_id))
                bare = replace(closed[kpi.slug], floor=None, ceiling=None)
                rows.append(_KpiRow(name, kpi, bare, closed.rounding, kpi.formula_id))
        return rows

    def _row(self, kpi: Kpi) -> _KpiRow:
        """The row of a KPI; one without a source says so in the place of its meaning."""
        words = kpi.meaning_id if kpi.has_source else "figures.no_source"
        whole = self._content.whole
        return _KpiRow(self._texts(kpi.name_id), kpi, whole[kpi.slug], whole.rounding, words)

    def _kpi_table(self, sheet: Any, row: int, lines: Sequence[_KpiRow]) -> int:
        """Draws the lines under their headings; answers the row after them."""
        paper, texts = self._paper, self._texts
        headings = [texts(f"report.{name}") for name in HEADINGS]
        paper.headings(sheet, row, zip(headings, STYLES, strict=True))
        band = paper.format(bold=True, indent=1, bg_color=BAND, **LINED)
        sheet.merge_range(row, MEANING, row, LAST, headings[MEANING], band)
        meaning = paper.format(indent=1, font_color=MUTED, text_wrap=True, **LINED)
        for at, line in enumerate(lines, start=row + 1):
            sheet.set_row(at, 30)
            paper.cell(sheet, at, 0, line.name, "wrapped", bold=line.is_main)
            for column, (value, style) in enumerate(_cells(line), start=1):
                more = {"bold": line.is_main, "font_size": 12} if column == 1 else {}
                paper.cell(sheet, at, column, value, style, **more)
            sheet.merge_range(at, MEANING, at, LAST, texts(line.words), meaning)
        return row + len(lines) + 1
