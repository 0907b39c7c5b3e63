"""The pages of one kind of thing, declared: its list, one of it with all that happened, its forms.

    FOLLOW_UPS = Resource(
        listing=FOLLOW_UP_LIST, aggregate=FollowUp, named_in="follow_up", named_by="code",
        title="code", opening=OpenFollowUp, commands=(NoteFollowUp, AgreeAction),
    )

Rows come from the list's declaration, forms from the structs of commands, permissions from the
registry, words from the catalogs by the names of all these.
"""

import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic

from msgspec import Struct

from api.stated import stated
from api.web.kit.addresses import list_address, thing_address
from api.web.kit.form import form_of
from api.web.kit.page import PageContext
from api.web.kit.wording import Wording
from domain.kernel.aggregate import Aggregate, DomainEvent, Happening
from domain.kernel.errors import NotFoundError
from projections.kernel.listing import Listing
from projections.kernel.projection import Projection, R
from projections.trainees.timeline import TIMELINE
from services.kernel.permissions import Permission
from services.reading.moment import Moment
from services.registry import COMMANDS

CommandKind = type[Struct]
_WORD = re.compile(r"(?<!^)(?=[A-Z])")


def name_of(command: CommandKind) -> str:
    """What a command is called in message ids: `record_order`."""
    return _WORD.sub("_", command.__name__).lower()


def path_of(command: CommandKind) -> str:
    """What a command is called in addresses: `record-order`."""
    return name_of(command).replace("_", "-")


Among = Callable[[PageContext, str, Collection[int]], Awaitable[Mapping[int, Happening | None]]]


Warn = Callable[[PageContext, str, int], Awaitable[str | None]]
"""Answers what is to be known of one of a thing's facts before it is amended, as a message id."""


async def _no_warning(*_: object) -> None:
    return None


class Amendment(Struct, frozen=True):
    """A command that is offered beside the facts that it corrects or takes back.

    of: the events that state such a fact. restates: whether the fact is said again, so that the
    form begins with it as it was recorded. asks: a field that names another thing of the kind.
    among: about which of a thing's facts, by their ids, it can be given, and about what it must be
    given before, if anything; None: about any. warns: answers the message id of what is to be
    known of such a fact before the command is given.
    """

    command: CommandKind
    of: tuple[type[DomainEvent], ...]
    restates: bool = True
    asks: str | None = None
    among: Among | None = None
    warns: Warn = _no_warning

    @property
    def topics(self) -> frozenset[str]:
        return frozenset(kind.TOPIC for kind in self.of)


class Related(Struct, frozen=True):
    """A list of other things that belong to one. by: the list's filter that says to which.
    is_told: its rows stand on the page of that one; else only how many they are, and a link. opens:
    whether a new one can be made there. may_be: whether one, by its row, can have any."""

    listing: Listing[Any]
    by: str
    is_told: bool = True
    opens: bool = True
    may_be: Callable[[Any], bool] = bool


class Steps(Struct, frozen=True):
    """What can be done about a thing as it stands. next: what comes next, the nearest first.
    refused: what would surely be refused; all other commands may be given too. awaited: a step that
    must still wait, and lacking: message ids of what for. instead: that of what else to do."""

    next: tuple[CommandKind, ...] = ()
    refused: frozenset[CommandKind] = frozenset()
    awaited: CommandKind | None = None
    lacking: tuple[str, ...] = ()
    instead: str | None = None


async def _any_time(_: PageContext, __: Any) -> Steps:
    return Steps()


Remarked = tuple[str, int]
"""The message id of a remark, and how many it is about."""

Remark = Callable[[PageContext, str, CommandKind, Mapping[str, Any]], Awaitable[Remarked | None]]
"""Answers what else is to be known about a command that was carried out about a thing, from what
its form said by field; mostly nothing."""


async def _no_remark(*_: object) -> None:
    return None


class FoundOtherwise(Struct, frozen=True):
    """What a search means that no column has: it belongs to one of the things. called: what people
    call that one. narrows: the filter of the list that the address states, if it leads there."""

    address: str
    called: str
    narrows: str | None = None


FindOtherwise = Callable[[PageContext, str, Moment | None], Awaitable[Sequence[FoundOtherwise]]]
"""Finds what a search may mean that no column has, at a moment; None: now."""


class Section(Struct, frozen=True):
    """A part of the page of one thing that no list shows.

    template: draws it. read: its values; None where there is nothing to show. of: the read models
    that these come from.
    """

    template: str
    read: Callable[[PageContext, Any, Moment | None], Awaitable[dict[str, Any] | None]]
    of: tuple[Projection[Any], ...]


Remarks = Callable[[PageContext, Collection[str]], Awaitable[Mapping[str, str]]]
"""Answers what else is said of some of the things with these ids in their list, as message ids."""


async def _without_remarks(*_: object) -> Mapping[str, str]:
    return {}


Leads = Callable[[PageContext, Any], Mapping[str, str]]
"""Answers where else columns of a row lead, by their names."""


def _nowhere(*_: object) -> Mapping[str, str]:
    return {}


Begun = Callable[[PageContext, Any, CommandKind], Awaitable[Mapping[str, Any]]]
"""Answers what the form of a command about a thing, by its row, begins with, by field."""


async def _with_nothing(*_: object) -> Mapping[str, Any]:
    return {}


Unasked = Callable[[Any, CommandKind], Collection[str]]
"""Answers the fields that the form of a command about a thing, by its row, does without."""


def _nothing_unasked(*_: object) -> Collection[str]:
    return ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Resource(Generic[R]):
    """The declaration of the pages of one kind of thing.

    named_in: the field of commands that names it, and named_also: others that name one; named_by:
    the row's attribute with its code or number, which not all need have. numbered_in: the field in
    which commands give it that, where it is not the opening's `named_by`.
    found_otherwise: finds one by words that no column has. title: the row's attribute that people
    call it by. opening: makes a new one. commands: those about one that is there. steps: which of
    them come next, and which cannot. removing: what takes something away, for good; final: what
    takes nothing away, and cannot be taken back either; recent: what lets somebody in, and so takes
    a log-in of the last minutes. repeated: fields of the opening that stay
    when another is entered next; none: nobody enters many. apart: columns that tell things of one
    title from each other. is_numbered: whether the partner itself gives the names. sheet: the
    kind of sheet that brings new ones too. is_offered: whether some are suggested where a form
    asks for one. usual: filters that hold of those who are mostly meant, as an address states them:
    the list begins with these, and they alone are suggested. suggested: columns with texts, such
    as people's names, which are suggested where a form asks for a field of that name. leads: where
    columns of a row lead that name no other thing. home: where one of them is told, if it is on
    the page of another thing. unoffered: filters of the list that links alone state.
    """

    listing: Listing[R]
    aggregate: type[Aggregate]
    named_in: str
    named_by: str
    title: str
    opening: CommandKind
    commands: tuple[CommandKind, ...]
    named_also: frozenset[str] = frozenset()
    numbered_in: str | None = None
    amendments: tuple[Amendment, ...] = ()
    steps: Callable[[PageContext, R], Awaitable[Steps]] = _any_time
    removing: frozenset[CommandKind] = frozenset()
    final: frozenset[CommandKind] = frozenset()
    recent: frozenset[CommandKind] = frozenset()
    repeated: frozenset[str] = frozenset()
    apart: tuple[str, ...] = ()
    is_numbered: bool = False
    sheet: str | None = None
    is_offered: bool = True
    unoffered: frozenset[str] = frozenset()
    usual: Mapping[str, str] = field(default_factory=dict)
    suggested: frozenset[str] = frozenset()
    found_otherwise: FindOtherwise | None = None
    remark: Remark = _no_remark
    related: tuple[Related, ...] = ()
    sections: tuple[Section, ...] = ()
    begins: Begun = _with_nothing
    unasked: Unasked = _nothing_unasked
    remarks: Remarks = _without_remarks
    leads: Leads = _nowhere
    home: Callable[[R], str] | None = None

    @property
    def path(self) -> str:
        """The address of its list."""
        return list_address(self.listing.kind)

    @property
    def start(self) -> str:
        """The address at which its list begins; all of them are at its path."""
        return list_address(self.listing.kind, **self.usual)

    @property
    def usually(self) -> dict[str, Any]:
        """What the list is given for those who are mostly meant."""
        filters = self.listing.filters
        return {name: stated(name, filters[name], text) for name, text in self.usual.items()}

    @property
    def permission(self) -> Permission:
        return Permission(self.listing.permission)

    def related_to(self, page: PageContext, row: R) -> list[Related]:
        """What can be related to one of them, as far as it may be read."""
        may_be = [one for one in self.related if one.may_be(row)]
        return [one for one in may_be if page.may(Permission(one.listing.permission))]

    @property
    def projections(self) -> tuple[Projection[Any], ...]:
        """The read models that show a change of one of them on its page."""
        return (self.listing.projection, TIMELINE, *(of for one in self.sections for of in one.of))

    def address(
        self, thing: str, command: CommandKind | None = None, fact: int | None = None
    ) -> str:
        """The address of one of them, or of a command's form about it."""
        address = thing_address(self.listing.kind, thing)
        if command is not None:
            address += f"/{path_of(command)}"
        return address if fact is None else f"{address}?fact={fact}"

    def address_of(self, row: R) -> str:
        """The address at which one of them is told."""
        if self.home is not None:
            return self.home(row)
        return self.address(self.id_of(row))

    def id_of(self, row: R) -> str:
        thing: str = getattr(row, self.listing.id_column)
        return thing

    def called(self, row: R) -> str:
        """What people call one of them: its title, and its name where that is another."""
        named = (getattr(row, self.title), getattr(row, self.named_by))
        return " ".join(dict.fromkeys(filter(None, named)))

    def typed(self, row: R) -> str:
        """What one types to name it: its code or number, or what it is called if it has none."""
        name: str = getattr(row, self.named_by) or getattr(row, self.title)
        return name

    async def once_called(self, page: PageContext, thing: str) -> str:
        """What people called one of them of which there are only the events any more."""
        streams = self.listing.projection.streams_of([thing])
        events = [one for its in streams for one in await page.app.log.load(page.tenant, its)]
        said = (
            next(filter(None, (getattr(one, name, None) for one in reversed(events))), None)
            for name in (self.title, self.named_by)
        )
        return " ".join(dict.fromkeys(filter(None, said)))

    def told(self, row: R, wording: Wording, called: str | None = None) -> str:
        """One of them with what tells it from others of its title. called: else as people call
        it."""
        called = self.called(row) if called is None else called
        apart = (wording.said(row, name) for name in self.apart if getattr(row, name) is not None)
        return " · ".join(filter(None, (called, *apart)))

    def gives_name(self, command: CommandKind, field: str) -> bool:
        """Whether a field of a command gives one its code or number, which is nothing's yet."""
        if self.numbered_in is not None:
            return field == self.numbered_in
        return command is self.opening and field in (self.named_in, self.named_by)

    def by_name(self, rows: Iterable[R]) -> list[R]:
        """One for each name, which that means, each at the first place of its name; each that has
        none."""
        named = defaultdict[str, list[R]](list)
        for row in rows:
            named[getattr(row, self.named_by) or self.id_of(row)].append(row)
        meant = map(self.listing.meant, named.values())
        return [row for row in meant if row is not None]

    @cached_property
    def amendment(self) -> Mapping[CommandKind, Amendment]:
        return {one.command: one for one in self.amendments}

    def command(self, path: str) -> CommandKind:
        """The command that an address names. Raises NotFoundError `page_unknown`."""
        for one in (*self.commands, *self.amendment):
            if path_of(one) == path:
                return one
        raise NotFoundError("page_unknown")

    def naming(self, row: Any, command: CommandKind) -> dict[str, Any]:
        """The fields of a command in which it names a thing of this kind."""
        amendment = self.amendment.get(command)
        asked = amendment.asks if amendment else None
        ids = [field.name for field in form_of(command).fields if field.names == "id"]
        named = dict.fromkeys(ids, self.id_of(row))
        if self.named_in in command.__struct_fields__ and self.named_in not in (asked, *ids):
            named[self.named_in] = getattr(row, self.named_by)
        return named

    def reaches_earlier(self, row: Any, command: CommandKind, *, knows_fact: bool = True) -> bool:
        """Whether a command reaches a thing whose name is a later one's now: it names what it is
        about otherwise, or says which fact it means. knows_fact: whether there is one to say."""
        says_fact = any(field.names == "fact" for field in form_of(command).fields)
        return (says_fact and knows_fact) or not self.naming(row, command)

    async def offered(self, page: PageContext, row: R, *, is_last: bool) -> "Offered":
        """What this person may do about a thing. is_last: whether its name means no later one."""
        steps = await self.steps(page, row)
        given = {
            one
            for one in (*self.commands, *self.amendment)
            if may_give(page, one)
            and one not in steps.refused
            and (is_last or self.reaches_earlier(row, one))
        }
        return Offered(
            next=[one for one in steps.next if one in given],
            others=[one for one in self.commands if one in given and one not in steps.next],
            amendments=[one for one in self.amendments if one.command in given],
            steps=steps,
        )


class Offered(Struct, frozen=True):
    """The commands that a page offers: the next steps, the others, and those beside their facts.

    steps: that they follow from, and what is not offered, such as the opening of another thing.
    """

    next: list[CommandKind] = []
    others: list[CommandKind] = []
    amendments: list[Amendment] = []
    steps: Steps = Steps()


def may_give(page: PageContext, command: CommandKind) -> bool:
    return page.may(COMMANDS[command].permission)
