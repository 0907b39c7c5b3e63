"""What the figures board shows: pure, from a sight to lines and tiles."""

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from api.web.kit.choice import Choice, sign
from api.web.kit.sight import Sight, head_month
from domain.kernel.values import Month
from domain.kpi.catalog import HEADLINES
from domain.kpi.evaluation import narrowed
from domain.kpi.kpi import Kpi
from domain.kpi.statistics.forecast import Forecast, forecast
from domain.kpi.subjects.figures import NewcomerFigures, figures
from domain.kpi.subjects.groups import Board, board_of, closed_in, members_of


class Line(Struct, frozen=True):
    """One group's figures; opened: the choice that this group's members are found by."""

    key: str
    month: Month | None
    figures: NewcomerFigures
    opened: Choice


class Headline(Struct, frozen=True):
    """The month on top, and beside it the newcomers whose windows closed in that month.

    forecast: of its order rate, None where that is final or too little is known.
    """

    month: Month
    figures: NewcomerFigures
    opened: Choice
    became_final: NewcomerFigures
    forecast: Forecast | None


class View(Struct, frozen=True):
    """The board as it stands on the evening of a day; lines in rising order of their keys.

    is_empty: whether the partner has no newcomer at all by that day.
    """

    headline: Headline | None
    lines: tuple[Line, ...]
    is_empty: bool

    @property
    def drawn(self) -> list[Kpi]:
        """The KPIs that are defined for at least one line."""
        return [
            kpi for kpi in HEADLINES if any(kpi.of(line.figures).denominator for line in self.lines)
        ]


def look(sight: Sight, whole: Board) -> View:
    """whole: of everybody."""
    evidence, group = sight.moment.evidence, sight.moment.group
    shown = whole
    if sight.choice.limits:
        shown = board_of(evidence.newcomers, evidence.windows(sight.day), group)
    return View(
        headline=_headline(sight, shown),
        lines=tuple(_lines(sight, shown)),
        is_empty=not whole.by_cohort,
    )


def _lines(sight: Sight, shown: Board) -> Iterator[Line]:
    choice = sight.choice
    if choice.by == "month":
        for month, found in shown.by_month.items():
            yield Line(str(month), month, found, choice.opened("month", str(month)))
    elif choice.by == "cohort":
        for code, found in shown.by_cohort.items():
            yield Line(code, None, found, choice.opened("cohort", code))
    elif choice.by == "manager":
        for name, found in shown.by_manager.items():
            yield Line(name, None, found, choice.opened("manager", sign(name)))
    else:
        for name, found in _by_training_manager(sight).items():
            yield Line(name, None, found, choice.opened("training_manager", sign(name)))


def _by_training_manager(sight: Sight) -> dict[str, NewcomerFigures]:
    """Of those who answer for somebody in the group."""
    evidence, day = sight.moment.evidence, sight.day
    found = {}
    for name in evidence.training_managers(day):
        group = narrowed(sight.moment.group, "training_manager", name, evidence, day)
        people = board_of(evidence.newcomers, evidence.windows(day), group).whole
        if people.entered:
            found[name] = people
    return found


def _headline(sight: Sight, shown: Board) -> Headline | None:
    """Last month (S54), or the latest month before it that has newcomers."""
    month = head_month(sight, shown)
    if month is None:
        return None
    evidence, day, group = sight.moment.evidence, sight.day, sight.moment.group
    scheme, found = evidence.scheme, shown.by_month[month]
    windows = evidence.windows(day)
    chosen = members_of(evidence.newcomers, windows, group)
    expected = None
    if found.final_on and not found.is_final:
        people = members_of(evidence.newcomers, windows, replace(group, month=month))
        expected = forecast(people, evidence.newcomers, day, scheme)
    return Headline(
        month=month,
        figures=found,
        opened=sight.choice.opened("month", str(month)),
        became_final=figures(closed_in(chosen, month, day, scheme), day, scheme),
        forecast=expected,
    )
