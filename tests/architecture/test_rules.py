"""What is said once: no circles, no copies, one class a name, rooms of a bearable size."""

import pytest

from tests.architecture.circles import circular, import_graph
from tests.architecture.copies import copies
from tests.architecture.exceptions import KNOWN, Finder, hold, known
from tests.architecture.rules import RULES
from tests.architecture.source import modules, short, tracked

GRAPHQL_LINES = 4_000
"""The most lines of GraphQL: `api/graphql/**/*.py` and its routes, `api/http/graphql.py`."""

MOST_IN_INFRA = 20

MOST_COPIES = 1
"""Pairs of files with the same lines when the counting began."""


@pytest.mark.parametrize(("rule", "find"), RULES.items(), ids=list(RULES))
def test_only_the_known_exceptions_break_a_rule(rule: str, find: Finder) -> None:
    hold(rule, find())


def test_every_list_of_exceptions_has_a_rule_and_is_sorted() -> None:
    assert {path.stem for path in KNOWN.glob("*.txt")} == set(RULES)
    for rule in RULES:
        lines = (KNOWN / f"{rule}.txt").read_text(encoding="utf-8").splitlines()
        assert lines == sorted(known(rule)), rule


def test_known_copies_are_no_more_than_when_the_counting_began() -> None:
    assert len(known("copied_code")) <= MOST_COPIES


def test_graphql_is_written_in_no_more_lines_than_its_ceiling() -> None:
    places = ("api/graphql/", "api/http/graphql.py")
    files = [path for path in modules("api") if short(path).startswith(places)]
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files)
    assert lines <= GRAPHQL_LINES


def test_infra_is_a_house_of_few_rooms() -> None:
    entries = {short(path).split("/")[1] for path in tracked() if short(path).startswith("infra/")}
    assert len(entries) <= MOST_IN_INFRA, sorted(entries)


def test_no_module_reaches_itself_by_its_imports() -> None:
    assert circular(import_graph()) == set()


def test_a_circle_over_three_modules_is_found_and_what_leads_into_it_is_not() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"d"}, "d": {"b"}, "e": set[str]()}
    assert circular(graph) == {"b", "c", "d"}


def test_six_lines_in_two_files_or_twice_in_one_are_a_copy_and_five_are_not() -> None:
    six, five = list("abcdef"), list("ghijk")
    files = {"one": ["x", *six], "two": [*six, "y", *five], "three": [*five, "z", *six, *six]}
    pairs = [("one", "three"), ("one", "two"), ("three", "three"), ("three", "two")]
    assert sorted(copies(files)) == pairs
