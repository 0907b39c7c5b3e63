"""Fields of a few shapes: sets of arguments that many take, and pages of lists as Relay has them.

A set of arguments is said once and handed to the resolver as one value.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from inspect import Parameter, isawaitable, signature
from typing import Annotated, Any, ClassVar, Generic, Literal, Self, TypeVar, get_origin

import msgspec
import strawberry

from api.columns import LazyList, views
from api.graphql.engine.context import Info
from api.graphql.engine.scalars import enum_of
from api.graphql.engine.structs import Node, View, given_kind, read, reader_of, showing, shown_kind
from api.ids import global_id
from api.stated import require_one, stated
from domain.kernel.values import Month
from projections.kernel.filters import Filter
from projections.kernel.listing import Given, Listing
from projections.kernel.paging import LARGEST_PAGE, NUMBERS, Page, Paging
from projections.kernel.totals import GroupTotal
from services.reading.moment import Moment, Question, known_by
from services.reading.opened import Opened

N = TypeVar("N")
L = TypeVar("L")


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
    *sets: Arguments, description: str | None = None, answer: Any = None
) -> Callable[[Callable[..., Any]], Any]:
    """A field whose resolver takes values of these sets beside arguments of its own.

    What it takes and answers are types of the code. answer: where the resolver does not say it.
    """

    def field(resolver: Callable[..., Any]) -> Any:
        own = signature(resolver)
        taken = {one.name for one in sets} | {"self", "info"}
        stating = [(one, [each.name for each in one.parameters]) for one in sets]
        given = [one for one in own.parameters.values() if one.name not in taken]
        readers = {one.name: reader_of(one.annotation) for one in given}
        is_method, kind = "self" in own.parameters, shown_kind(answer or own.return_annotation)
        if own.parameters.keys() <= {"self", "info"}:  # Then many objects have it, one per row.
            return strawberry.field(resolver, description=description, graphql_type=kind)

        async def resolve(self: Any, info: Info, **stated: Any) -> Any:
            values: dict[str, Any] = {}
            for one, names in stating:
                values[one.name] = await one.value(info, {it: stated.pop(it, None) for it in names})
            for name, value in stated.items():
                values[name] = readers[name](value, info.context.language)
            found = resolver(*(self, info)[not is_method :], **values)
            return await found if isawaitable(found) else found

        parameters = [
            Parameter("self", Parameter.POSITIONAL_OR_KEYWORD),
            own.parameters["info"],
            *map(_shown, given),
            *(each for one in sets for each in one.parameters),
        ]
        resolve.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
        resolve.__name__, resolve.__module__ = resolver.__name__, resolver.__module__
        return strawberry.field(resolver=resolve, description=description, graphql_type=kind)

    return field


def _shown(own: Parameter) -> Parameter:
    is_choice = get_origin(own.annotation) is Literal and isinstance(own.default, str)
    return own.replace(
        kind=Parameter.KEYWORD_ONLY,
        annotation=given_kind(own.annotation),
        default=enum_of(own.annotation)(own.default) if is_choice else own.default,
    )


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
    "manager": "The newcomers' manager: a number, a name that is one person's, or a key.",
    "training_manager": "Who answers for the cohorts, likewise.",
}
"""What narrows a question about figures, and what that says."""


async def _known(info: Info, stated: dict[str, Any]) -> datetime | int | None:
    await info.context.reach(stated.pop("min_position"))
    return known_by(stated.pop("known_by", None), stated.pop("known_by_position", None))


async def _moment(info: Info, stated: dict[str, Any]) -> Moment | None:
    context, known = info.context, await _known(info, stated)
    times = context.system.times
    return await times.moment(context.principal, stated.get("happened_by"), known)


AT_A_MOMENT = Arguments("moment", (HAPPENED_BY, *KNOWN, MIN_POSITION), _moment)
"""Both times, for what happens on days. Refuses `known_by_twice`, `instant_without_zone`,
`position_invalid`, `position_not_reached`, `day_in_future`, `instant_in_future`."""

AS_KNOWN = Arguments("moment", (*KNOWN, MIN_POSITION), _moment)
"""The time of recording alone, for what has no day."""


async def _question(info: Info, stated: dict[str, Any]) -> Question:
    context, known = info.context, await _known(info, stated)
    day = stated.pop("happened_by", None)
    about = Question(date.min, date.min, **stated)
    return await context.system.times.question(context.principal, day, known, about)


def asking(*group: str, required: str | None = None, at_a_moment: bool = True) -> Arguments:
    """The arguments of a question about figures, on the day of knowing where no day is stated.

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


@showing(Page, "has_next_page=has_next has_previous_page=has_previous start_cursor end_cursor")
class PageInfo(View):
    """Where a page lies in its list."""


@showing(Page, "cursor node")
class Edge(Generic[N]):
    """One thing of a list."""

    page: strawberry.Private[Page[Any]]
    number: strawberry.Private[int]
    node: N

    @property
    def cursor(self) -> str:
        return self.page.cursor(self.number)


@showing()
class Connection(Generic[N]):
    """A page of a list, in the list's order."""

    edges: list[Edge[N]]
    page_info: PageInfo
    count: strawberry.Private[Callable[[], Any]]

    @taking(answer=int)
    def total_count(self, info: Info) -> Any:
        return len(page.rows) if (page := self.page_info.row).is_all else self.count()

    @classmethod
    def of(cls, page: Page[Any], node: Callable[[Any], Any], count: Callable[[], Any]) -> Self:
        """node: the view of a row. count: see `around`."""
        return cls.around(page, views(page.rows, node), count)

    @classmethod
    def around(cls, page: Page[Any], nodes: Sequence[N], count: Callable[[], Any]) -> Self:
        """count: of the whole list, perhaps awaitable; asked for where wanted."""

        def edges(nodes: Iterable[N]) -> Iterator[Edge[N]]:
            return (Edge(page=page, number=at, node=node) for at, node in enumerate(nodes))

        made: Any = LazyList(nodes, "node", edges)
        return cls(edges=made, page_info=PageInfo(row=page), count=count)

    @classmethod
    def of_lines(cls, lines: Sequence[L], paging: Paging, node: Callable[[L], N]) -> Self:
        """A connection of lines in memory, in their own order. Refuses `cursor_invalid`."""
        start, stop = paging.window(len(lines))
        return cls.numbered(views(lines[start:stop], node), start, len(lines))

    @classmethod
    def numbered(cls, nodes: Sequence[N], start: int, total: int) -> Self:
        """A connection of things whose places are their numbers; start: how many went before."""
        numbers = range(start + 1, start + len(nodes) + 1)
        page = Page(numbers, NUMBERS, has_next=numbers.stop <= total, has_previous=start > 0)
        return cls.around(page, nodes, lambda: total)


def connection_of(node: Any) -> Any:
    """The connection of a type that is known only while the schema is made."""
    kind: Any = Connection
    return kind[node]


@showing()
class Item(View, Node):
    """A row of a list, with its global id. of_kind: all such types, as global ids name them."""

    listing: ClassVar[Listing[Any]]
    of_kind: ClassVar[dict[str, "type[Item]"]] = {}

    def __init_subclass__(cls) -> None:
        if "listing" in vars(cls):
            cls.of_kind[cls.listing.kind] = cls

    @property
    def id(self) -> strawberry.ID:
        own = getattr(self.row, self.listing.id_column)
        return strawberry.ID(global_id(self.listing.kind, own))

    @classmethod
    async def load(cls, info: Info, own: str | None, moment: Moment | None) -> Self | None:
        """The row of an id, loaded together with all others that this operation asks for."""
        if own is None:
            return None
        row = await info.context.at(moment).row(cls.listing).load(own)
        return None if row is None else cls(row=row, moment=moment)


def linked(kind: str, column: str) -> Any:
    """The thing of a kind whose id the row of an object has in a column, if any."""

    async def resolve(self: Any, info: Info) -> Any:
        return await Item.of_kind[kind].load(info, getattr(self.row, column), self.moment)

    named: Any = Annotated[kind, strawberry.lazy("api.graphql.types.roots")]
    return strawberry.field(resolve, graphql_type=named | None)


def listed(listing: Listing[Any]) -> Any:
    """The type of a list's things: its columns, and whatever things its rows belong to."""
    row, filters = listing.stored.row, listing.filters.items()
    links = {name: linked(one.of, one.column) for name, one in filters if one.of}
    body = {"__doc__": row.__doc__, "__module__": __name__, "listing": listing, **links}
    return showing(row, " ".join(listing.columns))(type(listing.kind, (Item,), body))


def lines_field(node: type[View], path: str, size: int = LARGEST_PAGE) -> Any:
    """A page of the lines that an object has at hand. path: of the object's attribute."""

    async def resolve(self: Any, info: Info, paging: Paging) -> Any:
        return Connection.of_lines(read(self, path), paging, lambda line: node.below(line, self))

    return taking(paged(size), answer=connection_of(node))(resolve)


def opened_lines(node: type[View], of: str) -> Any:
    """A page of the lines of an attribute of figures that are opened (`row`)."""

    async def resolve(self: Any, info: Info, paging: Paging) -> Any:
        found = await self.row.lines(of, paging)
        nodes = views(found.lines, lambda line: node.below(line, self))
        return Connection.numbered(nodes, found.start, found.total)

    return taking(paged(LARGEST_PAGE), answer=connection_of(node))(resolve)


def opened_size(of: str) -> Any:
    """How many lines figures that are opened have under an attribute."""

    async def resolve(self: Any) -> int:
        opened: Opened = self.row
        return await opened.count(of)

    return strawberry.field(resolve)


def asked_for(node: type[Item]) -> dict[str, Any]:
    """The root fields of a list by their names: one of its things, a page, what all amount to."""
    listing, words = node.listing, node.listing.words

    async def one(self: Any, info: Info, moment: Any, given: Given) -> Any:
        return await single(info, node, moment, given)

    async def page(self: Any, info: Info, paging: Paging, moment: Any, given: Given) -> Any:
        reader = info.context.at(moment).reader
        found = await reader.page(listing, paging, **given)
        return Connection.of(
            found, lambda row: node(row=row, moment=moment), lambda: reader.count(listing, **given)
        )

    async def total(self: Any, info: Info, moment: Any, given: Given) -> Any:
        return await info.context.at(moment).reader.total(listing, **given)

    known, many = _asked_of(listing, listing.keys), _asked_of(listing, listing.filters)
    fields: Iterable[tuple[Any, Sequence[Arguments], Any, str]] = (
        (one, known, node | None, f"One of the {words}; null where there is none."),
        (page, (paged(listing.page_size), *many), connection_of(node), f"A page of the {words}."),
        (total, many, list[GroupTotal], f"What the {words} amount to, by where they stand."),
    )
    return {
        name: taking(*sets, description=about, answer=answer)(resolve)
        for name, (resolve, sets, answer, about) in zip(listing.asked_as, fields, strict=False)
    }


async def single(info: Info, node: type[Item], moment: Moment | None, by: Mapping[str, Any]) -> Any:
    """The thing that `id` (its own, not the global one) or unique values name; None if none do."""
    require_one(by)
    row = await info.context.at(moment).reader.get(node.listing, **by)
    return None if row is None else node(row=row, moment=moment)


def _asked_of(listing: Listing[Any], filters: Mapping[str, Filter[Any]]) -> list[Arguments]:
    """These filters of a list, and the times that change what it answers."""

    async def value(_: Info, given: dict[str, Any]) -> dict[str, Any]:
        return {name: stated(name, one, given.get(name)) for name, one in filters.items()}

    arguments = [argument(name, _kind(one), one.description) for name, one in filters.items()]
    given = Arguments("given", tuple(arguments), value)
    return [given, AS_KNOWN if listing.as_of is None else AT_A_MOMENT]


def _kind(one: Filter[Any]) -> Any:
    if one.of is not None:
        return strawberry.ID
    return str if one.kind is Month else shown_kind(one.kind)
