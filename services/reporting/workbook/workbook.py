"""The report as a workbook: figures with a chart, members, orders, trials, and what it rests on."""

from typing import Any

from domain.kpi.catalog import HEADLINES
from services.reporting.workbook.content import Content
from services.reporting.workbook.kpi_table import HEADINGS, catalog_lines, headline_lines, kpi_table
from services.reporting.workbook.paper import Paper
from services.reporting.workbook.scorecard import scorecard_table, summary_line
from services.reporting.workbook.tables import (
    Table,
    groups,
    members_table,
    month_name,
    orders_table,
    records_table,
    status,
    trials_table,
    versions,
)
from services.reporting.workbook.texts import Texts

CHART_ROWS = 17
RATE_COLOUR, AVERAGE_COLOUR = "#2F6F9F", "#D9822B"


def title_of(content: Content, texts: Texts) -> str:
    """The report's title, of which its file is named."""
    month = month_name(content.pinned.month, texts)
    return texts("report.title", partner=content.pinned.partner, month=month)


def render(content: Content, texts: Texts) -> bytes:
    """An xlsx file; equal contents give equal bytes."""
    paper = Paper(
        language=texts.language,
        created=content.pinned.requested_at,
        title=title_of(content, texts),
        none=texts("none"),
    )
    footer = f"{title_of(content, texts)} · {_as_of(content, texts)}"
    _figures_sheet(paper, content, texts, footer)
    _catalog_sheet(paper, content, texts, footer)
    _scorecard_sheet(paper, content, texts, footer)
    opened, nothing = content.explanation, texts("members.none")
    for table in (
        members_table(content, texts),
        orders_table(
            content, opened.orders_excluded, texts("members.orders_excluded"), texts, reasons=True
        ),
        orders_table(
            content, opened.orders_counted, texts("members.orders_counted"), texts, reasons=False
        ),
        trials_table(content, texts),
    ):
        paper.list_sheet(table, footer, nothing)
    _basis_sheet(paper, content, texts, footer)
    return paper.finish()


def _as_of(content: Content, texts: Texts) -> str:
    pinned = content.pinned
    return texts(
        "report.as_of",
        day=pinned.happened_by.isoformat(),
        position=pinned.position,
        versions=versions(content.whole, texts),
    )


def _figures_sheet(paper: Paper, content: Content, texts: Texts, footer: str) -> None:
    sheet = paper.sheet(texts("report.sheet.figures"), footer)
    trend = groups(
        texts("board.lines.month"),
        texts("filter.month"),
        content.trend.items(),
        texts,
    )
    paper.widths(sheet, trend.columns)
    paper.title(sheet, 0, title_of(content, texts), large=True)
    paper.note(sheet, 1, _as_of(content, texts))
    paper.note(sheet, 2, f"{texts('figure.state')}: {status(content.whole['order_rate'], texts)}")
    chart_row = kpi_table(paper, sheet, 4, headline_lines(content, texts), texts) + 1
    row = chart_row + CHART_ROWS + 1
    _chart(paper, sheet, chart_row, row + 2, trend, texts)
    sheet.set_h_pagebreaks([row])
    for table in (
        trend,
        groups(
            texts("board.lines.cohort"), texts("filter.cohort"), content.by_cohort.items(), texts
        ),
        groups(
            texts("board.lines.manager"), texts("filter.manager"), content.by_manager.items(), texts
        ),
    ):
        if table.rows:
            paper.title(sheet, row, table.title)
            paper.headings(sheet, row + 1, table.columns)
            row = paper.rows(sheet, row + 2, table) + 1
    sheet.freeze_panes(1, 0)


def _catalog_sheet(paper: Paper, content: Content, texts: Texts, footer: str) -> None:
    """Every figure of the catalog for the month's group."""
    sheet = paper.sheet(texts("report.sheet.catalog"), footer)
    lines = catalog_lines(content, texts)
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, len(HEADINGS), 12)
    paper.title(sheet, 0, texts("report.sheet.catalog"))
    kpi_table(paper, sheet, 1, lines, texts)
    sheet.freeze_panes(2, 0)
    sheet.repeat_rows(1)


def _scorecard_sheet(paper: Paper, content: Content, texts: Texts, footer: str) -> None:
    """The lines of the scheme judged, and under them what is undefined said."""
    table = scorecard_table(content, texts)
    sheet = paper.sheet(table.title, footer)
    paper.widths(sheet, table.columns)
    paper.title(sheet, 0, table.title)
    paper.note(sheet, 1, summary_line(content.card, content.whole.rounding, texts))
    paper.headings(sheet, 2, table.columns)
    paper.rows(sheet, 3, table)
    sheet.freeze_panes(3, 0)


def _chart(paper: Paper, sheet: Any, row: int, first: int, trend: Table, texts: Texts) -> None:
    """A native chart over the months' table that begins at row `first`: the order rate as columns,
    the average orders as a line on an axis of its own."""
    if not trend.rows:
        return
    last = first + len(trend.rows) - 1
    name = sheet.get_name()
    rate, average = (
        next(i for i, column in enumerate(trend.columns) if column.heading == texts(kpi.name_id))
        for kpi in HEADLINES[:2]
    )
    columns = paper.book.add_chart({"type": "column"})
    columns.add_series(
        {
            "name": texts(HEADLINES[0].name_id),
            "categories": [name, first, 0, last, 0],
            "values": [name, first, rate, last, rate],
            "fill": {"color": RATE_COLOUR},
            "gap": 60,
            "data_labels": {"value": True, "num_format": "0.0%", "font": {"size": 8}},
        }
    )
    line = paper.book.add_chart({"type": "line"})
    line.add_series(
        {
            "name": texts(HEADLINES[1].name_id),
            "categories": [name, first, 0, last, 0],
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


def _basis_sheet(paper: Paper, content: Content, texts: Texts, footer: str) -> None:
    """What the report is pinned to, and the events behind its figures."""
    table = records_table(content, texts)
    sheet = paper.sheet(texts("report.sheet.basis"), footer)
    paper.widths(sheet, table.columns)
    paper.title(sheet, 0, texts("report.sheet.basis"))
    pinned = content.pinned
    facts = (
        ("report.partner", pinned.partner),
        ("filter.month", str(pinned.month)),
        ("filter.on", pinned.happened_by.isoformat()),
        ("report.position", str(pinned.position)),
        ("report.scheme", versions(content.whole, texts)),
        ("figure.state", status(content.whole["order_rate"], texts)),
    )
    for row, (msgid, value) in enumerate(facts, start=1):
        paper.cell(sheet, row, 0, texts(msgid), "text", bold=True)
        paper.cell(sheet, row, 1, value, "text")
    heading_row = len(facts) + 3
    paper.title(sheet, heading_row - 1, table.title)
    paper.headings(sheet, heading_row, table.columns)
    paper.finish_list(sheet, heading_row, table, texts("members.none"))
