"""From a command to a payload: what was changed, at which position, or why it was refused."""

from collections.abc import Awaitable, Callable
from typing import Any, get_type_hints

import strawberry
from strawberry.scalars import JSON
from strawberry.utils.str_converters import capitalize_first, to_camel_case

from api.errors import body
from api.graphql.engine.context import Info, OperationContext
from api.graphql.engine.enums import first_sentence
from api.graphql.engine.inputs import input_of, read
from api.graphql.engine.outputs import showing
from domain.kernel.errors import Refusal
from services.execute import Done, checked_key, execute

Changed = tuple[Any, int | None]
"""What is shown after a change, and the partner's position after it."""

CarryOut = Callable[[OperationContext, Any, str | None], Awaitable[Changed]]
"""Carries out what an input states; the last argument: the idempotency key. Raises Refusal."""


POSITION = "The partner's position after the change; null where there was none."


@showing()
class UserError:
    """Why a change was refused: data, not an error of the request."""

    code: str
    message: str
    path: list[str]
    params: JSON


Shown = tuple[str, Any]
"""What a payload shows beside position and errors: the name of the field and its type."""

Read = Callable[[OperationContext, Done], Awaitable[Any]]
"""How that is read after a command."""


def mutation(name: str, struct: Any, carry_out: CarryOut, field: Shown, says: object) -> Any:
    """The mutation that carries out what a struct states; a refusal is part of its payload.

    name: of its input and payload, in capitals (`GoLive`). says: whose docstring describes it.
    """
    payload = _payload_of(name, field)

    async def resolve(self: Any, info: Info, input: Any) -> Any:
        context, shown, position, errors = info.context, None, None, []
        try:
            stated = read(struct, input, context.language)
            shown, position = await carry_out(context, stated, checked_key(input.idempotency_key))
        except Refusal as refusal:
            said = body(refusal.code, refusal.params, context.language)
            path = ["input", *_path(refusal.field, struct)]
            errors = [UserError(path=path, **said)]
        return payload(**{field[0]: shown}, position=position, errors=errors)

    resolve.__annotations__ |= {"input": input_of(struct, mutation=name), "return": payload}
    return strawberry.mutation(resolve, description=first_sentence(says.__doc__))


def mutation_of_command(command: Any, field: Shown, show: Read) -> Any:
    """The mutation of a command."""

    async def carry_out(context: OperationContext, stated: Any, key: str | None) -> Changed:
        done = await execute(context.command(key), stated)
        context.floor = max(context.floor, done.position)
        return await show(context, done), done.position

    return mutation(command.__name__, command, carry_out, field, command)


def mutation_of(carry_out: CarryOut, field: Shown) -> Any:
    """The mutation of a use case that is no command, from a function: its name, and the struct of
    its second argument."""
    struct = list(get_type_hints(carry_out).values())[1]
    name = capitalize_first(to_camel_case(carry_out.__name__))
    return mutation(name, struct, carry_out, field, carry_out)


def _payload_of(name: str, field: Shown) -> Any:
    hints = {field[0]: field[1] | None, "position": int | None, "errors": list[UserError]}
    position = strawberry.field(description=POSITION)
    body = {"__annotations__": hints, "__module__": __name__, "position": position}
    about = f"What became of `{name[0].lower()}{name[1:]}`."
    return strawberry.type(type(f"{name}Payload", (), body), description=about)


def _path(field: str | None, struct: Any) -> list[str]:
    names = field.split(".") if field else []
    known = {*struct.__struct_fields__, "idempotency_key"}
    return list(map(to_camel_case, names)) if names and names[0] in known else []
