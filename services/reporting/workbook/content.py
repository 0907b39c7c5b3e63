"""The content of the report on a month of newcomers, the events behind it, and its pinned state.

Pure: the same facts give the same content, so that a report is rendered again byte for byte.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from domain.kernel.values import Month, Ratio
from domain.kpi.catalog import CATALOG, HEADLINES, NEWCOMER_FIGURES
from domain.kpi.catalog.people import WENT_LIVE
from domain.kpi.evaluation import Evaluated, evaluate, evaluate_by, evaluate_ways
from domain.kpi.evidence import Basis, Evidence
from domain.kpi.group import Group, Way
from domain.kpi.proof.explanation import Explanation, explain
from domain.kpi.scheme.scorecard import Scorecard, scorecard
from domain.kpi.subjects.newcomers import final_in

TREND_MONTHS = 12


class Record(msgspec.Struct, frozen=True):
    """The envelope of one event behind the figures. actor: a name where one is known. source: file,
    sheet and row where imported. names: of those it names."""

    position: int
    topic: str
    recorded_at: datetime
    actor: str
    source: dict[str, Any]
    names: Mapping[str, str] = {}


class PinnedReport(msgspec.Struct, frozen=True):
    """The state that a report is pinned to: the log up to `position`, on the evening of a day.

    requested_at: instant of the request, the only clock that the report knows.
    """

    partner: str
    month: Month
    happened_by: date
    position: int
    requested_at: datetime
    zone: str


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """The content of a report.

    whole: every figure of the catalog for the month's group, judged by card. became_final: the
    headlines of those that became final in the month (S54). groups: of the month's newcomers by
    cohort and manager, and the months (YYYY-MM) with newcomers, up to the report's, in order.
    names: trainee id -> name; who was erased has none. managers: trainee id -> the id of the
    manager (主管) that the trainee counts for; called: what these are called, by their ids.
    """

    pinned: PinnedReport
    whole: Evaluated
    became_final: Evaluated
    groups: dict[Way, dict[str, Evaluated]]
    explanation: Explanation
    card: Scorecard
    managers: Mapping[str, str]
    names: Mapping[str, str] = {}
    called: Mapping[str, str] = {}
    records: tuple[Record, ...] = ()

    @property
    def figures(self) -> dict[str, Ratio]:
        """KPI slug -> the month's figure, of those that are shown at a glance."""
        return {kpi.slug: self.whole[kpi.slug].ratio for kpi in HEADLINES}

    @property
    def managers_named(self) -> set[str]:
        """The ids of the managers that the report names."""
        return {*self.groups["manager"], *self.managers.values()}

    @property
    def went_live(self) -> int:
        """How many of the month's newcomers had been on the post, whatever figures count them."""
        return self.whole[WENT_LIVE.slug].ratio.numerator

    @property
    def month_before(self) -> Evaluated | None:
        """The figures of the month before, known as this one's; None where nobody was in it."""
        return self.groups["month"].get(str(self.pinned.month.next(-1)))

    @property
    def is_running(self) -> bool:
        """Whether the month was not over, so that somebody may still join it."""
        return not self.pinned.month.is_over_on(self.pinned.happened_by)

    @property
    def provisional(self) -> tuple[str, ...]:
        """The slugs of those figures that may still change."""
        return self.whole.provisional(self.figures, self.pinned.month, self.pinned.happened_by)


def month_content(pinned: PinnedReport, evidence: Evidence) -> Content:
    """The content of a month's report. evidence: the facts at the pinned position."""
    day, month = pinned.happened_by, pinned.month
    everybody = Basis(evidence, day, today=day)  # It was asked for on that very day.
    of_month = replace(everybody, group=Group(month=month))
    whole = evaluate(CATALOG, of_month)
    groups = evaluate_ways(("cohort", "manager"), NEWCOMER_FIGURES, of_month)
    months = evaluate_by("month", NEWCOMER_FIGURES, everybody)
    trend = [key for key in months if key <= str(month)][-TREND_MONTHS:]
    final = final_in(evidence.newcomers, month, everybody.windows)
    explanation = explain(of_month)
    of_people = {line.state.trainee_id: line.state for line in explanation.lines}
    return Content(
        pinned=pinned,
        whole=whole,
        became_final=evaluate(
            HEADLINES, replace(everybody, evidence=replace(evidence, newcomers=final))
        ),
        groups=groups | {"month": {key: months[key] for key in trend}},
        explanation=explanation,
        card=scorecard(of_month.version.lines, whole.figures),
        managers={one: by for one, state in of_people.items() if (by := state.manager)},
    )


def completed(
    content: Content,
    names: Mapping[str, str],
    called: Mapping[str, str],
    records: Iterable[Record],
) -> Content:
    """The content with the names of its people and of their managers, and with the events behind
    it."""
    ordered = sorted(records, key=lambda record: record.position)
    return replace(content, names=names, called=called, records=tuple(ordered))
