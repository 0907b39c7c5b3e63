"""Submitted figures, their vintages, and what became of them."""

from typing import Any

import strawberry

from api.graphql.engine.arguments import taking
from api.graphql.engine.connections import Row, lines_field
from api.graphql.engine.context import Info
from api.graphql.engine.enums import EVENT_TOPIC, SUBMISSION_KIND
from api.graphql.engine.structs import View, showing, size_of
from api.graphql.types.kpi import Kpi
from api.graphql.types.newcomers import RECORDED_EVENT, OfTrainee, events_at
from api.graphql.types.ratio import UNITS, Ratio, Rounded
from domain.kpi.catalog import BY_SLUG
from domain.kpi.proof.restatement import Cause, Restatement
from domain.kpi.scheme.versions import Scheme
from projections.reporting.submissions import (
    SUBMISSION_LIST,
    RestatementRow,
    SubmissionRow,
    VintageRow,
)

CAUSES = 20
"""Of one figure, where nobody says how many."""


@showing()
class SubmittedFigure:
    """A figure as it was submitted."""

    kpi: Kpi
    ratio: Ratio


@showing(Cause, "position topic numerator denominator", topic=EVENT_TOPIC)
class RestatementCause(OfTrainee):
    """An event that touched a figure, and what it added to it."""

    @taking(answer=RECORDED_EVENT | None)
    async def event(self, info: Info) -> Any:
        found = await events_at(info, [self.row.position])
        return found[0] if found else None


def _side(name: str) -> Any:
    def show(self: Any) -> Ratio:
        return Ratio.of(getattr(self.row, name), UNITS[self.row.kpi], self.rounding)

    return property(show)


@showing(Restatement)
class RestatedFigure(Rounded):
    """A figure before and after; the causes add up to the difference."""

    causes = lines_field(RestatementCause, "row.causes", CAUSES)

    @property
    def kpi(self) -> Kpi:
        return Kpi(row=BY_SLUG[self.row.kpi])

    old, new = _side("old"), _side("new")
    cause_count = size_of("row.causes")


@showing(
    VintageRow,
    "number submitted_at happened_by pinned_position scheme_versions calendar_version sha256",
)
class SubmissionVintage(View):
    """One vintage: what was submitted, which never changes."""

    @property
    def file_url(self) -> str:
        return f"/files/{self.row.file_id}"

    @strawberry.field
    async def submitted_figures(self, info: Info) -> list[SubmittedFigure]:
        rounding = await _rounding(info, self.row)
        return [
            SubmittedFigure(kpi=Kpi(row=kpi), ratio=Ratio.of(ratio, kpi.unit, rounding))
            for slug, ratio in self.row.figures.items()
            if (kpi := BY_SLUG.get(slug))
        ]


@showing(RestatementRow, "number vintage opened_at until acknowledged_at note")
class SubmissionRestatement(View):
    """What touched a vintage until it was acknowledged."""

    of_vintage: strawberry.Private[VintageRow]

    @property
    def acknowledged(self) -> bool:
        return self.row.acknowledged_at is not None

    @strawberry.field
    async def restated_figures(self, info: Info) -> list[RestatedFigure]:
        rounding = await _rounding(info, self.of_vintage)
        return [
            RestatedFigure(row=one, moment=self.moment, rounding=rounding)
            for one in self.row.figures
            if one.kpi in BY_SLUG
        ]


@showing(SubmissionRow, "month kind is_restated", kind=SUBMISSION_KIND)
class Submission(Row):
    """The figures of a month that were submitted, vintage after vintage."""

    listing = SUBMISSION_LIST

    @property
    def latest(self) -> SubmissionVintage:
        return self.vintages[-1]

    @property
    def vintages(self) -> list[SubmissionVintage]:
        return [SubmissionVintage(row=one) for one in self.row.vintages]

    @property
    def restatements(self) -> list[SubmissionRestatement]:
        vintages = {one.number: one for one in self.row.vintages}
        return [
            SubmissionRestatement(row=one, moment=self.moment, of_vintage=vintages[one.vintage])
            for one in self.row.restatements
        ]


async def _rounding(info: Info, vintage: VintageRow) -> str:
    rows = await info.context.at().scheme_rows
    return Scheme(tuple(row.version for row in rows)).rounding_of(vintage.scheme_versions)
