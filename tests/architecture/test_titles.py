"""A test's title and its parameters name the circumstance."""

import ast
from datetime import date

import pytest

from domain.kernel.values import Ratio
from domain.reporting.report import Report
from tests.architecture.source import modules, short, syntax
from tests.gwt import fact
from tests.ids import LONGEST, readable

FEWEST_WORDS = 4


def test_every_title_says_at_least_a_few_words() -> None:
    for path in modules("tests"):
        for node in ast.walk(syntax(path)):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            title = node.name.removeprefix("test_")
            assert title == node.name or len(title.split("_")) >= FEWEST_WORDS, (
                f"{short(path)}:{node.lineno} {node.name} names no circumstance"
            )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"kind": "party", "topics": ()}, "kind party, topics nothing"),
        ((Ratio(8, 10), date(2026, 6, 1)), "8 of 10, 2026-06-01"),
        (fact(Report.RenderingFailed, code="job_failed"), "rendering failed"),
        (True, "value True"),
        ("", "no text"),
        ("a\nb", "a\\nb"),
        ("x" * 100, "x" * (LONGEST - 1) + "…"),
    ],
)
def test_a_parameter_reads_as_words(value: object, words: str) -> None:
    assert readable("value", value) == words


def test_a_parameter_of_an_unknown_kind_needs_an_id_of_its_own() -> None:
    with pytest.raises(TypeError):
        readable("value", object())
