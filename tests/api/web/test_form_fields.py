"""What is typed into one field, and what it means."""

from decimal import Decimal

import pytest

from api.web.kit.form import form_of
from api.web.kit.form_field import FormField
from api.web.kit.resource import CommandKind
from domain.kernel.errors import Refusal
from services.importing.spellings import read_amount
from services.kernel.context import Role
from services.people.person import AssignRole, JoinPersons
from services.teaching.session import OpenSession
from services.trainees.selling import RecordOrder
from services.trainees.trainee import RecordExamResult


def field_of(command: CommandKind, name: str) -> FormField:
    field = form_of(command).field(name)
    assert field is not None
    return field


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1280.50", "1280.50"),
        ("1,280.5", "1280.5"),
        ("１，２８０", "1280"),
        ("12,345,678", "12345678"),
        ("-1,000", "-1000"),
    ],
)
def test_commas_between_groups_of_three_digits_say_nothing(typed: str, amount: str) -> None:
    assert field_of(RecordOrder, "amount").read((typed,)) == Decimal(amount)


@pytest.mark.parametrize("typed", ["29,800元", "￥29,800", "¥ 29800.00 元"])
def test_an_amount_may_bear_its_unit_as_in_a_sheet_and_no_other_number_may(typed: str) -> None:
    assert field_of(RecordOrder, "amount").read((typed,)) == read_amount(typed) == 29_800
    with pytest.raises(Refusal, match="not_a_number"):
        field_of(RecordExamResult, "score").read((typed,))


@pytest.mark.parametrize("typed", ["1.28万", "1.28 万元", "１万"])
def test_an_amount_in_ten_thousands_is_refused_as_that_in_a_form_as_in_a_sheet(typed: str) -> None:
    with pytest.raises(Refusal, match="amount_in_ten_thousands"):
        field_of(RecordOrder, "amount").read((typed,))
    with pytest.raises(Refusal, match="amount_in_ten_thousands"):
        read_amount(typed)


@pytest.mark.parametrize(
    "typed", ["12,80", "1,5", ",5", "1,2800", "1280,", "1,,280", "1.280,5", "1_0", "١٠"]
)
def test_what_is_no_number_by_the_grammar_of_all_doors_is_refused(typed: str) -> None:
    with pytest.raises(Refusal, match="not_a_number"):
        field_of(RecordOrder, "amount").read((typed,))
    with pytest.raises(Refusal, match="not_a_number"):
        field_of(OpenSession, "headcount").read((typed,))


def test_one_of_the_choices_of_an_enum_is_the_enums() -> None:
    role = field_of(AssignRole, "role")
    assert role.kind == "choice" and role.read(("lecturer",)) is Role.LECTURER
    with pytest.raises(Refusal, match="choice_unknown"):
        role.read(("emperor",))


def test_a_field_with_the_id_of_another_thing_names_that() -> None:
    fields = {field.name: field for field in form_of(JoinPersons).fields}
    assert (fields["person_id"].names, fields["into_id"].names) == ("id", "thing")
    assert fields["into_id"].by_id
