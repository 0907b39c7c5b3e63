"""Reads cells as people spell them, by the words that they write (words.toml).

A spelling with two meanings is refused, never guessed. Every reader takes a cell that is not blank,
and raises CellRefusal.
"""

import re
import unicodedata
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import MAX_PREC, Context, Decimal
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec

from domain.kernel.values import (
    FORMULA_STARTS,
    amount_of,
    bare_number,
    has_other_digits,
    is_in_ten_thousands,
    is_power_of_ten,
    number_of,
    tidy,
    word_key,
)
from services.importing.report import CellRefusal
from services.importing.workbook import FIGURES_KEPT, Cell, ErrorCell, PercentCell, UncountedCell

_YEAR_FIRST = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*[日号]?", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})[-./](\d{1,2})[-./](\d{4})", re.ASCII)
_SERIAL = re.compile(r"\d{5}(\.\d+)?", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_TIME_OF_DAY = re.compile(r"(?<![ T])[ T]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")
_WEEKDAY = re.compile(r"\s*\(?(星期|周)[一二三四五六日天]\)?$")
_DAY_OR_MONTH_FIRST = re.compile(r"\d{1,2}[-./]\d{1,2}[-./]\d{1,4}")
_WITHOUT_YEAR = re.compile(r"\d{1,2}\s*月\s*\d{1,2}\s*[日号]?")
_MARK = re.compile(r"(?P<number>-?[0-9][0-9.,]*) ?(?P<unit>[分%]?) ?\(?(?P<verdict>[^()\d]*)\)?")
_EXACT = Context(prec=MAX_PREC)
"""However long a number is that somebody typed; its bounds are looked at later."""


class Words(msgspec.Struct, frozen=True):
    """Words by what they mean.

    grades: those of `passed` that say how good it was. notes: names of sheets that say what is in
    the others. posts: by post. headings: by kind of sheet and its row's field. below: lists of
    words that mean one thing below a heading over several columns.
    """

    totals: frozenset[str]
    wholes: list[str]
    signatures: frozenset[str]
    ordinals: frozenset[str]
    fates: frozenset[str]
    hints: list[str]
    private: frozenset[str]
    told: frozenset[str]
    eliminations: list[str]
    denials: list[str]
    after_denials: list[str]
    denials_at_first: list[str]
    nones_foremost: list[str]
    before_denials: list[str]
    blanks: frozenset[str]
    notes: frozenset[str]
    day_zero: frozenset[str]
    passed: frozenset[str]
    grades: frozenset[str]
    failed: frozenset[str]
    no_manager: frozenset[str]
    absent: frozenset[str]
    valid: frozenset[str]
    void: frozenset[str]
    posts: dict[str, frozenset[str]]
    below: list[list[str]]
    of_row: list[str]
    headings: dict[str, dict[str, list[str]]]


WORDS = msgspec.toml.decode(Path(__file__).with_name("words.toml").read_bytes(), type=Words)

NOTHING: Final = object()
"""Read from a cell that looks like something and is nothing."""

VERDICTS = WORDS.passed | WORDS.failed
BLANKS = WORDS.blanks
LONGEST_BLANK = max(map(len, BLANKS))
PASS_MARK = 60
"""The lowest score of a written exam or drill that passes, where nothing else is said."""


def _any_of(words: list[str]) -> str:
    """The pattern of one of these, of which those in Latin letters stand alone."""
    its = (rf"(?<![a-z]){word}(?![a-z])" if word.isascii() else word for word in words)
    return f"(?:{'|'.join(its)})"


_SPACE = "(?:(?<=[a-z]) )?"
"""What parts two words of one phrase: in Chinese a space parts two phrases."""
_AFTER = f"(?:{_any_of(WORDS.after_denials)}{_SPACE})*"
_FIRST = rf"(?:(?<![\w:])(?<!: )|(?<={'|'.join(WORDS.before_denials)}))"
_FOREMOST = "(?:^|(?<=[,;。])|(?<=[,;。] ))"
_ELIMINATED = re.compile(
    f"(?P<denied>{_any_of(WORDS.denials)}{_SPACE}{_AFTER}"
    f"|{_FIRST}{_any_of(WORDS.denials_at_first)}{_AFTER}"
    f"|{_FOREMOST}{_any_of(WORDS.nones_foremost)})?"
    f"{_any_of(WORDS.eliminations)}"
)
_COUNTED = re.compile(r"[\d.,]+\D{0,2}$")
_SERIALS = range(20_000, 80_000)
"""Excel's day numbers from 1954 to 2119: outside, a bare number is not taken for a date."""


def is_blank(cell: Cell) -> bool:
    """Nothing, white space, or a sign for nothing such as a dash."""
    if not isinstance(cell, str):
        return cell is None
    text = cell.strip()
    return len(text) <= LONGEST_BLANK and (not text or word_key(text) in BLANKS)


def is_total(text: str) -> bool:
    """`合计`, `本页小计`, `合计：2单`."""
    word = word_key(text).replace(" ", "")
    for whole in WORDS.wholes:
        word = word.removeprefix(whole)
    return _COUNTED.sub("", word).rstrip(":") in WORDS.totals


def unguarded(text: str) -> str:
    """The text without the apostrophe that keeps it from being taken for something else: by a
    spreadsheet for a formula, or by us for nothing, for a total, or for a guarded one."""
    return text[1:] if text.startswith("'") and _is_mistaken(text[1:]) else text


def guarded(text: str) -> str:
    """The text as a cell of our own says it, which is read as it is; see `unguarded`."""
    return f"'{text}" if is_blank(text) or is_total(text) or unguarded(text) != text else text


def _is_mistaken(text: str) -> bool:
    return text.startswith((*FORMULA_STARTS, "'")) or is_blank(text) or is_total(text)


def is_day_zero(cell: Cell) -> bool:
    """Whether a cell for a day holds Excel's day 0, which a look-up makes of a blank cell."""
    if isinstance(cell, bool):
        return False
    return cell == 0 or (isinstance(cell, str) and cell.strip() in WORDS.day_zero)


def read_text(cell: Cell) -> str:
    """Text without stray spaces; a whole number loses the `.0` that a sheet gives it."""
    if isinstance(cell, str):
        return tidy(unguarded(cell))
    if isinstance(cell, ErrorCell):
        raise CellRefusal("cell_has_error", value=cell.text)
    if isinstance(cell, UncountedCell):
        raise CellRefusal("cell_not_counted")
    if isinstance(cell, PercentCell):
        return cell.text
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return str(cell)


def read_prose(cell: Cell) -> str:
    """A text that somebody wrote, in its lines and with its own signs."""
    return unguarded(cell.strip()) if isinstance(cell, str) else read_text(cell)


def read_number(cell: Cell) -> str:
    """An employee or order number, refused where a cell has made another one of it, or reading it
    would."""
    if isinstance(cell, bool | date | datetime | PercentCell) or (
        isinstance(cell, float) and not cell.is_integer()
    ):
        raise CellRefusal("number_unreadable", value=read_text(cell))
    if isinstance(cell, int | float) and abs(cell) >= 10**FIGURES_KEPT:
        shown = Decimal(f"{cell:.{FIGURES_KEPT - 1}e}")
        raise CellRefusal("number_cut_short", value=f"{shown:f}")
    if isinstance(cell, str) and has_other_digits(cell):
        raise CellRefusal("digits_unclear", value=read_prose(cell))
    bare = bare_number(read_text(cell))
    if is_power_of_ten(bare):
        raise CellRefusal("number_in_powers_of_ten", value=bare)
    return bare


def read_date(cell: Cell, *, date_format: str | None = None, epoch_1904: bool = False) -> date:
    """A day: a date cell, Excel's day number, or year first in any usual spelling.

    `date_format` (strptime's) reads a text with the day or the month first; without one, only that
    where just one of both can be the month.
    """
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = read_text(cell)
    if isinstance(cell, str) and has_other_digits(cell):
        raise CellRefusal("date_unreadable", value=read_prose(cell))
    if not isinstance(cell, bool) and _SERIAL.fullmatch(text) and int(float(text)) in _SERIALS:
        epoch = date(1904, 1, 1) if epoch_1904 else date(1899, 12, 30)
        return epoch + timedelta(days=int(float(text)))
    if date_format is not None:
        try:
            return datetime.strptime(text, date_format).date()
        except ValueError as bad:
            raise CellRefusal("date_unreadable", value=text) from bad
    return _written_day(text)


# A sheet has few days, and each many times.
@lru_cache(maxsize=1 << 12)
def _written_day(text: str) -> date:
    """A day with the year first, or with the year last where that can be but one day."""
    return _the_only_reading(_plain_day(text)) or read_day(text)


def read_day(text: str) -> date:
    """A day that is written with the year first, in any usual spelling."""
    plain = _plain_day(text)
    if found := _YEAR_FIRST.fullmatch(plain) or _COMPACT.fullmatch(plain):
        try:
            return date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError as bad:
            raise CellRefusal("date_unreadable", value=text) from bad
    if _WITHOUT_YEAR.fullmatch(plain):
        raise CellRefusal("date_without_year", value=text)
    ambiguous = _DAY_OR_MONTH_FIRST.fullmatch(plain) is not None
    raise CellRefusal("date_ambiguous" if ambiguous else "date_unreadable", value=text)


def _plain_day(text: str) -> str:
    """A day without the time and the day of the week behind it."""
    return _WEEKDAY.sub("", _TIME_OF_DAY.sub("", text))


def _the_only_reading(text: str) -> date | None:
    """The day of a text with the year last, where only one order of day and month gives a day."""
    found = _YEAR_LAST.fullmatch(text)
    if found is None:
        return None
    first, second, year = map(int, found.groups())
    days = {day for day in ((first, second), (second, first)) if day[1] <= 12}
    if len(days) != 1:
        return None
    [(day, month)] = days
    with suppress(ValueError):
        return date(year, month, day)
    return None


def read_verdict(cell: Cell) -> bool:
    """True for passed, False for failed. Refuses `verdict_unknown`."""
    return _one_of(cell, WORDS.passed, WORDS.failed, "verdict_unknown")


def read_score(cell: Cell, *, pass_mark: int) -> tuple[bool, Decimal | None]:
    """Passed, and the score from 0 to 100 if the cell gives one; a word gives no score.

    A word behind the score says whether it is passed: `58 (合格)`. Up to 1 it says by its sign
    whether it is points or a share. Refuses `score_is_fraction`, and `score_of_absent`: whether who
    was absent has 0 points, the word does not say.
    """
    word = word_key(read_text(cell))
    if word in WORDS.absent:
        raise CellRefusal("score_of_absent", value=read_text(cell))
    if isinstance(cell, bool) or word in VERDICTS:
        return read_verdict(cell), None
    is_clear = not (isinstance(cell, str) and has_other_digits(cell))
    found = _MARK.fullmatch(word) if is_clear else None
    score = number_of(found["number"]) if found else None
    if not found or score is None or (found["verdict"] and found["verdict"] not in VERDICTS):
        raise CellRefusal("score_unreadable", value=read_text(cell))
    if 0 < score <= 1 and not found["unit"]:
        raise CellRefusal("score_is_fraction", value=found["number"])
    if not 0 <= score <= 100:
        raise CellRefusal("score_out_of_range", given=str(score))
    passed = found["verdict"] in WORDS.passed if found["verdict"] else score >= pass_mark
    return passed, score


def reads_eliminated(reason: str) -> bool:
    """Whether a reason for leaving reads like an elimination: `末位淘汰`. Where it may be denied or
    not it does, since then somebody is asked to look."""
    typed = word_key(reason).replace("’", "'")
    return any(found["denied"] is None for found in _ELIMINATED.finditer(typed))


def read_status(cell: Cell) -> bool:
    """True for a valid order, False for a void one. Refuses `status_unknown`."""
    return _one_of(cell, WORDS.valid, WORDS.void, "status_unknown")


def read_post(cell: Cell) -> str:
    """The post's name in the domain."""
    word = word_key(read_text(cell))
    for post, words in WORDS.posts.items():
        if word in words:
            return post
    raise CellRefusal("post_unreadable", value=read_text(cell))


def read_manager(cell: Cell) -> str:
    """A manager's name; none where the cell says in words that there is none."""
    name = read_text(cell)
    return "" if word_key(name) in WORDS.no_manager else name


def read_amount(cell: Cell) -> Decimal:
    """Yuan, at most two decimals, not negative."""
    text = unicodedata.normalize("NFKC", read_text(cell))
    if is_in_ten_thousands(text):
        raise CellRefusal("amount_in_ten_thousands", value=text)
    is_other = isinstance(cell, bool | date | datetime)
    is_other |= isinstance(cell, str) and has_other_digits(cell)
    amount = None if is_other else amount_of(text)
    if amount is None:
        raise CellRefusal("amount_unreadable", value=text)
    if amount < 0:
        raise CellRefusal("amount_negative", amount=text)
    rounded = amount.quantize(Decimal("0.01"), context=_EXACT)
    if abs(amount - rounded) > Decimal("0.000001"):
        raise CellRefusal("amount_unreadable", value=text)
    return amount if amount == amount.to_integral_value() else rounded


def _one_of(cell: Cell, yes: frozenset[str], no: frozenset[str], code: str) -> bool:
    word = word_key(read_text(cell))
    if word in yes:
        return True
    if word in no:
        return False
    raise CellRefusal(code, value=read_text(cell))
