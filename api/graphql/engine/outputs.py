"""Object types of the schema, made from structs: their fields, descriptions and enums.

The twin of `input_of` (api/graphql/engine/inputs.py) for flat structs that are shown as they are.
"""

from functools import cache
from typing import Any, Literal, get_origin, get_type_hints

import msgspec
import strawberry

from api.graphql.engine.enums import enum_of
from api.graphql.engine.inputs import described, first_sentence
from domain.kernel.bounds import unwrapped


@cache
def output_of(struct: type[msgspec.Struct], name: str) -> Any:
    """The object type of a struct; `shown_as` makes its instances."""
    annotations: dict[str, Any] = {}
    body: dict[str, Any] = {"__annotations__": annotations, "__module__": __name__}
    for field, hint in get_type_hints(struct, include_extras=True).items():
        kind, _ = unwrapped(hint)
        is_choice = get_origin(kind) is Literal
        shown: Any = str if is_choice else kind
        annotations[field] = shown | None if _may_be_none(struct, field) else shown
        given = {"graphql_type": enum_of(hint)} if is_choice else {}
        body[field] = strawberry.field(description=described(hint), **given)
    described_as = first_sentence(struct.__doc__ or "")
    return strawberry.type(type(name, (), body), description=described_as)


def shown_as(kind: Any, value: msgspec.Struct) -> Any:
    """A struct as an instance of the type that `output_of` made of it."""
    return kind(**msgspec.structs.asdict(value))


def _may_be_none(struct: type[msgspec.Struct], field: str) -> bool:
    found = next(one for one in msgspec.structs.fields(struct) if one.name == field)
    return found.default is None
