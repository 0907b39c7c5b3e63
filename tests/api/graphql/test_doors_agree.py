"""What GraphQL accepts and refuses of a command is what `execute` accepts and refuses.

For every command with a mutation: a base, and for every field values at and outside its bounds.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal, get_origin, get_type_hints

import httpx
import msgspec
import pytest
from litestar import Litestar
from strawberry.utils.str_converters import to_camel_case

from api.ids import global_id
from domain.kernel.bounds import (
    Days,
    Many,
    Number,
    Text,
    choices_of,
    is_enum,
    is_struct,
    item_of,
    unwrapped,
)
from domain.kernel.errors import Refusal
from infra.bootstrap import App
from services.execute import execute
from services.kernel.context import Role
from services.kernel.fields import IdOf
from services.kernel.rehearsal import rehearsing
from services.kernel.roles import ROLES
from services.people.access import Tenant
from services.registry import COMMANDS
from tests.api.conftest import open_door
from tests.api.door import Door

MUTATIONS = [command for command, row in COMMANDS.items() if row.answers is not None]
ROLES_TRIED = (Role.TRAINING_MANAGER, Role.HR_MANAGER)
WORDS = {"month": "2026-06", "effective_from": "2026-06", "kpi": "order_rate"}
NO_VALUE, HUGE = "none_of_the_values", "1E+1000000"
UNFIT = {NO_VALUE: "input_invalid", HUGE: "not_a_number"}
"""What only a program states, and the code of what does not fit GraphQL's schema so."""


@pytest.mark.parametrize("command", MUTATIONS, ids=lambda command: command.__name__)
async def test_both_doors_accept_the_same_and_refuse_the_same_with_one_code(
    app: App,
    web: Litestar,
    http: httpx.AsyncClient,
    partner: Tenant,
    command: type[msgspec.Struct],
) -> None:
    permission = COMMANDS[command].permission
    role = next(role for role in ROLES_TRIED if permission in ROLES[role])
    door = await open_door(app, web, http, partner.code, role)
    refused = 0
    for stated in variants_of(command):
        expected = await rehearsed(app, door, command, stated)
        found = await given(door, command, stated)
        unfit = next((code for one, code in UNFIT.items() if one in str(stated)), None)
        if unfit:
            assert (bool(expected), found) == (True, unfit), stated
        else:
            assert found == expected, stated
        refused += bool(found)
    assert refused


async def rehearsed(app: App, door: Door, command: type[msgspec.Struct], stated: Any) -> Any:
    """The code and the path of the refusal; None where it would be carried out."""
    principal = await app.accounts.principal_of_token(door.token)
    assert principal is not None
    ctx = rehearsing(app.context(principal))
    ctx = msgspec.structs.replace(ctx, now=web_now(ctx.now))
    try:
        await execute(ctx, built(command, stated))
    except Refusal as refusal:
        path = refusal.field.split(".") if refusal.field else []
        known = path and path[0] in command.__struct_fields__
        return refusal.code, ["input", *map(to_camel_case, path)] if known else ["input"]
    return None


def web_now(now: Any) -> Any:
    """The application under test has a clock of its own, which stands after every day here."""
    return max(now, now.replace(year=2026, month=12, day=1))


async def given(door: Door, command: type[msgspec.Struct], stated: Any) -> Any:
    """The same through GraphQL, or the code where the request itself is refused."""
    name = command.__name__
    field = name[0].lower() + name[1:]
    query = f"mutation M($i: {name}Input!) {{ {field}(input: $i) {{ errors {{ code path }} }} }}"
    answer = await door.answer(query, i=sent(command, stated))
    if "errors" in answer:
        return answer["errors"][0]["extensions"]["code"]
    errors = answer["data"][field]["errors"]
    return (errors[0]["code"], errors[0]["path"]) if errors else None


def variants_of(struct: type[msgspec.Struct]) -> Iterator[dict[str, Any]]:
    """The required fields alone, then with one field at or outside its bounds."""
    hints = get_type_hints(struct, include_extras=True)
    required = [f.name for f in msgspec.structs.fields(struct) if f.required]
    base = {name: WORDS.get(name) or next(values_of(hints[name])) for name in required}
    yield base
    for name, hint in hints.items():
        for value in values_of(hint):
            yield base | {name: value}


def values_of(hint: Any) -> Iterator[Any]:
    """A value that passes, then those at and outside the bounds."""
    kind, marks = unwrapped(hint)
    item = item_of(kind)
    if get_origin(kind) is Literal or is_enum(kind):
        yield from choices_of(kind)
        yield NO_VALUE
    elif item is not None:
        first, *others = values_of(item)
        yield [first]
        yield from ([other] for other in others)
        yield from ([first] * (mark.most + 1) for mark in marks if isinstance(mark, Many))
    elif is_struct(kind):
        yield from variants_of(kind)
    elif kind is bool:
        yield from (True, False)
    elif kind is str:
        yield "2026-06"
        for mark in marks:
            if isinstance(mark, Text):
                yield from ("a" * mark.most, "a" * (mark.most + 1), "a\0b", "a\nb", " ", "")
    elif kind is date:
        yield date(2026, 6, 1)
        for mark in marks:
            if isinstance(mark, Days):
                yield from (mark.since, mark.since - timedelta(1), mark.until + timedelta(1))
    elif kind in (int, Decimal):
        yield kind(1)
        yield kind(-1)
        for mark in marks:
            if isinstance(mark, Number):
                yield from (kind(mark.most + 1), kind(-mark.most - 1))
            if isinstance(mark, Number) and mark.places:
                yield Decimal("0." + "0" * mark.places + "1")
        if kind is Decimal:
            yield from (Decimal(HUGE), Decimal(f"-{HUGE}"))
    else:
        raise LookupError(f"no values of {kind}")


def built(hint: Any, stated: Any) -> Any:
    """The command, or a part of it, as the commands' structs have it."""
    kind, _ = unwrapped(hint)
    item = item_of(kind)
    if is_struct(kind):
        hints = get_type_hints(kind, include_extras=True)
        values = {}
        for name, value in stated.items():
            try:
                values[name] = built(hints[name], value)
            except Refusal as refused:
                refused.field = f"{name}.{refused.field}"
                raise
        return kind(**values)
    return tuple(built(item, one) for one in stated) if item is not None else stated


def sent(hint: Any, stated: Any) -> Any:
    """The same as a client writes it."""
    kind, marks = unwrapped(hint)
    item = item_of(kind)
    if is_struct(kind):
        hints = get_type_hints(kind, include_extras=True)
        return {to_camel_case(name): sent(hints[name], value) for name, value in stated.items()}
    if item is not None:
        return [sent(item, one) for one in stated]
    for mark in marks:
        if isinstance(mark, IdOf) and mark.kind in ("submission", "trainee", "person"):
            return global_id(mark.kind.capitalize(), stated)
    if (get_origin(kind) is Literal or is_enum(kind)) and stated != NO_VALUE:
        return re.sub(r"\W", "_", stated).upper()
    return str(stated) if isinstance(stated, date | Decimal) else stated
