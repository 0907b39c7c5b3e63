"""All kinds of things that have pages: which of them is meant, and which things."""

from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from msgspec import Struct
from msgspec.structs import fields

from api.web.kit.page import PageContext
from api.web.kit.resource import CommandKind, Resource
from domain.kernel.errors import Refusal
from projections.kernel.listing import Listing
from projections.kernel.projection import R
from services.reading.moment import Moment
from services.registry import COMMANDS


class Resources(Struct, frozen=True):
    """All kinds of things that have pages."""

    all: tuple[Resource[Any], ...]

    def of_kind(self, kind: str) -> Resource[Any] | None:
        """The resource whose things have global ids of this kind."""
        return next((one for one in self.all if one.listing.kind == kind), None)

    def of_list(self, listing: Listing[Any]) -> Resource[Any]:
        return next(one for one in self.all if one.listing is listing)

    def named_in(self, field: str) -> Resource[Any] | None:
        """The kind of things that a field of commands names."""
        named = (one for one in self.all if field in (one.named_in, *one.named_also))
        return next(named, None)

    def opened_by(self, command: CommandKind) -> Resource[Any] | None:
        """The kind of things of which a command makes a new one."""
        return next((one for one in self.all if one.opening is command), None)

    def suggesting(self, field: str) -> Resource[Any] | None:
        """The kind of things whose column of that name has the texts that are suggested."""
        return next((one for one in self.all if field in one.suggested), None)

    def answering(self, command: CommandKind) -> Resource[Any] | None:
        """The resource of what a command changes."""
        answers = COMMANDS[command].answers
        return next((one for one in self.all if one.aggregate is answers), None)

    async def first_of(self, page: PageContext, of: Resource[Any]) -> Resource[Any]:
        """The kind of which something must be made before one of a kind can be: where its opening
        names another thing and there is none yet, that one's."""
        asked = {one.name for one in fields(of.opening) if one.required}
        lists = page.lists()
        for other in self.all:
            is_named = other is not of and other.named_in in asked
            if is_named and not await lists.count(other.listing):
                return await self.first_of(page, other)
        return of

    async def later(
        self, page: PageContext, of: Resource[R], row: R, moment: Moment | None = None
    ) -> R | None:
        """The thing that has the name of this one now, where that was handed on to a later one."""
        if of.listing.newest is None:
            return None
        named, began = {of.named_by: getattr(row, of.named_by)}, attrgetter(of.listing.newest)
        meant = await page.lists(moment).get(of.listing, **named)
        return meant if meant is not None and began(meant) > began(row) else None

    async def handed_on(self, page: PageContext, of: Resource[Any], row: Any) -> Refusal | None:
        """`name_handed_on` where the name of a thing means a later one."""
        if await self.later(page, of, row) is None:
            return None
        return Refusal("name_handed_on", name=getattr(row, of.named_by))

    async def owners(
        self, page: PageContext, of: Resource[Any], ids: Mapping[str, str]
    ) -> dict[str, tuple[Resource[Any], Any]]:
        """The things which narrow a list, by filter, each named by its id or as people name it;
        what is unknown is left out."""
        found = {}
        for name, one in of.listing.filters.items():
            owner = self.of_kind(one.of) if one.of and ids.get(name) else None
            if owner is None or not page.may(owner.permission):
                continue
            if row := await self.one_of(page, owner, ids[name]):
                found[name] = (owner, row)
        return found

    async def one_of(
        self, page: PageContext, of: Resource[R], text: str, moment: Moment | None = None
    ) -> R | None:
        """The thing with an id, or else with the code or number that people name it by."""
        reader = page.lists(moment)
        row = await reader.get(of.listing, id=text)
        return row or await reader.get(of.listing, **{of.named_by: text})
