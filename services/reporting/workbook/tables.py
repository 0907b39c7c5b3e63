"""The content as tables: headings in the reader's language, values as a workbook holds them."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from domain.kernel.values import Month, Ratio
from domain.kpi.catalog import HEADLINES
from domain.kpi.evaluation import Evaluated
from domain.kpi.figure import KpiFigure
from domain.kpi.proof.explanation import Member, OrderLine
from domain.kpi.rounding import Unit, shown
from services.reporting.workbook.content import Content, Record
from services.reporting.workbook.texts import Texts

Style = Literal["text", "wrapped", "count", "percent", "average", "tenths", "date", "instant"]

Row = Sequence[Any]

UNITS: dict[Unit, Style] = {
    "percent": "percent",
    "per_person": "average",
    "people": "count",
    "days": "tenths",
    "points": "tenths",
}


class Column(msgspec.Struct, frozen=True):
    """width: in characters of the default font."""

    heading: str
    width: float
    style: Style = "text"


class Table(msgspec.Struct, frozen=True):
    """A heading row and rows of as many values; None: nothing there."""

    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Row]


def number(ratio: Ratio, unit: Unit, rounding: str) -> float | None:
    """What people read, as a number: 12/18 is 0.666, which a cell shows as 66.6%; None where it is
    undefined."""
    text = shown(ratio, unit, rounding)
    if text is None:
        return None
    return float(Decimal(text[:-1]) / 100 if unit == "percent" else Decimal(text))


def status(figure: KpiFigure, texts: Texts) -> str:
    """Final, provisional until a day, or about nobody."""
    if figure.final_on is None:
        return texts("state.nobody")
    if figure.is_final:
        return texts("state.final")
    return texts("state.provisional_until", day=figure.final_on.isoformat())


def month_name(month: Month, texts: Texts) -> str:
    return texts("report.month", year=month.year, month=month.month)


def versions(figures: Evaluated, texts: Texts) -> str:
    """The scheme's versions that scored; 0 stands for the defaults."""
    names = [
        texts("report.version", number=number) if number else texts("report.defaults")
        for number in figures.versions
    ]
    return texts.known("word.and", ", ").join(names)


def groups(title: str, heading: str, lines: Iterable[tuple[str, Evaluated]], t: Texts) -> Table:
    """One line per group: the counts, every KPI of the catalog with its bounds, and the state."""
    columns = [Column(heading, 28)]
    columns += [Column(t(f"figure.{count}"), 11, "count") for count in _COUNTS]
    for kpi in HEADLINES:
        columns += [
            Column(t(f"report.numerator.{kpi.slug}"), 12, "count"),
            Column(t(kpi.name_id), 11, UNITS[kpi.unit]),
        ]
        if kpi.has_bounds:
            columns += [Column(t(f"report.{bound}"), 8, UNITS[kpi.unit]) for bound in _BOUNDS]
    columns.append(Column(t("figure.state"), 20))
    rows = [
        [name, *_group_values(figures), status(figures["order_rate"], t)] for name, figures in lines
    ]
    return Table(title, tuple(columns), rows)


def members_table(content: Content, t: Texts) -> Table:
    """Who counts, then who is in the denominator and does not, with the rule, then who has not
    gone live."""
    opened = content.explanation
    columns = (
        Column(t("report.counted"), 8),
        Column(t("report.reason"), 22),
        Column(t("report.employee_no"), 12),
        Column(t("report.name"), 12),
        Column(t("filter.cohort"), 14),
        Column(t("filter.manager"), 12),
        Column(t("report.went_live_on"), 12, "date"),
        Column(t("report.last_day"), 12, "date"),
        Column(t("report.left_on"), 12, "date"),
        Column(t("report.valid_orders"), 10, "count"),
        Column(t("report.records"), 28),
    )
    return Table(
        t("report.sheet.members"),
        columns,
        [_member(line, content, t) for line in (*opened.members, *opened.in_training)],
    )


def orders_table(
    content: Content, orders: Sequence[OrderLine], title: str, t: Texts, *, reasons: bool
) -> Table:
    """Orders by day of closing. reasons: with the rule that keeps each from counting."""
    columns = [
        Column(t("report.order_no"), 18),
        Column(t("report.closed_on"), 12, "date"),
        Column(t("report.employee_no"), 12),
        Column(t("report.name"), 12),
        Column(t("report.records"), 16),
    ]
    if reasons:
        columns.insert(0, Column(t("report.reason"), 18))
    rows: list[Row] = []
    for order in orders:
        reason = [t(f"rule.{order.rule}")] if reasons else []
        who, fact = order.state, order.order
        name, places = content.names.get(who.trainee_id), _places(order.positions)
        rows.append([*reason, fact.no, fact.closed_on, who.label, name, places])
    return Table(title, tuple(columns), rows)


def trials_table(content: Content, t: Texts) -> Table:
    """Every verdict on a trial post, by day."""
    columns = (
        Column(t("report.on"), 12, "date"),
        Column(t("report.employee_no"), 12),
        Column(t("report.name"), 12),
        Column(t("report.verdict"), 12),
        Column(t("report.records"), 12),
    )
    rows: list[Row] = [
        [
            line.trial.on,
            line.state.label,
            content.names.get(line.state.trainee_id),
            t("topic.trainee.trial_passed" if line.trial.passed else "topic.trainee.trial_failed"),
            _places(line.positions),
        ]
        for line in content.explanation.trials
    ]
    return Table(t("members.trials"), columns, rows)


def records_table(content: Content, t: Texts) -> Table:
    """The events behind the figures, in the order of the log."""
    zone = ZoneInfo(content.pinned.zone)

    def row(record: Record) -> Row:
        recorded = record.recorded_at.astimezone(zone).replace(tzinfo=None, microsecond=0)
        what = t.known(f"topic.{record.topic}", record.topic)
        return [record.position, what, recorded, record.actor, _source(record, t)]

    columns = (
        Column(t("facts.position"), 24, "count"),
        Column(t("facts.what"), 26),
        Column(t("facts.recorded"), 20, "instant"),
        Column(t("facts.who"), 44),
        Column(t("report.source"), 60),
    )
    return Table(t("facts.caption"), columns, [row(record) for record in content.records])


_COUNTS = ("went_live", "employed")
_BOUNDS = ("floor", "ceiling")


def _group_values(found: Evaluated) -> list[Any]:
    values: list[Any] = [found[count].ratio.numerator for count in _COUNTS]
    for kpi in HEADLINES:
        figure = found[kpi.slug]
        values += [figure.ratio.numerator, number(figure.ratio, kpi.unit, found.rounding)]
        if kpi.has_bounds:
            values += [
                number(bound, kpi.unit, found.rounding) if bound else None
                for bound in (figure.floor, figure.ceiling)
            ]
    return values


def _member(line: Member, content: Content, t: Texts) -> Row:
    """Who has not gone live has no window, and is in training whatever the rule."""
    state, window = line.state, line.state.window
    reason: str | None = t("report.in_training")
    if window:
        reason = t(f"rule.{line.rule}") if line.rule else None
    return [
        t("report.yes") if line.is_counted else t("report.no"),
        reason,
        line.label,
        content.names.get(state.trainee_id),
        line.cohort_code,
        content.managers.get(state.trainee_id),
        window.first_day if window else None,
        window.last_day if window else None,
        state.left_on if window else None,
        len(state.orders) if window else None,
        _places(line.positions),
    ]


def _places(positions: Sequence[int]) -> str:
    return ", ".join(str(position) for position in positions)


def _source(record: Record, t: Texts) -> str:
    kind = record.source.get("kind")
    if kind == "imported":
        place = {name: record.source.get(name) for name in ("file", "sheet", "row")}
        return t("source.imported", **place)
    return t("source.integrated" if kind == "integrated" else "source.typed")
