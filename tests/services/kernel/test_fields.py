"""What commands are given of texts in which nothing can be seen."""

import pytest

from services.kernel.fields import STRIPPED, TIDIED, Cleaned

UNSEEN = ["", " ", "\u3000 \u200b", "\u2060", "\ufeff", "\u00ad", "\u3164", "\u2800", "\n\t\u200f"]


@pytest.mark.parametrize("mark", [STRIPPED, TIDIED], ids=["prose", "name"])
@pytest.mark.parametrize("text", UNSEEN)
def test_a_text_of_nothing_that_can_be_seen_is_none(mark: Cleaned, text: str) -> None:
    assert mark.by(text) == ""


@pytest.mark.parametrize("mark", [STRIPPED, TIDIED], ids=["prose", "name"])
def test_an_invisible_sign_within_a_text_stays(mark: Cleaned) -> None:
    person = "\U0001f469\u200d\U0001f4bc"
    assert mark.by(f" {person} ") == person
