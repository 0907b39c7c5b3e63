"""How many examples a property is tried with: the same ones each time, or many others."""

from hypothesis import settings

IS_EXPLORING = not settings.default.derandomize
"""Whether `make explore` asks, see conftest.py."""


def examples(of_hundred: int) -> int:
    """So many where other properties are tried with a hundred: half of them in `make test`, ten
    times as many in `make explore`."""
    return max(1, of_hundred * settings.default.max_examples // 100)
