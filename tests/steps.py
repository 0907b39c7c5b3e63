"""A step of a history: data that prints as the sentence that makes it."""

from collections.abc import Callable, Iterator
from datetime import date
from functools import wraps
from inspect import Parameter, signature
from typing import Any, ParamSpec

import msgspec

Commands = Iterator[msgspec.Struct]
P = ParamSpec("P")


class Step(msgspec.Struct, frozen=True):
    """One thing that happens. says: the call that makes it, as a sentence."""

    says: str
    commands: tuple[msgspec.Struct, ...]

    def __repr__(self) -> str:
        return self.says


def step(make: Callable[P, Commands]) -> Callable[P, Step]:
    """Makes a step of a function that yields its commands."""
    parameters = signature(make).parameters.values()

    @wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> Step:
        leading = [repr(value) for value in args]
        stated = [
            f"{parameter.name}={_written(kwargs[parameter.name])}"
            for parameter in parameters
            if parameter.name in kwargs and kwargs[parameter.name] != parameter.default
        ]
        if any(parameter.kind is Parameter.VAR_KEYWORD for parameter in parameters):
            stated = [f"{name}={_written(value)}" for name, value in kwargs.items()]
        says = f"{make.__name__}({', '.join(leading + stated)})"
        return Step(says, tuple(make(*args, **kwargs)))

    return made


def _written(value: Any) -> str:
    if isinstance(value, date):
        return f"date({value.year}, {value.month}, {value.day})"
    return repr(value)
