"""Descriptions of the schema: what the code does not say beside a name, the glossary says.

A name means the same wherever it stands, so most are described once (api/graphql/glossary.toml).
"""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from graphql import GraphQLEnumType, GraphQLSchema, is_introspection_type

GLOSSARY = Path(__file__).parent.parent / "glossary.toml"

Entries = Mapping[str, Mapping[str, str]]


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


def first_sentence(docstring: str | None) -> str:
    """The first sentence of a docstring, on one line."""
    paragraph = " ".join((docstring or "").strip().partition("\n\n")[0].split())
    return paragraph.partition(". ")[0].rstrip(".") + "." if paragraph else ""


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
