"""What the figures board shows: pure, from a sight to lines and tiles."""

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from api.web.kit.choice import Choice, sign
from api.web.kit.sight import Groups, Sight, groups, head_month
from domain.kernel.values import Month
from domain.kpi.catalog import HEADLINES, NEWCOMER_FIGURES
from domain.kpi.evaluation import Evaluated, evaluate
from domain.kpi.kpi import Kpi
from domain.kpi.statistics.forecast import Forecast, forecast
from domain.kpi.subjects.newcomers import closed_in, members_of


class Line(Struct, frozen=True):
    """One group's figures; opened: the choice that this group's members are found by."""

    key: str
    month: Month | None
    figures: Evaluated
    opened: Choice


class Headline(Struct, frozen=True):
    """The month on top, and beside it the newcomers whose windows closed in that month.

    forecast: of its order rate, None where that is final or too little is known.
    """

    month: Month
    figures: Evaluated
    opened: Choice
    became_final: Evaluated
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
            kpi
            for kpi in HEADLINES
            if any(line.figures[kpi.slug].ratio.denominator for line in self.lines)
        ]


def look(sight: Sight, whole: Groups) -> View:
    """whole: of everybody, with NEWCOMER_FIGURES."""
    shown = whole
    if sight.choice.limits:
        shown = groups(sight, NEWCOMER_FIGURES, sight.moment.group)
    return View(
        headline=_headline(sight, shown),
        lines=tuple(_lines(sight, shown)),
        is_empty=not whole["cohort"],
    )


def _lines(sight: Sight, shown: Groups) -> Iterator[Line]:
    """Of training managers those who answer for somebody in the group."""
    by = sight.choice.by
    for key, found in shown[by].items():
        if found["entered"].ratio.numerator:
            month = Month.parse(key) if by == "month" else None
            opened = sign(key) if by in ("manager", "training_manager") else key
            yield Line(key, month, found, sight.choice.opened(by, opened))


def _headline(sight: Sight, shown: Groups) -> Headline | None:
    """Last month (S54), or the latest month before it that has newcomers."""
    month = head_month(sight, shown)
    if month is None:
        return None
    evidence, day, group = sight.moment.evidence, sight.day, sight.moment.group
    found = shown["month"][str(month)]
    windows, answering = evidence.windows(day), evidence.answering(day)
    chosen = members_of(evidence.newcomers, windows, group, answering)
    rate, expected = found["order_rate"], None
    if rate.final_on and not rate.is_final:
        of_month = replace(group, month=month)
        people = members_of(evidence.newcomers, windows, of_month, answering)
        expected = forecast(people, evidence.newcomers, day, evidence.scheme)
    closed = replace(evidence, newcomers=closed_in(chosen, month, windows))
    return Headline(
        month=month,
        figures=found,
        opened=sight.choice.opened("month", str(month)),
        became_final=evaluate(NEWCOMER_FIGURES, closed, day),
        forecast=expected,
    )
