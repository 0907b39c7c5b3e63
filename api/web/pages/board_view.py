"""The content of the figures board: pure, from a view to lines and tiles."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from api.web.kit.addresses import list_address, named_address
from api.web.kit.figures_view import FiguresView, GroupsByWay, groups, head_month, of_group
from api.web.kit.filters import Filters
from domain.kernel.values import Month
from domain.kpi.catalog import HEADLINES, NEWCOMER_FIGURES
from domain.kpi.catalog.people import WENT_LIVE
from domain.kpi.evaluation import Evaluated, evaluate
from domain.kpi.group import EVERYBODY, By
from domain.kpi.kpi import Kpi
from domain.kpi.statistics.forecast import Forecast, forecast_of
from domain.kpi.subjects.newcomers import final_in, members_of
from projections.teaching.cohorts import COHORT_LIST
from projections.trainees.cohort_roster import TRAINEE_LIST

ADDRESSES: Mapping[By, Callable[[str], str]] = {
    "cohort": partial(named_address, COHORT_LIST.kind),
    "manager": lambda key: list_address(TRAINEE_LIST.kind, manager=key),
    "training_manager": lambda key: list_address(COHORT_LIST.kind, training_manager=key),
}
"""Where a group's people or batches are, by what groups them, of which it is."""


class GroupLine(Struct, frozen=True):
    """One group's figures; label: what people call it. filters: those that this group's members are
    found by. address: of the page of the batch, or of those that a person answers for; a month has
    none."""

    key: str
    label: str
    month: Month | None
    figures: Evaluated
    filters: Filters
    address: str | None


class Headline(Struct, frozen=True):
    """The month on top, and beside it those of any month who became final in that month.

    forecast: of its order rate, None where that is final or too little is known.
    """

    month: Month
    figures: Evaluated
    filters: Filters
    became_final: Evaluated
    forecast: Forecast | None


class BoardView(Struct, frozen=True):
    """The board on the evening of a day; lines in rising order of what they are called.

    nobody_live: whether nobody at all has been on the post yet, whoever is chosen.
    """

    headline: Headline | None
    lines: tuple[GroupLine, ...]
    nobody_live: bool

    @property
    def drawn(self) -> list[Kpi]:
        """The KPIs that are defined for at least one line."""
        return [
            kpi
            for kpi in HEADLINES
            if any(line.figures[kpi.slug].ratio.denominator for line in self.lines)
        ]


def board_of(view: FiguresView, whole: GroupsByWay) -> BoardView:
    """The board of a view. whole: the groups of all newcomers, with NEWCOMER_FIGURES."""
    shown = whole
    if view.filters.limits:
        shown = groups(view, NEWCOMER_FIGURES, view.basis.group)
    (everybody,) = whole["all"].values()
    nobody_live = not everybody[WENT_LIVE.slug].ratio.numerator
    return BoardView(_headline(view, shown), tuple(_lines(view, shown)), nobody_live)


def _lines(view: FiguresView, shown: GroupsByWay) -> Iterator[GroupLine]:
    """Of training managers those who answer for somebody in the group."""
    by = view.filters.by
    for key, found in shown[by].items():
        if found["entered"].ratio.numerator:
            month = Month.parse(key) if by == "month" else None
            label, filters = view.label(by, key), view.filters.narrowed(by, key)
            yield GroupLine(key, label, month, found, filters, _address(view, key))


def _address(view: FiguresView, key: str) -> str | None:
    by = view.filters.by
    return None if by == "month" else view.filters.dated(ADDRESSES[by](key))


def _headline(view: FiguresView, shown: GroupsByWay) -> Headline | None:
    """Last month (S54), or the latest month before it that has newcomers."""
    month = head_month(view, shown)
    if month is None:
        return None
    basis, found = view.basis, shown["month"][str(month)]
    of_any_month = of_group(basis, replace(basis.group, month=None))
    rate, expected = found["order_rate"], None
    if rate.final_on and not rate.is_final:
        expected = forecast_of(replace(basis, group=replace(basis.group, month=month)))
    chosen = members_of(of_any_month)
    final = replace(basis.evidence, newcomers=final_in(chosen, month, basis.windows))
    return Headline(
        month=month,
        figures=found,
        filters=view.filters.narrowed("month", str(month)),
        became_final=evaluate(NEWCOMER_FIGURES, replace(basis, evidence=final, group=EVERYBODY)),
        forecast=expected,
    )
