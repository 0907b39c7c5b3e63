"""What is said of personal cells and of free text about a person is kept nowhere but in the events:
the answer of a row leaves it out, and it is said anew whenever the report is drawn.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any, Final, cast, get_type_hints

import msgspec

from domain.kernel.aggregate import FREE_TEXT, PERSONAL
from domain.kernel.bounds import unwrapped
from domain.kernel.whose import own_stream
from domain.people.person import Person
from domain.trainees.trainee import Trainee
from services.kernel.context import Context
from services.trainees.whose import personal_on

LEFT_OUT: Final = None
"""In an answer: a param that is said anew."""

RECORDED: Final = "recorded"
"""The param that says what is recorded; the others say what the cell does."""

OF_CELLS: Final = (RECORDED, "given", "value")
"""The params in which a refusal says what a cell and the record say."""


@cache
def closed_fields(kind: type[msgspec.Struct]) -> frozenset[str]:
    """The fields of a row that hold something personal, or free text about a person."""
    hints = get_type_hints(kind, include_extras=True)
    marks = {name: unwrapped(hint)[1] for name, hint in hints.items()}
    return frozenset(name for name, its in marks.items() if PERSONAL in its or FREE_TEXT in its)


def without_closed(
    command: msgspec.Struct, field: str | None, params: Mapping[str, Any]
) -> dict[str, Any]:
    """The params of a refusal of a field as the answer keeps them."""
    left_out = OF_CELLS if _field(field) in closed_fields(type(command)) else ()
    return {name: LEFT_OUT if name in left_out else value for name, value in params.items()}


async def with_closed(
    ctx: Context,
    command: msgspec.Struct,
    stream_id: str,
    field: str | None,
    params: Mapping[str, Any],
) -> dict[str, Any]:
    """The params with what was left out of them: of a row's field as the row says it, and as is
    recorded of the stay that it is about."""
    at = _field(field)
    if at not in closed_fields(type(command)):
        return dict(params)
    left_out = dict.fromkeys(
        (name for name, value in params.items() if value is LEFT_OUT), getattr(command, at)
    )
    if RECORDED in left_out:
        left_out[RECORDED] = await _recorded(ctx, stream_id, at)
    return {**params, **left_out}


def _field(named: str | None) -> str:
    """The field of a row that a refusal names."""
    return (named or "").partition(".")[0]


async def _recorded(ctx: Context, stay_id: str, field: str) -> Any:
    """What is recorded of the person as a stay begins; of a name, which is the row's there, the one
    from before it."""
    stay = await ctx.log.aggregate(ctx.principal.tenant, stay_id)
    if not isinstance(stay, Trainee):
        return None
    person = cast(Person, await ctx.log.aggregate(ctx.principal.tenant, own_stream(stay_id)))
    day = stay.employment.enrolled.entered_on
    return personal_on(person, day - timedelta(days=field == "name"))[field]
