"""Teaching the words of a partner's sheets: remembered for the partner, taken at every door."""

from typing import Annotated

import msgspec
from msgspec import Meta

from domain.kernel.bounds import Text
from domain.kernel.errors import NotFoundError, Refusal
from domain.people.partner import POST, TaughtWord
from domain.trainees.events import POSTS
from services.importing.sheets import KINDS
from services.importing.vocabulary import Of, own_partner
from services.kernel.fields import STRIPPED
from services.kernel.handler import handler
from services.kernel.work import Work

WordOf = Annotated[
    Of,
    Meta(description="The kind of sheet over whose column it stands, or the post in a cell."),
]
Word = Annotated[str, STRIPPED, Text(100), Meta(description="The word as it is written there.")]
Means = Annotated[
    str,
    Text(64),
    Meta(description="The field of the column as mapping files name it, or the post."),
]


class TeachWord(msgspec.Struct, frozen=True):
    """Says what a heading or a post in the partner's sheets means, in place of what it did."""

    of: WordOf
    word: Word
    means: Means

    @property
    def taught(self) -> TaughtWord:
        """The word, as the partner has it once it is remembered."""
        return TaughtWord(self.of, self.word, self.means)


class ForgetWord(msgspec.Struct, frozen=True):
    """Takes back what a heading or a post in the partner's sheets means."""

    of: WordOf
    word: Word


@handler
async def teach_word(work: Work, command: TeachWord) -> str:
    """Remembers the word; refuses `word_meaning_unknown`, `word_says_nothing`, `too_many_words`."""
    known = POSTS if command.of == POST else tuple(KINDS[command.of].columns)
    if command.means not in known:
        raise Refusal("word_meaning_unknown", field="means", means=command.means, known=[*known])
    partner = await own_partner(work)
    partner.teach_word(of=command.of, word=command.word, means=command.means)
    return partner.id


@handler
async def forget_word(work: Work, command: ForgetWord) -> str:
    """Forgets the word. Raises NotFoundError `word_unknown`."""
    partner = await own_partner(work)
    if not partner.forget_word(of=command.of, word=command.word):
        raise NotFoundError("word_unknown", field="word", word=command.word)
    return partner.id
