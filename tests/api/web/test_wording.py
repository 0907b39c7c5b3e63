"""Targets as people read and write them: exact, whatever the figures beside them are rounded to."""

from decimal import Decimal

import pytest

from api.web.kit.form import CommandForm, form_of
from api.web.kit.wording import Wording
from domain.kernel.values import Ratio
from domain.kpi.rounding import Unit
from domain.kpi.scheme.lines import Criterion
from domain.trainees.events import OrderClosed
from services.words.texts import read_texts

CRITERION: CommandForm = form_of(Criterion)


@pytest.mark.parametrize(
    ("target", "unit", "text"),
    [
        (Ratio(4, 5), "percent", "80%"),
        (Ratio(1, 1), "percent", "100%"),
        (Ratio(125, 1000), "percent", "12.5%"),
        (Ratio(2, 3), "percent", "2/3"),
        (Ratio(0, 1), "percent", "0%"),
        (Ratio(3, 2), "per_person", "1.5"),
        (Ratio(10, 1), "days", "10"),
        (Ratio(1, 3), "per_person", "1/3"),
        (Ratio(1, 100_000), "per_person", "1/100000"),
    ],
)
def test_a_target_is_written_as_it_is_read(target: Ratio, unit: Unit, text: str) -> None:
    assert Wording(read_texts("en"), "UTC").exact(target, unit) == text
    field = CRITERION.field("target")
    assert field
    read = field.read((text,))
    assert (read.numerator * target.denominator) == (target.numerator * read.denominator)


@pytest.mark.parametrize(
    ("amount", "text"), [("6688", "6,688.00"), ("6688.00", "6,688.00"), ("9.5", "9.50")]
)
def test_an_amount_reads_the_same_however_it_was_typed(amount: str, text: str) -> None:
    assert Wording(read_texts("en"), "UTC").value(OrderClosed, "amount", Decimal(amount)) == text
