"""Head office's figures as workbooks: the partners of a month, and the months of a partner."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.kernel.values import Month
from domain.kpi.kpi import Kpi
from services.reporting.workbook.paper import Paper
from services.reporting.workbook.tables import Table, TableColumn, number
from services.words.texts import Texts


def league_file(
    lines: Sequence[Any],
    kpis: Sequence[Kpi],
    ranks: Mapping[str, int],
    month: Month,
    at: datetime,
    texts: Texts,
) -> bytes:
    """The partners of a month with their ranks. lines: with a code, a name, and figures."""
    columns = (
        TableColumn(texts("head_office.rank"), 8, lambda one: ranks.get(one.code), "count"),
        TableColumn(texts("head_office.code"), 14, lambda one: one.code),
        TableColumn(texts("head_office.partner"), 28, lambda one: one.name),
        *_figures(kpis, texts),
    )
    title = texts("head_office.of_month", month=texts.month(month))
    return _book(Table(title, columns, lines), at, texts)


def series_file(
    partner: Any, lines: Sequence[Any], kpis: Sequence[Kpi], at: datetime, texts: Texts
) -> bytes:
    """The months of a partner."""

    def first_day(one: Any) -> Any:
        return Month.parse(one.month).first_day

    columns = (
        TableColumn(texts("filter.month"), 12, first_day, "month"),
        *_figures(kpis, texts),
    )
    return _book(Table(partner.name, columns, lines), at, texts)


def _figures(kpis: Sequence[Kpi], texts: Texts) -> Iterator[TableColumn]:
    """Of each KPI its counts, the figure as people read it, and whether it is settled."""
    for kpi in kpis:
        name = texts(kpi.name_id)
        counts = texts("head_office.counts", name=name)
        yield TableColumn(counts, 14, _of(kpi, _fraction))
        yield TableColumn(name, 12, _of(kpi, _value), kpi.unit)
        state = texts("head_office.state", name=name)
        yield TableColumn(state, 12, _of(kpi, _state(texts)))


def _of(kpi: Kpi, tell: Callable[[Kpi, Any], Any]) -> Callable[[Any], Any]:
    def value(line: Any) -> Any:
        figure = line.figures.get(kpi.slug)
        return None if figure is None else tell(kpi, figure)

    return value


def _fraction(_: Kpi, figure: Any) -> str:
    return f"{figure.ratio.numerator}/{figure.ratio.denominator}"


def _value(kpi: Kpi, figure: Any) -> float | None:
    return number(figure.ratio, kpi.unit, figure.rounding)


def _state(texts: Texts) -> Callable[[Kpi, Any], str]:
    return lambda _, figure: texts("state.final" if figure.is_final else "state.provisional")


def _book(table: Table, at: datetime, texts: Texts) -> bytes:
    paper = Paper(texts, created=at, title=table.title, footer=table.title)
    paper.list_sheet(table)
    return paper.finish()
