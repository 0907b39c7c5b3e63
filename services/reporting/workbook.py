"""The report as a workbook: figures with a chart, members, orders, trials, and what it rests on."""

from typing import Any

from msgspec import Struct

from domain.kpi.catalog import HEADLINES
from domain.kpi.catalog.trial_pass_rate import TRIAL_PASS_RATE
from domain.kpi.figures import NewcomerFigures
from domain.kpi.kpi import Kpi
from domain.values import Ratio
from services.reporting.content import Content
from services.reporting.paper import MUTED, Paper
from services.reporting.tables import (
    UNITS,
    Column,
    Table,
    groups,
    members_table,
    month_name,
    number,
    orders_table,
    records_table,
    status,
    trials_table,
    versions,
)
from services.reporting.texts import Texts

CHART_ROWS = 17
RATE_COLOUR, AVERAGE_COLOUR = "#2F6F9F", "#D9822B"


class _Line(Struct, frozen=True):
    """One line of the KPI table. words: the message id of how it is counted."""

    name: str
    kpi: Kpi
    figures: NewcomerFigures
    ratio: Ratio
    words: str
    has_bounds: bool = False


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
        ((str(month), figures) for month, figures in content.trend.items()),
        texts,
    )
    paper.widths(sheet, trend.columns)
    paper.title(sheet, 0, title_of(content, texts), large=True)
    paper.note(sheet, 1, _as_of(content, texts))
    paper.note(sheet, 2, f"{texts('figure.state')}: {status(content.whole, texts)}")
    chart_row = _kpi_table(paper, sheet, 4, content, texts) + 1
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


def _kpi_table(paper: Paper, sheet: Any, row: int, content: Content, texts: Texts) -> int:
    """Every KPI of the month with its exact fraction; answers the row after it."""
    headings = ("kpi", "value", "numerator", "denominator", "floor", "ceiling", "meaning")
    columns = tuple(
        Column(texts(f"report.{name}"), 0, "text" if name in ("kpi", "meaning") else "count")
        for name in headings
    )
    paper.headings(sheet, row, columns)
    last = len(columns) + 4
    band = paper.format(bold=True, indent=1, bg_color="#E8EEF4", bottom=1, bottom_color="#C8D1DB")
    sheet.merge_range(row, len(columns) - 1, row, last, columns[-1].heading, band)
    whole, closed = content.whole, content.became_final
    lines = [
        _Line(texts(kpi.name_id), kpi, whole, kpi.of(whole), kpi.meaning_id, kpi.has_bounds)
        for kpi in HEADLINES
    ]
    beside = "report.trial_of_entered"
    ratio = whole.trial_pass_rate_of_entered
    lines.append(_Line(texts(beside), TRIAL_PASS_RATE, whole, ratio, f"{beside}.formula"))
    lines += [
        _Line(
            texts("report.became_final", kpi=texts(kpi.name_id)),
            kpi,
            closed,
            kpi.of(closed),
            kpi.formula_id,
        )
        for kpi in HEADLINES
        if kpi.population == "went_live"
    ]
    meaning = paper.format(
        indent=1, font_color=MUTED, text_wrap=True, bottom=1, bottom_color="#C8D1DB"
    )
    for at, line in enumerate(lines, start=row + 1):
        style, rounding = UNITS[line.kpi.unit], line.figures.rounding
        is_main = line.words == line.kpi.meaning_id
        sheet.set_row(at, 30)
        paper.cell(sheet, at, 0, line.name, "wrapped", bold=is_main)
        value = number(line.ratio, line.kpi.unit, rounding)
        paper.cell(sheet, at, 1, value, style, bold=is_main, font_size=12)
        paper.cell(sheet, at, 2, line.ratio.numerator, "count")
        paper.cell(sheet, at, 3, line.ratio.denominator, "count")
        for index, bound in ((4, line.figures.floor), (5, line.figures.ceiling)):
            known = number(bound, line.kpi.unit, rounding) if line.has_bounds else None
            paper.cell(sheet, at, index, known, style if line.has_bounds else "text")
        sheet.merge_range(at, 6, at, last, texts(line.words), meaning)
    return row + len(lines) + 1


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
        ("figure.state", status(content.whole, texts)),
    )
    for row, (msgid, value) in enumerate(facts, start=1):
        paper.cell(sheet, row, 0, texts(msgid), "text", bold=True)
        paper.cell(sheet, row, 1, value, "text")
    heading_row = len(facts) + 3
    paper.title(sheet, heading_row - 1, table.title)
    paper.headings(sheet, heading_row, table.columns)
    paper.finish_list(sheet, heading_row, table, texts("members.none"))
