"""Who holds which number or code follows from the log, whatever happens."""

from collections.abc import Sequence
from random import Random

import pytest

from services.claims import Claims
from services.kernel.naming import LIKE
from tests.carrying import MemoryLog, in_memory
from tests.histories import COMING_BACK, KINDS, OF_THE_TENANT
from tests.situation import BEGINNING, march, ordered, withdrawn
from tests.steps import Step
from tests.test_histories import random_history

BARE = ("order_no", "7")


def claimed(history: Sequence[Step]) -> tuple[MemoryLog, Claims]:
    log, claims = in_memory(history), Claims()
    for one in log.recorded:
        claims.take(one.event)
    return log, claims


@pytest.mark.parametrize("kinds", [KINDS + OF_THE_TENANT[:1], COMING_BACK], ids=["all", "stays"])
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
