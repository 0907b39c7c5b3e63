"""The form of a command: the fields that its struct declares, and what was typed into them.

    form = form_of(RecordOrder)
    order = form.read({"order_no": ["D-7"], "closed_on": ["2026-11-28"]}, {"employee_no": "E1"})

A form takes and refuses what GraphQL's input of the command does: bounds, choices and defaults
stand in the struct, and sentences about a field follow from its refusal.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from api.web.kit.days import day_typed
from domain.kernel.bounds import Days, Number, Text, check, item_of, unwrapped
from domain.kernel.errors import Refusal
from services.kernel.fields import BLANK_CLEARS, OF_THE_READER, Happened

FieldKind = Literal[
    "line", "prose", "items", "day", "month", "number", "choice", "yes_or_no", "tick"
]
"""How a field is entered. prose: a text of several lines; items: one in each line; yes_or_no: must
be chosen; tick: a box that may stay empty."""

Typed = Mapping[str, Sequence[str]]
"""What was typed, by field, as a browser sends it."""

YES, NO = "yes", "no"
_WHOLE = re.compile("-?[0-9]{1,18}")
_DECIMAL = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")


class RefusedFormError(Exception):
    """What was typed cannot be a command. refusals: the first of each field, in their order."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__(*(refusal.code for refusal in refusals))
        self.refusals = tuple(refusals)


class FormField(msgspec.Struct, frozen=True):
    """One field of a form.

    is_required: something must be typed or chosen; a text that must not be blank is refused by the
    command. most: characters of a text. places: decimal places of a number. happened: it is a day
    that has been. clears: a blank says that there is nothing, where else it says nothing.
    """

    name: str
    kind: FieldKind
    is_required: bool
    default: Any = None
    choices: tuple[str, ...] = ()
    most: int | None = None
    places: int = 0
    days: Days | None = None
    happened: bool = False
    clears: bool = False

    def read(self, texts: Sequence[str]) -> Any:
        """The value that was typed; None where nothing was, and the default is to hold.

        Refuses `field_missing`, `choice_unknown`, `not_a_number`, `day_invalid`.
        """
        text = texts[0] if texts else ""
        if self.kind == "tick":
            return text == YES
        if self.kind == "items":
            return tuple(line for line in text.splitlines() if line.strip())
        if self.kind in ("line", "month", "prose"):
            return text.replace("\r\n", "\n") if text or self.is_required or self.clears else None
        if not text.strip():
            if self.is_required:
                raise Refusal("field_missing", field=self.name)
            return None
        return _READERS[self.kind](self, text.strip())

    def typed(self, value: Any) -> str:
        """A value as one types it."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return YES if value else NO
        if isinstance(value, Decimal):
            return format(value.normalize(), "f")
        return "\n".join(value) if isinstance(value, list | tuple) else str(value)


class CommandForm(msgspec.Struct, frozen=True):
    """The form of a command."""

    command: type[msgspec.Struct]
    fields: tuple[FormField, ...]

    def field(self, name: str) -> FormField | None:
        return next((field for field in self.fields if field.name == name), None)

    def read(self, typed: Typed, given: Mapping[str, Any]) -> msgspec.Struct:
        """The command that was typed. given: the values that were not to be typed.

        Raises RefusedFormError.
        """
        values, refusals = dict(given), list[Refusal]()
        for field in self.fields:
            if field.name in given:
                continue
            try:
                value = field.read(typed.get(field.name, ()))
            except Refusal as refused:
                refusals.append(refused)
                continue
            if value is not None:
                values[field.name] = value
        if not refusals:
            command = self.command(**values)
            try:
                check(command)
            except Refusal as refused:
                refusals.append(refused)
            else:
                return command
        raise RefusedFormError(refusals)


@cache
def form_of(command: type[msgspec.Struct]) -> CommandForm:
    """The form of a command; what is the reader's own, as the language, is not asked."""
    hints = get_type_hints(command, include_extras=True)
    fields = (_field(field, hints[field.name]) for field in msgspec.structs.fields(command))
    return CommandForm(command, tuple(field for field in fields if field is not None))


def _field(declared: msgspec.structs.FieldInfo, hint: Any) -> FormField | None:
    kind, marks = unwrapped(hint)
    if OF_THE_READER in marks:
        return None
    default = None if declared.default is msgspec.NODEFAULT else declared.default
    bounds = {type(mark): mark for mark in marks}
    text, number = bounds.get(Text), bounds.get(Number)
    return FormField(
        declared.name,
        _kind_of(kind, text, has_default=default is not None),
        is_required=declared.required,
        default=default,
        choices=get_args(kind) if get_origin(kind) is Literal else (),
        most=text.most if text else None,
        places=number.places if number else 0,
        days=bounds.get(Days),
        happened=Happened in bounds,
        clears=BLANK_CLEARS in marks,
    )


def _kind_of(kind: Any, text: Text | None, *, has_default: bool) -> FieldKind:
    if kind is bool:
        return "tick" if has_default else "yes_or_no"
    if kind is date:
        return "day"
    if get_origin(kind) is Literal:
        return "choice"
    item = item_of(kind)
    if item is not None and unwrapped(item)[0] is str:
        return "items"
    if kind is str:
        if text is None:
            return "month"
        return "prose" if text.multiline else "line"
    if kind in (int, Decimal):
        return "number"
    raise TypeError(f"no form has a field for {kind}")


def _read_choice(field: FormField, text: str) -> str:
    if text not in field.choices:
        raise Refusal(
            "choice_unknown",
            field=field.name,
            name=field.name,
            given=text[:100],
            choices=list(field.choices),
        )
    return text


def _read_number(field: FormField, text: str) -> int | Decimal:
    plain = unicodedata.normalize("NFKC", text).replace(",", "")
    if not (_DECIMAL if field.places else _WHOLE).fullmatch(plain):
        raise Refusal("not_a_number", field=field.name, value=text[:100])
    return Decimal(plain) if field.places else int(plain)


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
    "number": _read_number,
    "day": _read_day,
    "yes_or_no": _read_yes_or_no,
}
