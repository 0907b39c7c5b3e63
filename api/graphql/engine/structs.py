"""Types of the schema, made from structs: inputs from all of their fields, outputs from some.

An input has the defaults, descriptions and ids of its struct; `reader_of` makes the struct of what
was given. `output_of(Plan, "SessionPlan", "on")` makes the type of objects that are the structs
themselves; `@showing(SessionRow, "code")` adds a struct's attributes to a type whose objects hold
it as `row`. What such a type shows of a struct that has a type of its own is shown as that. The
public properties of a type are fields of it, too. Attributes are read and never copied, and what is
read needs no resolver (engine/plans.py).
"""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import cache, cached_property, partial
from inspect import get_annotations
from types import GenericAlias, NoneType
from typing import (
    Annotated,
    Any,
    ClassVar,
    Literal,
    Self,
    TypeVar,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)
from uuid import UUID

import msgspec
import strawberry
from msgspec import Meta
from strawberry.annotation import StrawberryAnnotation
from strawberry.scalars import JSON
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from api.columns import reader, views
from api.graphql.engine.scalars import enum_of, first_sentence, unmarked
from api.ids import global_id, own_id, own_uuid
from domain.kernel.bounds import is_enum, is_struct, item_of, unwrapped
from domain.kernel.errors import Refusal
from domain.kernel.values import Ratio
from domain.kpi.rounding import Unit
from domain.kpi.scheme.draft import Draft, StatedParameters
from domain.kpi.scheme.lines import Criterion, Dimension, Line
from domain.kpi.scheme.versions import Parameters
from projections import LISTINGS
from services.kernel.fields import OF_THE_READER, IdOf
from services.reading.moment import AskedMoment, Moment

T = TypeVar("T", bound=type)
NAMES: Mapping[type[msgspec.Struct], str] = {
    Draft: "DraftScheme",
    StatedParameters: "DraftParameters",
    Parameters: "SchemeParameters",
    Line: "SchemeLine",
    Dimension: "SchemeDimension",
    Criterion: "SchemeCriterion",
    Ratio: "SchemeTarget",
    AskedMoment: "Moment",
}
"""What an input is named after, where not after its struct."""

DEFAULTS: Mapping[type[msgspec.Struct], Mapping[str, Any]] = {Ratio: {"denominator": 1}}
"""Defaults of inputs whose structs have none."""

NODES = {one.singular: one.kind for one in LISTINGS} | {"job": "Job", "what_if": "WhatIfForAll"}
"""Kinds of ids that are given as global ids of this type; the others are given as they are."""


@cache
def input_of(struct: type[msgspec.Struct], *beside: type[msgspec.Struct], name: str = "") -> Any:
    """The input type of a struct, with the fields of others beside its own."""
    name = name or NAMES.get(struct, struct.__name__)
    annotations: dict[str, Any] = {}
    body: dict[str, Any] = {"__annotations__": annotations, "__module__": __name__}
    for one in (struct, *beside):
        for field in msgspec.structs.fields(one):
            hint = _hints(one)[field.name]
            annotations[field.name], default = _input_field(one, hint, field)
            given = {} if default is msgspec.NODEFAULT else {"default": default}
            body[field.name] = strawberry.field(description=described(hint), **given)
    return strawberry.input(
        type(f"{name}Input", (), body), description=first_sentence(struct.__doc__)
    )


def _input_field(struct: type[msgspec.Struct], hint: Any, field: Any) -> tuple[Any, Any]:
    kind, marks = unwrapped(hint)
    kind_shown = shown(hint, _input_or_scalar)
    default = DEFAULTS.get(struct, {}).get(field.name, field.default)
    if is_struct(type(default)) or OF_THE_READER in marks:
        default = None
    elif get_origin(kind) is Literal and isinstance(default, str):
        default = enum_of(hint)(default)
    return (kind_shown | None if default is None else kind_shown), default


def _input_or_scalar(kind: Any) -> Any:
    return input_of(kind) if is_struct(kind) else kind


def shown(hint: Any, other: Callable[[Any], Any]) -> Any:
    """A type of the schema, without null, for one of the code. other: answers it for a type that is
    no id, choice or list."""
    kind, marks = unwrapped(hint)
    if any(isinstance(mark, IdOf) for mark in marks):
        return strawberry.ID
    if get_origin(kind) is Literal or is_enum(kind):
        return enum_of(kind)
    item = item_of(kind)
    return other(kind) if item is None else GenericAlias(list, shown(item, other))


def described(hint: Any) -> str | None:
    """The description of a field; of several the outermost."""
    _, marks = unwrapped(hint)
    said = [mark.description for mark in marks if isinstance(mark, Meta) and mark.description]
    return unmarked(said[-1]) if said else None


FieldReader = Callable[[Any, str], Any]


@cache
def _struct_reader(struct: type[msgspec.Struct]) -> FieldReader:
    hints = get_type_hints(struct, include_extras=True)
    names = struct.__struct_fields__
    readers = [(name, to_camel_case(name), reader_of(hints[name])) for name in names]

    def read_struct(given: Mapping[str, Any], language: str) -> msgspec.Struct:
        values = {}
        for name, stated, read_field in readers:
            try:
                value = read_field(given.get(stated), language)
            except Refusal as refused:
                refused.field = f"{name}.{refused.field}" if refused.field else name
                raise
            if value is not None:  # What is not given is as the struct says.
                values[name] = value
        return struct(**values)

    return read_struct


def reader_of(hint: Any) -> FieldReader:
    """Makes a value of the code of what an input or argument states, and the reader's language.

    What it makes refuses `id_invalid`, and what a struct refuses; `field` says where.
    """
    kind, marks = unwrapped(hint)
    item = item_of(kind)
    if item is not None:
        read_item = reader_of(item)
        return lambda given, language: (
            None if given is None else tuple(read_item(one, language) for one in given)
        )
    if is_struct(kind):
        read_struct = _struct_reader(kind)
        return lambda given, language: None if given is None else read_struct(given, language)
    node = next((NODES.get(mark.kind) for mark in marks if isinstance(mark, IdOf)), None)
    if node is not None:
        own = own_uuid if kind is UUID else lambda given, node: own_id(given, node)[1]
        return lambda given, _: None if given is None else own(given, node)
    if OF_THE_READER in marks:
        return lambda given, language: language if given is None else given.value
    return lambda given, _: given.value if isinstance(given, Enum) else given


_NO_FIELDS: tuple[Any, ...] = (Annotated, ClassVar)
_OUTPUTS: dict[type, Any] = {}
"""The first type that was made for a struct: how it is shown where no field says otherwise."""


def output_of(struct: type[msgspec.Struct], name: str, fields: str = "", **kinds: Any) -> Any:
    """The type of objects that are structs; all fields of the struct where none is named."""
    named = fields or " ".join(struct.__struct_fields__)
    made = strawberry.type(type(name, (), {"__module__": __name__}))
    _with(made, _attributes(made, struct, named, kinds))
    return made


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def showing(
    struct: type[Any] | None = None, fields: str = "", *, make: Any = strawberry.type, **kinds: Any
) -> Callable[[T], T]:
    """Makes a class a type of the schema; its docstring's first sentence is the description.

    fields: attributes of `row`, which is such a struct, as `name` or `name=path`, and names of the
    class's own fields that are to stand among them. kinds: types of the schema where an attribute's
    own does not say it. make: makes it, where it is no object type.
    """

    def decorate(kind: T) -> T:
        kind.__annotations__ = {
            name: hint
            if isinstance(hint, str) or get_origin(hint) in _NO_FIELDS
            else shown_kind(hint)
            for name, hint in get_annotations(kind).items()
        }
        made: T = make(kind, description=first_sentence(kind.__doc__) or None)
        read = [
            _field(
                name, name, _hints(one.fget if isinstance(one, property) else one.func)["return"]
            )
            for name, one in vars(kind).items()
            if isinstance(one, property | cached_property) and not name.startswith("_")
        ]
        attributes = _attributes(made, struct, fields, kinds, "row.", read) if struct else []
        _with(made, [*attributes, *(one for one in read if one not in attributes)])
        return made

    return decorate


def _with(made: Any, fields: list[StrawberryField]) -> None:
    definition = made.__strawberry_definition__
    replaced = set(map(_name_of, fields))
    kept = [one for one in definition.fields if _name_of(one) not in replaced]
    inherited = [one for one in kept if one.is_basic_field]
    definition.fields = [*inherited, *fields, *(one for one in kept if not one.is_basic_field)]


def _name_of(field: StrawberryField) -> str:
    return field.graphql_name or to_camel_case(field.python_name)


def _attributes(
    made: Any,
    struct: type[Any],
    fields: str,
    kinds: dict[str, Any],
    at: str = "",
    properties: Sequence[StrawberryField] = (),
) -> list[StrawberryField]:
    stated_fields = (*made.__strawberry_definition__.fields, *properties)
    own = {one.python_name: one for one in stated_fields}
    found = []
    for stated in fields.split():
        if stated in own and stated not in kinds:
            found.append(own[stated])
            continue
        name, _, path = stated.partition("=")
        hint = kinds[name] if name in kinds else hint_of(struct, path or name)
        path = at + (path or name)
        if at and (show := _viewed(path, shown_kind(hint))):
            setattr(made, name, property(show))
            path = name
        found.append(_field(name, path, hint))
    _OUTPUTS.setdefault(struct, made)
    return found


def _viewed(path: str, kind: Any) -> Callable[[Any], Any] | None:
    """Shows an attribute, or each of several, as a view below; None where no view shows it."""
    whole, _ = unwrapped(kind)
    item = item_of(whole)
    view = whole if item is None else item
    if not (isinstance(view, type) and issubclass(view, View)):
        return None

    def show(self: Any) -> Any:
        found = read(self, path)
        if item is not None:
            return views(found, lambda one: view.below(one, self))
        return None if found is None else view.below(found, self)

    return show


def _field(name: str, path: str, hint: Any) -> StrawberryField:
    return StrawberryField(
        python_name=path,
        graphql_name=to_camel_case(name),
        type_annotation=StrawberryAnnotation(shown_kind(hint)),
        description=described(hint),
    )


def hint_of(kind: Any, path: str) -> Any:
    """The type of an attribute, field or property, below a struct."""
    for name in path.split("."):
        whole = unwrapped(kind)[0]
        owner = get_origin(whole) or whole
        own = getattr(owner, name, None)
        if isinstance(own, property):
            kind = _hints(own.fget)["return"]
        else:
            kind = _hints(owner).get(name) or _hints(owner.__init__)[name]
        if isinstance(kind, TypeVar):
            (kind,) = get_args(whole) or get_args(owner.__orig_bases__[0])
    return kind


@cache
def _hints(of: Any) -> dict[str, Any]:
    return get_type_hints(of, include_extras=True)


def given_kind(hint: Any) -> Any:
    """The type of the schema that an argument is given as, for a type of the code."""
    return shown_kind(hint, _input_or_scalar)


def shown_kind(hint: Any, other: Callable[[Any], Any] = lambda one: _OUTPUTS.get(one, one)) -> Any:
    """The type of the schema for a type of the code, with null where that has None."""
    kind, _ = unwrapped(hint)
    stated = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    inner: Any = JSON if get_origin(kind) is dict else shown(hint, other)
    return inner | None if NoneType in get_args(stated) else inner


def read(source: Any, path: str) -> Any:
    """An attribute by its path: how the schema reads what has no resolver."""
    return reader(path)(source)


def computed(compute: Callable[[Any], Any], kind: Any, path: str) -> Any:
    """A field that shows what is computed from an attribute. kind: its type in the code."""

    def show(self: Any) -> Any:
        return compute(read(self, path))

    show.__annotations__["return"] = kind
    return property(show)


size_of = partial(computed, len, int)
"""A field that says how many things an attribute holds."""

float_field = partial(computed, float, float)
"""A field that shows a fraction as a number that is as near as such numbers are."""


@showing()
class View:
    """What a struct shows of itself at a moment; unit, rounding: of figures that people read."""

    row: strawberry.Private[Any]
    moment: strawberry.Private[Moment | None] = None
    unit: strawberry.Private[Unit | None] = None
    rounding: strawberry.Private[str] = "truncate"

    @classmethod
    def below(cls, line: Any, parent: Any) -> Self:
        """A part of a view, at its moment and read like it."""
        return cls(row=line, moment=parent.moment, unit=parent.unit, rounding=parent.rounding)


@showing(make=strawberry.interface)
class Node:
    """Anything that has a global id."""

    kind: ClassVar[str]
    key: ClassVar[str] = "row.id"

    @property
    def id(self) -> strawberry.ID:
        return strawberry.ID(global_id(self.kind, str(read(self, self.key))))
