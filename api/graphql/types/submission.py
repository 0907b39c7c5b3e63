"""Submitted figures, their vintages, and what became of them."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Self

import strawberry

from api.graphql.engine.arguments import paged, taking
from api.graphql.engine.connections import Connection
from api.graphql.engine.context import Info
from api.graphql.engine.relay import Node, global_id
from api.graphql.types.explanation import RecordedEvent, events_at
from api.graphql.types.kpi import Kpi
from api.graphql.types.ratio import Ratio, ratio_of
from api.graphql.types.trainee import Trainee
from domain.kpi.catalog import BY_SLUG
from domain.kpi.proof.restatement import Cause, Restatement
from domain.kpi.scheme.versions import Parameters
from projections.kernel.paging import Paging
from projections.reporting.submissions import (
    SUBMISSION_LIST,
    RestatementRow,
    SubmissionRow,
    VintageRow,
)
from services.reading.moment import Moment

CAUSES = 20
"""Of one figure, where nobody says how many."""


@strawberry.type(description="A figure as it was submitted.")
class SubmittedFigure:
    kpi: Kpi
    ratio: Ratio


@strawberry.type(description="An event that touched a figure, and what it added to it.")
class RestatementCause:
    position: int
    topic: str
    numerator: int
    denominator: int
    trainee_id: strawberry.Private[str]
    moment: strawberry.Private[Moment | None]

    @classmethod
    def of(cls, cause: Cause, moment: Moment | None) -> Self:
        return cls(
            position=cause.position,
            topic=cause.topic,
            numerator=cause.numerator,
            denominator=cause.denominator,
            trainee_id=cause.trainee_id,
            moment=moment,
        )

    @strawberry.field
    async def event(self, info: Info) -> RecordedEvent | None:
        found = await events_at(info, [self.position])
        return found[0] if found else None

    @strawberry.field
    async def trainee(self, info: Info) -> Trainee | None:
        return await Trainee.load(info, self.trainee_id, self.moment)


@strawberry.type(description="A figure before and after; the causes add up to the difference.")
class RestatedFigure:
    kpi: Kpi
    old: Ratio
    new: Ratio
    cause_count: int
    restatement: strawberry.Private[Restatement]
    moment: strawberry.Private[Moment | None]

    @taking(paged(CAUSES), description="In the order of the log.")
    def causes(self, info: Info, paging: Paging) -> Connection[RestatementCause]:
        return Connection.of_lines(
            self.restatement.causes, paging, lambda one: RestatementCause.of(one, self.moment)
        )


@strawberry.type(description="One vintage: what was submitted, which never changes.")
class SubmissionVintage:
    number: int
    submitted_at: datetime
    happened_by: date
    pinned_position: int = strawberry.field(description="The log up to which it was counted.")
    scheme_versions: list[int]
    calendar_version: str
    file_url: str = strawberry.field(description="The path of the file.")
    sha256: str = strawberry.field(description="Of the file, hexadecimal.")
    row: strawberry.Private[VintageRow]

    @classmethod
    def of(cls, row: VintageRow) -> Self:
        return cls(
            number=row.number,
            submitted_at=row.submitted_at,
            happened_by=row.happened_by,
            pinned_position=row.pinned_position,
            scheme_versions=list(row.scheme_versions),
            calendar_version=row.calendar_version,
            file_url=f"/files/{row.file_id}",
            sha256=row.sha256,
            row=row,
        )

    @strawberry.field
    async def submitted_figures(self, info: Info) -> list[SubmittedFigure]:
        rounding = await _rounding(info, self.row)
        return [
            SubmittedFigure(kpi=Kpi.of(kpi), ratio=ratio_of(ratio, kpi.unit, rounding))
            for slug, ratio in self.row.figures.items()
            if (kpi := BY_SLUG.get(slug))
        ]


@strawberry.type(description="What touched a vintage until it was acknowledged.")
class SubmissionRestatement:
    number: int
    vintage: int
    opened_at: datetime
    until: int = strawberry.field(description="The position up to which it tells.")
    acknowledged: bool
    acknowledged_at: datetime | None
    note: str | None = strawberry.field(description="Of the acknowledgement.")
    row: strawberry.Private[RestatementRow]
    of_vintage: strawberry.Private[VintageRow]
    moment: strawberry.Private[Moment | None]

    @classmethod
    def of(cls, row: RestatementRow, vintages: Iterable[VintageRow], moment: Moment | None) -> Self:
        return cls(
            number=row.number,
            vintage=row.vintage,
            opened_at=row.opened_at,
            until=row.until,
            acknowledged=row.acknowledged_at is not None,
            acknowledged_at=row.acknowledged_at,
            note=row.note,
            row=row,
            of_vintage=next(one for one in vintages if one.number == row.vintage),
            moment=moment,
        )

    @strawberry.field
    async def restated_figures(self, info: Info) -> list[RestatedFigure]:
        rounding = await _rounding(info, self.of_vintage)
        return [
            RestatedFigure(
                kpi=Kpi.of(kpi),
                old=ratio_of(one.old, kpi.unit, rounding),
                new=ratio_of(one.new, kpi.unit, rounding),
                cause_count=len(one.causes),
                restatement=one,
                moment=self.moment,
            )
            for one in self.row.figures
            if (kpi := BY_SLUG.get(one.kpi))
        ]


@strawberry.type(description="The figures of a month that were submitted, vintage after vintage.")
class Submission(Node):
    id: strawberry.ID
    month: str
    kind: str
    is_restated: bool = strawberry.field(
        description="Whether something touched the last vintage and waits to be acknowledged."
    )
    latest: SubmissionVintage
    vintages: list[SubmissionVintage]
    restatements: list[SubmissionRestatement] = strawberry.field(description="As they opened.")

    @classmethod
    def of(cls, row: SubmissionRow, moment: Moment | None = None) -> Self:
        vintages = [SubmissionVintage.of(one) for one in row.vintages]
        return cls(
            id=global_id(SUBMISSION_LIST.kind, row.submission_id),
            month=row.month,
            kind=row.kind,
            is_restated=row.is_restated,
            latest=vintages[-1],
            vintages=vintages,
            restatements=[
                SubmissionRestatement.of(one, row.vintages, moment) for one in row.restatements
            ],
        )


async def _rounding(info: Info, vintage: VintageRow) -> str:
    """As the last of its scheme's versions says; those of the defaults are nowhere stored."""
    numbers = vintage.scheme_versions or (0,)
    known = await info.context.at().rounding_by_version.load(numbers[-1])
    return known or Parameters().rounding
