"""Relay's connections from lists: one page type for all, and the root fields of a list."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import Enum
from typing import Any, ClassVar, Generic, Literal, Self, TypeVar, get_args, get_origin

import strawberry

from api.graphql.engine.arguments import AS_KNOWN, AT_A_MOMENT, Arguments, argument, paged, taking
from api.graphql.engine.context import Info
from api.graphql.engine.enums import enum_of
from api.graphql.engine.scalars import global_id, own_id
from api.graphql.engine.structs import Node, View, read, showing
from domain.kernel.errors import Refusal
from domain.kernel.values import Month
from projections.kernel.filters import Filter
from projections.kernel.listing import Listing
from projections.kernel.paging import LARGEST_PAGE, NUMBERED, Page, Paging, cursor
from services.reading.moment import Moment

N = TypeVar("N")
L = TypeVar("L")


@showing()
class PageInfo:
    """Where a page lies in its list."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@showing()
class Edge(Generic[N]):
    """One thing of a list."""

    cursor: str
    node: N


@showing()
class Connection(Generic[N]):
    """A page of a list, in the list's order."""

    edges: list[Edge[N]]
    page_info: PageInfo
    count: strawberry.Private[Callable[[], Awaitable[int]]]

    @taking()
    async def total_count(self, info: Info) -> int:
        return await self.count()

    @classmethod
    def of(
        cls, page: Page[Any], node: Callable[[Any], Any], count: Callable[[], Awaitable[int]]
    ) -> Self:
        """node: of a row. count: of the whole list, asked for only where it is wanted."""
        cursors = page.cursors
        return cls(
            edges=[
                Edge(cursor=place, node=node(row))
                for row, place in zip(page.rows, cursors, strict=True)
            ],
            page_info=PageInfo(
                has_next_page=page.has_next,
                has_previous_page=page.has_previous,
                start_cursor=cursors[0] if cursors else None,
                end_cursor=cursors[-1] if cursors else None,
            ),
            count=count,
        )

    @classmethod
    def of_lines(cls, lines: Sequence[L], paging: Paging, node: Callable[[L], N]) -> Self:
        """Of lines that are all at hand, in their own order. Refuses `cursor_invalid`."""
        start, stop = paging.window(len(lines))
        return cls.numbered([node(line) for line in lines[start:stop]], start, len(lines))

    @classmethod
    def numbered(cls, nodes: Sequence[N], start: int, total: int) -> Self:
        """Of things whose places are their numbers; start: how many went before."""
        end = start + len(nodes)
        cursors = [cursor(NUMBERED, (number,)) for number in range(start + 1, end + 1)]

        async def count() -> int:
            return total

        page = Page(list(nodes), cursors, end < total, has_previous=start > 0)
        return cls.of(page, lambda node: node, count)


def connection_of(kind: Any) -> Any:
    """The type of a page of such outputs."""
    return Connection[kind]


@showing()
class Row(View, Node):
    """A row of a list, with its global id."""

    listing: ClassVar[Listing[Any]]

    @property
    def id(self) -> strawberry.ID:
        return global_id(self.listing.kind, getattr(self.row, self.listing.id_column))

    @classmethod
    async def load(cls, info: Info, own: str | None, moment: Moment | None) -> Self | None:
        """By its own id, together with all others that this operation asks for."""
        if own is None:
            return None
        row = await info.context.at(moment).row(cls.listing).load(own)
        return None if row is None else cls(row=row, moment=moment)


def lines_field(node: type[View], path: str, size: int = LARGEST_PAGE) -> Any:
    """A page of the lines that an object has at hand. path: of the object's attribute."""

    async def resolve(self: Any, info: Info, paging: Paging) -> Any:
        return Connection.of_lines(read(self, path), paging, lambda line: node.below(line, self))

    return taking(paged(size), answer=connection_of(node))(resolve)


def list_field(node: type[Row]) -> Any:
    """The root field that answers pages of a list."""
    listing = node.listing
    own = _filters(listing.filters)

    async def resolve(
        self: Any, info: Info, paging: Paging, moment: Moment | None, given: dict[str, Any]
    ) -> Any:
        reader = info.context.at(moment).reader
        page = await reader.page(listing, paging, **given)
        return Connection.of(
            page, lambda row: node(row=row, moment=moment), lambda: reader.count(listing, **given)
        )

    sets = (paged(listing.page_size), own, _times(listing))
    answer, about = connection_of(node), f"A page of the {listing.name}."
    return taking(*sets, description=about, answer=answer)(resolve)


def single_field(node: type[Row]) -> Any:
    """The root field that answers one thing of a list, by its global id or a unique value."""
    listing = node.listing
    own = _filters(listing.keys)

    async def resolve(self: Any, info: Info, moment: Moment | None, given: dict[str, Any]) -> Any:
        return await single(info, node, moment, given)

    about = f"One of the {listing.name}; null where there is none."
    return taking(own, _times(listing), description=about, answer=node | None)(resolve)


async def single(info: Info, node: type[Row], moment: Moment | None, by: Mapping[str, Any]) -> Any:
    """The thing that `id` (its own, not the global one) or unique values name; None if none do."""
    if all(value is None for value in by.values()):
        return None
    row = await info.context.at(moment).reader.get(node.listing, **by)
    return None if row is None else node(row=row, moment=moment)


def stated(name: str, one: Filter[Any], value: Any) -> Any:
    """What a filter is given for an argument, typed or as text.

    Refuses `id_invalid`, `month_invalid`, `filter_invalid`.
    """
    if value is None:
        return None
    if one.of is not None:
        return own_id(value, one.of)[1]
    if one.kind is Month:
        return Month.parse(value)
    if isinstance(value, Enum):
        return value.value
    found = value
    if one.kind is bool and isinstance(value, str):
        found = {"true": True, "false": False}.get(value.lower())
    elif get_origin(one.kind) is Literal:
        found = value.lower() if value.lower() in get_args(one.kind) else None
    if found is None:
        raise Refusal("filter_invalid", filter=name, value=str(value)[:100])
    return found


def _times(listing: Listing[Any]) -> Arguments:
    return AS_KNOWN if listing.as_of is None else AT_A_MOMENT


def _filters(filters: Mapping[str, Filter[Any]]) -> Arguments:
    async def value(_: Info, given: dict[str, Any]) -> dict[str, Any]:
        return {name: stated(name, one, given.get(name)) for name, one in filters.items()}

    arguments = [argument(name, _kind(one), one.description) for name, one in filters.items()]
    return Arguments("given", tuple(arguments), value)


def _kind(one: Filter[Any]) -> Any:
    if one.of is not None:
        return strawberry.ID
    if get_origin(one.kind) is Literal:
        return enum_of(one.kind)
    return bool if one.kind is bool else str
