"""The filters of a table: what a form sends, what their values mean, and what a page offers.

People and things are chosen from a few, or typed and suggested where there are many. A person's
name stands in no address: there the id is, or what was typed is sealed where it is nobody's.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal
from urllib.parse import urlencode

from msgspec import Struct
from msgspec.structs import replace

from api.web.kit.bearers import Namesakes, bearers
from api.web.kit.filters import LIMITS, TIME_FILTERS, Amiss, PersonKeys, read_each
from api.web.kit.moments import moment_of
from api.web.kit.page import PageContext
from api.web.kit.resource import Resource
from api.web.kit.resources import Resources
from api.web.kit.suggestions import MOST_NAMES, Suggested, narrowed_at, offered
from api.web.kit.table import (
    LONGEST_ASKED,
    TableQuery,
    given_of,
    is_search,
    parse_table_query,
)
from api.web.kit.wording import Wording
from domain.kernel.bounds import choices_of
from domain.kernel.errors import Refusal
from domain.kernel.values import Month
from projections.kernel.filters import Filter, KnownText
from projections.kernel.listing import Listing
from projections.kernel.paging import Paging
from projections.kernel.pinyin import sort_key
from projections.people.named import NamedPerson
from services.reading.lists import Reader
from services.reading.moment import Moment
from services.reading.names import Named, ids_after_joining, list_named

MOST_CHOICES = 60
"""That a filter offers to choose from; of more it suggests the latest or the commonest."""

Owners = Mapping[str, tuple[Resource[Any], Any]]
"""By filter, the kind and the row of the thing that narrows a list."""


Names = Mapping[str, Mapping[str, Named]]
"""What the people are called by their ids that a list may be narrowed to, by filter, the commonest
first."""


class TableFilter(Struct, frozen=True):
    """One filter as a page offers it. kind: how it is entered, `thing` for one that is chosen by
    its id elsewhere. typed: what holds now. choices: each with its words. suggested: what may be
    typed."""

    name: str
    kind: Literal["search", "choice", "suggested", "thing"]
    typed: str
    choices: tuple[tuple[str, str], ...] = ()
    suggested: Suggested = Suggested()


class AskedList(Struct, frozen=True):
    """What the address of a list asks for. query: with the ids that its texts mean.
    moment: that its times mean; reader: of the lists then. owners: the things that narrow the
    list. names: of people, to choose from. amiss: by filter, what cannot be read or means nothing.
    """

    query: TableQuery
    moment: Moment | None
    reader: Reader
    owners: Owners
    names: Names
    amiss: Mapping[str, Amiss]


async def read_names(reader: Reader, listing: Listing[Any]) -> Names:
    """The people that a list can be narrowed to, who are in it as the reader reads it."""
    found = dict[str, Mapping[str, Named]]()
    for name, one in listing.filters.items():
        if isinstance(one, NamedPerson):
            ids = await reader.values(listing, name, MOST_NAMES)
            called = await list_named(reader, ids)
            found[name] = {one: called[one] for one in ids}
    return found


def _called(text: str, known: Mapping[str, Named], keys: PersonKeys) -> frozenset[str]:
    """The ids of those whom a text means: an id, what somebody is called, or the key of a name,
    which addresses had before."""
    if text in known:
        return frozenset((text,))
    labelled = {one for one, its in known.items() if its.label == text}
    name = keys.name_of(text, [its.name for its in known.values()])
    return frozenset(labelled or (one for one, its in known.items() if its.name == name))


async def _meant(
    page: PageContext, reader: Reader, text: str, known: Mapping[str, Named]
) -> frozenset[str]:
    """The same; also by a number, or the id of who was joined into another."""
    found = _called(text, known, page.people)
    return found or await ids_after_joining(reader, text) & known.keys()


async def address_of_sent(
    page: PageContext,
    resources: Resources,
    listing: Listing[Any],
    sent: Mapping[str, str],
    names: Names,
) -> str:
    """The query of the address that leads to what a form asks for."""
    asked = (*listing.filters, "sort", *TIME_FILTERS, "after", "before")
    said = {name: text for name in asked if (text := sent.get(name, "").strip()[:LONGEST_ASKED])}
    for name, one in listing.filters.items():
        if name in said and is_search(one):
            said[name] = page.seal.close(said[name])
        elif name in said and isinstance(one, NamedPerson):
            people = _called(said[name], names[name], page.people)
            said[name] = min(people) if len(people) == 1 else page.seal.close(said[name])
        elif name in said and one.of is not None:
            owner, text = resources.of_kind(one.of), said[name]
            named = await bearers(page, resources, owner, text) if owner else Namesakes()
            if owner and named.only:
                said[name] = getattr(named.only, owner.listing.id_column)
            elif owner is None or await resources.one_of(page, owner, text) is None:
                said[name] = page.seal.close(text)
    return urlencode(said)


def _filters_of_others(
    page: PageContext, resources: Resources, listing: Listing[Any]
) -> Sequence[str]:
    """The filters of other lists, or of figures, by which an address would have this list narrowed:
    without a word it would show everybody as those of a month."""
    others = {*LIMITS, *(name for one in resources.all for name in one.listing.filters)}
    return [name for name in page.request.query_params if name in others - {*listing.filters}]


async def read_asked(page: PageContext, resources: Resources, resource: Resource[Any]) -> AskedList:
    """What a page's address asks of a list, each text of it by itself."""
    listing = resource.listing

    def read(params: Mapping[str, str]) -> TableQuery:
        query = parse_table_query(page, listing, params)
        given_of(listing, query)
        return query

    query, misread = read_each(page.request.query_params, read)
    moment = await moment_of(page, query.times)
    reader = page.lists(moment)
    names = await read_names(page.lists(), listing)
    people = {
        name: await _meant(page, reader, query.given[name], known)
        for name, known in names.items()
        if name in query.given
    }
    if moment and not all(people.values()):
        # It may be somebody of then alone; who is there now is told from the table, which is quick.
        names = await read_names(reader, listing)
        people = {one: await _meant(page, reader, query.given[one], names[one]) for one in people}
    owners = await resources.owners(page, resource, query.given)
    given, sealed, amiss = dict(query.given), dict(query.sealed), dict(misread)
    for name, text in query.given.items():
        one = listing.filters[name]
        its = resources.of_kind(one.of) if one.of and name not in owners else None
        named = await bearers(page, resources, its, text) if its else Namesakes()
        if its and named.only:
            owners[name] = (its, named.only)
        if len(people.get(name, ())) == 1:
            (given[name],) = people[name]
            sealed.pop(name, None)
        elif name in people:
            # It stays: what belongs to nobody is an empty list, and not everybody's.
            code = "person_not_certain" if people[name] else "filter_names_nothing"
            amiss[name] = Amiss(text, Refusal(code, field=name, name=text))
            given[name], sealed[name] = "", sealed.get(name, page.seal.close(text))
        elif name in owners:
            owner, row = owners[name]
            given[name] = getattr(row, owner.listing.id_column)
        elif named.rows:
            amiss[name] = Amiss(text, named.refusal(name, text))
        elif one.of is not None:
            amiss[name] = Amiss(text, Refusal("filter_names_nothing", field=name))
    for name in _filters_of_others(page, resources, listing):
        unknown = Refusal("filter_unknown", field=name, filter=page.wording.t(f"filter.{name}"))
        amiss[name] = Amiss(page.request.query_params[name], unknown)
    asked = replace(query, given=given, sealed=sealed)
    return AskedList(asked, moment, reader, owners, names, amiss)


async def offered_filters(
    page: PageContext, resources: Resources, resource: Resource[Any], asked: AskedList
) -> list[TableFilter]:
    """The filters of a list as its page offers them, without those of people and things of which
    there are none."""
    listing = resource.listing
    found, query, owners, names = [], asked.query, asked.owners, asked.names
    for name, one in listing.filters.items():
        typed = query.given.get(name, "")
        if is_search(one):
            found.append(TableFilter(name, "search", typed))
        elif isinstance(one, NamedPerson):
            if name in asked.amiss:
                typed = asked.amiss[name].typed
            if names[name] or typed:
                found.append(_of_people(name, typed, names[name]))
        elif one.of is not None:
            owner = resources.of_kind(one.of)
            its = TableFilter(name, "suggested" if name in asked.amiss else "thing", typed)
            if owner is not None and name not in resource.unoffered:
                its = await _of_things(page, owner, name, typed, owners)
            if its.kind != "choice" or its.choices or name in asked.amiss:
                found.append(its)
        elif isinstance(one, KnownText):
            texts = await asked.reader.values(listing, name, MOST_CHOICES + 1)
            if len(texts) > MOST_CHOICES:
                found.append(_of_many(name, typed, texts))
            elif texts or typed:
                found.append(_of_few(name, typed, [(text, text) for text in sorted(texts)]))
        elif one.kind is Month:
            known = await page.lists().months(listing, one.column, MOST_CHOICES)
            months = {*known, *filter(None, [typed])}
            said = [(one, page.wording.month(Month.parse(one))) for one in months]
            found.append(TableFilter(name, "choice", typed, tuple(sorted(said, reverse=True))))
        else:
            found.append(_of_words(listing, name, one, typed, page.wording))
    return found


def _of_words(
    listing: Listing[Any], name: str, one: Filter[Any], typed: str, wording: Wording
) -> TableFilter:
    choices = ("true", "false") if one.kind is bool else choices_of(one.kind)
    said = tuple((choice, wording.choice(name, choice, listing.name)) for choice in choices)
    return TableFilter(name, "choice", typed, said)


def _of_people(name: str, typed: str, people: Mapping[str, Named]) -> TableFilter:
    said = {one: its.label for one, its in people.items()}
    if len(said) > MOST_CHOICES:
        return _of_many(name, said.get(typed, typed), [*said.values()])
    return _of_few(name, typed, sorted(said.items(), key=lambda one: sort_key(one[1])))


def _of_many(name: str, typed: str, texts: Sequence[str]) -> TableFilter:
    """Typed, the commonest of them suggested."""
    commonest = Suggested([(text, "") for text in texts[:MOST_CHOICES]], narrowed_at(name))
    return TableFilter(name, "suggested", typed, suggested=commonest)


def _of_few(name: str, typed: str, said: Sequence[tuple[str, str]]) -> TableFilter:
    """Chosen from all that there are; what was typed and is none of them is not taken for all."""
    strange = [] if typed in ("", *dict(said)) else [(typed, typed)]
    return TableFilter(name, "choice", typed, (*said, *strange))


async def _of_things(
    page: PageContext, owner: Resource[Any], name: str, typed: str, owners: Owners
) -> TableFilter:
    """Chosen by their ids, or typed by what people name them by, the latest of them suggested."""
    paging = Paging(MOST_CHOICES)
    latest = await page.lists().page(owner.listing, paging, **owner.usually)
    _, chosen = owners.get(name, (owner, None))
    if latest.has_next:
        typed = owner.typed(chosen) if chosen else typed
        some = [offered(page, owner, row) for row in owner.by_name(latest.rows)]
        suggested = Suggested(some, narrowed_at(owner.named_in))
        return TableFilter(name, "suggested", typed, suggested=suggested)
    by_id = owner.listing.id_column
    ids = [(getattr(row, by_id), owner.told(row, page.wording)) for row in latest.rows]
    return _of_few(name, typed, ids)
