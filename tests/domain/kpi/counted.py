"""The figures of newcomers by name, as tests read them: a view over the catalog's evaluation."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from domain.kernel.values import Ratio
from domain.kpi.catalog import NEWCOMER_FIGURES
from domain.kpi.evaluation import Evaluated, evaluate, evaluate_every_way
from domain.kpi.evidence import Basis, Evidence
from domain.kpi.group import EVERYBODY, Group, Way
from domain.kpi.proof.explanation import Explanation
from domain.kpi.proof.explanation import explain as explain_evidence
from domain.kpi.scheme.versions import Parameters, Scheme
from domain.kpi.statistics.forecast import Forecast, forecast_of
from domain.kpi.subjects.newcomer import Newcomer
from domain.kpi.subjects.newcomers import members_of
from tests.domain.kpi.facts import always


class Figures(Struct, frozen=True):
    """One group's; ratios by the KPI's slug, counts as numbers."""

    evaluated: Evaluated

    def __getattr__(self, name: str) -> Any:
        figure = self.evaluated.figures.get(name)
        if figure is None:
            raise AttributeError(name)
        return figure.ratio

    @property
    def entered(self) -> int:
        return self.evaluated.figures["entered"].ratio.numerator

    @property
    def went_live(self) -> int:
        return self.evaluated.figures["went_live"].ratio.numerator

    @property
    def employed(self) -> int:
        return self.evaluated.figures["employed"].ratio.numerator

    @property
    def ordered(self) -> int:
        return self.evaluated.figures["order_rate"].ratio.numerator

    @property
    def valid_orders(self) -> int:
        return self.evaluated.figures["average_orders"].ratio.numerator

    @property
    def floor(self) -> Ratio:
        floor = self.evaluated.figures["order_rate"].floor
        assert floor is not None
        return floor

    @property
    def ceiling(self) -> Ratio:
        ceiling = self.evaluated.figures["order_rate"].ceiling
        assert ceiling is not None
        return ceiling

    @property
    def is_final(self) -> bool:
        return self.evaluated.figures["order_rate"].is_final

    @property
    def final_on(self) -> date | None:
        return self.evaluated.figures["order_rate"].final_on

    @property
    def versions(self) -> tuple[int, ...]:
        return self.evaluated.versions

    @property
    def rounding(self) -> str:
        return self.evaluated.rounding


def evidence(newcomers: Iterable[Newcomer], scheme: Scheme | Parameters) -> Evidence:
    """scheme: one set of parameters for every month, or versions."""
    rules = always(scheme) if isinstance(scheme, Parameters) else scheme
    return Evidence(list(newcomers), scheme=rules)


def figures(
    newcomers: Iterable[Newcomer],
    day: date,
    scheme: Scheme | Parameters,
    group: Group = EVERYBODY,
) -> Figures:
    """The newcomers' figures of a group."""
    return Figures(evaluate(NEWCOMER_FIGURES, Basis(evidence(newcomers, scheme), day, group)))


def members(
    newcomers: Iterable[Newcomer], day: date, scheme: Scheme | Parameters, group: Group
) -> list[Newcomer]:
    """The newcomers of a group."""
    return members_of(Basis(evidence(newcomers, scheme), day, group))


def board(
    newcomers: Iterable[Newcomer],
    day: date,
    scheme: Scheme | Parameters,
    group: Group = EVERYBODY,
) -> dict[Way, dict[str, Figures]]:
    """Of every group within a group."""
    found = evaluate_every_way(NEWCOMER_FIGURES, Basis(evidence(newcomers, scheme), day, group))
    return {way: {key: Figures(one) for key, one in its.items()} for way, its in found.items()}


def explain(newcomers: Iterable[Newcomer], day: date, scheme: Scheme | Parameters) -> Explanation:
    """What the figures are made of."""
    return explain_evidence(Basis(evidence(newcomers, scheme), day))


def forecast(
    group: Iterable[Newcomer],
    newcomers: Iterable[Newcomer],
    day: date,
    scheme: Scheme | Parameters,
) -> Forecast | None:
    """What the group, made one manager's, is expected to end with. newcomers: all of the
    tenant's."""
    chosen = {who.trainee_id for who in group}
    told_apart = [
        replace(who, manager_id="of the group" if who.trainee_id in chosen else None, managers=())
        for who in newcomers
    ]
    return forecast_of(Basis(evidence(told_apart, scheme), day, Group(manager="of the group")))
