"""What `python -m tests.chaos` sends and kills."""

from itertools import islice

from tests.chaos.plan import cohorts, kills


def test_one_seed_is_one_plan_and_another_is_another() -> None:
    assert [*kills(1, 50)] == [*kills(1, 50)] != [*kills(2, 50)]
    first, again, other = (
        [*islice(cohorts(seed, client), 3)] for seed, client in ((1, "A0"), (1, "A0"), (1, "A1"))
    )
    assert first == again != other
