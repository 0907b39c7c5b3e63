"""One field of a command's form: how it is entered, and the value of what was typed."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

import msgspec

from api.web.kit.days import day_typed, month_typed
from domain.kernel.bounds import Days
from domain.kernel.errors import Refusal
from domain.kernel.values import Ratio, amount_of, is_in_ten_thousands, number_of, seen

FieldKind = Literal[
    "line",
    "prose",
    "items",
    "day",
    "month",
    "number",
    "fraction",
    "choice",
    "yes_or_no",
    "tick",
]
"""How a field is entered. prose: a text of several lines; items: one in each line; fraction: `80%`,
`4/5` or `1.5`, exact; yes_or_no: must be chosen; tick: a box that may stay empty."""

FieldNames = Literal["thing", "id", "fact"]

YES, NO = "yes", "no"
_SIGNS = str.maketrans("％／", "%/")
_LARGEST = 10**9
"""Of either number of a fraction, which are of 32 bits over GraphQL."""


class FormField(msgspec.Struct, frozen=True):
    """One field of a form.

    is_required: something must be typed or chosen. most: characters of a text. places: decimal
    places of a number. begins_today: a day that is filled in with today. clears: a blank says that
    there is nothing, where else it says nothing. stays: where it is not given. is_of_nobody: text
    about no person. names: a thing by its code or number, the id of what the command is about, or
    which fact. by_id: a thing that commands name by its id, which nobody types: its number, or what
    it is called, is typed instead.
    """

    name: str
    kind: FieldKind
    is_required: bool
    default: Any = None
    choices: tuple[str, ...] = ()
    most: int | None = None
    places: int = 0
    is_money: bool = False
    days: Days | None = None
    begins_today: bool = False
    clears: bool = False
    stays: bool = False
    is_of_nobody: bool = False
    names: FieldNames | None = None
    by_id: bool = False

    def read(self, texts: Sequence[str]) -> Any:
        """The value that was typed; None where nothing was, and the default is to hold.

        Refuses `field_missing`, `choice_unknown`, `month_invalid`, `not_a_number`,
        `amount_in_ten_thousands`, `not_a_fraction`, `day_invalid`.
        """
        text = texts[0] if texts else ""
        if self.kind == "tick":
            return text == YES
        if self.kind == "items":
            return tuple(line for line in text.splitlines() if line.strip())
        if self.is_required and not seen(text):
            raise Refusal("field_missing", field=self.name)
        if self.kind in ("line", "prose"):
            return text.replace("\r\n", "\n") if text or self.clears else None
        return _READERS[self.kind](self, text.strip()) if text.strip() else None

    def typed(self, value: Any) -> str:
        """A value as one types it."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return YES if value else NO
        if isinstance(value, Decimal):
            return format(value.normalize(), "f")
        if isinstance(value, Ratio):
            return f"{value.numerator}/{value.denominator}"
        return "\n".join(value) if isinstance(value, list | tuple) else str(value)


def _read_choice(field: FormField, text: str) -> str:
    chosen = next((one for one in field.choices if one == text), None)
    if chosen is None:
        raise Refusal(
            "choice_unknown",
            field=field.name,
            name=field.name,
            given=text[:100],
            choices=list(field.choices),
        )
    return chosen


def _read_month(field: FormField, text: str) -> str:
    return str(month_typed(text, field.name))


def _read_number(field: FormField, text: str) -> int | Decimal:
    if field.is_money and is_in_ten_thousands(text):
        raise Refusal("amount_in_ten_thousands", field=field.name, value=text[:100])
    number = amount_of(text) if field.is_money else number_of(text)
    if number is None or not (field.places or number == number.to_integral_value()):
        raise Refusal("not_a_number", field=field.name, value=text[:100])
    return number if field.places else int(number)


def _read_fraction(field: FormField, text: str) -> Ratio:
    ratio = _ratio(text.translate(_SIGNS).strip())
    if ratio is None or max(abs(ratio.numerator), ratio.denominator) > _LARGEST:
        raise Refusal("not_a_fraction", field=field.name, value=text[:100])
    return ratio


def _ratio(plain: str) -> Ratio | None:
    """A fraction stays as it was typed: 12/18 is not 2/3."""
    parts = [number_of(part) for part in plain.removesuffix("%").split("/")]
    match parts:
        case [Decimal() as number]:
            return Ratio.of(Fraction(number) / (100 if plain.endswith("%") else 1))
        case [Decimal() as above, Decimal() as below] if not plain.endswith("%"):
            is_whole = above == int(above) and below == int(below)
            return Ratio(int(above), int(below)) if is_whole else None
    return None


def _read_day(field: FormField, text: str) -> date | None:
    try:
        return day_typed(text)
    except Refusal as refused:
        refused.field = field.name
        raise


def _read_yes_or_no(field: FormField, text: str) -> bool:
    if text not in (YES, NO):
        raise Refusal("field_missing", field=field.name)
    return text == YES


_READERS: Mapping[FieldKind, Callable[[FormField, str], Any]] = {
    "choice": _read_choice,
    "month": _read_month,
    "number": _read_number,
    "fraction": _read_fraction,
    "day": _read_day,
    "yes_or_no": _read_yes_or_no,
}
