"""The KPI scheme: its versions, their parameters, lines, weights and targets."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import strawberry
from msgspec.structs import asdict

from api.graphql.engine.context import Info
from api.graphql.engine.enums import ORIGIN, SCORING
from api.graphql.engine.outputs import output_of
from api.web.kit.catalogs import catalogs
from domain.kernel.values import Month, Ratio
from domain.kpi.catalog import CATALOG
from domain.kpi.rounding import Unit, shown
from domain.kpi.scheme import versions as kpi
from domain.kpi.scheme.lines import WHOLE, Criterion, Dimension, Line, defined
from projections.figures.schemes import SchemeRow
from services.reading.moment import Moment

if TYPE_CHECKING:
    SchemeParameters: TypeAlias = Any
else:
    SchemeParameters = output_of(kpi.Parameters, "SchemeParameters")

UNITS: dict[str, Unit] = {declared.slug: declared.unit for declared in CATALOG}


@strawberry.type(description="An exact fraction that a KPI is to reach, or not to exceed.")
class SchemeTarget:
    numerator: int
    denominator: int
    value: float
    shown: str | None

    @classmethod
    def of(cls, target: Ratio, slug: str, rounding: str) -> Self:
        unit = UNITS.get(slug)
        return cls(
            numerator=target.numerator,
            denominator=target.denominator,
            value=target.numerator / target.denominator,
            shown=shown(target, unit, rounding) if unit else None,
        )


@strawberry.type(description="A KPI that a line judges.")
class SchemeCriterion:
    kpi: str
    target: SchemeTarget | None = strawberry.field(description="Null: not set, which is not 0.")
    weight: Decimal | None = strawberry.field(description="Where the line is split: its part.")

    @classmethod
    def of(cls, criterion: Criterion, rounding: str) -> Self:
        target = criterion.target
        return cls(
            kpi=criterion.kpi,
            target=SchemeTarget.of(target, criterion.kpi, rounding) if target else None,
            weight=criterion.weight,
        )


@strawberry.type(description="A line of the scheme; weights are percent points.")
class SchemeLine:
    code: str
    weight: Decimal
    scoring: str = strawberry.field(graphql_type=SCORING)
    criteria: list[SchemeCriterion]
    dimension: str | None = strawberry.field(description="The code of its dimension.")
    line: strawberry.Private[Line]

    @strawberry.field
    async def name(self, info: Info) -> str | None:
        return self.line.name or name_of_source(self.line, info.context.language)

    @classmethod
    def of(cls, line: Line, rounding: str) -> Self:
        return cls(
            code=line.code,
            weight=line.weight,
            scoring=line.scoring,
            criteria=[SchemeCriterion.of(criterion, rounding) for criterion in line.criteria],
            dimension=line.dimension.code if line.dimension else None,
            line=line,
        )


def name_of_source(line: Line | Dimension, language: str) -> str | None:
    """The name that the catalogs have for a line or dimension of the source."""
    known = catalogs()
    return known.sentence(language, line.name_id) if known.has(line.name_id) else None


@strawberry.type(description="The scheme from a month on; number 0 stands for the defaults.")
class SchemeVersion:
    number: int
    effective_from: str | None
    origin: str = strawberry.field(graphql_type=ORIGIN)
    mandatory: bool = strawberry.field(
        description="Set by head office, and nobody else's after it."
    )
    parameters: SchemeParameters = strawberry.field(description="How figures are scored.")
    lines: list[SchemeLine]
    defined: Decimal = strawberry.field(description="Percent points that the lines add up to.")
    undefined: Decimal = strawberry.field(description="The rest of 100; never rescaled.")
    recorded_at: datetime | None
    actor: str | None

    @classmethod
    def of(cls, version: kpi.Version, row: SchemeRow | None = None) -> Self:
        """row: where it was recorded by whom; None for the defaults."""
        rules, total = version.parameters, defined(version.lines)
        return cls(
            number=version.number,
            effective_from=str(version.effective_from) if version.effective_from else None,
            origin=version.origin,
            mandatory=version.mandatory,
            parameters=SchemeParameters(**asdict(rules)),
            lines=[SchemeLine.of(line, rules.rounding) for line in version.lines],
            defined=total,
            undefined=WHOLE - total,
            recorded_at=row.recorded_at if row else None,
            actor=row.actor if row else None,
        )


@strawberry.type(description="The KPI scheme; without versions the defaults hold.")
class Scheme:
    moment: strawberry.Private[Moment | None] = None

    @strawberry.field
    async def versions(self, info: Info) -> list[SchemeVersion]:
        rows = await info.context.at(self.moment).reader.scheme_versions()
        return [SchemeVersion.of(row.version, row) for row in rows]

    @strawberry.field
    async def in_force(self, info: Info, month: str) -> SchemeVersion:
        asked = Month.parse(month)
        versions = await info.context.at(self.moment).reader.scheme_versions()
        rows = {row.number: row for row in versions}
        scheme = kpi.Scheme(tuple(row.version for row in rows.values()))
        version = scheme.in_force(asked)
        return SchemeVersion.of(version, rows.get(version.number))
