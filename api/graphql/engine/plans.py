"""The short way for objects that hold their fields ready: a plan per selection, made once.

Where everything below an object is a plain attribute (no resolver, no directive), walking the
schema for every field of every object says nothing new. A plan reads the attributes, of all objects
of a list one field after the other, and builds the answer; whatever it does not expect, it leaves
to the executor, which says what is wrong.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from itertools import starmap
from types import NoneType
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from cachetools import LRUCache
from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    Node,
    get_nullable_type,
    print_ast,
)
from graphql.execution import Executor
from graphql.execution.collect_fields import FieldDetailsList
from msgspec import Struct, defstruct
from strawberry.types.field import StrawberryField

from api.columns import LazyList, collected, column
from services.reading.evaluations import FigureAnswer

V = TypeVar("V")
Complete = Callable[[Sequence[Any]], Sequence[Any]]
"""Answers many values of one kind at once: it costs a call for each field, not for each value."""

READY = frozenset({"String", "Boolean", "ID", "Float", "Date"})
"""Scalars whose values are answered as they are; a day is said by JSON's encoder."""

MOST_VIEWS = 3
"""Views that are remembered of the same figures: one for every number of months of a board."""

MOST_ANSWERS = 4
"""Selections whose answers one view remembers."""

MOST_STRUCTS = 1_000
"""Kinds of objects, by their keys, that several plans share."""


class UnplannedError(Exception):
    """Something that the plan leaves to the executor."""


class Plans:
    """The plans of one document, which are made while it is executed.

    made: by the type of an object and the fields asked of it; None where a resolver has to run.
    """

    def __init__(self, document: DocumentNode) -> None:
        self._document = document
        """Kept: while its nodes live, no other object has their ids, which a look-up goes by."""
        nodes = document.definitions
        self.is_chosen = _has_directives(n for n in nodes if isinstance(n, FragmentDefinitionNode))
        self.made: dict[tuple[int, ...], Complete | None] = {}


class PlannedExecutor(Executor[Any]):
    """Takes the short way where there is one. The context knows the document's plans."""

    def build_per_event_executor(self, payload: Any) -> Executor[Any]:
        """Each answer of a subscription reads for itself, on its own day."""
        executor = super().build_per_event_executor(payload)
        executor.context_value = replace(self.context_value)
        return executor

    def build_response(self, data: dict[str, Any] | None) -> Any:
        """Lets go of the helpers, which hold it: it ends with its operation if nothing failed."""
        self.async_helpers = cast(Any, None)
        return super().build_response(data)

    def complete_object_value(
        self, return_type: GraphQLObjectType, field_details_list: FieldDetailsList, *of: Any
    ) -> Any:
        info, path, result, position = of
        complete, is_kept = self._plan(return_type, field_details_list), isinstance(result, Kept)
        if complete is not None:
            with suppress(Exception):  # The executor comes upon it again, and says it.
                return result.answer(complete) if is_kept else complete([result])[0]
        its = (info, path, result.view if is_kept else result, position)
        return super().complete_object_value(return_type, field_details_list, *its)

    def complete_list_value(
        self, return_type: GraphQLList[Any], field_details_list: FieldDetailsList, *of: Any
    ) -> Any:
        kind, its = get_nullable_type(return_type.of_type), of[2]
        is_listed = isinstance(kind, GraphQLObjectType) and isinstance(its, list | LazyList)
        if is_listed and (complete := self._plan(kind, field_details_list)) is not None:
            with suppress(Exception):
                return complete(its)
        return super().complete_list_value(return_type, field_details_list, *of)

    def _plan(self, kind: GraphQLObjectType, fields: FieldDetailsList) -> Complete | None:
        plans: Plans = self.context_value.plans
        key = (id(kind), *[id(field.node) for field in fields])
        if key not in plans.made:
            plans.made[key] = None
            with suppress(UnplannedError):
                if not (plans.is_chosen or _has_directives(field.node for field in fields)):
                    plans.made[key] = self._plan_object(kind, fields)
        return plans.made[key]

    def _plan_object(self, kind: GraphQLObjectType, fields: FieldDetailsList) -> Complete:
        selected = self.collect_subfields(kind, fields).grouped_field_set
        columns = [self._plan_field(kind, found) for found in selected.values()]
        answer = _struct(tuple(selected))

        def complete(sources: Sequence[Any]) -> list[Any]:
            return [*starmap(answer, zip(*(read(sources) for read in columns), strict=True))]

        return complete

    def _plan_field(self, kind: GraphQLObjectType, fields: FieldDetailsList) -> Complete:
        name = fields[0].node.name.value
        if name == "__typename":
            return lambda sources: [kind.name] * len(sources)
        field = kind.fields[name]
        path, complete = _attribute(field), self._plan_value(field.type, fields)
        return lambda sources: complete(column(sources, path))

    def _plan_value(self, kind: Any, fields: FieldDetailsList) -> Complete:
        is_required, present = isinstance(kind, GraphQLNonNull), self._plan_present(kind, fields)
        if present is _as_they_are and not is_required:
            return present

        def complete(values: Sequence[Any]) -> Sequence[Any]:
            # The types: no value is asked whether it is equal, and what is not made yet is no null.
            if type(values) is LazyList or NoneType not in map(type, values):
                return present(values)
            if is_required:
                raise UnplannedError
            made = iter(present([value for value in values if value is not None]))
            return [None if value is None else next(made) for value in values]

        return complete

    def _plan_present(self, kind: Any, fields: FieldDetailsList) -> Complete:
        """How values none of which is null are answered."""
        kind = get_nullable_type(kind)
        if isinstance(kind, GraphQLList):
            complete = self._plan_value(kind.of_type, fields)
            return lambda values: [complete(collected(value)) for value in values]
        if isinstance(kind, GraphQLObjectType):
            return self._plan_object(kind, fields)
        if isinstance(kind, GraphQLScalarType) and kind.name in READY:
            return _as_they_are
        if isinstance(kind, GraphQLEnumType | GraphQLScalarType):
            is_enum = isinstance(kind, GraphQLEnumType)  # Of the few values that there are.
            serialize = cache(kind.serialize) if is_enum else kind.serialize
            return lambda values: [*map(serialize, values)]
        raise UnplannedError


@dataclass(eq=False)
class Kept:
    """A view of remembered figures, which may be answered in its stead, and what it answered."""

    view: Any
    _answers: dict[Complete, Any] = field(default_factory=dict)

    def answer(self, complete: Complete) -> Any:
        """What it says to one selection, which does not change."""
        if (known := self._answers.get(complete)) is None:
            (known,) = complete([self.view])
            if len(self._answers) < MOST_ANSWERS:
                self._answers[complete] = known
        return known


class Views:
    """What the schema made of figures; one per application. They are forgotten with the figures."""

    def __init__(self) -> None:
        self._of: WeakKeyDictionary[FigureAnswer, LRUCache[Hashable, Any]] = WeakKeyDictionary()

    def of(self, answer: FigureAnswer, key: Hashable, make: Callable[[], V]) -> V:
        """The view of figures that has this key, made where it is not kept."""
        if (found := self.known(answer, key)) is None:
            self._of[answer][key] = found = Kept(make())
        return cast(V, found)

    def known(self, answer: FigureAnswer, key: Hashable) -> Kept | None:
        """The same, where it is kept."""
        return self._of.setdefault(answer, LRUCache(MOST_VIEWS)).get(key)


def _has_directives(nodes: Iterable[Node]) -> bool:
    """Whether what is answered may be chosen below one of them: or a text there has that sign."""
    return any("@" in print_ast(node) for node in nodes)


def _as_they_are(values: Sequence[Any]) -> Sequence[Any]:
    return values


def _attribute(field: GraphQLField) -> str:
    definition = field.extensions.get("strawberry-definition")
    if not isinstance(definition, StrawberryField) or not definition.is_basic_field or field.args:
        raise UnplannedError
    return definition.python_name


@lru_cache(MOST_STRUCTS)
def _struct(keys: tuple[str, ...]) -> type[Struct]:
    """An object of JSON with these keys, which may be no names of Python's."""
    fields = [f"f{number}" for number in range(len(keys))]
    renamed = dict(zip(fields, keys, strict=True))
    return defstruct("Answer", fields, rename=renamed, frozen=True, gc=False)
