"""KPIs as lines of a sheet: each with its own unit, its exact fraction, its bounds, its meaning."""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from domain.kpi.catalog import CATALOG, HEADLINES
from domain.kpi.catalog.trial_pass_rate import TRIAL_PASS_RATE
from domain.kpi.figure import KpiFigure
from domain.kpi.kpi import Kpi
from services.reporting.workbook.content import Content
from services.reporting.workbook.paper import MUTED, Paper
from services.reporting.workbook.tables import UNITS, Column, number
from services.reporting.workbook.texts import Texts

HEADINGS = ("kpi", "value", "numerator", "denominator", "floor", "ceiling", "meaning")


class Line(Struct, frozen=True):
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


def headline_lines(content: Content, texts: Texts) -> list[Line]:
    """The headlines, the trial pass rate of all who entered, and what became final (S54)."""
    whole, closed = content.whole, content.became_final
    lines = [
        Line(texts(kpi.name_id), kpi, kpi.figure(whole), whole.rounding, kpi.meaning_id)
        for kpi in HEADLINES
    ]
    beside = "report.trial_of_entered"
    of_entered = KpiFigure(
        TRIAL_PASS_RATE.slug, whole.trial_pass_rate_of_entered, None, None, whole.is_final, None
    )
    lines.append(
        Line(texts(beside), TRIAL_PASS_RATE, of_entered, whole.rounding, f"{beside}.formula")
    )
    for kpi in HEADLINES:
        if kpi.population == "went_live":
            name = texts("report.became_final", kpi=texts(kpi.name_id))
            bare = KpiFigure(kpi.slug, kpi.of(closed), None, None, closed.is_final, None)
            lines.append(Line(name, kpi, bare, closed.rounding, kpi.formula_id))
    return lines


def catalog_lines(content: Content, texts: Texts) -> list[Line]:
    """Every figure of the catalog; what nobody records yet says so in the place of its meaning."""
    found = content.evaluated
    return [
        Line(
            texts(kpi.name_id),
            kpi,
            found.figures[kpi.slug],
            found.rounding,
            kpi.meaning_id if kpi.has_source else "figures.no_source",
        )
        for kpi in CATALOG
    ]


def kpi_table(paper: Paper, sheet: Any, row: int, lines: Sequence[Line], texts: Texts) -> int:
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


def _cells(line: Line) -> Iterable[tuple[Any, Any]]:
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
