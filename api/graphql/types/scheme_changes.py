"""Publishing the KPI scheme: the partner's, and head office's for all partners."""

from decimal import Decimal
from typing import Any

import strawberry

from api.graphql.engine.context import Info
from api.graphql.engine.payload import UserError, change, user_error
from api.graphql.types.scheme import Scheme, SchemeVersion
from domain.kernel.errors import Refusal
from domain.kernel.values import Ratio
from domain.kpi.scheme.lines import SCORINGS, Criterion, Line
from services.scheme.scheme import AdoptScheme, PublishScheme


@strawberry.input(description="An exact fraction: 80% is 4/5, one order per person 1/1.")
class SchemeTargetInput:
    numerator: int
    denominator: int = 1


@strawberry.input
class SchemeCriterionInput:
    kpi: str = strawberry.field(description="The KPI's slug.")
    target: SchemeTargetInput | None = strawberry.field(default=None, description="Null: not set.")
    weight: Decimal | None = strawberry.field(
        default=None, description="Where the line is split: its part of the line's weight."
    )


@strawberry.input(description="Weights are percent points with up to two decimals.")
class SchemeLineInput:
    code: str
    weight: Decimal
    criteria: list[SchemeCriterionInput]
    scoring: str = strawberry.field(
        default=SCORINGS[0], description="all_met, proportional or split"
    )
    name: str | None = None


@strawberry.input
class PublishSchemeInput:
    effective_from: str = strawberry.field(description="YYYY-MM")
    window_days: int = 30
    leaver_cutoff: str = "window_close"
    rounding: str = "truncate"
    kpi_month: str = "went_live"
    regolive: str = "first"
    leaver_rule: str = "excluded"
    denominator: str = "went_live"
    trial_denominator: str = "judged"
    summary_days: int = 3
    moved_days: int = 1
    lines: list[SchemeLineInput] | None = strawberry.field(
        default=None, description="Null: the lines of the source."
    )
    idempotency_key: str | None = None


@strawberry.input(description="What head office sets for all partners.")
class PublishSchemeForAllInput(PublishSchemeInput):
    mandatory: bool = strawberry.field(
        default=False, description="From then on no partner may publish a scheme of its own."
    )


@strawberry.type
class PublishSchemePayload:
    scheme: Scheme | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class PublishSchemeForAllPayload:
    version: SchemeVersion | None = strawberry.field(
        description="As head office numbers it; every partner's scheme has it soon."
    )
    position: int | None = strawberry.field(description="Null: it is in no log of its own.")
    errors: list[UserError]


@strawberry.type
class SchemeChanges:
    @strawberry.mutation
    async def publish_scheme(self, info: Info, input: PublishSchemeInput) -> PublishSchemePayload:
        command = PublishScheme(**stated(input))
        outcome = await change(info.context, command, input.idempotency_key)
        return PublishSchemePayload(
            scheme=Scheme() if outcome.done else None,
            position=outcome.position,
            errors=outcome.errors,
        )

    @strawberry.mutation
    async def publish_scheme_for_all(
        self, info: Info, input: PublishSchemeForAllInput
    ) -> PublishSchemeForAllPayload:
        ask = info.context
        command = AdoptScheme(**stated(input), mandatory=input.mandatory)
        try:
            version = await ask.system.head_office.publish_scheme(
                ask.principal, command, input.idempotency_key
            )
        except Refusal as refusal:
            errors = [user_error(ask, refusal, command.__struct_fields__)]
            return PublishSchemeForAllPayload(version=None, position=None, errors=errors)
        return PublishSchemeForAllPayload(
            version=SchemeVersion.of(version), position=None, errors=[]
        )


def stated(given: PublishSchemeInput) -> dict[str, Any]:
    """The fields of the command that an input states."""
    fields = {field: getattr(given, field) for field in PublishScheme.__struct_fields__}
    lines = given.lines
    return fields | {"lines": None if lines is None else tuple(map(line_of, lines))}


def line_of(given: SchemeLineInput) -> Line:
    """The line that an input states."""
    return Line(
        code=given.code,
        weight=given.weight,
        criteria=tuple(map(_criterion, given.criteria)),
        scoring=given.scoring,
        name=given.name,
    )


def _criterion(given: SchemeCriterionInput) -> Criterion:
    target = given.target
    return Criterion(
        kpi=given.kpi,
        target=Ratio(target.numerator, target.denominator) if target else None,
        weight=given.weight,
    )
