"""What is too much is refused before any resolver runs."""

import pytest
from graphql import get_introspection_query, parse

from api.graphql.engine import limits
from domain.kernel.errors import Refusal
from tests.api.door import Door

DEEP = "{ a { b { c { d { e { f { g { h { i { j { k } } } } } } } } } } }"
WIDE = "fragment f on T { " + " ".join(f"f{i} {{ a b c }}" for i in range(40)) + " }"


def refused(document: str) -> str | None:
    try:
        limits.check(parse(document))
    except Refusal as refusal:
        return refusal.code
    return None


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{ a { b } }", None),
        (DEEP, "document_too_deep"),
        ("{ " + " ".join(f"a{i}: a" for i in range(16)) + " }", "document_too_many_aliases"),
        ("{ a " + "@include(if: true) " * 51 + "}", "document_too_many_directives"),
        ("{ a { " + " ".join(f"b{i} {{ c d e f g }}" for i in range(400)) + " } }",
         "document_too_costly"),
        ("{ a { ...f } } fragment f on T { ...f }", "fragment_cycle"),
        ("{ a { ...f } } fragment f on T { ...g } fragment g on T { ...f }", "fragment_cycle"),
        ("{ trainees(first: 200) { edges(first: 200) { node { a } } } }",
         "document_too_many_objects"),
        ("query($n: Int) { trainees(first: $n) { edges(first: $n) { node { a } } } }",
         "document_too_many_objects"),
        ("{ trainees(first: 200) { edges { node { a cohort { b } } } } }", None),
        ("{ trainees(first: 200) { edges { node { orders(first: 200) { edges { cursor } } } } } }",
         "document_too_many_objects"),
        ("{ compare { moved { a b { c } d { e } } } }", "document_too_many_objects"),
        ('{ compare(kpis: ["a"]) { moved { a b { c } d { e } } } }', None),
        ("{ compare { moved { edges { node { a b { c } d { e } } } } } }",
         "document_too_many_objects"),
        ("{ compare { moved { edges { node { a } } } } }", None),
        ("{ trainees(last: 200) { edges { node { b { c } timeline { edges { node { d } } } } } } }",
         "document_too_many_objects"),
        ("{ " + " ".join(f"a{i}: f(knownBy: 1) {{ b }}" for i in range(4)) + " }",
         "document_too_many_travels"),
    ],
)  # fmt: skip
def test_a_document_is_measured_before_it_runs(document: str, code: str | None) -> None:
    assert refused(document) == code


def test_a_field_costs_by_kind_and_depth() -> None:
    measuring = limits._Measuring(parse("{ a { b c { d } } }"))
    operation = parse("{ a { b c { d } } }").definitions[0]
    # a: 2 + 1.5 × (b: 1 + c: 2 + 1.5 × (d: 1))
    assert measuring.measured(operation).cost == 2 + 1.5 * (1 + 2 + 1.5 * 1)  # type: ignore[arg-type]


def test_fragments_that_double_are_measured_written_out() -> None:
    doubling = " ".join(
        f"fragment f{i} on T {{ a {{ ...f{i + 1} }} b {{ ...f{i + 1} }} }}" for i in range(8)
    )
    assert refused("{ x { ...f0 } } " + doubling + " fragment f8 on T { y }")


async def test_refuses_a_document_that_is_too_long(door: Door) -> None:
    assert await door.code("{ me { role } }" + " " * 15_000) == "document_too_long"


async def test_refuses_a_document_with_too_many_tokens(door: Door) -> None:
    assert await door.code("{ me { " + "role " * 1_000 + "} }") == "document_too_many_tokens"


async def test_refuses_too_large_a_batch(door: Door) -> None:
    response = await door.send([{"query": "{ me { role } }"}] * 6)
    assert response.status_code == 422
    assert response.json()["code"] == "batch_too_large"


async def test_refuses_a_batch_of_nothing(door: Door) -> None:
    response = await door.send([])
    assert (response.status_code, response.json()["code"]) == (422, "batch_empty")


@pytest.mark.parametrize("months", [-1, 0, 121])
async def test_refuses_a_board_of_so_many_months(door: Door, months: int) -> None:
    query = f"{{ board(lastMonths: {months}) {{ months {{ key }} }} }}"
    assert await door.code(query) == "months_out_of_range"


async def test_answers_a_batch_in_order(door: Door) -> None:
    response = await door.send([{"query": "{ me { role } }"}, {"query": "{ partner { zone } }"}])
    assert [list(answer["data"]) for answer in response.json()] == [["me"], ["partner"]]


async def test_refuses_too_large_a_page(door: Door) -> None:
    query = "{ trainees(first: 201) { edges { cursor } } }"
    assert await door.code(query) == "page_size_invalid"


async def test_an_unknown_field_is_refused_without_a_suggestion(door: Door) -> None:
    (error,) = (await door.answer("{ cohortz { id } }"))["errors"]
    assert error["extensions"]["code"] == "document_invalid"
    assert "Did you mean" not in error["message"]


async def test_the_tools_of_the_trade_may_ask_for_the_schema(door: Door) -> None:
    document = get_introspection_query(
        specified_by_url=True, directive_is_repeatable=True, input_value_deprecation=True
    )
    assert len((await door.data(document))["__schema"]["types"]) > 100


def test_fragments_that_double_are_measured_in_a_question_for_the_schema_too() -> None:
    doubling = " ".join(f"fragment f{i} on __Type {{ ...f{i + 1} ...f{i + 1} }}" for i in range(20))
    document = (
        f"{{ __schema {{ types {{ ...f0 }} }} }} {doubling} fragment f20 on __Type {{ name }}"
    )
    assert refused(document) == "document_too_costly"


def test_a_question_for_the_schema_many_times_over_is_refused() -> None:
    types = " ".join(f"t{i}: types {{ ...F }}" for i in range(15))
    fragment = "fragment F on __Type { fields { args { name } type { name } } }"
    assert refused(f"{{ __schema {{ {types} }} }} {fragment}") == "document_too_many_objects"
    assert refused(f"{{ __schema {{ types {{ ...F }} }} }} {fragment}") is None


async def test_introspection_is_for_who_is_signed_in(door: Door) -> None:
    query = "{ __schema { queryType { name } } }"
    assert (await door.data(query))["__schema"]["queryType"]["name"] == "Query"
    anonymous = await door.http.post("/graphql", json={"query": query})
    assert anonymous.status_code == 401
    assert anonymous.json()["errors"][0]["extensions"]["code"] == "not_signed_in"
