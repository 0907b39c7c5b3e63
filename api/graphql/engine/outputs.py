"""Object types of the schema, made from what they show: the attributes of a struct.

`output_of(Plan, "SessionPlan", "on topics")` makes the type of objects that are the structs
themselves; `@showing(SessionRow, "code", kind="facts.kind")` adds a struct's attributes
to a type whose objects hold it as `row`. The public properties of a type are fields of it, too.
Attributes are read and never copied, and what is read needs no resolver (engine/plans.py).
"""

from collections.abc import Callable
from functools import cache
from inspect import get_annotations
from operator import attrgetter
from types import NoneType
from typing import (
    Annotated,
    Any,
    ClassVar,
    Self,
    TypeVar,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

import msgspec
import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.scalars import JSON
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from api.graphql.engine.enums import first_sentence
from api.graphql.engine.inputs import described, shown
from api.graphql.engine.scalars import global_id
from domain.kernel.bounds import unwrapped
from services.reading.moment import Moment

T = TypeVar("T", bound=type)

_MADE: dict[type, Any] = {}


def output_of(struct: type[msgspec.Struct], name: str, fields: str = "", **kinds: Any) -> Any:
    """The type of objects that are structs; all fields of the struct where none is named."""
    named = fields or " ".join(struct.__struct_fields__)
    made = strawberry.type(type(name, (), {"__module__": __name__}))
    _MADE.setdefault(struct, made)
    _with(made, _attributes(struct, named, kinds))
    return made


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def showing(
    struct: type[Any] | None = None, fields: str = "", *, make: Any = strawberry.type, **kinds: Any
) -> Callable[[T], T]:
    """Makes a class a type of the schema; its docstring's first sentence is the description.

    fields: attributes of `row`, which is such a struct, as `name` or `name=path`. kinds: types of
    the schema where an attribute's own does not say it. make: makes it, where it is no object type.
    """

    def decorate(kind: T) -> T:
        stated = get_annotations(kind)
        kind.__annotations__ = {name: _MADE.get(hint, hint) for name, hint in stated.items()}
        made: T = make(kind, description=first_sentence(kind.__doc__) or None)
        read = [
            _field(name, name, get_type_hints(one.fget, include_extras=True)["return"])
            for name, one in vars(kind).items()
            if isinstance(one, property) and not name.startswith("_")
        ]
        attributes = _attributes(struct, fields, kinds, "row.") if struct else []
        _with(made, [*attributes, *read])
        return made

    return decorate


def _with(made: Any, fields: list[StrawberryField]) -> None:
    definition = made.__strawberry_definition__
    replaced = {one.graphql_name for one in fields}
    kept = [one for one in definition.fields if one.graphql_name not in replaced]
    inherited = [one for one in kept if one.is_basic_field]
    definition.fields = [*inherited, *fields, *(one for one in kept if not one.is_basic_field)]


def _attributes(
    struct: type[Any], fields: str, kinds: dict[str, Any], at: str = ""
) -> list[StrawberryField]:
    found = []
    for stated in fields.split():
        name, _, path = stated.partition("=")
        hint = kinds[name] if name in kinds else _hint(struct, path or name)
        found.append(_field(name, at + (path or name), hint))
    return found


def _field(name: str, path: str, hint: Any) -> StrawberryField:
    return StrawberryField(
        python_name=path,
        graphql_name=to_camel_case(name),
        type_annotation=StrawberryAnnotation(_shown(hint)),
        description=described(hint),
    )


def _hint(kind: Any, path: str) -> Any:
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
            (kind,) = get_args(whole)
    return kind


@cache
def _hints(of: Any) -> dict[str, Any]:
    return get_type_hints(of, include_extras=True)


def _shown(hint: Any) -> Any:
    """The type of the schema for a type of the code, with null where that has None."""
    kind, _ = unwrapped(hint)
    stated = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    inner: Any = JSON if get_origin(kind) is dict else shown(hint, _MADE.__getitem__)
    return inner | None if NoneType in get_args(stated) else inner


_reader = cache(attrgetter)


def read(source: Any, path: str) -> Any:
    """An attribute by its path: how the schema reads what has no resolver."""
    return _reader(path)(source)


def size_of(path: str) -> Any:
    """A field that says how many things an attribute holds."""

    def size(self: Any) -> int:
        return len(read(self, path))

    return property(size)


@showing()
class View:
    """What a struct shows of itself, at a moment."""

    row: strawberry.Private[Any]
    moment: strawberry.Private[Moment | None] = None

    @classmethod
    def below(cls, line: Any, parent: Any) -> Self:
        """A line of a view, at its moment."""
        return cls(row=line, moment=parent.moment)


@showing(make=strawberry.interface)
class Node:
    """Anything that has a global id."""

    kind: ClassVar[str]
    key: ClassVar[str] = "row.id"

    @property
    def id(self) -> strawberry.ID:
        return global_id(self.kind, str(read(self, self.key)))
