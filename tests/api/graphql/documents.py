"""Made-up queries over every field and argument of the schema."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

DEEPEST = 4
LEFT_OUT = ("minPosition", "after")
"""Waiting for what never comes, and places of a page that nobody read."""


class Documents:
    """words: what an argument is tried with, by `field.argument` or by the argument's name."""

    def __init__(
        self, schema: GraphQLSchema, random: Random, words: Mapping[str, Sequence[str]]
    ) -> None:
        self._schema = schema
        self._random = random
        self._words = words

    def query(self, name: str) -> str:
        """A document that asks for this root field."""
        assert self._schema.query_type
        return f"{{ {self._field(name, self._schema.query_type.fields[name], 0)} }}"

    def _field(self, name: str, field: GraphQLField, depth: int) -> str:
        kind = get_named_type(field.type)
        below = "" if is_leaf_type(kind) else self._selection(kind, depth + 1)
        return f"{name}{self._arguments(name, field)}{below}"

    def _selection(self, kind: Any, depth: int) -> str:
        if isinstance(kind, GraphQLInterfaceType):
            one = self._random.choice(list(self._schema.get_possible_types(kind)))
            return f" {{ __typename id ... on {one.name}{self._selection(one, depth)} }}"
        assert isinstance(kind, GraphQLObjectType)
        chosen = [
            (name, field)
            for name, field in kind.fields.items()
            if is_leaf_type(get_named_type(field.type))
            or (depth < DEEPEST and self._random.random() < 0.7)
        ]
        fields = " ".join(self._field(name, field, depth) for name, field in chosen)
        return f" {{ {fields or '__typename'} }}"

    def _arguments(self, field_name: str, field: GraphQLField) -> str:
        stated = []
        for name, argument in field.args.items():
            words = self._words.get(f"{field_name}.{name}", self._words.get(name))
            kind = get_named_type(argument.type)
            is_text = not isinstance(kind, GraphQLEnumType) and kind.name not in ("Int", "Date")
            if name in LEFT_OUT or (is_text and words is None):
                continue
            if is_required_argument(argument) or self._random.random() < 0.4:
                stated.append(f"{name}: {self._value(kind, words or ())}")
        return f"({', '.join(stated)})" if stated else ""

    def _value(self, kind: Any, words: Sequence[str]) -> str:
        if isinstance(kind, GraphQLEnumType):
            return self._random.choice(list(kind.values))
        if kind.name == "Int":
            return str(self._random.choice((1, 2, 50)))
        if kind.name == "Date":
            return '"2026-06-30"'
        return f'"{self._random.choice(words)}"'
