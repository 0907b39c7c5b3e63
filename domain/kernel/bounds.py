"""Bounds of the fields of a command: declared in its annotations, checked at every door.

    class OpenSession(msgspec.Struct, frozen=True):
        on: Annotated[date, Days()]
        headcount: Annotated[int, Number(most=100_000)]

`check` refuses a command before anything is decided. It holds what can be said of one field alone;
what depends on a stream is refused by its aggregate. Nested structs and lists are checked too.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from domain.kernel.errors import Refusal
from domain.kernel.values import (
    INVISIBLE,
    bare_number,
    has_other_digits,
    is_plain_code,
    is_power_of_ten,
    seen,
)

OWN_REFUSAL: Final = "own_refusal"
"""Marks a field whose bounds the domain refuses by a code of its own (`post_unknown`)."""

CHOICE: Final = "choice"
"""Marks a stored text that is one of a few, which the program has words for."""

STAYS: Final = "stays"
"""Marks a field of a correction that stays as it is recorded where it is not given."""

BLANK_CLEARS: Final = "blank_clears"
"""Marks a text of which a blank says that there is none."""

Choice = Annotated[str, CHOICE]

MONEY: Final = "money"
"""Marks a stored amount in yuan."""

Money = Annotated[Decimal, MONEY]

Check = Callable[[Any, str], None]
"""Refuses a value. The second argument: the field, dotted where it is nested (`lines.0.code`)."""

_NEVER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_NOT_IN_A_LINE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


MOST_FOLDED: Final = 18
"""Characters that one becomes when it is folded (U+FDFA). A text that is longer than its bound by
as much is not looked at: to fold many marks upon one letter takes as long as their square."""


class Cleaned(msgspec.Struct, frozen=True):
    """Marks a field that is decided on, and kept, as a person meant it. by: what cleans it."""

    by: Callable[[Any], Any]


class Text(msgspec.Struct, frozen=True):
    """A text of at most `most` characters as it is kept, without control characters and lone
    surrogates.

    multiline: line breaks and tabs are allowed. is_bare: it is decided on, and kept, bare
    (`bare_number`). is_code: it names a thing, so that it has no invisible characters within, which
    names and prose may need.
    """

    most: int
    multiline: bool = False
    is_bare: bool = False
    is_code: bool = False

    def check(self, value: str, field: str, clean: Callable[[Any], Any] | None = None) -> None:
        """clean: what makes of it the text that is kept. Refuses `text_too_long`, `text_invalid`,
        `number_in_powers_of_ten`, `digits_unclear`."""
        is_given, most_typed = bool(value.strip()), self.most * MOST_FOLDED
        typed = value
        if self.is_bare and len(value) <= most_typed:
            value = bare_number(value)
        if self.is_code and is_given:
            self._check_code(value, field)
        length = len(value)
        if clean and self.most < length * MOST_FOLDED and length <= most_typed:
            length = len(clean(value))
        if length > self.most:
            raise Refusal("text_too_long", field=field, most=self.most, length=length)
        if self.is_bare and has_other_digits(typed):
            raise Refusal("digits_unclear", field=field, value=typed)
        if (_NEVER if self.multiline else _NOT_IN_A_LINE).search(value):
            raise Refusal("text_invalid", field=field)

    def is_surely_within(self, value: str) -> bool:
        """Whether one look shows that a text is within the bounds, as of nearly every text."""
        if self.is_bare:
            return len(value) <= self.most and is_plain_code(value)
        longest = len(value) if value.isascii() else len(value) * MOST_FOLDED
        return longest <= self.most and not self.is_code and value.isprintable()

    def _check_code(self, value: str, field: str) -> None:
        if not value:
            raise Refusal("field_missing", field=field)
        if not value.isascii() and INVISIBLE.search(value):
            raise Refusal("text_invalid", field=field)
        if is_power_of_ten(value):
            raise Refusal("number_in_powers_of_ten", field=field, value=value)


class Pattern(msgspec.Struct, frozen=True):
    """A bare text that a regular expression matches as a whole, and in which nothing is invisible.

    code: of its refusal.
    """

    regex: str
    code: str

    def check(self, value: str, field: str) -> None:
        """Refuses `code`."""
        bare = bare_number(value)
        if bare and not self.matches(bare):
            raise Refusal(self.code, field=field, value=value)

    def matches(self, bare: str) -> bool:
        """Whether a bare text is one."""
        matched = re.fullmatch(self.regex, bare, re.IGNORECASE)
        return matched is not None and not INVISIBLE.search(bare)


class Number(msgspec.Struct, frozen=True):
    """A number whose size is at most `most`, with at most `places` decimal places.

    A negative one is bounded alike; which are too small at all, the domain says. code: of the
    refusal of what is larger.
    """

    most: int
    places: int = 0
    code: str = "number_out_of_range"

    def check(self, value: int | Decimal, field: str) -> None:
        """Refuses `code`, `too_many_places`."""
        is_number = not isinstance(value, Decimal) or value.is_finite()
        if not (is_number and -self.most <= value <= self.most):
            raise Refusal(self.code, field=field, given=str(value), most=self.most)
        if isinstance(value, Decimal) and self._has_more_places(value):
            raise Refusal("too_many_places", field=field, given=str(value), most=self.places)

    def _has_more_places(self, value: Decimal) -> bool:
        if value.same_quantum(_step(self.places)):
            return False
        _, digits, exponent = value.as_tuple()
        surplus = -int(exponent) - self.places
        return surplus > 0 and any(digits[-surplus:])


@cache
def _step(places: int) -> Decimal:
    """The least step of a number with so many decimal places."""
    return Decimal((0, (1,), -places))


class Days(msgspec.Struct, frozen=True):
    """A day between two days, both included."""

    since: date = date(1900, 1, 1)
    until: date = date(2999, 12, 31)

    def check(self, value: date, field: str) -> None:
        """Refuses `day_out_of_range`."""
        if not self.since <= value <= self.until:
            raise Refusal("day_out_of_range", field=field, on=value)


class Many(msgspec.Struct, frozen=True):
    """A list of at most `most` items. is_given: of texts, one of which at least can be seen."""

    most: int
    is_given: bool = False

    def check(self, value: Any, field: str) -> None:
        """Refuses `field_missing`, `list_too_long`."""
        if self.is_given and not any(map(seen, value)):
            raise Refusal("field_missing", field=field)
        if len(value) > self.most:
            raise Refusal("list_too_long", field=field, most=self.most, length=len(value))


BOUNDS = (Text, Pattern, Number, Days, Many)


def check(command: msgspec.Struct, within: str = "") -> None:
    """Refuses what lies outside the bounds of a field, the first field first.

    Of a text that must be given something can be seen. Raises Refusal `field_missing`,
    `text_too_long`, `text_invalid`, `number_out_of_range`, `too_many_places`, `day_out_of_range`,
    `list_too_long`, `choice_unknown`; `field` says where, below `within`.
    """
    for name, check_field in _checks(type(command)):
        value = getattr(command, name)
        if value is not None:
            check_field(value, within + name)


def faults(
    kind: type[msgspec.Struct], values: Mapping[str, Any], within: str = ""
) -> Iterator[Refusal]:
    """All that `check` would refuse of the values of a command's fields, as far as they are there:
    the first fault of each."""
    for name, check_field in _checks(kind):
        value = values.get(name)
        if value is not None:
            try:
                check_field(value, within + name)
            except Refusal as refused:
                yield refused


def unwrapped(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """A field's type without None and without marks, and the marks, the outermost last."""
    if get_origin(hint) is Annotated:
        inner, marks = unwrapped(get_args(hint)[0])
        return inner, (*marks, *hint.__metadata__)
    if get_origin(hint) in (Union, UnionType):
        others = [arg for arg in get_args(hint) if arg is not type(None)]
        if len(others) == 1:
            return unwrapped(others[0])
    return hint, ()


def item_of(kind: Any) -> Any | None:
    """The type of the items of a list or of a tuple of any length; None for anything else."""
    origin, args = get_origin(kind), get_args(kind)
    if not isinstance(origin, type) or not args or issubclass(origin, dict):
        return None
    return args[0] if hasattr(origin, "__iter__") else None


def is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def choices_of(hint: Any) -> tuple[Any, ...]:
    """The values of a field that is one of a few."""
    kind, _ = unwrapped(hint)
    return tuple(kind) if is_enum(kind) else get_args(kind)


def is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, StrEnum)


@cache
def is_choice(of: type, name: str) -> bool:
    """Whether a field or property of a class holds one of a few values, which the program has words
    for; else it holds what people typed."""
    kind, marks = unwrapped(_hint(of, name))
    return get_origin(kind) is Literal or is_enum(kind) or CHOICE in marks


@cache
def is_money(of: type, name: str) -> bool:
    """Whether a field or property of a class holds an amount in yuan."""
    return MONEY in unwrapped(_hint(of, name))[1]


def _hint(of: type, name: str) -> Any:
    declared = getattr(of, name, None)
    if isinstance(declared, property):
        return get_type_hints(declared.fget, include_extras=True)["return"]
    return get_type_hints(of, include_extras=True)[name]


@cache
def _checks(kind: type[msgspec.Struct]) -> tuple[tuple[str, Check], ...]:
    hints = get_type_hints(kind, include_extras=True)
    found = dict[str, list[Check]]()
    for declared in msgspec.structs.fields(kind):
        hint = hints[declared.name]
        _, marks = unwrapped(hint)
        # Where a blank does not say that there is none, it would say nothing.
        is_given = declared.required or (STAYS in marks and BLANK_CLEARS not in marks)
        found[declared.name] = [*_checks_of(hint, is_given=is_given)]
    return tuple((name, _all(checks)) for name, checks in found.items() if checks)


def _checks_of(hint: Any, *, is_given: bool = False) -> Iterator[Check]:
    """is_given: of a text something must be seen."""
    kind, marks = unwrapped(hint)
    clean = next((mark.by for mark in reversed(marks) if isinstance(mark, Cleaned)), None)
    for mark in marks:
        if isinstance(mark, Text):
            yield _check_text(mark, clean, is_given=is_given)
        elif isinstance(mark, BOUNDS):
            yield mark.check
    item = item_of(kind)
    if get_origin(kind) is Literal:
        if OWN_REFUSAL not in marks:
            yield _one_of(get_args(kind))
    elif item is not None:
        if checks := list(_checks_of(item)):
            yield _each(_all(checks))
    elif is_struct(kind):
        yield lambda struct, field: check(struct, f"{field}.")


def _check_text(bounds: Text, clean: Callable[[Any], Any] | None, *, is_given: bool) -> Check:
    is_within = bounds.is_surely_within
    # What is surely within the bounds of a bare text has a letter or digit.
    is_looked_at = is_given and not bounds.is_bare

    def check_text(value: str, field: str) -> None:
        if is_within(value) and (not is_looked_at or seen(value)):
            return
        if is_given and not seen(value):
            raise Refusal("field_missing", field=field)
        bounds.check(value, field, clean)

    return check_text


def _all(checks: list[Check]) -> Check:
    if len(checks) == 1:
        return checks[0]

    def check_all(value: Any, field: str) -> None:
        for check_one in checks:
            check_one(value, field)

    return check_all


def _one_of(choices: tuple[Any, ...]) -> Check:
    def check_choice(value: Any, field: str) -> None:
        if value not in choices:
            raise Refusal(
                "choice_unknown", field=field, name=field, given=value, choices=list(choices)
            )

    return check_choice


def _each(check_item: Check) -> Check:
    def check_items(values: Any, field: str) -> None:
        for place, value in enumerate(values):
            check_item(value, f"{field}.{place}")

    return check_items
