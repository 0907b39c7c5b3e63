"""Handlers of commands: what carrying out any command has in common.

    @handler
    async def void_order(work: Work, command: VoidOrder) -> str: ...

    on_trainee = handler_on(TRAINEES.named, "employee_no")
    hold_off_post = on_trainee(HoldOffPost, Trainee.hold_off_post)

The second form is for a decision that one aggregate makes by itself.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import cache, wraps
from inspect import signature
from typing import Any, TypeVar, get_type_hints

import msgspec
from msgspec.structs import replace

from domain.kernel.aggregate import Aggregate
from domain.kernel.bounds import Cleaned, Text, unwrapped
from domain.kernel.values import bare_number
from services.kernel.fields import Happened, Planned
from services.kernel.work import Work, require_planned

A = TypeVar("A", bound=Aggregate)
C = TypeVar("C", bound=msgspec.Struct)

Handler = Callable[[Work, C], Awaitable[str]]
"""Decides a command; answers the id of the changed stream."""


def handler(decide: Handler[C]) -> Handler[C]:
    """Marks a function as the handler of the type of its `command`.

    Before it decides, `date_in_future` is refused for each field that is marked as Happened,
    `date_too_far_ahead` for each that is marked as Planned, and those that are marked as Cleaned
    are cleaned, as are texts that are taken bare.
    """

    @wraps(decide)
    def handle(work: Work, command: C) -> Awaitable[str]:
        marked = _marked(type(command))
        for field, notice in marked.happened:
            if (day := getattr(command, field)) is not None:
                work.require_past(day, field, notice)
        for field in marked.planned:
            if (day := getattr(command, field)) is not None:
                require_planned(day, work.ctx.today, field)
        cleaned = {}
        for field, clean in marked.cleaned:
            typed = getattr(command, field)
            # Mostly it was typed as it is kept.
            if typed is not None and (kept := clean(typed)) is not typed:
                cleaned[field] = kept
        return decide(work, replace(command, **cleaned) if cleaned else command)

    return handle


def handler_on(
    load: Callable[[Work, Any], Awaitable[A]], named_in: str
) -> Callable[[type[C], Callable[..., None]], Handler[C]]:
    """Makes handlers of what one aggregate decides by itself.

    load: finds the aggregate that a command names in the field `named_in`; the command's other
    fields are the arguments of the aggregate's method. Raises TypeError where they are not.
    """

    def handler_of(kind: type[C], decide: Callable[..., None]) -> Handler[C]:
        fields = [field for field in kind.__struct_fields__ if field != named_in]
        signature(decide).bind(None, **dict.fromkeys(fields))

        async def handle(work: Work, command: C) -> str:
            aggregate = await load(work, command)
            decide(aggregate, **{field: getattr(command, field) for field in fields})
            return aggregate.id

        handle.__annotations__ = {"work": Work, "command": kind, "return": str}
        return handler(handle)

    return handler_of


class _Marked(msgspec.Struct, frozen=True):
    """The fields of a command that are looked at before it decides, by their marks."""

    happened: tuple[tuple[str, timedelta], ...]
    planned: tuple[str, ...]
    cleaned: tuple[tuple[str, Callable[[Any], Any]], ...]


@cache
def _marked(kind: type[msgspec.Struct]) -> _Marked:
    hints = get_type_hints(kind, include_extras=True)
    marks = [(name, mark) for name in kind.__struct_fields__ for mark in unwrapped(hints[name])[1]]
    bare = [(name, bare_number) for name, mark in marks if isinstance(mark, Text) and mark.is_bare]
    return _Marked(
        happened=tuple((name, mark.notice) for name, mark in marks if isinstance(mark, Happened)),
        planned=tuple(name for name, mark in marks if isinstance(mark, Planned)),
        cleaned=(*bare, *((name, mark.by) for name, mark in marks if isinstance(mark, Cleaned))),
    )
