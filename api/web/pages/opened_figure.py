"""The content of an opened figure: pure, from a view to its people, classes, orders and trials."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from msgspec import Struct

from api.web.kit.figures_view import FiguresView
from domain.kpi.evaluation import evaluate
from domain.kpi.kpi import Kpi, KpiFigure
from domain.kpi.proof.breakdown import break_down
from domain.kpi.proof.explanation import explain_orders, explain_trials
from domain.kpi.subject import OfSubject

PartLine = OfSubject[Any]
LineKind = Literal["members", "orders", "trials"]


class Part(Struct, frozen=True):
    """A part of what a figure is made of. kind: what its lines are."""

    name: str
    kind: LineKind
    lines: Sequence[PartLine]

    def of(self, trainee_ids: set[str], label: str) -> "Part":
        """The part with the lines of some people, or with a piece of this label."""
        kept = [
            line
            for line in self.lines
            if line.trainee_id in trainee_ids or label in line.label.lower()
        ]
        return Part(self.name, self.kind, kept)


class OpenedFigure(Struct, frozen=True):
    """A figure and its parts. rounding: how it is shown."""

    figure: KpiFigure
    rounding: str
    parts: tuple[Part, ...]

    @property
    def lines(self) -> int:
        """How many lines all parts have."""
        return sum(len(part.lines) for part in self.parts)


def open_figure(kpi: Kpi, view: FiguresView) -> OpenedFigure:
    """The figure of a view and all that it is made of."""
    evaluated = evaluate([kpi], view.basis)
    found = evaluated.figures[kpi.slug]
    parts = tuple(_parts(kpi, view)) if found.has_source else ()
    return OpenedFigure(found, evaluated.rounding, parts)


def _parts(kpi: Kpi, view: FiguresView) -> Iterable[Part]:
    broken = break_down(kpi, view.basis)
    yield Part("counted", "members", broken.counted)
    if broken.not_counted:
        yield Part("not_counted", "members", broken.not_counted)
    if kpi.facts == "orders":
        counted, excluded = explain_orders(view.basis)
        yield Part("orders_counted", "orders", counted)
        yield Part("orders_excluded", "orders", excluded)
    elif kpi.facts == "trials":
        yield Part("trials", "trials", explain_trials(view.basis))
