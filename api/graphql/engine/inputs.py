"""Inputs of the schema, made from structs: their fields, defaults, descriptions and ids.

A field of a struct is a field of the input; a nested struct is a nested input; a Literal is an
enum; the id of a thing is read by its kind. `read` makes the struct of what was given.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from typing import Any, Literal, TypeVar, get_origin, get_type_hints
from uuid import UUID

import msgspec
import strawberry
from msgspec import Meta

from api.graphql.engine.enums import enum_of, first_sentence
from api.graphql.engine.scalars import own_id, own_uuid
from domain.kernel.bounds import is_struct, item_of, unwrapped
from domain.kernel.errors import Refusal
from domain.kernel.values import Ratio
from domain.kpi.scheme.draft import Draft, StatedParameters
from domain.kpi.scheme.lines import Criterion, Dimension, Line
from domain.kpi.scheme.versions import Parameters
from services.kernel.fields import OF_THE_READER, IdOf

S = TypeVar("S", bound=msgspec.Struct)

NAMES: Mapping[type[msgspec.Struct], str] = {
    Draft: "DraftScheme",
    StatedParameters: "DraftParameters",
    Parameters: "SchemeParameters",
    Line: "SchemeLine",
    Dimension: "SchemeDimension",
    Criterion: "SchemeCriterion",
    Ratio: "SchemeTarget",
}
"""What an input is named after, where not after its struct."""

DEFAULTS: Mapping[type[msgspec.Struct], Mapping[str, Any]] = {Ratio: {"denominator": 1}}
"""Defaults of inputs whose structs have none."""

NODES = {"submission": "Submission", "job": "Job", "what_if": "WhatIfForAll"}
"""Kinds of ids that are given as global ids of this type; the others are given as they are."""

IDEMPOTENCY_KEY = (
    "A key of the caller's choice: the same command with the same key is carried out once."
)


@cache
def input_of(struct: type[msgspec.Struct], *, mutation: str | None = None) -> Any:
    """The input type of a struct; of a mutation, whose name is given, with an `idempotencyKey`."""
    name = mutation or NAMES.get(struct, struct.__name__)
    hints = get_type_hints(struct, include_extras=True)
    annotations: dict[str, Any] = {}
    body: dict[str, Any] = {"__annotations__": annotations, "__module__": __name__}
    for field in msgspec.structs.fields(struct):
        kind, default = _field(struct, hints[field.name], field)
        annotations[field.name] = kind
        given = {} if default is msgspec.NODEFAULT else {"default": default}
        body[field.name] = strawberry.field(description=described(hints[field.name]), **given)
    if mutation:
        annotations["idempotency_key"] = str | None
        body["idempotency_key"] = strawberry.field(default=None, description=IDEMPOTENCY_KEY)
    return strawberry.input(
        type(f"{name}Input", (), body), description=first_sentence(struct.__doc__)
    )


def _field(struct: type[msgspec.Struct], hint: Any, field: Any) -> tuple[Any, Any]:
    kind, marks = unwrapped(hint)
    kind_shown = shown(hint, input_of)
    default = DEFAULTS.get(struct, {}).get(field.name, field.default)
    if is_struct(type(default)) or OF_THE_READER in marks:
        default = None
    elif get_origin(kind) is Literal and isinstance(default, str):
        default = enum_of(hint)(default)
    return (kind_shown | None if default is None else kind_shown), default


def shown(hint: Any, of_struct: Callable[[Any], Any]) -> Any:
    """A type of the schema, without null, for one of the code; of_struct: for a struct."""
    kind, marks = unwrapped(hint)
    if any(isinstance(mark, IdOf) for mark in marks):
        return strawberry.ID
    if get_origin(kind) is Literal:
        return enum_of(hint)
    item = item_of(kind)
    if item is not None:
        return list_of(shown(item, of_struct))
    return of_struct(kind) if is_struct(kind) else kind


def list_of(kind: Any) -> Any:
    """The type of a list."""
    return list[kind]


def described(hint: Any) -> str | None:
    """The description of a field; of several the outermost."""
    _, marks = unwrapped(hint)
    said = [mark.description for mark in marks if isinstance(mark, Meta) and mark.description]
    return said[-1] if said else None


def read(struct: type[S], given: Any, language: str) -> S:
    """The struct that an input states; language: the reader's.

    Refuses `id_invalid`, and what the struct refuses when it is made; `field` says where.
    """
    made: S = _reader(struct)(given, language)
    return made


Reader = Callable[[Any, str], Any]


@cache
def _reader(struct: type[msgspec.Struct]) -> Reader:
    hints = get_type_hints(struct, include_extras=True)
    readers = {name: _reader_of(hints[name]) for name in struct.__struct_fields__}

    def read_struct(given: Any, language: str) -> msgspec.Struct:
        values = {}
        for name, read_field in readers.items():
            try:
                value = read_field(getattr(given, name), language)
            except Refusal as refused:
                refused.field = f"{name}.{refused.field}" if refused.field else name
                raise
            if value is not None:  # What is not given is as the struct says.
                values[name] = value
        return struct(**values)

    return read_struct


def _reader_of(hint: Any) -> Reader:
    kind, marks = unwrapped(hint)
    item = item_of(kind)
    if item is not None:
        read_item = _reader_of(item)
        return lambda given, language: (
            None if given is None else tuple(read_item(one, language) for one in given)
        )
    if is_struct(kind):
        read_struct = _reader(kind)
        return lambda given, language: None if given is None else read_struct(given, language)
    node = next((NODES.get(mark.kind) for mark in marks if isinstance(mark, IdOf)), None)
    if node is not None:
        return lambda given, _: own_uuid(given, node) if kind is UUID else own_id(given, node)[1]
    if OF_THE_READER in marks:
        return lambda given, language: language if given is None else given.value
    return lambda given, _: given.value if isinstance(given, Enum) else given
