"""Whom or what a name means that was typed where a number or a code is asked.

What one thing alone bears names that thing, as its number does. Of several the form comes back and
offers them, each with what tells it from the others: one of them is chosen, or a number is typed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from litestar.datastructures import FormMultiDict
from msgspec import Struct

from api.web.kit.form_state import FormState, sent_text
from api.web.kit.page import PageContext
from api.web.kit.resource import Resource, Resources
from api.web.kit.suggestions import offered
from api.web.kit.table import LONGEST_SEARCH, is_search
from domain.kernel.errors import Refusal
from domain.kernel.values import name_key
from projections.kernel.paging import LARGEST_PAGE, Paging
from projections.kernel.projection import R

MEANT = "meant."
"""Leads, in what a form sends, the field in which one of several was chosen."""


class Bearers(Struct, frozen=True):
    """The things that a form names by what people call them.

    sent: what was sent, with the number of each that is meant in the place of its name. several: by
    field, those among which nobody has chosen yet, each by its number and what tells it apart.
    """

    sent: FormMultiDict
    several: Mapping[str, Sequence[tuple[str, str]]]

    def refusals(self, refused: Sequence[Refusal]) -> list[Refusal]:
        """What a form is refused for, with the choice that is to be made."""
        unclear = [
            refused_of_several(name, sent_text(self.sent, name) or "", some)
            for name, some in self.several.items()
        ]
        return [*unclear, *(one for one in refused if one.field not in self.several)]


def refused_of_several(field: str, name: str, those: Sequence[Any]) -> Refusal:
    """The refusal of a name that several things bear."""
    return Refusal("name_of_several", field=field, name=name, count=len(those))


async def read_bearers(
    page: PageContext, resources: Resources, state: FormState, sent: FormMultiDict
) -> Bearers:
    """Looks up what was typed into the fields of a form that name things."""
    numbers, several = dict[str, str](), dict[str, Sequence[tuple[str, str]]]()
    for field in state.shown:
        of = resources.named_in(field.name) if field.names == "thing" else None
        # What a new one is to be called is the name of nothing yet.
        if of is None or of.opening is state.form.command or not page.may(of.permission):
            continue
        rows = await bearers(page, resources, of, sent_text(sent, field.name) or "")
        known = [offered(page, of, row) for row in rows]
        chosen = sent_text(sent, MEANT + field.name)
        meant = [number for number, _ in known if len(known) == 1 or number == chosen]
        if meant:
            numbers[field.name] = meant[0]
        elif known:
            several[field.name] = known
    texts = [(name, numbers.get(name, value)) for name, value in sent.multi_items()]
    return Bearers(FormMultiDict(texts), several)


async def bearers(
    page: PageContext, resources: Resources, of: Resource[R], text: str
) -> Sequence[R]:
    """The things of a kind that people call by a name; none where it is a number or code."""
    search = next((name for name, one in of.listing.filters.items() if is_search(one)), None)
    sought = name_key(text)
    if not sought or len(text) > LONGEST_SEARCH or search is None or of.title == of.named_by:
        return ()
    if await resources.one_of(page, of, text) is not None:
        return ()
    found = await page.lists().page(of.listing, Paging(LARGEST_PAGE), **{search: text})
    rows = [row for row in found.rows if name_key(getattr(row, of.title)) == sought]
    return of.by_name(rows)
