"""Object types of the schema, made from structs: the twin of api/graphql/engine/inputs.py."""

from functools import cache
from typing import Any, Literal, get_origin, get_type_hints

import msgspec
import strawberry

from api.graphql.engine.enums import enum_of
from api.graphql.engine.inputs import described, first_sentence
from domain.kernel.bounds import unwrapped


@cache
def output_of(struct: type[msgspec.Struct], name: str) -> Any:
    """The object type of a flat struct: it is made of the struct's fields."""
    hints = get_type_hints(struct, include_extras=True)
    annotations: dict[str, Any] = {}
    body: dict[str, Any] = {"__annotations__": annotations, "__module__": __name__}
    for field in msgspec.structs.fields(struct):
        hint = hints[field.name]
        kind, _ = unwrapped(hint)
        shown: Any = str if get_origin(kind) is Literal else kind
        annotations[field.name] = shown | None if field.default is None else shown
        given = {"graphql_type": enum_of(hint)} if shown is not kind else {}
        body[field.name] = strawberry.field(description=described(hint), **given)
    return strawberry.type(type(name, (), body), description=first_sentence(struct.__doc__ or ""))
