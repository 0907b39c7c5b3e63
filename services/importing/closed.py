"""What is said of personal cells, of names and of free text about a person is kept nowhere but in
the events: the answer of a row leaves it out, and it is said anew whenever the report is drawn, as
it was known when the row was decided.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any, Final, cast, get_type_hints

import msgspec

from domain.kernel.aggregate import FREE_TEXT, PERSONAL
from domain.kernel.bounds import unwrapped
from domain.kernel.whose import own_stream
from domain.people.person import Person
from domain.trainees.trainee import Trainee
from services.importing.report import BLANK
from services.kernel.context import Context
from services.kernel.fields import NAMED
from services.kernel.past import known_at
from services.people.called import names_of
from services.trainees.whose import personal_on

LEFT_OUT: Final = None
"""In an answer: a param that is said anew."""

RECORDED: Final = "recorded"
"""The param that says what is recorded; the others say what the cell does."""

OF_CELLS: Final = (RECORDED, "given", "value", "name")
"""The params in which a refusal says what a cell and the record say."""

NO_MANAGER: Final = "no_manager"
"""The word for having none."""


@cache
def closed_fields(kind: type[msgspec.Struct]) -> frozenset[str]:
    """The fields of a row that hold something personal, a name, or free text about a person."""
    hints = get_type_hints(kind, include_extras=True)
    marks = {name: unwrapped(hint)[1] for name, hint in hints.items()}
    closed = (PERSONAL, NAMED, FREE_TEXT)
    return frozenset(name for name, its in marks.items() if any(one in its for one in closed))


def without_closed(
    command: msgspec.Struct, field: str | None, params: Mapping[str, Any]
) -> dict[str, Any]:
    """The params of a refusal of a field as the answer keeps them."""
    left_out = OF_CELLS if _field(field) in closed_fields(type(command)) else ()
    return {name: LEFT_OUT if name in left_out else value for name, value in params.items()}


async def with_closed(
    ctx: Context,
    command: msgspec.Struct,
    of: tuple[str, int],
    field: str | None,
    params: Mapping[str, Any],
) -> dict[str, Any]:
    """The params with what was left out of them: of a row's field as the row says it, and as was
    recorded of the stay that it is about. of: the id of that, and the position after the row."""
    at = _field(field)
    if at not in closed_fields(type(command)):
        return dict(params)
    left_out = dict.fromkeys(
        (name for name, value in params.items() if value is LEFT_OUT),
        getattr(command, at) or (NO_MANAGER if at == "manager" else BLANK),
    )
    if RECORDED in left_out:
        left_out[RECORDED] = await _recorded(ctx, of, at)
    return {**params, **left_out}


def _field(named: str | None) -> str:
    """The field of a row that a refusal names."""
    return (named or "").partition(".")[0]


async def _recorded(ctx: Context, of: tuple[str, int], field: str) -> Any:
    """What was recorded of the person as a stay begins, and who was the manager at last; of a name,
    which is the row's there, the one from before it."""
    log, tenant, (stay_id, position) = ctx.log, ctx.principal.tenant, of
    stay = await known_at(log, tenant, stay_id, position)
    if not isinstance(stay, Trainee):
        return None
    if field == "manager":
        manager_id = stay.employment.manager_on(date.max)
        if manager_id is None:
            return NO_MANAGER
        return (await names_of(log, tenant, [manager_id], position)).get(manager_id, "")
    person = cast(Person, await known_at(log, tenant, own_stream(stay_id), position))
    day = stay.employment.enrolled.entered_on
    return personal_on(person, day - timedelta(days=field == "name"))[field]
