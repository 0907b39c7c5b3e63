"""How many examples a property is tried with: the same ones each time, or many others."""

from hypothesis import settings

IS_EXPLORING = not settings.default.derandomize
"""Whether `make explore` asks, see conftest.py."""


def examples(each_time: int) -> int:
    """So many in `make test`, ten times as many in `make explore`."""
    return each_time * 10 if IS_EXPLORING else each_time
