"""The scorecard as a table: each line of the scheme with what it judges, and the totals said."""

from typing import Any

from domain.kernel.values import Ratio
from domain.kpi.catalog import BY_SLUG
from domain.kpi.rounding import shown
from domain.kpi.scheme.lines import Dimension
from domain.kpi.scheme.scorecard import (
    Judged,
    Scorecard,
    ScoredLine,
    Subtotal,
    shown_points,
    summary_of,
)
from services.reporting.workbook.content import Content
from services.reporting.workbook.tables import Column, Row, Table
from services.reporting.workbook.texts import Texts


def scorecard_table(content: Content, texts: Texts) -> Table:
    """A row per dimension with its subtotal, and under it one per measure.

    Weight and points stand in the first row of each line.
    """
    columns = (
        Column(texts("report.scorecard.line"), 26),
        Column(texts("report.scorecard.weight"), 8),
        Column(texts("report.kpi"), 22),
        Column(texts("report.value"), 10),
        Column(texts("report.scorecard.target"), 10),
        Column(texts("report.scorecard.verdict"), 14),
        Column(texts("report.scorecard.points"), 8),
        Column(texts("report.scorecard.missing"), 40),
    )
    rounding = content.whole.rounding
    rows: list[Row] = []
    for one in content.card.dimensions:
        if one.dimension is not None:
            rows.append(_subtotal(one, one.dimension, rounding, texts))
        rows += [row for line in one.lines for row in _rows(line, rounding, texts)]
    return Table(texts("report.scorecard.title"), columns, rows)


def summary_line(card: Scorecard, rounding: str, texts: Texts) -> str:
    """The totals in one sentence; never rescaled (T1)."""
    msgid, params = summary_of(card, shown_points(card.earned, rounding))
    return texts(msgid, **params)


def _subtotal(one: Subtotal, dimension: Dimension, rounding: str, texts: Texts) -> Row:
    name = dimension.name or texts.known(dimension.name_id, dimension.code)
    points = shown_points(one.earned, rounding) if one.scored else ""
    return [f"{dimension.code} {name}", str(one.defined), "", "", "", "", points, ""]


def _rows(line: ScoredLine, rounding: str, texts: Texts) -> list[Row]:
    name = line.line.name or texts.known(line.line.name_id, line.line.code)
    points = "" if line.points is None else shown_points(line.points, rounding)
    rows: list[Row] = []
    for index, judged in enumerate(line.criteria):
        first = index == 0
        rows.append(
            [
                f"{line.line.code} {name}" if first else "",
                str(line.line.weight) if first else "",
                *_judged(judged, rounding, texts),
                points if first else "",
                texts.known("word.and", ", ").join(
                    texts(f"missing.{code}") for code in judged.missing
                ),
            ]
        )
    return rows


def _judged(judged: Judged, rounding: str, texts: Texts) -> list[Any]:
    slug, figure = judged.criterion.kpi, judged.figure
    unit = BY_SLUG[slug].unit

    def said(ratio: Ratio | None) -> str:
        return (shown(ratio, unit, rounding) if ratio else None) or texts("none")

    has_figure = figure is not None and figure.has_source
    verdict = texts(f"verdict.{judged.verdict}")
    if judged.verdict in ("met", "not_met") and not judged.is_final:
        verdict = texts("report.scorecard.so_far", verdict=verdict)
    return [
        texts(BY_SLUG[slug].name_id),
        said(figure.ratio) if figure and has_figure else texts("none"),
        said(judged.criterion.target),
        verdict,
    ]
