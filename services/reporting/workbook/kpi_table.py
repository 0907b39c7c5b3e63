"""KPIs as lines of a sheet: each with its own unit, its exact fraction, its bounds, its meaning."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from domain.kernel.values import Ratio
from domain.kpi.catalog import CATALOG, HEADLINES
from domain.kpi.catalog.trials import TRIAL_PASS_RATE_OF_ENTERED
from domain.kpi.evaluation import Evaluated
from domain.kpi.figure import KpiFigure
from domain.kpi.kpi import Kpi
from services.reporting.workbook.content import Content
from services.reporting.workbook.paper import BAND, LINED, MUTED, Paper
from services.reporting.workbook.tables import Style, number
from services.reporting.workbook.texts import Texts

HEADINGS = ("kpi", "value", "numerator", "denominator", "floor", "ceiling", "meaning")
STYLES: tuple[Style, ...] = ("text", *("count",) * 5, "text")
MEANING = len(HEADINGS) - 1
LAST = MEANING + 5
"""The meaning is written over the columns from MEANING to LAST."""


class KpiRow(Struct, frozen=True):
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


def headline_lines(content: Content, texts: Texts) -> list[KpiRow]:
    """The headlines, the trial pass rate of all who entered, and what became final (S54)."""
    whole, closed = content.whole, content.became_final
    shown = [*HEADLINES, TRIAL_PASS_RATE_OF_ENTERED]
    lines = [_row(kpi, whole, texts) for kpi in shown]
    for kpi in HEADLINES:
        if kpi.population == "went_live":
            name = texts("report.became_final", kpi=texts(kpi.name_id))
            bare = replace(closed[kpi.slug], floor=None, ceiling=None)
            lines.append(KpiRow(name, kpi, bare, closed.rounding, kpi.formula_id))
    return lines


def catalog_lines(content: Content, texts: Texts) -> list[KpiRow]:
    """Every figure of the catalog; what nobody records yet says so in the place of its meaning."""
    return [_row(kpi, content.whole, texts) for kpi in CATALOG]


def _row(kpi: Kpi, found: Evaluated, texts: Texts) -> KpiRow:
    words = kpi.meaning_id if kpi.has_source else "figures.no_source"
    return KpiRow(texts(kpi.name_id), kpi, found[kpi.slug], found.rounding, words)


def kpi_table(paper: Paper, sheet: Any, row: int, lines: Sequence[KpiRow], texts: Texts) -> int:
    """Draws the lines under their headings; answers the row after them."""
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


def _cells(line: KpiRow) -> list[tuple[Any, Style]]:
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
