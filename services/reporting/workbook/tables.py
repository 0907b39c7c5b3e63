"""The content as tables: headings in the reader's language, values as a workbook holds them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter, itemgetter
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from domain.kernel.values import Month, Ratio
from domain.kpi.catalog import BY_SLUG, HEADLINES
from domain.kpi.evaluation import Evaluated
from domain.kpi.group import Way
from domain.kpi.kpi import Kpi, KpiFigure
from domain.kpi.proof.explanation import Member, OrderLine, TrialLine
from domain.kpi.rounding import Unit, shown
from domain.kpi.scheme.lines import Dimension, Line
from domain.kpi.scheme.scorecard import Judged, Subtotal, shown_points
from services.importing.sheets.evidence import is_assumed
from services.reporting.workbook.content import Content, Record
from services.words.texts import Texts

Style = Unit | Literal["text", "wrapped", "count", "exact", "date", "month", "instant"]
"""How a value is written; a figure by its unit, `exact` as many digits as it has."""


class StyledValue(NamedTuple):
    """A value that is written otherwise than the others of its column."""

    value: Any
    style: Style


class TableColumn(msgspec.Struct, frozen=True):
    """A column of a table. value: of a line. width: in characters of the default font."""

    heading: str
    width: float
    value: Callable[[Any], Any]
    style: Style = "text"


class Table(msgspec.Struct, frozen=True):
    """A titled table: a row per line, of as many values as there are columns."""

    title: str
    columns: Sequence[TableColumn]
    lines: Sequence[Any]


class ReportTables:
    """The tables of one content in one language."""

    def __init__(self, content: Content, texts: Texts) -> None:
        self._content, self._t = content, texts

    def groups(self, way: Way) -> Table:
        """One line per group (month, cohort or manager): its counts, its KPIs with their bounds,
        and its state."""
        columns = [self._column(f"filter.{way}", 28, lambda group: group[0])]
        if way == "month":
            columns = [self._column("filter.month", 28, _first_day, "month")]
        for count in ("went_live", "employed"):
            columns.append(self._column(f"figure.{count}", 11, _numerator(count), "count"))
        for kpi in HEADLINES:
            columns += self._kpi_columns(kpi)
        columns.append(
            self._column("figure.state", 20, lambda group: status(group[1]["order_rate"], self._t))
        )
        called, found = self._content.called, self._content.groups[way].items()
        lines = [(called.get(key, key), figures) for key, figures in found]
        return Table(self._t(f"board.lines.{way}"), columns, sorted(lines, key=itemgetter(0)))

    def members(self) -> Table:
        """The members of the order rate: counted, not counted with the rule, then in training."""
        explained = self._content.explanation
        columns = [
            self._column(
                "report.counted",
                8,
                lambda line: self._t("report.yes" if line.is_counted else "report.no"),
            ),
            self._column("report.reason", 22, self._reason),
            *self._person_columns(),
            self._column("filter.cohort", 14, lambda line: line.cohort_code),
            self._column("filter.manager", 12, self._manager),
            self._column("report.went_live_on", 12, attrgetter("state.live_on"), "date"),
            self._column("report.last_day", 12, _of_live(lambda one: one.window.last_day), "date"),
            self._column("report.left_on", 12, _of_live(lambda one: one.left_on), "date"),
            self._column("report.valid_orders", 10, _of_live(lambda one: len(one.orders)), "count"),
            self._column("report.records", 28, _positions),
        ]
        lines = [*explained.members, *explained.in_training]
        return Table(self._t("report.sheet.members"), columns, lines)

    def orders_excluded(self) -> Table:
        """Orders by day of closing, with the rule that keeps each from counting."""
        rule = self._column("report.reason", 18, lambda line: self._t(f"rule.{line.rule}"))
        lines = self._content.explanation.orders_excluded
        return Table(self._t("lines.orders_excluded"), [rule, *self._order_columns()], lines)

    def orders_counted(self) -> Table:
        """Orders by day of closing."""
        lines = self._content.explanation.orders_counted
        return Table(self._t("lines.orders_counted"), self._order_columns(), lines)

    def trials(self) -> Table:
        """Every verdict on a trial post, by day."""

        def verdict(line: TrialLine) -> str:
            passed = line.trial.passed
            return self._t(f"topic.trainee.trial_{'passed' if passed else 'failed'}")

        columns = [
            self._column("report.on", 12, lambda line: line.trial.on, "date"),
            *self._person_columns(),
            self._column("report.verdict", 12, verdict),
            self._column("report.records", 12, _positions),
        ]
        return Table(self._t("lines.trials"), columns, self._content.explanation.trials)

    def records(self) -> Table:
        """The events behind the figures, in the order of the log."""
        zone = ZoneInfo(self._content.pinned.zone)

        def recorded(record: Record) -> datetime:
            return record.recorded_at.astimezone(zone).replace(tzinfo=None, microsecond=0)

        def sentence(record: Record) -> str:
            return self._t.known(f"topic.{record.topic}", record.topic)

        columns = [
            self._column("facts.position", 24, lambda record: record.position, "count"),
            self._column("facts.what", 26, sentence),
            self._column("facts.recorded", 20, recorded, "instant"),
            self._column("facts.who", 44, lambda record: record.actor),
            self._column("report.source", 60, self._source),
        ]
        return Table(self._t("facts.caption"), columns, self._content.records)

    def _column(
        self, msgid: str, width: float, value: Callable[[Any], Any], style: Style = "text"
    ) -> TableColumn:
        return TableColumn(self._t(msgid), width, value, style)

    def _kpi_columns(self, kpi: Kpi) -> Iterator[TableColumn]:
        yield self._column(f"report.numerator.{kpi.slug}", 12, _numerator(kpi.slug), "count")
        yield self._column(kpi.name_id, 11, _shown(kpi, lambda figure: figure.ratio), kpi.unit)
        if kpi.has_bounds:
            yield self._column("report.floor", 8, _shown(kpi, floor_of), kpi.unit)
            yield self._column("report.ceiling", 8, _shown(kpi, ceiling_of), kpi.unit)

    def _person_columns(self) -> Iterator[TableColumn]:
        names = self._content.names
        yield self._column("report.employee_no", 12, lambda line: line.state.label)
        yield self._column("report.name", 12, lambda line: names.get(line.state.trainee_id))

    def _order_columns(self) -> list[TableColumn]:
        return [
            self._column("report.order_no", 18, lambda line: line.order.no),
            self._column("report.closed_on", 12, lambda line: line.order.closed_on, "date"),
            *self._person_columns(),
            self._column("report.records", 16, _positions),
        ]

    def _manager(self, line: Member) -> str | None:
        return self._content.called.get(self._content.managers.get(line.state.trainee_id, ""))

    def _reason(self, line: Member) -> str | None:
        """Who has not gone live has no window, and is in training whatever the rule."""
        if line.state.window is None:
            return self._t("report.in_training")
        return self._t(f"rule.{line.rule}") if line.rule else None

    def _source(self, record: Record) -> str:
        return self._t.source_of(
            record.topic,
            record.source,
            record.names,
            is_assumed=is_assumed(record.topic, record.source),
        )


def number(ratio: Ratio | None, unit: Unit, rounding: str) -> float | None:
    """A figure rounded as people read it: 12/18 as 0.666, shown as 66.6%; None if undefined."""
    text = shown(ratio, unit, rounding) if ratio else None
    if text is None:
        return None
    return float(Decimal(text[:-1]) / 100 if unit == "percent" else Decimal(text))


def change(now: Ratio, before: Ratio, unit: Unit, rounding: str) -> float | None:
    """By how much a figure differs from another one, rounded like figures; a percentage in percent
    points. None where either is undefined."""
    if not (now.denominator and before.denominator):
        return None
    exact = Fraction(now.numerator, now.denominator) - Fraction(
        before.numerator, before.denominator
    )
    size = Decimal((shown(Ratio.of(abs(exact)), unit, rounding) or "").removesuffix("%"))
    return float(size if exact >= 0 else -size)


def floor_of(figure: KpiFigure) -> Ratio | None:
    """What a figure can no longer lose; a final one has nothing to lose."""
    return None if figure.is_final else figure.floor


def ceiling_of(figure: KpiFigure) -> Ratio | None:
    """What a figure can still reach; a final one has nothing to reach."""
    return None if figure.is_final else figure.ceiling


def status(figure: KpiFigure, texts: Texts) -> str:
    """The sentence that a figure is final, provisional until a day, or about nobody."""
    if figure.final_on is None:
        return texts("state.none.went_live")
    if figure.is_final:
        return texts("state.final")
    return texts("state.provisional_until", day=texts.day(figure.final_on))


def versions(figures: Evaluated, texts: Texts) -> str:
    """The names of the scheme's versions that scored; 0 is the defaults."""
    names = [
        texts("report.version", number=number) if number else texts("report.defaults")
        for number in figures.versions
    ]
    return _listed(names, texts)


def _listed(words: Sequence[str], texts: Texts) -> str:
    return texts.known("word.and", ", ").join(words)


_Group = tuple[str, Evaluated]


def _first_day(group: _Group) -> date:
    return Month.parse(group[0]).first_day


def _numerator(slug: str) -> Callable[[_Group], int]:
    return lambda group: group[1][slug].ratio.numerator


def _shown(kpi: Kpi, part: Callable[[KpiFigure], Ratio | None]) -> Callable[[_Group], float | None]:
    return lambda group: number(part(group[1][kpi.slug]), kpi.unit, group[1].rounding)


def _of_live(value: Callable[[Any], Any]) -> Callable[[Member], Any]:
    """A value of the state of somebody who went live; None of everybody else."""
    return lambda line: value(line.state) if line.state.window else None


def _positions(line: Member | OrderLine | TrialLine) -> str:
    return ", ".join(map(str, line.positions))


SCORECARD: Mapping[str, tuple[str, float, Style]] = {
    "line": ("report.scorecard.line", 26, "text"),
    "weight": ("report.scorecard.weight", 8, "exact"),
    "kpi": ("report.kpi", 22, "text"),
    "value": ("report.value", 10, "exact"),
    "target": ("report.scorecard.target", 10, "exact"),
    "verdict": ("report.scorecard.verdict", 14, "text"),
    "points": ("report.scorecard.points", 8, "exact"),
    "missing": ("report.scorecard.missing", 40, "text"),
}
"""The columns of the scorecard, with their headings, widths and styles."""


class ScorecardRow(NamedTuple):
    """The cells of one row of the scorecard, by column."""

    line: str = ""
    weight: Decimal | None = None
    kpi: str = ""
    value: StyledValue | None = None
    target: StyledValue | None = None
    verdict: str = ""
    points: float | None = None
    missing: str = ""


def scorecard_table(content: Content, texts: Texts) -> Table:
    """A row per dimension with its subtotal, and under it one per measure."""
    columns = [
        TableColumn(texts(msgid), width, attrgetter(name), style)
        for name, (msgid, width, style) in SCORECARD.items()
    ]
    rounding = content.whole.rounding
    rows = [row for one in content.card.dimensions for row in _rows(one, rounding, texts)]
    return Table(texts("report.scorecard.title"), columns, rows)


def _rows(subtotal: Subtotal, rounding: str, texts: Texts) -> Iterator[ScorecardRow]:
    def titled(one: Dimension | Line) -> str:
        return f"{one.code} {texts.name_of(one) or one.code}"

    if subtotal.dimension is not None:
        earned = subtotal.earned if subtotal.scored else None
        yield ScorecardRow(
            titled(subtotal.dimension), subtotal.defined, points=_points(earned, rounding)
        )
    for scored in subtotal.lines:
        row = ScorecardRow(
            titled(scored.line), scored.line.weight, points=_points(scored.points, rounding)
        )
        for judged in scored.criteria:
            missing = _listed([texts(f"missing.{one}") for one in judged.missing], texts)
            kpi, value, target, verdict = judgement(judged, rounding, texts)
            yield row._replace(
                kpi=kpi, value=value, target=target, verdict=verdict, missing=missing
            )
            row = ScorecardRow()


def _points(points: Fraction | None, rounding: str) -> float | None:
    return None if points is None else float(shown_points(points, rounding) or 0)


def judgement(
    judged: Judged, rounding: str, texts: Texts
) -> tuple[str, StyledValue, StyledValue, str]:
    """The KPI, its value, the target and the verdict."""
    kpi, figure = BY_SLUG[judged.criterion.kpi], judged.figure
    ratio = figure.ratio if figure and figure.has_source else None
    value = StyledValue(number(ratio, kpi.unit, rounding), kpi.unit)
    target = StyledValue(number(judged.criterion.target, kpi.unit, rounding), kpi.unit)
    verdict = texts(f"verdict.{judged.verdict}")
    if judged.verdict in ("met", "not_met") and not judged.is_final:
        verdict = texts("report.scorecard.so_far", verdict=verdict)
    return texts(kpi.name_id), value, target, verdict
