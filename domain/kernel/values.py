"""Small values that the whole product shares."""

import re
import unicodedata
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Self

import msgspec

from domain.kernel.errors import Refusal

_MONTH = re.compile("(19|2[0-9])[0-9]{2}-(0[1-9]|1[0-2])")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
"""Invisible characters that come along when a number is copied."""
_DIRECTING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Unicode's Bidi_Control: with one of them a text may look like another."""
_IGNORED = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\U000e0000-\U000e0fff"
)
INVISIBLE = re.compile(f"[{_IGNORED}]")
"""Unicode's Default_Ignorable_Code_Point: with one of them two codes that look alike are two."""
_VISIBLE = re.compile(f"[^\\s\u2800{_IGNORED}]")
_GUARDED = re.compile('="?([^"]*)"?')
_POWER_OF_TEN = re.compile(r"\d(\.\d+E\+?|E\+)\d+", re.IGNORECASE)
FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula; an apostrophe before it guards it."""
_BRACKETED = re.compile(r"[(\[【(][^)\]】)]*[)\]】)]")
HAN = "[\u3400-\u9fff\U00020000-\U0003ffff]"
"""The pattern of a Chinese character."""
_SET_APART = re.compile(f"(?<={HAN}) (?={HAN})")
_NUMBER = re.compile(r"-?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]+)?")
LONGEST_NUMBER = 64
"""Characters: far more than any bound takes."""
_DIGIT = re.compile("[0-9]")
_HYPHENS = re.compile("[\u2010-\u2013\u2212]")
"""What text programs and fonts put in the place of a hyphen; folding knows one of them."""
_FULL_WIDTH = "０１２３４５６７８９"
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def tidy(text: str) -> str:
    """The text as a person meant it: full-width forms folded, white space trimmed and single."""
    return " ".join(folded(text).split())


def undirected(text: str) -> str:
    """The text in the direction of its own characters, with nothing that forces another one."""
    return text if text.isascii() else _DIRECTING.sub("", text)


def seen(text: str) -> str:
    """The text, or none where nothing of it can be seen."""
    return text if _VISIBLE.search(text) else ""


def required(text: str, field: str) -> str:
    """The text of a field, tidied. Refuses `name_missing`, `code_missing` and the like."""
    if not (tidied := seen(tidy(undirected(text)))):
        raise Refusal(f"{field}_missing", field=field)
    return tidied


def bare_number(text: str) -> str:
    """A number or code without what keeps a spreadsheet from counting with it: `="…"`, an
    apostrophe or back-tick, white space and invisible characters; none where nothing is seen."""
    if is_plain_code(text):
        return text
    bare = tidy(_UNSEEN.sub("", text))
    if guarded := _GUARDED.fullmatch(bare):
        bare = guarded[1]
    return seen(bare.strip("'`‘’ "))


def is_power_of_ten(number: str) -> bool:
    """Whether a spreadsheet has cut a number short and shows its size: `2.02606E+17`."""
    return _POWER_OF_TEN.fullmatch(number) is not None


def typed_key(text: str) -> str:
    """The key of a number as somebody typed or pasted it; what no number can be is nobody's."""
    return text if has_other_digits(text) else number_key(bare_number(text))


def number_of(text: str) -> Decimal | None:
    """The number that somebody typed: a comma stands between groups of three digits, since another
    one may be meant for a point. None for whatever else a program takes for one: `1_0`, `5²`; and
    for what nobody types, of more than LONGEST_NUMBER characters."""
    plain = folded(text).strip()
    is_one = len(plain) <= LONGEST_NUMBER and _NUMBER.fullmatch(plain)
    return Decimal(plain.replace(",", "")) if is_one and not has_other_digits(text) else None


def amount_of(text: str) -> Decimal | None:
    """The amount in yuan that somebody typed, with or without the unit: `29,800元`, `￥29,800`."""
    plain = folded(text).strip().removeprefix("¥").removesuffix("元")
    return None if has_other_digits(text) else number_of(plain)


def is_in_ten_thousands(text: str) -> bool:
    """Whether an amount is typed in units of ten thousand yuan: `1.2万`, `1万元`."""
    return folded(text).strip().removesuffix("元").rstrip().endswith("万")


def has_other_digits(text: str) -> bool:
    """Whether there are digits of another form, which folding makes the same, `5²` and `⑩`, or
    leaves others, `١` and `❶`. Those of full width are the same digits."""
    return not text.isascii() and any(
        unicodedata.digit(one, None) is not None or _DIGIT.search(folded(one))
        for one in text
        if one not in _FULL_WIDTH and not one.isascii()
    )


def number_key(text: str) -> str:
    """The key by which a number is compared: tidied, without spaces, upper case, and with a hyphen
    for what looks like one."""
    if is_plain_code(text):
        return text.upper()
    return _HYPHENS.sub("-", "".join(folded(text).split()).upper())


def folded(text: str) -> str:
    """The text without characters that are others in another form: `Ａ` is A, `㍿` is 株式会社."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


_MIDDLE = (
    "\u00b7\u0387\u05bc\u16eb\u2022\u2024\u2027\u2218\u2219\u22c5\u25cf\u2e31\u2e33\u30fb\u318d"
)
_DOTS = re.compile(f"[{_MIDDLE}.]")
"""What is typed for the dot in a foreign name: 阿依古丽·买买提."""
_DOTS_IN_NAMES = re.compile(f"[{_MIDDLE}]|(?<={HAN})[.](?={HAN})")


@lru_cache(maxsize=1 << 15)
def name_key(text: str) -> str:
    """The key by which people's names are compared: white space, invisible characters, case and the
    way to write a middle dot make nobody another."""
    plain = "".join(folded(_UNSEEN.sub("", text)).split()).casefold()
    return plain if plain.isalnum() else _DOTS.sub("·", plain)


def plain_name(text: str) -> str:
    """A name as it is written where nothing is aligned: Chinese characters are not set apart
    (周　敏), nothing is invisible, and a middle dot is the usual one, also where a full stop was
    typed between them."""
    return _DOTS_IN_NAMES.sub("·", _SET_APART.sub("", tidy(_UNSEEN.sub("", undirected(text)))))


@lru_cache(maxsize=1 << 15)
def word_key(text: str) -> str:
    """How a word is compared: full-width forms folded, single spaces, lower case."""
    return tidy(text).casefold()


@lru_cache(maxsize=1 << 15)
def heading_key(text: str) -> str:
    """How a heading is compared: full-width forms folded, no white space, lower case, no unit or
    remark in brackets, no star or colon at the ends."""
    plain = _BRACKETED.sub("", folded(text)).replace("_", "")
    return "".join(plain.split()).casefold().strip("*:：")


def search_key(text: str) -> str:
    """The text as it is searched for: as names are compared, without dots and what guards a
    number; `lü` is `lv`."""
    if is_plain_code(text):
        return text.lower()
    return name_key(bare_number(text)).replace("·", "").replace("ü", "v")


def is_plain_code(text: str) -> bool:
    """Whether a number or code is written as most are, of Latin letters, digits and hyphens."""
    return text.isascii() and text.replace("-", "").isalnum()


def is_storable(text: str) -> bool:
    """Whether a database can hold the text: it has no NUL character and no lone surrogate."""
    return text.isprintable() or not _UNSTORABLE.search(text)


class Month(msgspec.Struct, frozen=True, order=True):
    """A calendar month of the partner's local dates, written YYYY-MM."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str, field: str | None = None) -> Self:
        """The month written as YYYY-MM, of the years 1900 to 2999 like the days of commands.

        field: that stated it. Refuses `month_invalid`.
        """
        if not _MONTH.fullmatch(text):
            raise Refusal("month_invalid", field=field, month=text)
        return cls(int(text[:4]), int(text[5:]))

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day.year, day.month)

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        return self.next().first_day - timedelta(days=1)

    def is_over_on(self, day: date) -> bool:
        """Whether the day lies after the month, so that nobody joins it any more."""
        return self.last_day < day

    def next(self, months: int = 1) -> Self:
        """The month so many months later."""
        years, before = divmod(self.month - 1 + months, 12)
        return type(self)(self.year + years, before + 1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


class Ratio(msgspec.Struct, frozen=True):
    """An exact fraction, not reduced: 12 of 18 stays 12/18. Undefined when the denominator is 0."""

    numerator: int
    denominator: int

    @classmethod
    def of(cls, number: Fraction) -> Self:
        return cls(number.numerator, number.denominator)

    @property
    def value(self) -> float | None:
        return self.numerator / self.denominator if self.denominator else None
