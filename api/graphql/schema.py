"""The schema, assembled; `schema.graphql` beside it is its text, and a test compares them.

What the code does not describe beside a name, the glossary does. A name means the same wherever it
stands, so most are described once (api/graphql/glossary.toml).
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import compress
from pathlib import Path
from typing import Any

import strawberry
from graphql import GraphQLEnumType, GraphQLSchema, is_introspection_type, print_schema
from strawberry.schema.config import StrawberryConfig

from api.graphql.engine.scalars import DECIMAL
from api.graphql.engine.structs import read
from api.graphql.types.mutations import Mutation
from api.graphql.types.roots import Query, Subscription

GLOSSARY = Path(__file__).with_name("glossary.toml")

Entries = Mapping[str, Mapping[str, str]]


def build_schema() -> GraphQLSchema:
    """The executable schema; costs about a tenth of a second."""
    schema = undescribed_schema()
    describe(schema, load_glossary())
    return schema


def undescribed_schema() -> GraphQLSchema:
    """The schema with no descriptions but those of the code."""
    schema = strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        config=StrawberryConfig(scalar_map={Decimal: DECIMAL}, default_resolver=read),
    )
    built: GraphQLSchema = schema._schema
    for kind in built.type_map.values():
        for field in getattr(kind, "fields", {}).values():
            definition = field.extensions.get("strawberry-definition")
            resolver = getattr(definition, "base_resolver", None)
            if resolver and kind is not built.subscription_type:
                resolve_directly(field, definition.arguments, resolver)
    return built


def resolve_directly(field: Any, arguments: Iterable[Any], resolver: Any) -> None:
    """Has graphql-core call a resolver with what it read, by the names of its parameters: what
    strawberry does in between takes longer than many a resolver."""
    for stated, argument in zip(field.args.values(), arguments, strict=True):
        stated.out_name = argument.python_name
    call, takes = resolver.wrapped_func, (resolver.self_parameter, resolver.info_parameter)
    field.resolve = lambda *given, **stated: call(*compress(given, takes), **stated)


def sdl(schema: GraphQLSchema) -> str:
    """The schema's text."""
    return print_schema(schema) + "\n"


def load_glossary() -> Entries:
    """`types`, `fields`, `arguments` and `values` -> name -> description."""
    return tomllib.loads(GLOSSARY.read_text(encoding="utf-8"))


def describe(schema: GraphQLSchema, glossary: Entries) -> set[tuple[str, str]]:
    """Describes what is not described yet; answers the entries that were used."""
    used: set[tuple[str, str]] = set()
    for thing, part, names in things(schema):
        if thing.description:
            continue
        known = next((name for name in names if name in glossary[part]), None)
        if known is not None:
            used.add((part, known))
            thing.description = glossary[part][known]
    return used


def things(schema: GraphQLSchema) -> Iterator[tuple[Any, str, tuple[str, ...]]]:
    """Every type, field, argument and value, the glossary's part for it, and its names there, the
    most exact first."""
    for kind in schema.type_map.values():
        if is_introspection_type(kind):
            continue
        yield kind, "types", (kind.name,)
        if isinstance(kind, GraphQLEnumType):
            for name, value in kind.values.items():
                yield value, "values", (f"{kind.name}.{name}",)
        for name, field in getattr(kind, "fields", {}).items():
            yield field, "fields", (f"{kind.name}.{name}", name)
            for argument, stated in getattr(field, "args", {}).items():
                yield stated, "arguments", (f"{kind.name}.{name}.{argument}", argument)
