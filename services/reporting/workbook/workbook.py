"""The report as a workbook: figures with a chart, members, orders, trials, and what it rests on."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import chain
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from domain.kernel.values import Ratio
from domain.kpi.catalog import CATALOG, HEADLINES
from domain.kpi.catalog.qualification import TRIAL_PASS_RATE_OF_ENTERED
from domain.kpi.kpi import Kpi, KpiFigure
from domain.kpi.scheme.scorecard import Judged, shown_points, summary_of
from services.reporting.workbook.content import Content
from services.reporting.workbook.paper import BAND, LINED, MUTED, NUMBER_FORMATS, Paper
from services.reporting.workbook.tables import (
    ReportTables,
    Style,
    StyledValue,
    Table,
    ceiling_of,
    change,
    floor_of,
    judgement,
    number,
    scorecard_table,
    status,
    versions,
)
from services.words.texts import Texts

CHART_ROWS = 17
RATE_COLOUR, AVERAGE_COLOUR = "#2F6F9F", "#D9822B"

_Styles = dict[str, Style]

FIGURE: _Styles = {
    "kpi": "text",
    **dict.fromkeys(("value", "numerator", "denominator", "floor", "ceiling"), "count"),
}
JUDGED: _Styles = {"target": "count", "verdict": "text", "change": "count", "state": "text"}
"""What the first page says of a figure besides."""

MEANING = 6
"""Columns over which the meaning is written, after the others."""


class _KpiRow(Struct, frozen=True):
    """One figure. words: the message id of what it says or how it is counted. before: the same
    figure of the month before, where there is one."""

    name: str
    kpi: Kpi
    figure: KpiFigure
    rounding: str
    words: str
    before: KpiFigure | None = None

    @property
    def is_main(self) -> bool:
        """Whether it is the KPI itself, and not something beside it."""
        return self.words == self.kpi.meaning_id


def _cells(line: _KpiRow) -> list[tuple[Any, Style]]:
    """The cells between the name and the meaning; empty ones where nobody records the figure."""
    figure, kpi = line.figure, line.kpi
    if not figure.has_source:
        return [(None, "text")] * (len(FIGURE) - 1)

    def shown(ratio: Ratio | None) -> tuple[Any, Style]:
        return (number(ratio, kpi.unit, line.rounding), kpi.unit) if ratio else (None, "text")

    def counted(count: int) -> tuple[Any, Style]:
        return (count / kpi.parts, "exact") if kpi.parts > 1 else (count, "count")

    return [
        shown(figure.ratio),
        counted(figure.ratio.numerator),
        counted(figure.ratio.denominator) if kpi.denominator else (None, "text"),
        shown(floor_of(figure)),
        shown(ceiling_of(figure)),
    ]


def render(content: Content, texts: Texts) -> bytes:
    """The report as an xlsx file; equal contents give equal bytes."""
    return _MonthWorkbook(content, texts).drawn()


class _MonthWorkbook:
    def __init__(self, content: Content, texts: Texts) -> None:
        self._content, self._texts = content, texts
        self._tables = ReportTables(content, texts)
        pinned = content.pinned
        month = texts.month(pinned.month)
        self._title = texts("report.title", partner=pinned.partner, month=month)
        self._state = (
            texts("state.month_running", month=month)
            if content.is_running
            else self._state_of_all()
        )
        self._as_of = texts(
            "report.as_of",
            day=texts.day(pinned.happened_by),
            position=pinned.position,
            versions=versions(content.whole, texts),
        )
        self._judged = defaultdict[str, list[Judged]](list)
        for one in chain.from_iterable(line.criteria for line in content.card.lines):
            self._judged[one.criterion.kpi].append(one)
        footer = f"{self._title} · {self._as_of}"
        self._paper = Paper(texts, created=pinned.requested_at, title=self._title, footer=footer)

    def _state_of_all(self) -> str:
        """Whether the order rate is final, and how many other figures are not yet."""
        whole, pinned = self._content.whole, self._content.pinned
        slugs = [kpi.slug for kpi in CATALOG if kpi.has_source]
        others = len(whole.provisional(slugs, pinned.month, pinned.happened_by))
        if whole["order_rate"].is_final and others:
            return self._texts("report.final_but", count=others)
        return status(whole["order_rate"], self._texts)

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
        # Wide enough for a verdict, and for a change in percent points.
        sheet.set_column(len(FIGURE), len(FIGURE) + 1, 12)
        sheet.set_column(len(FIGURE) + 2, len(FIGURE) + 2, 17)
        paper.title(sheet, 0, self._title, large=True)
        paper.note(sheet, 1, self._as_of)
        paper.note(sheet, 2, texts("figure.state") + texts("word.colon") + self._state)
        rows = self._headline_rows()
        chart_row = self._kpi_table(sheet, 4, rows, FIGURE | JUDGED) + 1
        for at, line in enumerate(rows, start=5):
            self._judge(sheet, at, line)
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
        sheet.set_column(1, len(FIGURE), 12)
        paper.title(sheet, 0, title)
        rows = [*map(self._row, CATALOG)]
        self._kpi_table(sheet, 1, rows, FIGURE | {"state": "text"})
        for at, line in enumerate(rows, start=2):
            paper.cell(sheet, at, len(FIGURE), self._standing(line), "text")
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
        facts: dict[str, tuple[Any, Style]] = {
            "report.partner": (pinned.partner, "text"),
            "filter.month": (pinned.month.first_day, "month"),
            "filter.on": (pinned.happened_by, "date"),
            "report.position": (pinned.position, "count"),
            "report.scheme": (versions(self._content.whole, texts), "text"),
            "figure.state": (self._state, "text"),
        }
        for row, (msgid, (value, style)) in enumerate(facts.items(), start=1):
            paper.cell(sheet, row, 0, texts(msgid), "text", bold=True)
            paper.cell(sheet, row, 1, value, style, align="left", indent=1)
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
        # Months are days of these cells, of which an axis of dates would show every one between.
        columns.set_x_axis({"text_axis": True, "num_format": NUMBER_FORMATS["month"]})
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
        whole, before = self._content.whole, self._content.month_before
        was = before.figures.get(kpi.slug) if before else None
        name = self._texts(kpi.name_id)
        return _KpiRow(name, kpi, whole[kpi.slug], whole.rounding, words, was)

    def _judge(self, sheet: Any, row: int, line: _KpiRow) -> None:
        """Writes beside a figure its target and verdict, the change since the month before, and
        whether it may still change; of what is no figure of the month the last alone. Where several
        lines of the scheme judge a figure, their verdicts stand in the scorecard."""
        paper, texts, kpi, rounding = self._paper, self._texts, line.kpi, line.rounding
        target, verdict = StyledValue(None, "text"), None
        match self._judged[kpi.slug] if line.is_main else ():
            case [judged]:
                _, _, target, verdict = judgement(judged, rounding, texts)
            case [_, *_]:
                verdict = texts("report.several_verdicts")
        changed, more = None, dict[str, str]()
        style: Style = "text"
        if line.is_main:
            was = line.before
            changed = was and change(line.figure.ratio, was.ratio, kpi.unit, rounding)
            style, more = kpi.unit, {"num_format": self._signed(kpi)}
        first = len(FIGURE)
        paper.cell(sheet, row, first, *target)
        paper.cell(sheet, row, first + 1, verdict, "text")
        paper.cell(sheet, row, first + 2, changed, style, **more)
        paper.cell(sheet, row, first + 3, self._standing(line), "text")

    def _signed(self, kpi: Kpi) -> str:
        """How a change of a figure is written, a percentage's in percent points."""
        shown = NUMBER_FORMATS[kpi.unit]
        if kpi.unit == "percent":
            shown = f'0.0"{self._texts("report.percent_points")}"'
        return f"+{shown};-{shown};{shown}"

    def _standing(self, line: _KpiRow) -> str | None:
        """Whether a figure may still change; None where it is undefined."""
        pinned, whole, slug = self._content.pinned, self._content.whole, line.kpi.slug
        if not line.figure.ratio.denominator:
            return None
        is_of_month = line.figure is whole[slug]
        may_change = is_of_month and whole.provisional([slug], pinned.month, pinned.happened_by)
        return self._texts("state.provisional" if may_change else "state.final")

    def _kpi_table(self, sheet: Any, row: int, lines: Sequence[_KpiRow], columns: _Styles) -> int:
        """Draws the lines under their headings; answers the row after them."""
        paper, texts = self._paper, self._texts
        first, last = len(columns), len(columns) + MEANING - 1
        headings = [(texts(f"report.{name}"), style) for name, style in columns.items()]
        paper.headings(sheet, row, headings)
        band = paper.format(bold=True, indent=1, bg_color=BAND, **LINED)
        sheet.merge_range(row, first, row, last, texts("report.meaning"), band)
        meaning = paper.format(indent=1, font_color=MUTED, text_wrap=True, **LINED)
        for at, line in enumerate(lines, start=row + 1):
            sheet.set_row(at, 30)
            paper.cell(sheet, at, 0, line.name, "wrapped", bold=line.is_main)
            for column, (value, style) in enumerate(_cells(line), start=1):
                more = {"bold": line.is_main, "font_size": 12} if column == 1 else {}
                paper.cell(sheet, at, column, value, style, **more)
            sheet.merge_range(at, first, at, last, texts(line.words), meaning)
        return row + len(lines) + 1
