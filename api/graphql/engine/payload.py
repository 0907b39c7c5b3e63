"""From a command to a payload: what was changed, at which position, or why it was refused."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, get_type_hints

import strawberry
from strawberry.scalars import JSON

from api.errors import plain, sentence
from api.graphql.engine.context import Info, OperationContext
from api.graphql.engine.glossary import first_sentence
from api.graphql.engine.inputs import camel, pascal, read, root_input_of
from domain.kernel.errors import Refusal
from services.execute import Done, checked_key, execute

Changed = tuple[Any, int | None]
"""What is shown after a change, and the partner's position after it."""

CarryOut = Callable[[OperationContext, Any, str | None], Awaitable[Changed]]
"""Carries out what an input states; the last argument: the idempotency key. Raises Refusal."""


@strawberry.type(description="Why a change was refused: data, not an error of the request.")
class UserError:
    code: str = strawberry.field(description="Stable, snake case, for programs.")
    message: str = strawberry.field(description="For people, in the language of the request.")
    path: list[str] = strawberry.field(
        description="The field that is to be mended, from `input` on."
    )
    params: JSON = strawberry.field(description="The values that the message is made with.")


class Shown(NamedTuple):
    """What a payload shows beside position and errors: the name of the field and its type."""

    name: str
    kind: Any


class Answer(NamedTuple):
    """What a command's payload shows, and how it is read after the command."""

    shown: Shown
    read: Callable[[OperationContext, Done], Awaitable[Any]]


def mutation(name: str, struct: Any, carry_out: CarryOut, field: Shown, about: str) -> Any:
    """The mutation that carries out what a struct states; a refusal is part of its payload.

    name: of its input and payload, in capitals (`GoLive`). about: its description.
    """
    payload = _payload_of(name, field)

    async def resolve(self: Any, info: Info, input: Any) -> Any:
        context, shown, position, errors = info.context, None, None, []
        try:
            stated = read(struct, input, context.language)
            shown, position = await carry_out(context, stated, checked_key(input.idempotency_key))
        except Refusal as refusal:
            errors = [user_error(context, refusal, struct)]
        return payload(**{field.name: shown}, position=position, errors=errors)

    resolve.__annotations__ |= {"input": root_input_of(struct, name), "return": payload}
    return strawberry.mutation(resolve, description=about)


def mutation_of_command(command: Any, answer: Answer) -> Any:
    """The mutation of a command: its docstring's first sentence is the description."""

    async def carry_out(context: OperationContext, stated: Any, key: str | None) -> Changed:
        done = await execute(context.command(key), stated)
        context.floor = max(context.floor, done.position)
        return await answer.read(context, done), done.position

    about = first_sentence(command.__doc__)
    return mutation(command.__name__, command, carry_out, answer.shown, about)


def mutation_of(carry_out: CarryOut, field: Shown) -> Any:
    """The mutation of a use case that is no command, from a function: its name, the struct of its
    second argument, its docstring's first sentence."""
    name = pascal(carry_out.__name__)
    struct = list(get_type_hints(carry_out).values())[1]
    return mutation(name, struct, carry_out, field, first_sentence(carry_out.__doc__))


def _payload_of(name: str, field: Shown) -> Any:
    hints = {field.name: field.kind | None, "position": int | None, "errors": list[UserError]}
    body = {"__annotations__": hints, "__module__": __name__, "position": _position()}
    about = f"What became of `{name[0].lower()}{name[1:]}`."
    return strawberry.type(type(f"{name}Payload", (), body), description=about)


def _position() -> Any:
    return strawberry.field(
        description="The partner's position after the change; null where there was none."
    )


def user_error(context: OperationContext, refusal: Refusal, struct: Any) -> UserError:
    """The refusal as data, in the reader's language. struct: of what was asked."""
    return UserError(
        code=refusal.code,
        message=sentence(refusal.code, refusal.params, context.language),
        path=["input", *_path(refusal.field, struct)],
        params=JSON(plain(refusal.params)),
    )


def _path(field: str | None, struct: Any) -> list[str]:
    names = field.split(".") if field else []
    known = {*struct.__struct_fields__, "idempotency_key"}
    return list(map(camel, names)) if names and names[0] in known else []
