"""What the report on a month of newcomers says, what is behind it, and what it is pinned to.

Pure: the same facts give the same content, so that a report is rendered again byte for byte.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import msgspec

from domain.kernel.values import Month, Ratio
from domain.kpi.catalog import CATALOG, HEADLINES
from domain.kpi.evaluation import Evaluated, Evidence, evaluate
from domain.kpi.proof.explanation import Explanation, explain_of
from domain.kpi.scheme.scorecard import Scorecard, scorecard
from domain.kpi.subjects.figures import NewcomerFigures, figures_of
from domain.kpi.subjects.groups import Group, board_of, closed_in, members_of

TREND_MONTHS = 12


class Record(msgspec.Struct, frozen=True):
    """The envelope of one event behind the figures. actor: a name where one is known. source: file,
    sheet and row where imported."""

    position: int
    topic: str
    recorded_at: datetime
    actor: str
    source: dict[str, Any]


class Pinned(msgspec.Struct, frozen=True):
    """What the report was made of: the whole state at `position`, on the evening of a day.

    requested_at: instant of the request, the only clock that the report knows.
    """

    partner: str
    month: Month
    happened_by: date
    position: int
    requested_at: datetime
    zone: str


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """The report. by_cohort, by_manager: of the month's newcomers. trend: months with newcomers,
    up to the report's, in order. became_final: of those whose windows closed in the month (S54).
    evaluated: every figure of the catalog, judged by card. names: trainee id -> name; who was
    erased has none. managers: trainee id -> manager (主管) on the day.
    """

    pinned: Pinned
    whole: NewcomerFigures
    became_final: NewcomerFigures
    by_cohort: dict[str, NewcomerFigures]
    by_manager: dict[str, NewcomerFigures]
    trend: dict[Month, NewcomerFigures]
    explanation: Explanation
    evaluated: Evaluated
    card: Scorecard
    managers: Mapping[str, str]
    names: Mapping[str, str] = {}
    records: tuple[Record, ...] = ()

    @property
    def figures(self) -> dict[str, Ratio]:
        """KPI slug -> the month's figure, of those that are shown at a glance."""
        return {kpi.slug: kpi.of(self.whole) for kpi in HEADLINES}

    @property
    def people(self) -> list[str]:
        """The ids of all whom the report names, in order."""
        opened = self.explanation
        lines: list[Any] = [*opened.members, *opened.in_training, *opened.trials]
        lines += [*opened.orders_counted, *opened.orders_excluded]
        return sorted({line.trainee_id for line in lines})

    @property
    def positions(self) -> list[int]:
        """The events behind the figures, in order."""
        opened = self.explanation
        lines: list[Any] = [*opened.members, *opened.in_training, *opened.trials]
        lines += [*opened.orders_counted, *opened.orders_excluded]
        return sorted({place for line in lines for place in line.positions})


def month_content(pinned: Pinned, evidence: Evidence) -> Content:
    """evidence: the facts at the pinned position."""
    day, month, scheme = pinned.happened_by, pinned.month, evidence.scheme
    windows, of_month = evidence.windows(day), Group(month=month)
    everybody = evidence.newcomers
    group = members_of(everybody, windows, of_month)
    shown = board_of(everybody, windows, of_month)
    months = [known for known in board_of(everybody, windows).by_month.items() if known[0] <= month]
    evaluated = evaluate(CATALOG, evidence, day, of_month)
    return Content(
        pinned=pinned,
        whole=shown.whole,
        became_final=figures_of(closed_in(everybody, month, day, scheme), windows),
        by_cohort=shown.by_cohort,
        by_manager=shown.by_manager,
        trend=dict(months[-TREND_MONTHS:]),
        explanation=explain_of(group, windows),
        evaluated=evaluated,
        card=scorecard(scheme.in_force(month).lines, evaluated.figures),
        managers={who.trainee_id: name for who in group if (name := who.manager_on(day))},
    )


def completed(content: Content, names: Mapping[str, str], records: Iterable[Record]) -> Content:
    """The content with its people's names and with the events behind it."""
    ordered = sorted(records, key=lambda record: record.position)
    return msgspec.structs.replace(content, names=names, records=tuple(ordered))
