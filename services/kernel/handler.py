"""Handlers of commands: what carrying out any command has in common.

    @handler
    async def void_order(work: Work, command: VoidOrder) -> str: ...

    @on_trainee
    def hold_off_post(trainee: Trainee, command: HoldOffPost) -> None: ...

The second form is for a decision that one aggregate makes by itself.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import cache, wraps
from typing import Any, TypeVar, get_type_hints

import msgspec

from domain.kernel.aggregate import Aggregate
from domain.kernel.bounds import unwrapped
from services.kernel.fields import Happened
from services.kernel.work import Work

A = TypeVar("A", bound=Aggregate)
C = TypeVar("C", bound=msgspec.Struct)

Handler = Callable[[Work, C], Awaitable[str]]
"""Decides a command; answers the id of the changed stream."""


def handler(decide: Handler[C]) -> Handler[C]:
    """Marks a function as the handler of the type of its `command`.

    Before it decides, `date_in_future` is refused for each field that is marked as Happened.
    """

    @wraps(decide)
    def handle(work: Work, command: C) -> Awaitable[str]:
        for field, notice in _happened(type(command)):
            day = getattr(command, field)
            if day is not None:
                work.require_past(day, field, notice)
        return decide(work, command)

    return handle


def handler_on(
    load: Callable[[Work, Any], Awaitable[A]],
) -> Callable[[Callable[[A, C], None]], Handler[C]]:
    """Makes handlers of functions that give a command to one aggregate.

    load: finds the aggregate that a command names.
    """

    def decorate(decide: Callable[[A, C], None]) -> Handler[C]:
        @wraps(decide)
        async def handle(work: Work, command: C) -> str:
            aggregate = await load(work, command)
            decide(aggregate, command)
            return aggregate.id

        return handler(handle)

    return decorate


@cache
def _happened(kind: type[msgspec.Struct]) -> tuple[tuple[str, timedelta], ...]:
    hints = get_type_hints(kind, include_extras=True)
    return tuple(
        (name, mark.notice)
        for name in kind.__struct_fields__
        for mark in unwrapped(hints[name])[1]
        if isinstance(mark, Happened)
    )
