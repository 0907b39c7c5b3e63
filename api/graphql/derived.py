"""Every mutation: one for each command that answers something, and those that are no commands."""

import strawberry

from api.graphql.engine.inputs import camel
from api.graphql.engine.payload import mutation_of, mutation_of_command
from api.graphql.types.answers import ANSWERS
from api.graphql.types.use_cases import USE_CASES
from services.registry import COMMANDS

_COMMANDS = {
    command.__name__[0].lower() + command.__name__[1:]: mutation_of_command(
        command, ANSWERS[row.answers]
    )
    for command, row in COMMANDS.items()
    if row.answers is not None
}
_OTHERS = {camel(use_case.__name__): mutation_of(use_case, shown) for use_case, shown in USE_CASES}

Mutation = strawberry.type(
    type("Mutation", (), {**_COMMANDS, **_OTHERS, "__module__": __name__}),
    description="What may be changed: every mutation takes one input and answers one payload.",
)
