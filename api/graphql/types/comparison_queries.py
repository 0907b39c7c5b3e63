"""What may be compared: a group at two moments, and what a draft of a scheme would make of it."""

from datetime import date, datetime

import strawberry

from api.graphql.engine.asked import question
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


@strawberry.type
class ComparisonQueries:
    """A moment that is not stated is now. Nothing that is asked here is written anywhere."""

    @strawberry.field
    async def compare(
        self,
        info: Info,
        before: MomentInput | None = None,
        after: MomentInput | None = None,
        kpis: list[str] | None = None,
        month: str | None = None,
        cohort: str | None = None,
        manager: str | None = None,
        training_manager: str | None = None,
        min_position: int | None = None,
    ) -> list[Comparison]:
        await info.context.reach(min_position)
        group = question(info, month, cohort, manager, training_manager)
        sides = asked_at(info, group, before), asked_at(info, group, after)
        return await comparison.compare(info, *sides, kpis)

    @strawberry.field
    async def compare_scorecards(
        self,
        info: Info,
        month: str,
        before: MomentInput | None = None,
        after: MomentInput | None = None,
        cohort: str | None = None,
        manager: str | None = None,
        min_position: int | None = None,
    ) -> ScorecardComparison:
        await info.context.reach(min_position)
        group = question(info, month, cohort, None, manager)
        sides = asked_at(info, group, before), asked_at(info, group, after)
        return await comparison.compare_scorecards(info, *sides)

    @strawberry.field
    async def what_if(
        self,
        info: Info,
        scheme: DraftSchemeInput,
        kpis: list[str] | None = None,
        month: str | None = None,
        cohort: str | None = None,
        manager: str | None = None,
        training_manager: str | None = None,
        happened_by: date | None = None,
        known_by: datetime | None = None,
        known_by_position: int | None = None,
        min_position: int | None = None,
    ) -> list[Comparison]:
        """Before: the scheme in force; after: as if the draft were."""
        await info.context.reach(min_position)
        asked = question(
            info, month, cohort, manager, training_manager, happened_by, known_by, known_by_position
        )
        draft = draft_of(scheme, info.context.language)
        return await comparison.compare(info, Asked(asked), Asked(asked, draft), kpis)
