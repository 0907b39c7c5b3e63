"""The words that people write into the cells and headings of sheets (words.toml).

Headings are compared as `heading_key` makes them: full-width forms folded, no white space, lower
case, no unit or remark in brackets, no star or colon at the ends.
"""

import re
import unicodedata
from pathlib import Path

import msgspec

_BRACKETED = re.compile(r"[(\[【(][^)\]】)]*[)\]】)]")


class Words(msgspec.Struct, frozen=True):
    """Words by what they mean. posts: by post. headings: by kind of sheet and its row's field."""

    totals: frozenset[str]
    blanks: frozenset[str]
    passed: frozenset[str]
    failed: frozenset[str]
    absent: frozenset[str]
    valid: frozenset[str]
    void: frozenset[str]
    posts: dict[str, frozenset[str]]
    headings: dict[str, dict[str, list[str]]]


WORDS = msgspec.toml.decode(Path(__file__).with_name("words.toml").read_bytes(), type=Words)


def word_key(text: str) -> str:
    """How a word is compared: full-width forms folded, single spaces, lower case."""
    return " ".join(unicodedata.normalize("NFKC", text).split()).casefold()


def heading_key(text: str) -> str:
    """How a heading is compared; see the module's docstring."""
    plain = _BRACKETED.sub("", unicodedata.normalize("NFKC", text)).replace("_", "")
    return "".join(plain.split()).casefold().strip("*:：")
