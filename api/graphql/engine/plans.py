"""The short way for objects that hold their fields ready: a plan per selection, made once.

Where everything below an object is a plain attribute (no resolver, no directive), walking the
schema for every field of every object says nothing new. A plan reads the attributes and builds the
answer; whatever it does not expect, it leaves to the executor, which says what is wrong.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from cachetools import LRUCache
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    SelectionNode,
    get_nullable_type,
)
from graphql.execution import Executor
from graphql.pyutils import Path
from strawberry.types.field import StrawberryField

from api.graphql.engine.limits import fragments_of
from services.reading.figures import FigureAnswer

V = TypeVar("V")
Complete = Callable[[Any], Any]
Selected = dict[str, list[FieldNode]]

READY = frozenset({"String", "Boolean", "ID", "Float"})
"""Scalars whose values are answered as they are."""

LARGEST_INT = 2**31

MOST_VIEWS = 3
"""Views that are remembered of the same figures: one for every number of months of a board."""

MOST_ANSWERS = 4
"""Selections whose answers one view remembers."""


class UnplannedError(Exception):
    """Something that the plan leaves to the executor."""


class Plans:
    """The plans of one document."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments = fragments_of(document)
        self._document = document
        """Kept: while its nodes live, no other object has their ids, which a look-up goes by."""
        self._made: dict[tuple[int, ...], Complete | None] = {}

    def plan(self, kind: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Complete | None:
        """How to complete an object of this type; None where a resolver has to run."""
        key = (id(kind), *map(id, nodes))
        if key not in self._made:
            try:
                self._made[key] = self._object(kind, nodes)
            except UnplannedError:
                self._made[key] = None
        return self._made[key]

    def _object(self, kind: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Complete:
        selected: Selected = {}
        for node in nodes:
            if node.selection_set:
                self._collect(kind, node.selection_set.selections, selected, set())
        names: list[str] = []
        steps: list[tuple[int, Complete]] = []
        required = []
        for place, found in enumerate(selected.values()):
            name = found[0].name.value
            if name == "__typename":
                names.append("__class__")
                steps.append((place, lambda _: kind.name))
                continue
            field = kind.fields[name]
            names.append(_attribute(field))
            complete = self._complete(field.type, found)
            if complete is not None:
                steps.append((place, complete))
            if isinstance(field.type, GraphQLNonNull):
                required.append(place)
        return _completer(tuple(selected), names, steps, required)

    def _collect(
        self,
        kind: GraphQLObjectType,
        selections: Iterable[SelectionNode],
        into: Selected,
        spread: set[str],
    ) -> None:
        """spread: the fragments that were written out already; each is but once."""
        for node in selections:
            if node.directives:
                raise UnplannedError
            if isinstance(node, FieldNode):
                into.setdefault((node.alias or node.name).value, []).append(node)
                continue
            fragment: Any = node
            if isinstance(node, FragmentSpreadNode):
                name = node.name.value
                if name in spread:
                    continue
                spread.add(name)
                fragment = self._fragments[name]
            if fragment.directives:
                raise UnplannedError
            if fragment.type_condition is None or _is(kind, fragment.type_condition.name.value):
                self._collect(kind, fragment.selection_set.selections, into, spread)

    def _complete(self, kind: Any, nodes: Sequence[FieldNode]) -> Complete | None:
        """How a value that is there is answered; None: as it is."""
        kind = get_nullable_type(kind)
        if isinstance(kind, GraphQLList):
            return _listed(self._complete(kind.of_type, nodes), kind.of_type)
        if isinstance(kind, GraphQLObjectType):
            return self._object(kind, nodes)
        if isinstance(kind, GraphQLScalarType) and kind.name in READY:
            return None
        if isinstance(kind, GraphQLScalarType) and kind.name == "Int":
            return _int
        if isinstance(kind, GraphQLScalarType | GraphQLEnumType):
            return cast(Complete, kind.serialize)
        raise UnplannedError


class PlannedExecutor(Executor[Any]):
    """Takes the short way where there is one. The context knows the document's plans."""

    def build_per_event_executor(self, payload: Any) -> Executor[Any]:
        """Each answer of a subscription reads for itself, on its own day."""
        executor = super().build_per_event_executor(payload)
        executor.context_value = replace(self.context_value)
        return executor

    def complete_object_value(
        self,
        return_type: GraphQLObjectType,
        field_details_list: Any,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        nodes = [details.node for details in field_details_list]
        complete = self.context_value.plans.plan(return_type, nodes)
        if complete is not None:
            try:
                return result.answer(complete) if isinstance(result, Kept) else complete(result)
            except Exception:  # noqa: S110 (the executor comes upon it again, and says it)
                pass
        if isinstance(result, Kept):
            result = result.view
        return super().complete_object_value(
            return_type, field_details_list, info, path, result, position_context
        )


@dataclass(eq=False)
class Kept:
    """A view of remembered figures, which may be answered in its stead, and what it answered."""

    view: Any
    _answers: dict[Complete, Any] = field(default_factory=dict)

    def answer(self, complete: Complete) -> Any:
        """What it says to one selection, which does not change."""
        known = self._answers.get(complete)
        if known is None:
            known = complete(self.view)
            if len(self._answers) < MOST_ANSWERS:
                self._answers[complete] = known
        return known


class Views:
    """What the schema made of figures; one per application. They are forgotten with the figures."""

    def __init__(self) -> None:
        self._of: WeakKeyDictionary[FigureAnswer, LRUCache[Hashable, Any]] = WeakKeyDictionary()

    def of(self, answer: FigureAnswer, key: Hashable, make: Callable[[], V]) -> V:
        """The view of figures that has this key, made where it is not kept."""
        views = self._of.setdefault(answer, LRUCache(MOST_VIEWS))
        found: Any = views.get(key)
        if found is None:
            views[key] = found = Kept(make())
        return cast(V, found)


def _attribute(field: GraphQLField) -> str:
    definition = field.extensions.get("strawberry-definition")
    if not isinstance(definition, StrawberryField) or not definition.is_basic_field or field.args:
        raise UnplannedError
    return definition.python_name


def _is(kind: GraphQLObjectType, name: str) -> bool:
    return kind.name == name or any(interface.name == name for interface in kind.interfaces)


def _completer(
    keys: tuple[str, ...], names: list[str], steps: list[tuple[int, Complete]], required: list[int]
) -> Complete:
    read = _reader(names)

    def complete(source: Any) -> dict[str, Any]:
        values = read(source)
        for place, step in steps:
            if values[place] is not None:
                values[place] = step(values[place])
        if None in values and any(values[place] is None for place in required):
            raise UnplannedError
        return dict(zip(keys, values, strict=True))

    return complete


def _reader(names: Sequence[str]) -> Callable[[Any], list[Any]]:
    if not names:
        return lambda _: []
    read = attrgetter(*names)
    if len(names) == 1:
        return lambda source: [read(source)]
    return lambda source: list(read(source))


def _listed(inner: Complete | None, item: Any) -> Complete:
    is_required = isinstance(item, GraphQLNonNull)

    def complete(values: Any) -> Any:
        if inner is not None:
            values = [None if value is None else inner(value) for value in values]
        if is_required and None in values:
            raise UnplannedError
        return list(values)

    return complete


def _int(value: Any) -> int:
    if type(value) is int and -LARGEST_INT <= value < LARGEST_INT:
        return value
    raise UnplannedError
