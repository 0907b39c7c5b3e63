"""A partner's own words: what a heading or a cell of its sheets means, where we do not know it."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from domain.people.partner import POST, Partner, TaughtWord
from services.kernel.context import Context
from services.kernel.work import Work

Of = Literal["roster", "results", "orders", "leavings", "post"]


class Vocabulary(msgspec.Struct, frozen=True):
    """headings: by kind of sheet, key of a heading -> field. posts: key of a word -> post."""

    headings: dict[str, dict[str, str]] = {}
    posts: dict[str, str] = {}


NO_WORDS = Vocabulary()


async def taught_words(ctx: Context) -> list[TaughtWord]:
    """The words that the partner has taught."""
    return (await own_partner(Work(ctx))).words


async def own_partner(work: Work) -> Partner:
    """The partner of who asks."""
    return await work.load(Partner, Partner.id_of(work.ctx.principal.tenant))


async def vocabulary_of(ctx: Context, also: Iterable[TaughtWord] = ()) -> Vocabulary:
    """The same, for reading sheets. also: words that go before those."""
    own = Vocabulary({}, {})
    for one in (*await taught_words(ctx), *also):
        if one.of == POST:
            own.posts[one.key] = one.means
        else:
            own.headings.setdefault(one.of, {})[one.key] = one.means
    return own
