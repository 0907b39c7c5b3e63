"""What may be compared: a group at two moments, and what a draft of a scheme would make of it."""

from typing import Annotated

import strawberry

from api.graphql.engine.arguments import asking, taking
from api.graphql.engine.context import Info
from api.graphql.types import comparison
from api.graphql.types.comparison import (
    Asked,
    Comparison,
    MomentInput,
    ScorecardComparison,
    asked_at,
)
from api.graphql.types.draft import DraftSchemeInput, draft_of
from api.graphql.types.kpi_queries import Slugs
from services.reading.question import Question

Side = Annotated[MomentInput | None, strawberry.argument(description="A moment; null: now.")]


@strawberry.type
class ComparisonQueries:
    """A moment that is not stated is now. Nothing that is asked here is written anywhere."""

    @taking(asking(at_a_moment=False), description="A group's figures at two moments.")
    async def compare(
        self,
        info: Info,
        asked: Question,
        before: Side = None,
        after: Side = None,
        kpis: Slugs = None,
    ) -> list[Comparison]:
        sides = asked_at(info, asked, before), asked_at(info, asked, after)
        return await comparison.compare(info, *sides, kpis)

    @taking(
        asking("month", "cohort", "training_manager", required="month", at_a_moment=False),
        description="A month's scorecard at two moments.",
    )
    async def compare_scorecards(
        self, info: Info, asked: Question, before: Side = None, after: Side = None
    ) -> ScorecardComparison:
        sides = asked_at(info, asked, before), asked_at(info, asked, after)
        return await comparison.compare_scorecards(info, *sides)

    @taking(asking(), description="Before: the scheme in force; after: as if the draft were.")
    async def what_if(
        self,
        info: Info,
        asked: Question,
        scheme: Annotated[
            DraftSchemeInput, strawberry.argument(description="What to change of the scheme.")
        ],
        kpis: Slugs = None,
    ) -> list[Comparison]:
        draft = draft_of(scheme, info.context.language)
        return await comparison.compare(info, Asked(asked), Asked(asked, draft), kpis)
