"""What is typed into a form with structs and lists within: read, tidied, a row more or less."""

from decimal import Decimal
from typing import Any

import pytest

from api.web.kit.form import RefusedFormError, form_of
from api.web.kit.rows import FormTexts, nested, texts_of, tidied, typed_of, with_row, without_row
from domain.kernel.errors import NotFoundError
from domain.kernel.values import Ratio
from domain.kpi.scheme.channel_trainer import CHANNEL_TRAINER
from domain.kpi.scheme.lines import Criterion, Dimension, Line
from domain.kpi.scheme.versions import Parameters
from services.scheme.scheme import PublishScheme

FORM = form_of(PublishScheme)
SPLIT = PublishScheme(
    "2026-12",
    Parameters(window_days=45, leaver_rule="counted", class_size=20),
    (
        Line(
            "A",
            Decimal("12.5"),
            (
                Criterion("order_rate", Ratio(12, 18), Decimal(10)),
                Criterion("average_orders", Ratio(3, 2), Decimal("2.5")),
            ),
            scoring="split",
            name="出单",
            dimension=Dimension("1", "业绩"),
        ),
        Line("B", Decimal(5), (Criterion("order_rate"),)),
    ),
)


FILLED = texts_of(FORM, typed_of(FORM, SPLIT))


def read(texts: FormTexts) -> object:
    return FORM.read(nested(FORM, texts), {})


def changed(change: Any, texts: FormTexts, *name: str) -> dict[str, str]:
    return texts_of(FORM, change(FORM, nested(FORM, texts), *name))


def refused(texts: FormTexts) -> list[tuple[str, str | None]]:
    with pytest.raises(RefusedFormError) as raised:
        read(texts)
    return [(one.code, one.field) for one in raised.value.refusals]


@pytest.mark.parametrize(
    "stated", [SPLIT, PublishScheme("2026-12", lines=CHANNEL_TRAINER)], ids=["split", "source"]
)
def test_a_form_left_as_it_began_is_what_it_began_with(stated: PublishScheme) -> None:
    assert FORM.read(typed_of(FORM, stated), {}) == stated


@pytest.mark.parametrize(
    ("typed", "target"),
    [
        ("80%", Ratio(4, 5)),
        (" 80 ％ ", Ratio(4, 5)),
        ("4/5", Ratio(4, 5)),
        ("12／18", Ratio(12, 18)),
        ("1.5", Ratio(3, 2)),
        ("66.67%", Ratio(6667, 10000)),
        ("1,000%", Ratio(10, 1)),
        ("1,000/1,200", Ratio(1000, 1200)),
        ("0", Ratio(0, 1)),
        ("-1/5", Ratio(-1, 5)),
        ("1/0", Ratio(1, 0)),
        ("", None),
    ],
)
def test_a_target_is_the_exact_fraction_that_was_typed(typed: str, target: Ratio | None) -> None:
    command = read({**FILLED, "lines.0.criteria.0.target": typed})
    assert isinstance(command, PublishScheme)
    assert command.lines is not None
    assert command.lines[0].criteria[0].target == target


@pytest.mark.parametrize(
    "typed",
    [
        "八成",
        "80%%",
        "4/5/6",
        "1/2.5",
        "nan",
        "1e3",
        "% 80",
        "1/4%",
        "8 0%",
        "1,5",
        "5²%",
        "9999999999",
    ],
)
def test_a_target_that_is_no_fraction_is_refused_at_its_field(typed: str) -> None:
    texts = {**FILLED, "lines.0.criteria.1.target": typed}
    assert refused(texts) == [("not_a_fraction", "lines.0.criteria.1.target")]


def test_every_field_that_is_amiss_is_named_at_once() -> None:
    texts = {
        **FILLED,
        "effective_from": "soon",
        "parameters.window_days": "many",
        "parameters.leaver_rule": "some",
        "lines.1.weight": "",
        "lines.1.criteria.0.target": "?",
    }
    assert refused(texts) == [
        ("month_invalid", "effective_from"),
        ("not_a_number", "parameters.window_days"),
        ("choice_unknown", "parameters.leaver_rule"),
        ("field_missing", "lines.1.weight"),
        ("not_a_fraction", "lines.1.criteria.0.target"),
    ]


def test_what_a_part_itself_refuses_is_named_by_its_whole_name() -> None:
    texts = {**FILLED, "parameters.window_days": "367"}
    assert refused(texts) == [("window_days_invalid", "parameters.window_days")]
    texts = {**FILLED, "lines.1.name": "x" * 101}
    assert refused(texts) == [("text_too_long", "lines.1.name")]


def test_what_is_left_blank_is_as_the_struct_says() -> None:
    texts = {
        **FILLED,
        "parameters.window_days": "",
        "parameters.class_size": "",
        "lines.0.dimension.code": " ",
        "lines.0.dimension.name": "",
    }
    command = read(texts)
    assert isinstance(command, PublishScheme)
    assert command.lines is not None
    assert command.parameters == Parameters(leaver_rule="counted")
    assert command.lines[0].dimension is None


def test_a_new_row_is_blank_and_goes_where_nothing_is_typed() -> None:
    grown = changed(with_row, changed(with_row, FILLED, "lines"), "lines.1.criteria")
    assert {name for name in grown if name not in FILLED} >= {
        "lines.2.code",
        "lines.2.criteria.0.kpi",
        "lines.1.criteria.1.kpi",
    }
    assert grown["lines.2.scoring"] == "all_met"
    assert changed(tidied, grown) == FILLED


def test_rows_behind_one_that_goes_move_up() -> None:
    shorter = changed(without_row, FILLED, "lines.0")
    assert shorter["lines.0.code"] == "B"
    assert "lines.1.code" not in shorter
    cut = changed(without_row, FILLED, "lines.0.criteria.0")
    assert cut["lines.0.criteria.0.kpi"] == "average_orders"
    assert "lines.0.criteria.1.kpi" not in cut


def test_a_row_between_others_that_was_emptied_goes_too() -> None:
    emptied = {
        name: "" if name.startswith("lines.0.") else text
        for name, text in changed(with_row, FILLED, "lines").items()
    }
    found = changed(tidied, {**emptied, "lines.2.code": "C"})
    assert [found["lines.0.code"], found["lines.1.code"]] == ["B", "C"]
    assert "lines.2.code" not in found


def test_names_that_no_input_of_the_form_has_say_nothing() -> None:
    forged = {
        "effective_from.x": "1",
        "lines": "x",
        "lines.0": "y",
        "lines.x.code": "z",
        "lines.٣.code": "z",
        "lines.12345.code": "z",
        ".".join(["lines"] * 5_000): "deep",
    }
    assert changed(tidied, {**FILLED, **forged}) == FILLED
    assert refused(forged) == [("field_missing", "effective_from")]


def test_a_name_of_more_words_than_any_input_has_goes_no_deeper_than_the_form() -> None:
    node: Any = nested(FORM, {".".join(["lines"] * 5_000): "deep"})
    depth = 0
    while isinstance(node, dict):
        (node,) = node.values()
        depth += 1
    assert depth == FORM.depth + 1 == len(["lines", "0", "criteria", "0", "target"])


@pytest.mark.parametrize("name", ["parameters", "effective_from", "lines.1", "rows", ""])
def test_what_is_no_list_of_the_form_gets_no_row(name: str) -> None:
    with pytest.raises(NotFoundError):
        with_row(FORM, nested(FORM, FILLED), name)
