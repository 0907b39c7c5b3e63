"""Sets of arguments that many fields take: said once, handed to the resolver as one value."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime
from inspect import Parameter, isawaitable, signature
from typing import Annotated, Any

import msgspec
import strawberry

from api.graphql.engine.context import Info
from domain.kernel.values import tidy
from projections.kernel.paging import Paging
from services.reading.moment import Moment, known_by, moment_at
from services.reading.question import Question


class Arguments(msgspec.Struct, frozen=True):
    """name: of the resolver's parameter. parameters: what the schema shows. value: what the
    resolver is handed for what was stated."""

    name: str
    parameters: tuple[Parameter, ...]
    value: Callable[[Info, dict[str, Any]], Awaitable[Any]]


def argument(name: str, kind: Any, description: str, *, required: bool = False) -> Parameter:
    """One argument of a field; None where it is not stated."""
    return Parameter(
        name,
        Parameter.KEYWORD_ONLY,
        default=Parameter.empty if required else None,
        annotation=Annotated[
            kind if required else kind | None, strawberry.argument(description=description)
        ],
    )


def taking(
    *sets: Arguments, description: str | None = None, answer: Any = None, **kinds: Any
) -> Callable[[Callable[..., Any]], Any]:
    """A field whose resolver takes values of these sets beside arguments of its own.

    answer, kinds: types of the schema, where the resolver's and its arguments' do not say them.
    """

    def field(resolver: Callable[..., Any]) -> Any:
        own = signature(resolver)
        taken = {one.name for one in sets}
        is_method = "self" in own.parameters

        async def resolve(self: Any, info: Info, **stated: Any) -> Any:
            values = {}
            for one in sets:
                its = {each.name: stated.pop(each.name, None) for each in one.parameters}
                values[one.name] = await one.value(info, its)
            found = resolver(*(self, info)[not is_method :], **stated, **values)
            return await found if isawaitable(found) else found

        shown = [
            each.replace(annotation=kinds.get(name, each.annotation))
            for name, each in own.parameters.items()
            if name not in {*taken, "self"}
        ]
        head = [Parameter("self", Parameter.POSITIONAL_OR_KEYWORD), shown[0]]
        rest = [
            *(each.replace(kind=Parameter.KEYWORD_ONLY) for each in shown[1:]),
            *(each for one in sets for each in one.parameters),
        ]
        resolve.__signature__ = own.replace(parameters=[*head, *rest])  # type: ignore[attr-defined]
        resolve.__name__, resolve.__module__ = resolver.__name__, resolver.__module__
        return strawberry.field(resolver=resolve, description=description, graphql_type=answer)

    return field


HAPPENED_BY = argument("happened_by", date, "What had happened by the evening of this day.")
KNOWN = (
    argument("known_by", datetime, "What was recorded by this instant, with its zone."),
    argument("known_by_position", int, "The same, by a position in the partner's log."),
)
MIN_POSITION = argument(
    "min_position", int, "Waits until the read models show this position of the log."
)
GROUP = {
    "month": "The month, YYYY-MM.",
    "cohort": "The cohort's code, however it is spelt.",
    "manager": "The number of the newcomers' manager, or the name.",
    "training_manager": "Who answers for the cohorts.",
}
"""What narrows a question about figures, and what that says."""


async def _moment(info: Info, stated: Mapping[str, Any]) -> Moment | None:
    context = info.context
    await context.reach(stated.get("min_position"))
    known = known_by(stated["known_by"], stated["known_by_position"])
    travel = context.system.time_travel
    return await moment_at(travel, context.tenant, stated.get("happened_by"), known)


AT_A_MOMENT = Arguments("moment", (HAPPENED_BY, *KNOWN, MIN_POSITION), _moment)
"""Both times, for what happens on days. Refuses `known_by_twice`, `instant_without_zone`,
`position_invalid`, `position_not_reached`."""

AS_KNOWN = Arguments("moment", (*KNOWN, MIN_POSITION), _moment)
"""The time of recording alone, for what has no day."""


async def _question(info: Info, stated: dict[str, Any]) -> Question:
    await info.context.reach(stated.pop("min_position"))
    known = known_by(stated.pop("known_by", None), stated.pop("known_by_position", None))
    day = stated.pop("happened_by", None) or info.context.today
    for name in ("manager", "training_manager"):
        if stated.get(name) is not None:
            stated[name] = tidy(stated[name])
    return Question(day, known_by=known, **stated)


def asking(*group: str, required: str | None = None, at_a_moment: bool = True) -> Arguments:
    """The arguments of a question about figures, on the partner's today where no day is stated.

    group: which of GROUP narrow it, all where none is named; required: one that must be stated.
    """
    chosen = [
        argument(name, str, about, required=name == required)
        for name, about in GROUP.items()
        if not group or name in group
    ]
    times = (HAPPENED_BY, *KNOWN) if at_a_moment else ()
    return Arguments("asked", (*chosen, *times, MIN_POSITION), _question)


def paged(default: int) -> Arguments:
    """Relay's arguments of a page; default: its size where it is not stated."""

    async def value(_: Info, stated: dict[str, Any]) -> Paging:
        return Paging.of(**stated, default=default)

    return Arguments(
        "paging",
        (
            argument("first", int, f"How many from the start on, at most 200; else {default}."),
            argument("after", str, "The cursor behind which the page begins."),
            argument("last", int, "How many up to the end, instead of `first`."),
            argument("before", str, "The cursor in front of which the page ends."),
        ),
        value,
    )
