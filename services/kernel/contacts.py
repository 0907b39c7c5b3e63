"""How a person is reached: what is a telephone number, and what a mail address.

Both are looked at as they are kept, bare. No part of a pattern can be read in two ways that are
tried in turn for each other part: what was read of one of several numbers is not read anew.
"""

from typing import Final

from domain.kernel.bounds import Pattern

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
_OTHERWISE: Final = f"(?!({'|'.join((*_DATES, _IDENTITY))}){_END})"

_DIGITS: Final = r"[+(]{0,2}(00)?[0-9]([ ().\-‐–—]{0,3}[0-9]){6,14}"
_CALLED: Final = r"[ ,;(\-‐–—]{0,2}(转|分机号?|ext\.?|x|#)[ :.]{0,2}[0-9]{1,6}"
_EXTENSION: Final = rf"({_CALLED}|[(\-‐–—][0-9]{{1,5}})?\)?"
_ONE: Final = f"(?>{_OTHERWISE}{_DIGITS}{_EXTENSION}{_END})"

PHONE: Final = Pattern(f"{_ONE}({_NEXT}{_ONE})*", "phone_unreadable")
"""Of 7 digits at least, as a landline has without its area, and of 15 at most (E.164), beside `00`
and the extension; neither the number of an identity card nor a date."""

_LOCAL: Final = r"\w[\w.!#$%&'*+/=?^{|}~-]{0,63}"
_LABEL: Final = r"\w([\w-]{0,61}\w)?"

MAIL: Final = Pattern(rf"{_LOCAL}@{_LABEL}(\.{_LABEL})+", "email_invalid")
