"""Who holds which number or code follows from the log, whatever happens."""

from collections.abc import Sequence
from random import Random

import pytest

from services.claims import Claims
from services.kernel.naming import LIKE
from services.trainees.trainee import TRAINEES
from tests.carrying import MemoryLog, in_memory
from tests.histories import COMING_BACK, KINDS, OF_THE_STAFF, OF_THE_TENANT
from tests.situation import BEGINNING, march, ordered, withdrawn
from tests.steps import Step
from tests.test_histories import random_history

BARE = ("order_no", "7")

KEYS = {
    " e-００12 ": ("E-0012", None),
    "ab\u20101": ("AB-1", None),
    "㍿Ａ·9": ("株式会社A·9", None),
    "ﬀⅫ②": ("FFXII2", None),
    "ß é": ("SSÉ", None),
    "00１２": ("0012", "12"),
}
"""By which numbers are claimed, and like which others."""


def claimed(history: Sequence[Step]) -> tuple[MemoryLog, Claims]:
    log, claims = in_memory(history), Claims()
    for one in log.recorded:
        claims.take(one.event)
    return log, claims


@pytest.mark.parametrize(
    "kinds",
    [KINDS + OF_THE_TENANT[:1], COMING_BACK, OF_THE_STAFF],
    ids=["all", "stays", "staff"],
)
def test_of_any_random_history(kinds: tuple[str, ...]) -> None:
    for seed in range(60):
        log, claims = claimed(random_history(Random(seed), kinds))
        assert claims.owners == log.held, seed


def test_of_a_number_with_leading_zeros_and_the_one_without() -> None:
    history = [*BEGINNING, ordered("E0", "007", on=march(4))]
    log, claims = claimed(history)
    assert claims.owners == log.held
    assert log.held[BARE] == f"{LIKE}007"
    log, claims = claimed([*history, withdrawn("E0", 2)])
    assert claims.owners == log.held
    assert BARE not in log.held


@pytest.mark.parametrize("number", KEYS)
def test_of_numbers_claimed_by_an_earlier_version_by_the_same_keys(number: str) -> None:
    # Another rule would make verify call claims of before forged: it comes with a migration of
    # the table, and only then is this another list.
    place, like = TRAINEES.place(number), TRAINEES.place_like(number)
    assert (place[1], like and like[1]) == KEYS[number]
