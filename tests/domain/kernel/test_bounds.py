"""Bounds of fields: what lies in them passes, what lies outside is refused at its field."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.kernel.bounds import (
    OWN_REFUSAL,
    Cleaned,
    Days,
    Many,
    Number,
    Pattern,
    Text,
    check,
    faults,
)
from domain.kernel.errors import Refusal
from domain.kernel.values import bare_number, tidy
from tests.spelt import NUMBERS_IN_OTHER_DIGITS


class Part(msgspec.Struct, frozen=True):
    """A nested struct."""

    code: Annotated[str, Text(3)]


class Stated(msgspec.Struct, frozen=True):
    """A command with a field of each kind."""

    line: Annotated[str, Text(5)] = "x"
    name: Annotated[str, Text(5), Cleaned(tidy)] = "x"
    lines: Annotated[str | None, Text(5, multiline=True)] = None
    on: Annotated[date, Days()] = date(2026, 6, 1)
    headcount: Annotated[int, Number(most=10)] = 0
    amount: Annotated[Decimal | None, Number(most=100, places=2)] = None
    score: Annotated[Decimal | None, Number(most=1_001, places=1, code="score_out_of_range")] = None
    topics: Annotated[Sequence[Annotated[str, Text(2)]], Many(2)] = ()
    number: Annotated[str, Text(5, is_bare=True, is_code=True)] = "E1"
    phone: Annotated[str, Text(5, is_bare=True), Pattern("[0-9]+", "phone_unreadable")] = ""
    kind: Literal["written", "drill"] = "written"
    post: Annotated[Literal["sales"], OWN_REFUSAL] = "sales"
    parts: tuple[Part, ...] = ()
    part: Part | None = None


class Numbered(msgspec.Struct, frozen=True):
    """A command with what is kept bare."""

    code: Annotated[str, Text(64, is_bare=True, is_code=True)] = "E1"
    contact: Annotated[str, Text(64, is_bare=True)] = ""


@pytest.mark.parametrize(
    "stated",
    [
        {"line": "12345"},
        {"line": "杜　玉璇"},
        {"lines": "a\r\n\tb"},
        {"line": "㍿㍿"},
        {"name": "㍿x"},
        {"name": "e\u0301" * 5},
        {"name": " 1  2 3 "},
        {"lines": "㍿㍿"},
        {"line": "a\u200db"},
        {"number": "成都　1号"},
        {"number": "a\u200a\u2010b"},
        {"number": "a\n"},
        {"number": "a\u200bb"},
        {"number": "\u200fa"},
        {"number": "\ufeffE1"},
        {"number": '="12345"'},
        {"phone": " 12345\t\r\n"},
        {"phone": "\u200b\u3164"},
        {"phone": "'"},
        {"on": date(1900, 1, 1)},
        {"on": date(2999, 12, 31)},
        {"headcount": 10},
        {"headcount": -1},
        {"amount": Decimal("100.00")},
        {"amount": Decimal("99.9000")},
        {"amount": Decimal("1E+1")},
        {"amount": Decimal(-100)},
        {"amount": Decimal("1." + "0" * 1_000)},
        {"score": Decimal("1000.5")},
        {"topics": ("ab", "cd")},
        {"kind": "drill"},
        {"post": "no_post"},
        {"parts": (Part("abc"),)},
    ],
    ids=str,
)
def test_what_lies_within_its_bounds_passes(stated: dict[str, Any]) -> None:
    check(Stated(**stated))


@pytest.mark.parametrize("text", NUMBERS_IN_OTHER_DIGITS)
@pytest.mark.parametrize("field", ["code", "contact"])
def test_a_number_or_contact_is_refused_whose_digits_only_folding_makes(
    field: str, text: str
) -> None:
    check(Numbered(**{field: "Ｅ１２"}))
    with pytest.raises(Refusal) as refused:
        check(Numbered(**{field: text}))
    assert (refused.value.code, refused.value.field) == ("digits_unclear", field)


@pytest.mark.parametrize(
    ("stated", "code", "field"),
    [
        ({"line": "123456"}, "text_too_long", "line"),
        ({"line": "a\0"}, "text_invalid", "line"),
        ({"name": "㍿㍿"}, "text_too_long", "name"),
        ({"name": " " * 91}, "text_too_long", "name"),
        ({"name": "a" + "\u0301\u0316" * 100_000}, "text_too_long", "name"),
        ({"number": "a" + "\u0301\u0316" * 100_000}, "text_too_long", "number"),
        ({"line": "a\nb"}, "text_invalid", "line"),
        ({"line": "a\x85"}, "text_invalid", "line"),
        ({"line": "a\ud800"}, "text_invalid", "line"),
        ({"number": "E\U000e0fff1"}, "text_invalid", "number"),
        ({"number": "2E+17"}, "number_in_powers_of_ten", "number"),
        ({"number": "'"}, "field_missing", "number"),
        ({"phone": "123456"}, "text_too_long", "phone"),
        ({"phone": "12\u206634"}, "phone_unreadable", "phone"),
        ({"lines": "a\0"}, "text_invalid", "lines"),
        ({"lines": "a\udfff"}, "text_invalid", "lines"),
        ({"on": date(1899, 12, 31)}, "day_out_of_range", "on"),
        ({"on": date(3000, 1, 1)}, "day_out_of_range", "on"),
        ({"headcount": 11}, "number_out_of_range", "headcount"),
        ({"amount": Decimal("100.01")}, "number_out_of_range", "amount"),
        ({"amount": Decimal("NaN")}, "number_out_of_range", "amount"),
        ({"amount": Decimal("-Infinity")}, "number_out_of_range", "amount"),
        ({"amount": Decimal("1E+1000000")}, "number_out_of_range", "amount"),
        ({"amount": Decimal("-1E+1000000")}, "number_out_of_range", "amount"),
        ({"amount": Decimal("0.001")}, "too_many_places", "amount"),
        ({"amount": Decimal("1E-1000030")}, "too_many_places", "amount"),
        ({"score": Decimal("NaN")}, "score_out_of_range", "score"),
        ({"score": Decimal("-1E+1000000")}, "score_out_of_range", "score"),
        ({"score": Decimal("0.55")}, "too_many_places", "score"),
        ({"topics": ("a", "b", "c")}, "list_too_long", "topics"),
        ({"topics": ("a", "abc")}, "text_too_long", "topics.1"),
        ({"kind": "oral"}, "choice_unknown", "kind"),
        ({"parts": (Part("abc"), Part("a\t"))}, "text_invalid", "parts.1.code"),
        ({"part": Part("abcd")}, "text_too_long", "part.code"),
    ],
    ids=lambda said: str(said)[:60],
)
def test_what_lies_outside_its_bounds_is_refused_at_its_field(
    stated: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        check(Stated(**stated))
    assert (refused.value.code, refused.value.field) == (code, field)


class Asked(msgspec.Struct, frozen=True):
    """What must be given, and what may be left out."""

    title: Annotated[str, Text(5)]
    lessons: Annotated[Sequence[Annotated[str, Text(5)]], Many(3, is_given=True)]
    remark: Annotated[str, Text(5)] = ""


@pytest.mark.parametrize(
    ("title", "lessons", "fields"),
    [
        ("", ("a",), ["title"]),
        ("\u200b", ("\u2800",), ["title", "lessons"]),
        ("\u3000 ", ("a",), ["title"]),
        ("a", (), ["lessons"]),
        (" ", (" ", ""), ["title", "lessons"]),
        ("a", ("", "b"), []),
    ],
)
def test_a_text_that_must_be_given_is_not_blank(
    title: str, lessons: tuple[str, ...], fields: list[str]
) -> None:
    refused = list(faults(Asked, {"title": title, "lessons": lessons, "remark": " "}))
    assert [(one.code, one.field) for one in refused] == [
        ("field_missing", field) for field in fields
    ]


def test_the_first_of_several_fields_outside_their_bounds_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        check(Stated(line="a\n", headcount=11))
    assert refused.value.field == "line"


@pytest.mark.parametrize(
    "bounds",
    [
        Text(36),
        Text(36, multiline=True),
        Text(5, is_bare=True),
        Text(5, is_bare=True, is_code=True),
    ],
)
@given(text=st.text(max_size=40) | st.text("aA0-.+E\u00a0 \u200b５²❶ﷺ", max_size=7))
@example(text="2E+17")
@example(text="2.0E17")
@example(text="-")
@example(text="ﷺ﷽")
def test_what_is_seen_to_be_within_its_bounds_at_a_look_is_so_at_a_closer_one(
    bounds: Text, text: str
) -> None:
    if bounds.is_surely_within(text):
        bounds.check(text, "field", tidy)
        if bounds.is_bare:
            assert bare_number(text) == text
