"""A draft of a scheme, as it is asked about: what it states, laid over the versions there are."""

import strawberry
from msgspec.structs import fields

from api.graphql.types.scheme_changes import SchemeLineInput, line_of
from domain.kpi.scheme.draft import Draft


@strawberry.input(description="What is not stated stays as each version of the scheme says.")
class DraftSchemeInput:
    window_days: int | None = None
    leaver_cutoff: str | None = None
    rounding: str | None = None
    kpi_month: str | None = None
    regolive: str | None = None
    leaver_rule: str | None = None
    denominator: str | None = None
    trial_denominator: str | None = None
    summary_days: int | None = None
    moved_days: int | None = None
    lines: list[SchemeLineInput] | None = strawberry.field(
        default=None, description="Instead of all lines."
    )


def draft_of(given: DraftSchemeInput) -> Draft:
    """Refuses what the scheme would refuse: see Parameters and check_lines."""
    stated = {field.name: getattr(given, field.name) for field in fields(Draft)}
    if given.lines is not None:
        stated["lines"] = tuple(map(line_of, given.lines))
    return Draft(**stated)
