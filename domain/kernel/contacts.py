"""How a person is reached and known: what is a telephone number, and which; what a mail address;
what the number of an identity card.

Both are looked at as they are kept, bare. No part of a pattern can be read in two ways that are
tried in turn for each other part: what was read of one of several numbers is not read anew.
"""

import re
from typing import Final

from domain.kernel.bounds import Pattern
from domain.kernel.values import bare_number, number_key

_NEXT: Final = " ?[/、,;] ?"
_END: Final = rf"(?={_NEXT}|\Z)"

_YEAR, _MONTH, _DAY = "(19|20)[0-9]{2}", "(0[1-9]|1[0-2])", "(0[1-9]|[12][0-9]|3[01])"
_SHORT_MONTH, _SHORT_DAY = "(0?[1-9]|1[0-2])", "(0?[1-9]|[12][0-9]|3[01])"
_STROKE: Final = r"[ .\-‐–—]"
_DATES: Final = (
    _YEAR + _MONTH + _DAY,
    _YEAR + _STROKE + _SHORT_MONTH + _STROKE + _SHORT_DAY,
    _SHORT_MONTH + _STROKE + _SHORT_DAY + _STROKE + _YEAR,
    _SHORT_DAY + _STROKE + _SHORT_MONTH + _STROKE + _YEAR,
)
_IDENTITY: Final = "[ -]?".join(
    ("[1-9][0-9]{5}", "(18|19|20)?[0-9]{2}", _MONTH, _DAY, "[0-9]{3}[0-9x]?")
)
_DECIMAL: Final = r"[+]?[0-9]{11,}\.[0-9]{1,2}"
"""A mobile that a program took for an amount: 13800007919.0."""
_OTHERWISE: Final = f"(?!({'|'.join((*_DATES, _IDENTITY, _DECIMAL))}){_END})"

_GAP: Final = r"[ ().\-‐–—]"
_DIGITS: Final = rf"[+(]{{0,2}}(00)?[0-9]({_GAP}{{0,3}}[0-9]){{6,14}}"
_CALLED: Final = r"[ ,;(\-‐–—]{0,2}(转|分机号?|ext\.?|x|#)[ :.]{0,2}"
_WITHIN: Final = "[0-9]{1,6}"
_SET_OFF: Final = r" ?[(\-‐–—] ?"
_EXTENSION: Final = rf"(({_CALLED}|{_SET_OFF})(?P<within>{_WITHIN}))?\)?"
_ONE: Final = f"(?>{_OTHERWISE}(?P<number>{_DIGITS}){_EXTENSION}{_END})"
_NEXT_ONE: Final = _NEXT + re.sub(r"\?P<\w+>", "", _ONE)

PHONE: Final = Pattern(f"{_ONE}({_NEXT_ONE})*", "phone_unreadable")
"""Of 7 digits at least, as a landline has without its area, and of 15 at most (E.164), beside `00`
and the extension; neither the number of an identity card nor a date nor a decimal."""

_EACH: Final = re.compile(_ONE, re.IGNORECASE)
_GAPS: Final = re.compile(f"{_GAP}+")
_CHINA: Final = re.compile(r"(\+ ?|00)86 ?|86 (?=([0-9] ?){10})|86(?=0?1[3-9]( ?[0-9]){9}\Z)")
"""Its prefix, also without a sign where it is set apart or a mobile follows."""
_OF_NO_AREA: Final = "1[3-9][0-9]{9}|[48]00[0-9]{7}"
_OF_NO_AREA_AFTER_0: Final = re.compile(f"0({_OF_NO_AREA})")
_OF_ALL_CHINA: Final = f"{_OF_NO_AREA}|0(10|2[0-9])[0-9]{{8}}|0(?![48]00)[3-9][0-9]{{9,10}}"
"""What rings from anywhere in China: a mobile, a service, a landline with its area."""
_FAR: Final = re.compile(_OF_ALL_CHINA)
_WHOLE: Final = re.compile(f"{_OF_ALL_CHINA}|[2-9][0-9]{{6,7}}")
_LAST_DIGITS: Final = re.compile(rf"(.*[0-9]){_GAP}+({_WITHIN})")
_OF_LANDLINE: Final = re.compile(rf"([2-9][0-9]{{2,3}}){_GAP}?([0-9]{{4}}){_SET_OFF}({_WITHIN})")
"""An extension set off from a landline without its area: digits that only stand apart may as well
be the last of a number abroad, whose groups are short."""


def phone_key(text: str) -> str:
    """The key by which phone numbers are compared: those that ring, in whatever order they are
    told, each without China's prefix, and behind an `x` its extension."""
    bare = bare_number(text)
    if not PHONE.matches(bare):
        return number_key(bare)
    return "/".join(sorted({_rung(one["number"], one["within"]) for one in _EACH.finditer(bare)}))


def _rung(number: str, within: str | None) -> str:
    """What rings. within: the extension, where it is called one; else it is what stands apart
    behind a number that is whole without it."""
    rings = _dialled(number)
    if within is None and not _WHOLE.fullmatch(rings):
        apart = _LAST_DIGITS.fullmatch(number)
        if local := _OF_LANDLINE.fullmatch(number):
            rings, within = local[1] + local[2], local[3]
        elif apart and _FAR.fullmatch(before := _dialled(apart[1])):
            rings, within = before, apart[2]
    return rings if within is None else f"{rings}x{within}"


def _dialled(number: str) -> str:
    """The digits that are dialled in China; of a number abroad all, with a `+`."""
    apart = _GAPS.sub(" ", number).strip()
    china = _CHINA.match(apart)
    digits = apart[china.end() if china else 0 :].replace(" ", "")
    if china:
        digits = f"0{digits.removeprefix('0')}"
    elif digits.startswith("00"):
        digits = f"+{digits[2:]}"
    return digits[1:] if _OF_NO_AREA_AFTER_0.fullmatch(digits) else digits


_LOCAL: Final = r"\w[\w.!#$%&'*+/=?^{|}~-]{0,63}"
_LABEL: Final = r"\w([\w-]{0,61}\w)?"

_CARD: Final = re.compile("[0-9]{17}[0-9X]")
_BETWEEN: Final = re.compile(r"[\W_]+")
"""Whatever sets places apart: spaces, points, strokes."""


class IdentityPattern(Pattern, frozen=True):
    """The number of a paper that says who somebody is: any, but that of a Chinese identity card of
    18 places with the check digit of the others (GB 11643-1999, ISO 7064 MOD 11-2)."""

    def matches(self, bare: str) -> bool:
        number = _BETWEEN.sub("", number_key(bare))
        if not _CARD.fullmatch(number):
            return True
        places = enumerate(reversed(number))
        return sum((10 if one == "X" else int(one)) << place for place, one in places) % 11 == 1


IDENTITY: Final = IdentityPattern("", "id_number_mistyped")

MAIL: Final = Pattern(rf"{_LOCAL}@{_LABEL}(\.{_LABEL})+", "email_invalid")
