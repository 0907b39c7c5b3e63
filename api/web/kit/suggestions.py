"""What may be entered where something is named: things by their codes, people by their names.

A field says by its own name what it names: that in which commands name a thing, or a column of
texts such as people's names. A page holds the first of all that may be entered; as one types, those
are asked for that are meant, by a form, as what is typed may be a name.
"""

from collections.abc import Sequence

from msgspec import Struct

from api.web.kit.page import PageContext
from api.web.kit.resource import Resource
from api.web.kit.resources import Resources
from api.web.kit.table import LONGEST_ASKED, is_search
from domain.kernel.values import search_key
from projections.kernel.paging import Paging
from projections.kernel.pinyin import spellings
from projections.kernel.projection import R
from services.kernel.beside import beside

MOST_SUGGESTED = 50
"""At a time; others are narrowed to by typing."""

MOST_NAMES = 2_000
"""Of people, the commonest."""


class Suggested(Struct, frozen=True):
    """Some of what may be entered, each with what it is called beside that. narrowed_at: where
    others are asked for by what is typed; None where nothing is searched."""

    known: Sequence[tuple[str, str]] = ()
    narrowed_at: str | None = None


async def suggested(
    page: PageContext, resources: Resources, name: str, typed: str = ""
) -> Suggested | None:
    """What may be entered in a field; None where it names nothing that this one may see."""
    named, typed = resources.named_in(name), typed[:LONGEST_ASKED]
    if named is not None and named.is_offered and page.may(named.permission):
        return await _things(page, named, typed)
    of = resources.suggesting(name)
    if of is not None and page.may(of.permission):
        return await _texts(page, of, name, typed)
    return None


async def _things(page: PageContext, of: Resource[R], typed: str) -> Suggested:
    search = next((name for name, one in of.listing.filters.items() if is_search(one)), None)
    given = {search: typed} if search and typed else {}
    found = await page.lists().page(of.listing, Paging(MOST_SUGGESTED), **of.usually, **given)
    known = [offered(page, of, row, typed) for row in of.by_name(found.rows)]
    return Suggested(known, narrowed_at(of.named_in) if search else None)


async def _texts(page: PageContext, of: Resource[R], column: str, typed: str) -> Suggested:
    names = await page.lists().texts(of.listing, column, MOST_NAMES)
    found = (await beside(_spelt, names, typed))[:MOST_SUGGESTED]
    return Suggested([(name, _told(name, "", typed)) for name in found], narrowed_at(column))


def offered(page: PageContext, of: Resource[R], row: R, typed: str = "") -> tuple[str, str]:
    """A thing by its code or number, and what tells it from all others."""
    name, title = of.typed(row), getattr(row, of.title)
    return name, _told(name, of.told(row, page.wording, "" if title == name else title), typed)


def _told(value: str, called: str, typed: str) -> str:
    """What stands beside a value. Browsers hide what does not have the typed text in it: where the
    pinyin led to it, that is told too."""
    is_shown = typed.casefold() in f"{value} {called}".casefold()
    return called if is_shown else f"{called} {typed}".strip()


def _spelt(names: list[str], typed: str) -> list[str]:
    """The names with what is typed in them, in their pinyin or in their initials."""
    sought = search_key(typed)
    return [name for name in names if sought in spellings(name)] if sought else names


def narrowed_at(name: str) -> str:
    """Where what may be entered in a field is asked for."""
    return f"/suggestions/{name}"
