"""What commands are given of texts, phones, mails and numbers, as people write them."""

from decimal import Decimal, localcontext

import msgspec
import pytest

from domain.kernel.bounds import Cleaned, faults
from services.kernel.fields import NAMED, PLAIN, STRIPPED, TIDIED
from services.teaching.cohort import CorrectCohortOpening
from services.trainees.correction import CorrectEnrolment
from services.trainees.follow_up import AgreeAction
from services.trainees.selling import RecordOrder
from services.trainees.trainee import ChangeManager

UNSEEN = ["", " ", "\u3000 \u200b", "\u2060", "\ufeff", "\u00ad", "\u3164", "\u2800", "\n\t\u200f"]


@pytest.mark.parametrize("mark", [STRIPPED, TIDIED], ids=["prose", "name"])
@pytest.mark.parametrize("text", UNSEEN)
def test_a_text_of_nothing_that_can_be_seen_is_none(mark: Cleaned, text: str) -> None:
    assert mark.by(text) == ""


@pytest.mark.parametrize("mark", [TIDIED, NAMED], ids=["name", "manager"])
@pytest.mark.parametrize("name", ["\u202e王一", "王\u2066一\u2069", "王一\u200f"])
def test_nothing_forces_another_direction_on_a_name(mark: Cleaned, name: str) -> None:
    assert mark.by(name) == "王一"


@pytest.mark.parametrize("mark", [STRIPPED, TIDIED], ids=["prose", "name"])
def test_an_invisible_sign_within_a_text_stays(mark: Cleaned) -> None:
    person = "\U0001f469\u200d\U0001f4bc"
    assert mark.by(f" {person} ") == person


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        *(("周敏", "周敏"), ("周\u3000敏", "周敏"), (" 周  敏 ", "周敏"), ("周\u200b敏", "周敏")),
        *(("Li  Wei", "Li Wei"), ("Ｌｉ Wei", "Li Wei"), ("李 Wei", "李 Wei")),
        *((name, "阿依古丽·买买提") for name in ("阿依古丽•买买提", "阿依古丽.买买提")),
        ("J.R. Smith", "J.R. Smith"),
    ],
)
def test_one_manager_is_written_in_one_way(written: str, plain: str) -> None:
    assert NAMED.by(written) == plain


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        *(("1e3", "1000"), ("1.5E+1", "15"), ("1688", "1688"), ("1688.00", "1688.00")),
        *(("-1E12", "-1000000000000"), ("999999999999.99000", "999999999999.99")),
        *(("12.5", "12.5"), ("12.5000", "12.50"), ("0E-9", "0.00"), ("-0", "0"), ("0", "0")),
        *(("1e-2", "0.01"), ("1E12", "1000000000000"), (f"-0.{'0' * 99}", "0.00")),
    ],
)
def test_a_number_is_written_in_plain_decimal(written: str, plain: str) -> None:
    number = Decimal(written)
    assert str(PLAIN.by(number)) == plain
    with localcontext(prec=1, Emax=0, Emin=0):
        assert str(PLAIN.by(number)) == plain


@pytest.mark.parametrize("text", UNSEEN)
@pytest.mark.parametrize(
    ("command", "held"),
    [(CorrectEnrolment, ["name", "id_number"]), (CorrectCohortOpening, ["name"])],
)
def test_a_blank_is_refused_of_what_a_correction_leaves_or_says_and_never_clears(
    command: type[msgspec.Struct], held: list[str], text: str
) -> None:
    said = dict.fromkeys(["name", "id_number", "phone", "manager", "training_manager"], text)
    refused = [(one.field, one.code) for one in faults(command, said)]
    assert [one for one in refused if one[1] == "field_missing"] == [
        (field, "field_missing") for field in held
    ]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (AgreeAction, {"action": "谈" * 198 + "……"}),
        (RecordOrder, {"product": "㈱" * 40}),
        (ChangeManager, {"manager": "e\u0301" * 60}),
    ],
    ids=["as it was typed", "as it came", "composed"],
)
def test_a_text_is_as_long_as_it_is_kept(
    command: type[msgspec.Struct], said: dict[str, str]
) -> None:
    assert list(faults(command, said)) == []
