"""A channel company (渠道商): the tenant (S111)."""

from typing import Any, Final
from uuid import UUID

from msgspec import Struct

from domain.kernel.aggregate import Aggregate, DomainCreated, DomainEvent
from domain.kernel.bounds import Choice
from domain.kernel.errors import Refusal
from domain.kernel.values import heading_key, word_key

DEFAULT_ZONE = "Asia/Shanghai"

HEAD_OFFICE_ID: Final = UUID(int=1)
"""The organisation that is no partner, head office: the same in every installation, so that what
somebody is of follows from the id alone."""

POST = "post"
"""Of which a word in a cell is, as those of the kinds of sheets are headings."""

MOST_WORDS = 500
"""Of one partner: each sheet is read by all of them."""


class TaughtWord(Struct, frozen=True):
    """What a word in the partner's sheets means. of: the kind of sheet over whose column it stands,
    or POST. means: the field of the column, or the post."""

    of: str
    word: str
    means: str

    @property
    def key(self) -> str:
        """The word as it is compared, where it is taught as where a sheet is read."""
        return _key(self.of, self.word)


def _key(of: str, word: str) -> str:
    return word_key(word) if of == POST else heading_key(word)


class Partner(Aggregate):
    """The company, whose joining is the first event of every tenant."""

    TOPIC = "partner"

    class Joined(DomainCreated):
        """Joined Chudan. `zone`: IANA name; business dates are local there."""

        TOPIC = "partner.joined"
        code: str
        name: str
        zone: str = DEFAULT_ZONE

    class WordTaught(DomainEvent):
        """Said what a heading or a post in its sheets means; see TaughtWord."""

        TOPIC = "partner.word_taught"
        of: Choice
        word: str
        means: Choice

    class WordForgotten(DomainEvent):
        """Took back what a heading or a post in its sheets means."""

        TOPIC = "partner.word_forgotten"
        of: Choice
        word: str

    @staticmethod
    def id_of(tenant_id: UUID) -> str:
        """The id of a tenant's stream of this kind, of which there is one."""
        return f"{Partner.TOPIC}-{tenant_id}"

    @classmethod
    def join(cls, partner_id: str, **facts: Any) -> "Partner":
        """Takes a partner in. `facts` are the fields of Joined."""
        return cls._create(cls.Joined, id=partner_id, **facts)

    def __init__(self, code: str, zone: str) -> None:
        self.code = code
        self.zone = zone
        self._words: dict[tuple[str, str], TaughtWord] = {}

    @property
    def words(self) -> list[TaughtWord]:
        """What the words in its sheets mean, in the order in which they were taught first."""
        return list(self._words.values())

    def evolve(self, event: DomainEvent) -> None:
        match event:
            case Partner.WordTaught(of=of, word=word, means=means):
                self._words[of, _key(of, word)] = TaughtWord(of, word, means)
            case Partner.WordForgotten(of=of, word=word):
                self._words.pop((of, _key(of, word)), None)

    def teach_word(self, *, of: str, word: str, means: str) -> None:
        """Says what a word means, in place of what it did; nothing where it means that already.
        Refuses `word_says_nothing`, `too_many_words`."""
        key = of, _key(of, word)
        if not key[1]:
            raise Refusal("word_says_nothing", field="word", word=word)
        known = self._words.get(key)
        if known is None and len(self._words) >= MOST_WORDS:
            raise Refusal("too_many_words", field="word", most=MOST_WORDS)
        if known is None or known.means != means:
            self.trigger_event(self.WordTaught, of=of, word=word, means=means)

    def forget_word(self, *, of: str, word: str) -> bool:
        """Takes back what a word means; whether it was known."""
        if (of, _key(of, word)) not in self._words:
            return False
        self.trigger_event(self.WordForgotten, of=of, word=word)
        return True
