"""The scorecard as a table: each line of the scheme with what it judges, and the totals said."""

from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import NamedTuple

from domain.kernel.values import Ratio
from domain.kpi.catalog import BY_SLUG
from domain.kpi.rounding import shown
from domain.kpi.scheme.lines import Dimension, Line
from domain.kpi.scheme.scorecard import Judged, Scorecard, Subtotal, shown_points, summary_of
from services.reporting.workbook.content import Content
from services.reporting.workbook.tables import Table, TableColumn
from services.reporting.workbook.texts import Texts


class _Row(NamedTuple):
    """A row; its texts are empty in the further rows of a line. judged: None in a subtotal."""

    line: str
    weight: str
    points: str
    judged: Judged | None


def scorecard_table(content: Content, texts: Texts) -> Table:
    """A row per dimension with its subtotal, and under it one per measure.

    Weight and points stand in the first row of each line.
    """
    rounding = content.whole.rounding

    def column(msgid: str, width: float, text: Callable[[Judged], str]) -> TableColumn:
        return TableColumn(texts(msgid), width, lambda row: text(row.judged) if row.judged else "")

    def said(judged: Judged, ratio: Ratio | None) -> str:
        unit = BY_SLUG[judged.criterion.kpi].unit
        return (shown(ratio, unit, rounding) if ratio else None) or texts("none")

    def value(judged: Judged) -> str:
        figure = judged.figure
        return said(judged, figure.ratio if figure and figure.has_source else None)

    def verdict(judged: Judged) -> str:
        verdict = texts(f"verdict.{judged.verdict}")
        if judged.verdict in ("met", "not_met") and not judged.is_final:
            return texts("report.scorecard.so_far", verdict=verdict)
        return verdict

    def missing(judged: Judged) -> str:
        return texts.known("word.and", ", ").join(texts(f"missing.{one}") for one in judged.missing)

    columns = [
        TableColumn(texts("report.scorecard.line"), 26, attrgetter("line")),
        TableColumn(texts("report.scorecard.weight"), 8, attrgetter("weight")),
        column("report.kpi", 22, lambda one: texts(BY_SLUG[one.criterion.kpi].name_id)),
        column("report.value", 10, value),
        column("report.scorecard.target", 10, lambda one: said(one, one.criterion.target)),
        column("report.scorecard.verdict", 14, verdict),
        TableColumn(texts("report.scorecard.points"), 8, attrgetter("points")),
        column("report.scorecard.missing", 40, missing),
    ]
    rows = [row for one in content.card.dimensions for row in _rows(one, rounding, texts)]
    return Table(texts("report.scorecard.title"), columns, rows)


def summary_line(card: Scorecard, rounding: str, texts: Texts) -> str:
    """The totals in one sentence; never rescaled (T1)."""
    msgid, params = summary_of(card, shown_points(card.earned, rounding))
    return texts(msgid, **params)


def _rows(subtotal: Subtotal, rounding: str, texts: Texts) -> Iterator[_Row]:
    def titled(one: Dimension | Line) -> str:
        return f"{one.code} {one.name or texts.known(one.name_id, one.code)}"

    if subtotal.dimension is not None:
        points = shown_points(subtotal.earned, rounding) if subtotal.scored else ""
        yield _Row(titled(subtotal.dimension), str(subtotal.defined), points, None)
    for scored in subtotal.lines:
        points = "" if scored.points is None else shown_points(scored.points, rounding)
        texts_of_line = (titled(scored.line), str(scored.line.weight), points)
        for index, judged in enumerate(scored.criteria):
            yield _Row(*(("", "", "") if index else texts_of_line), judged)
