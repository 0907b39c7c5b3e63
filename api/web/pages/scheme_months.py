"""What a new version of the scheme would make of the figures and points of each month that it
reaches."""

from collections.abc import Callable, Sequence
from functools import partial

from msgspec import Struct

from api.web.kit.wording import Wording
from domain.kernel.values import Month, Ratio
from domain.kpi.catalog import CATALOG, HEADLINES
from domain.kpi.evaluation import Evaluated, evaluate_by
from domain.kpi.evidence import Basis
from domain.kpi.kpi import Kpi
from domain.kpi.rounding import shown
from domain.kpi.scheme.scorecard import Scorecard, scorecard, shown_points
from domain.kpi.scheme.versions import Scheme, Version

COMPARED = 12
"""Months, the newest: as many as a chart shows at a glance."""


class ScoredMonth(Struct, frozen=True):
    """A month's figures under a scheme, and the card that its lines make of them."""

    found: Evaluated
    card: Scorecard

    def printed(self, kpi: Kpi) -> str | None:
        return shown(self.found[kpi.slug].ratio, kpi.unit, self.found.rounding)


class MonthPair(Struct, frozen=True):
    """A month as it is scored, and with the new version; None where it has nobody."""

    month: Month
    before: ScoredMonth | None
    after: ScoredMonth | None

    def differs(self, kpi: Kpi) -> bool:
        was, now = (one and one.printed(kpi) for one in (self.before, self.after))
        return was != now


class ComparedMonths(Struct, frozen=True):
    """The months up to the running one that hold people and that a new version reaches, the newest,
    those before them, and the figures worth showing."""

    pairs: Sequence[MonthPair] = ()
    earlier: Sequence[Month] = ()
    kpis: Sequence[Kpi] = ()


class ChartBar(Struct, frozen=True):
    """A value in words, and how high its bar is; None: there is none."""

    said: str
    height: float | None

    def below(self, top: float) -> "ChartBar":
        """The same as a share of the chart's height."""
        return self if self.height is None else ChartBar(self.said, self.height / top)


class PairedBars(Struct, frozen=True):
    """One figure's bars of each month, as it is and with the new version. top: the value of the
    full height in words."""

    name: str
    top: str
    bars: Sequence[tuple[ChartBar, ChartBar]]


def compare_months(basis: Basis, scheme: Scheme, version: Version) -> ComparedMonths:
    """basis: of everybody. scheme: that which the version is to join."""
    first, last = version.effective_from, Month.of(basis.day)
    if first is None or first > last:
        return ComparedMonths()
    reach, was = scheme.reach_of(version), _scored(basis, scheme)
    now = _scored(basis, Scheme((*scheme.versions, version)))
    held = sorted(was.keys() | now.keys())
    months = [month for month in held if month in reach and month <= last]
    pairs = [MonthPair(one, was.get(one), now.get(one)) for one in months[-COMPARED:]]
    worth = [kpi for kpi in CATALOG if kpi in HEADLINES or any(one.differs(kpi) for one in pairs)]
    return ComparedMonths(pairs, months[:-COMPARED], worth)


def _scored(basis: Basis, scheme: Scheme) -> dict[Month, ScoredMonth]:
    found = evaluate_by("month", CATALOG, basis.under(scheme))
    months = {Month.parse(key): one for key, one in found.items()}
    return {
        month: ScoredMonth(one, scorecard(scheme.in_force(month).lines, one.figures))
        for month, one in months.items()
    }


def paired_bars(found: ComparedMonths, wording: Wording) -> list[PairedBars]:
    """The charts of compared months, the points of the whole card last."""
    charts = list[PairedBars]()
    for kpi in found.kpis:
        top = ChartBar(wording.exact(Ratio(1, 1), "percent"), 1) if kpi.unit == "percent" else None
        charts.append(_charted(found, wording.t(kpi.name_id), top, partial(_figure, wording, kpi)))
    total = wording.t("scheme.look.total")
    return [*charts, _charted(found, total, ChartBar("100", 100), partial(_points, wording))]


def _charted(
    found: ComparedMonths,
    name: str,
    top: ChartBar | None,
    value_of: Callable[[ScoredMonth | None], ChartBar],
) -> PairedBars:
    """top: the value of the full height; None: the greatest of all."""
    sides = [(value_of(one.before), value_of(one.after)) for one in found.pairs]
    if top is None:
        held = [bar for pair in sides for bar in pair if bar.height]
        top = max(held, key=lambda bar: bar.height or 0, default=ChartBar("", 1))
    full = top.height or 1
    return PairedBars(name, top.said, [(was.below(full), now.below(full)) for was, now in sides])


def _figure(wording: Wording, kpi: Kpi, one: ScoredMonth | None) -> ChartBar:
    if one is None:
        return ChartBar(wording.t("none"), None)
    ratio = one.found[kpi.slug].ratio
    return ChartBar(wording.ratio(ratio, kpi.unit, one.found.rounding), ratio.value)


def _points(wording: Wording, one: ScoredMonth | None) -> ChartBar:
    if one is None or not one.card.scored_lines:
        return ChartBar(wording.t("none"), None)
    earned = one.card.earned
    said = shown_points(earned, one.found.rounding)
    return ChartBar(f"{said}/{one.card.defined}", float(earned))
