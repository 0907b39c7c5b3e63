"""The short way answers what the executor answers, errors included."""

import asyncio
import gc
from datetime import date
from enum import Enum
from inspect import isawaitable
from types import SimpleNamespace
from typing import Any
from weakref import ref

import msgspec
import pytest
import strawberry
from graphql import execute, parse, validate
from graphql.execution import Executor

from api.columns import LazyList
from api.graphql.engine.plans import MOST_VIEWS, PlannedExecutor, Plans, Views
from domain.kernel.values import Month
from domain.kpi.scheme.versions import Parameters
from services.reading.figures import FigureAnswer
from tests.domain.kpi.facts import always


@strawberry.enum
class Colour(Enum):
    RED = "red"


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Leaf(Named):
    name: str
    number: int
    day: date | None
    colour: Colour
    ratio: float | None
    tags: list[str]
    others: list["Leaf"] | None = None

    @strawberry.field
    def loud(self) -> str:
        return self.name.upper()


def leaf(name: Any = "a", number: Any = 1, **more: Any) -> Leaf:
    usual = {"day": date(2026, 6, 1), "colour": Colour.RED, "ratio": 0.5, "tags": ["x", "y"]}
    return Leaf(name=name, number=number, **usual | more)


LEAVES = {
    "plain": leaf(),
    "nested": leaf(others=[leaf("b", day=None, ratio=None), leaf("c", 3, tags=[])]),
    "null": leaf(None),
    "deep": leaf(others=[leaf(), leaf(None)]),
    "large": leaf(number=2**31),
    "wrong": leaf(number="many"),
    "no_enum": leaf(colour="red"),
    "null_tag": leaf(tags=[None]),
}


@strawberry.type
class Query:
    @strawberry.field
    def leaf(self, key: str) -> Leaf | None:
        return LEAVES.get(key)

    @strawberry.field
    async def awaited(self, key: str) -> list[Leaf]:
        await asyncio.sleep(0)
        return [LEAVES[key]]

    @strawberry.field
    def leaves(self, key: str) -> list[Leaf]:
        return [LEAVES["plain"], LEAVES[key]]

    @strawberry.field
    def late(self, key: str) -> list[Leaf]:
        made: Any = LazyList(["plain", key], "key", lambda keys: map(LEAVES.get, keys))
        return made

    @strawberry.field
    def unmade(self) -> list[Leaf]:
        made: Any = LazyList(["a", "b"], "name", lambda _: pytest.fail("they are made"))
        return made

    @strawberry.field
    def named(self, key: str) -> Named:
        return LEAVES[key]


SCHEMA = strawberry.Schema(query=Query, types=[Leaf])._schema  # type: ignore[attr-defined]
FIELDS = "name number day colour ratio tags"
SELECTIONS = [
    FIELDS,
    "ratio",
    "b: name a: name name",
    "__typename name t: __typename",
    f"{FIELDS} others {{ {FIELDS} others {{ name }} }}",
    "others { name } others { number day }",
    "name loud",
    "others { loud }",
    "name @include(if: false) number",
    "... on Leaf { name } ... on Named { named: name } ... { number }",
    "...f others { ...f }",
    "name ... @skip(if: true) { number }",
]


def run(query: str, executor: type[Executor[Any]]) -> Any:
    document = parse(query)
    assert validate(SCHEMA, document) == []
    context = SimpleNamespace(plans=Plans(document))
    result = execute(SCHEMA, document, context_value=context, executor_class=executor)
    errors = [(error.message, error.path) for error in result.errors or ()]  # type: ignore[union-attr]
    sent = msgspec.json.decode(msgspec.json.encode(result.data))  # type: ignore[union-attr]
    return sent, list((sent or {}).items()), errors


@pytest.mark.parametrize("key", LEAVES)
@pytest.mark.parametrize("selection", SELECTIONS)
def test_a_planned_selection_answers_the_same(selection: str, key: str) -> None:
    fragment = "fragment f on Named { name } " if "...f" in selection else ""
    for root in ("leaf", "leaves", "late"):
        query = f'{fragment}{{ {root}(key: "{key}") {{ {selection} }} }}'
        assert run(query, PlannedExecutor) == run(query, Executor)


def test_answers_the_same_through_an_interface() -> None:
    query = '{ named(key: "nested") { name ... on Leaf { number others { name } } } }'
    assert run(query, PlannedExecutor) == run(query, Executor)


def test_keeps_the_order_of_the_selection() -> None:
    query = '{ leaf(key: "plain") { number __typename name } }'
    data, _, _ = run(query, PlannedExecutor)
    assert list(data["leaf"]) == ["number", "__typename", "name"]


def short_ways(query: str) -> list[bool]:
    """Whether each selection of an object has a plan, in the order of asking."""
    document = parse(query)
    context = SimpleNamespace(plans=Plans(document))
    execute(SCHEMA, document, context_value=context, executor_class=PlannedExecutor)
    return [plan is not None for plan in context.plans.made.values()]


def test_takes_the_short_way_where_no_resolver_runs() -> None:
    leaf = '{ leaf(key: "nested") '
    assert short_ways(f"{leaf} {{ {FIELDS} others {{ {FIELDS} }} }} }}") == [True]
    assert short_ways(f"{leaf} {{ name loud }} }}") == [False]
    assert short_ways(f"{leaf} {{ loud others {{ name }} }} }}") == [False, True]
    assert short_ways(f"{leaf} {{ name @skip(if: false) }} }}") == [False]


def test_objects_of_a_list_that_a_resolver_answered_are_answered_without_being_made() -> None:
    data, _, errors = run("{ unmade { name } }", PlannedExecutor)
    assert (data, errors) == ({"unmade": [{"name": "a"}, {"name": "b"}]}, [])


def test_a_directive_sends_no_other_selection_the_long_way() -> None:
    chosen = 'a: leaf(key: "plain") { name @skip(if: false) }'
    other = 'b: leaf(key: "nested") { number others { name } }'
    assert short_ways(f"{{ {chosen} {other} }}") == [False, True]
    inner = "{ name @skip(if: false) others { number } }"
    assert short_ways(f'{{ leaf(key: "nested") {inner} }}') == [False, True]


@pytest.mark.parametrize("root", ["leaf", "awaited"])
async def test_an_executor_ends_with_an_operation_in_which_nothing_failed(root: str) -> None:
    made = []
    document = parse(f'{{ {root}(key: "plain") {{ name loud }} }}')
    context = SimpleNamespace(plans=Plans(document))

    class Watched(PlannedExecutor):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            made.append(ref(self))

    gc.disable()
    try:
        result = execute(SCHEMA, document, context_value=context, executor_class=Watched)
        result = await result if isawaitable(result) else result
        assert result.errors is None
        assert [one() for one in made] == [None]
    finally:
        gc.enable()


def test_fragments_that_double_are_written_out_once() -> None:
    doubling = " ".join(f"fragment f{i} on Leaf {{ ...f{i + 1} ...f{i + 1} }}" for i in range(60))
    query = f'{{ leaf(key: "plain") {{ ...f0 }} }} {doubling} fragment f60 on Leaf {{ name }}'
    assert short_ways(query) == [True]


def test_a_view_is_made_once_for_an_answer_and_a_few_of_each_are_remembered() -> None:
    version = always(Parameters()).in_force(Month(2026, 6))
    one, same_figures = FigureAnswer({}, version, 1), FigureAnswer({}, version, 1)
    views = Views()
    first = views.of(one, 0, leaf)
    assert views.of(one, 0, leaf) is first
    assert views.of(same_figures, 0, leaf) is not first
    for key in range(1, MOST_VIEWS + 1):
        views.of(one, key, leaf)
    assert views.of(one, 0, leaf) is not first


def test_a_view_is_forgotten_with_its_answer() -> None:
    version = always(Parameters()).in_force(Month(2026, 6))
    answer = FigureAnswer({}, version, 1)
    views = Views()
    view = ref(views.of(answer, 0, leaf))
    assert view() is not None
    del answer
    gc.collect()
    assert view() is None
