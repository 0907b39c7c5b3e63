"""A draft of a scheme, as it is asked about: what it states, laid over the versions there are."""

from typing import TYPE_CHECKING, Any, TypeAlias

from api.graphql.engine.inputs import input_of, read
from domain.kpi.scheme.draft import Draft

if TYPE_CHECKING:
    DraftSchemeInput: TypeAlias = Any
else:
    DraftSchemeInput = input_of(Draft)


def draft_of(given: DraftSchemeInput, language: str) -> Draft:
    """Refuses what the scheme would refuse: see Parameters and check_lines."""
    return read(Draft, given, language)
