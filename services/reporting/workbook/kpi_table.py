"""KPIs as lines of a sheet: each with its own unit, its exact fraction, its bounds, its meaning."""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from domain.kpi.catalog import CATALOG, HEADLINES
from domain.kpi.catalog.trial_pass_rate_of_entered import TRIAL_PASS_RATE_OF_ENTERED
from domain.kpi.evaluation import Evaluated
from domain.kpi.figure import KpiFigure
from domain.kpi.kpi import Kpi
from services.reporting.workbook.content import Content
from services.reporting.workbook.paper import MUTED, Paper
from services.reporting.workbook.tables import UNITS, Column, number
from services.reporting.workbook.texts import Texts

HEADINGS = ("kpi", "value", "numerator", "denominator", "floor", "ceiling", "meaning")


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
    columns = tuple(
        Column(texts(f"report.{name}"), 0, "text" if name in ("kpi", "meaning") else "count")
        for name in HEADINGS
    )
    paper.headings(sheet, row, columns)
    last = len(columns) + 4
    band = paper.format(bold=True, indent=1, bg_color="#E8EEF4", bottom=1, bottom_color="#C8D1DB")
    sheet.merge_range(row, len(columns) - 1, row, last, columns[-1].heading, band)
    meaning = paper.format(
        indent=1, font_color=MUTED, text_wrap=True, bottom=1, bottom_color="#C8D1DB"
    )
    for at, line in enumerate(lines, start=row + 1):
        sheet.set_row(at, 30)
        for column, (value, style) in enumerate(_cells(line)):
            more: dict[str, Any] = {"bold": line.is_main} if column < 2 else {}
            if column == 1:
                more["font_size"] = 12
            paper.cell(sheet, at, column, value, style, **more)
        sheet.merge_range(at, len(columns) - 1, at, last, texts(line.words), meaning)
    return row + len(lines) + 1


def _cells(line: KpiRow) -> Iterable[tuple[Any, Any]]:
    figure, style = line.figure, UNITS[line.kpi.unit]
    yield line.name, "wrapped"
    if not figure.has_source:
        yield from ((None, "text"),) * 5
        return
    yield number(figure.ratio, line.kpi.unit, line.rounding), style
    yield figure.ratio.numerator, "count"
    yield (figure.ratio.denominator if line.kpi.denominator else None), "count"
    for bound in (figure.floor, figure.ceiling):
        if bound is None:
            yield None, "text"
        else:
            yield number(bound, line.kpi.unit, line.rounding), style
