"""Whom or what a name means that was typed where a number or a code is asked.

What one thing alone bears names that thing, as its number does. Of several the form comes back and
offers them, each with what tells it from the others: one of them is chosen, or a number is typed.
"""

from collections.abc import Mapping, Sequence
from typing import Generic

from litestar.datastructures import FormMultiDict
from msgspec import Struct

from api.web.kit.form_state import FormState, sent_text
from api.web.kit.page import PageContext
from api.web.kit.resource import Resource
from api.web.kit.resources import Resources
from api.web.kit.suggestions import offered
from api.web.kit.table import LONGEST_ASKED, is_search
from domain.kernel.errors import Refusal
from domain.kernel.values import name_key, seen
from projections.kernel.paging import LARGEST_PAGE, Paging
from projections.kernel.projection import R

MEANT = "meant."
"""Leads, in what a form sends, the field in which one of several was chosen."""


class Bearers(Struct, frozen=True):
    """The things that a form names by what people call them.

    sent: what was sent, with the number of each that is meant in the place of its name, or with its
    id where commands name it by that. several: by field, those among which nobody has chosen yet,
    each by its number or id, and what tells it apart.
    unclear: what such a form is refused for.
    """

    sent: FormMultiDict
    several: Mapping[str, Sequence[tuple[str, str]]]
    unclear: Sequence[Refusal]

    def refusals(self, refused: Sequence[Refusal]) -> list[Refusal]:
        """What a form is refused for, with the choice that is to be made."""
        return [*self.unclear, *(one for one in refused if one.field not in self.several)]


class Namesakes(Struct, Generic[R], frozen=True):
    """The things of a kind that people call by one name. is_all: there are no more of them."""

    rows: Sequence[R] = ()
    is_all: bool = True

    @property
    def only(self) -> R | None:
        """The one thing that alone bears the name."""
        return self.rows[0] if self.is_all and len(self.rows) == 1 else None

    def refusal(self, field: str, name: str) -> Refusal:
        """The refusal of a name that several of them bear, or may bear."""
        if not self.is_all:
            return Refusal("name_of_more", field=field, name=name)
        return Refusal("name_of_several", field=field, name=name, count=len(self.rows))


async def read_bearers(
    page: PageContext, resources: Resources, state: FormState, sent: FormMultiDict
) -> Bearers:
    """Looks up what was typed into the fields of a form that name things."""
    numbers, several = dict[str, str](), dict[str, Sequence[tuple[str, str]]]()
    unclear: list[Refusal] = []
    command = state.form.command
    changed = resources.answering(command)
    for field in state.shown:
        of = resources.named_in(field.name) if field.names == "thing" else None
        if of is None or not page.may(of.permission):
            continue
        if changed is not None and changed.gives_name(command, field.name):
            continue
        typed = sent_text(sent, field.name) or ""
        found = await bearers(page, resources, of, typed)
        if field.by_id:
            row = await resources.one_of(page, of, typed) if seen(typed) else None
            found = Namesakes([row]) if row else found
            known = [(of.id_of(row), of.told(row, page.wording)) for row in found.rows]
        else:
            named = [(of.typed(row), offered(page, of, row)[1]) for row in found.rows]
            known = [(name, f"{name} {called}") for name, called in named]
        chosen = sent_text(sent, MEANT + field.name)
        meant = [number for number, _ in known if found.only or number == chosen]
        if meant:
            numbers[field.name] = meant[0]
        elif known:
            several[field.name] = known
            unclear.append(found.refusal(field.name, typed))
    texts = [(name, numbers.get(name, value)) for name, value in sent.multi_items()]
    return Bearers(FormMultiDict(texts), several, unclear)


async def bearers(
    page: PageContext, resources: Resources, of: Resource[R], text: str
) -> Namesakes[R]:
    """The things of a kind that people call by a name, of those who are mostly meant; none where it
    is a number or code. Of a text that is found in very many, not all are known."""
    search = next((name for name, one in of.listing.filters.items() if is_search(one)), None)
    sought = name_key(text)
    if not sought or len(text) > LONGEST_ASKED or search is None or of.title == of.named_by:
        return Namesakes()
    if await resources.one_of(page, of, text) is not None:
        return Namesakes()
    given = {**of.usually, search: text}
    found = await page.lists().page(of.listing, Paging(LARGEST_PAGE), **given)
    rows = [row for row in found.rows if name_key(getattr(row, of.title)) == sought]
    return Namesakes(of.by_name(rows), not found.has_next)
