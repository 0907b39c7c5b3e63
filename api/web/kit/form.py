"""The form of a command: the fields that its struct declares, and what was typed into them.

    form = form_of(RecordOrder)
    order = form.read({"order_no": ["D-7"], "closed_on": ["2026-11-28"]}, {"employee_no": "E1"})

A form takes and refuses what GraphQL's input of the command does: bounds, choices and defaults
stand in the struct, and sentences about a field follow from its refusal. Structs within the command
are parts of its form, whose inputs bear dotted names: `parameters.window_days`, `lines.0.code`.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache, partial
from typing import Any, Literal, get_origin, get_type_hints

import msgspec

from api.web.kit.form_field import FieldKind, FieldNames, FormField
from domain.kernel.aggregate import PERSONAL
from domain.kernel.bounds import (
    BLANK_CLEARS,
    MONEY,
    STAYS,
    Days,
    Many,
    Number,
    Text,
    choices_of,
    faults,
    is_enum,
    is_struct,
    item_of,
    unwrapped,
)
from domain.kernel.errors import Refusal
from domain.kernel.values import Ratio
from services.kernel.fields import (
    MOSTLY_TODAY,
    OF_A_FACT,
    OF_NOBODY,
    OF_THE_READER,
    Happened,
    IdOf,
)

Typed = Mapping[str, Any]
"""What was typed, by field: the texts that a browser sends. Of a part the same again, and of a list
by the number of each row."""

_ROW = re.compile("[0-9]{1,4}")
MOST_PLACES = 18
"""Decimal places of a number whose bounds are its own."""


class RefusedFormError(Exception):
    """What was typed cannot be a command. refusals: the first of each field, in their order."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__(*(refusal.code for refusal in refusals))
        self.refusals = tuple(refusals)


class FormPart(msgspec.Struct, frozen=True):
    """A struct within a command, or a list of them, as a part of its form.

    is_optional: where nothing is typed, there is none.
    """

    name: str
    form: "CommandForm"
    is_list: bool = False
    is_optional: bool = False

    def read(self, typed: Typed, within: str) -> Any:
        """What was typed of it: a struct or None, or one for each row that stands there."""
        if not self.is_list:
            if self.is_optional and self.form.is_blank(typed):
                return None
            return self.form.read(typed, {}, f"{within}.")
        values, refusals = list[msgspec.Struct](), list[Refusal]()
        for number, row in rows_of(typed):
            try:
                values.append(self.form.read(row, {}, f"{within}.{number}."))
            except RefusedFormError as refused:
                refusals += refused.refusals
        if refusals:
            raise RefusedFormError(refusals)
        return tuple(values)

    def is_blank(self, typed: Typed) -> bool:
        rows = (row for _, row in rows_of(typed)) if self.is_list else (typed,)
        return all(map(self.form.is_blank, rows))


class CommandForm(msgspec.Struct, frozen=True):
    """The form of a command, or of a struct within one."""

    command: type[msgspec.Struct]
    fields: tuple[FormField, ...]
    parts: tuple[FormPart, ...] = ()

    @property
    def depth(self) -> int:
        """How many dots the longest names of its inputs have."""
        return max((part.form.depth + 1 + part.is_list for part in self.parts), default=0)

    def field(self, name: str) -> FormField | None:
        return next((field for field in self.fields if field.name == name), None)

    def part(self, name: str) -> FormPart:
        return next(part for part in self.parts if part.name == name)

    def read(self, typed: Typed, given: Mapping[str, Any], within: str = "") -> msgspec.Struct:
        """The command that was typed. given: the values that were not to be typed. within: what the
        names of its inputs begin with.

        Raises RefusedFormError.
        """
        values, refusals = dict(given), list[Refusal]()
        for field in self.fields:
            if field.name in given:
                continue
            try:
                value = field.read(texts_at(typed, field.name))
            except Refusal as refused:
                refused.field = within + field.name
                refusals.append(refused)
                continue
            if value is not None:
                values[field.name] = value
        for part in self.parts:
            try:
                value = part.read(part_at(typed, part.name), within + part.name)
            except RefusedFormError as refused:
                refusals += refused.refusals
                continue
            if value is not None:
                values[part.name] = value
        refusals += faults(self.command, values, within)
        if refusals:
            raise RefusedFormError(sorted(refusals, key=partial(self._place, within)))
        try:
            return self.command(**values)
        except Refusal as refused:
            refused.field = f"{within}{refused.field}"
            raise RefusedFormError([refused]) from refused

    def is_blank(self, typed: Typed) -> bool:
        """Whether nothing was typed but what stands there by itself."""
        return all(
            text.strip() in ("", field.typed(field.default))
            for field in self.fields
            for text in texts_at(typed, field.name)
        ) and all(part.is_blank(part_at(typed, part.name)) for part in self.parts)

    def _place(self, within: str, refused: Refusal) -> int:
        name = (refused.field or "").removeprefix(within).split(".")[0]
        return self.command.__struct_fields__.index(name)


def texts_at(typed: Typed, name: str) -> Sequence[str]:
    """What was typed into a field."""
    found = typed.get(name, ())
    return () if isinstance(found, Mapping) else found


def part_at(typed: Typed, name: str) -> Typed:
    """What was typed into a part."""
    found = typed.get(name)
    return found if isinstance(found, Mapping) else {}


def rows_of(typed: Typed) -> list[tuple[int, Typed]]:
    """The rows of a list by their numbers, rising."""
    rows = ((int(name), part_at(typed, name)) for name in typed if _ROW.fullmatch(name))
    return sorted(rows, key=lambda row: row[0])


@cache
def form_of(command: type[msgspec.Struct]) -> CommandForm:
    """The form of a command; what is the reader's own, as the language, is not asked."""
    hints = get_type_hints(command, include_extras=True)
    fields, parts = list[FormField](), list[FormPart]()
    for declared in msgspec.structs.fields(command):
        hint = hints[declared.name]
        part = _part(declared, hint)
        field = None if part else _field(declared, hint)
        if part:
            parts.append(part)
        if field:
            fields.append(field)
    return CommandForm(command, tuple(fields), tuple(parts))


def _part(declared: msgspec.structs.FieldInfo, hint: Any) -> FormPart | None:
    kind, _ = unwrapped(hint)
    item = item_of(kind)
    inner, _ = unwrapped(kind if item is None else item)
    if not is_struct(inner) or inner is Ratio:
        return None
    is_optional = item is None and declared.default is None
    return FormPart(declared.name, form_of(inner), item is not None, is_optional)


def _field(declared: msgspec.structs.FieldInfo, hint: Any) -> FormField | None:
    kind, marks = unwrapped(hint)
    if OF_THE_READER in marks:
        return None
    default = None if declared.default is msgspec.NODEFAULT else declared.default
    bounds = {type(mark): mark for mark in marks}
    text, number, many = bounds.get(Text), bounds.get(Number), bounds.get(Many)
    chosen, of = get_origin(kind) is Literal or is_enum(kind), bounds.get(IdOf)
    return FormField(
        declared.name,
        "choice" if chosen else _kind_of(kind, text, has_default=default is not None),
        is_required=declared.required and (many is None or many.is_given),
        default=default,
        choices=choices_of(hint) if chosen else (),
        most=text.most if text else None,
        places=number.places if number else MOST_PLACES if kind is Decimal else 0,
        is_money=MONEY in marks,
        days=bounds.get(Days),
        begins_today=declared.required and (Happened in bounds or MOSTLY_TODAY in marks),
        clears=BLANK_CLEARS in marks,
        stays=STAYS in marks,
        is_of_nobody=OF_NOBODY in marks,
        names=_names(declared.name, marks, text),
        by_id=of is not None,
    )


def _names(name: str, marks: Sequence[Any], text: Text | None) -> FieldNames | None:
    of = next((mark for mark in marks if isinstance(mark, IdOf)), None)
    if of is not None:
        return "id" if name == f"{of.kind}_id" else "thing"
    if OF_A_FACT in marks:
        return "fact"
    return "thing" if text and text.is_code and PERSONAL not in marks else None


def _kind_of(kind: Any, text: Text | None, *, has_default: bool) -> FieldKind:
    if kind is bool:
        return "tick" if has_default else "yes_or_no"
    if kind is date:
        return "day"
    item = item_of(kind)
    if item is not None and unwrapped(item)[0] is str:
        return "items"
    if kind is str:
        if text is None:
            return "month"
        return "prose" if text.multiline else "line"
    if kind in (int, Decimal):
        return "number"
    if kind is Ratio:
        return "fraction"
    raise TypeError(f"no form has a field for {kind}")
