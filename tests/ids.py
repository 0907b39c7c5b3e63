"""What a parameter of a test is called in the test's id, so that the id reads as a circumstance.

    test_refuses_what_is_no_class[kind party-session_kind_unknown]
    test_any_batch_size_gives_the_same_rows[batch 1000]

A value of a kind that is not known here fails the collection: name it here, or give `ids`.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from domain.kernel.errors import Refusal
from domain.kernel.values import Ratio
from tests.gwt import Fact

LONGEST = 60
"""Characters of one parameter; a longer one is cut."""


def readable(name: str, value: Any) -> str:
    """A parameter in words, with its name where the value alone says little.

    Raises TypeError for a value that has no words.
    """
    words = _words(value)
    if value is None or isinstance(value, int | float | date | Decimal | Fraction):
        words = f"{name.replace('_', ' ')} {words}"
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"


def _words(value: Any) -> str:
    match value:
        case None | bool() | int() | float() | Decimal() | Fraction() | Path() | UUID():
            return value.name if isinstance(value, Enum) else str(value)
        case str():
            return _text(value.value if isinstance(value, Enum) else value)
        case bytes():
            return f"bytes {value[:8].hex()}" if value else "no bytes"
        case date():
            return value.isoformat().replace("T00:00:00", "")
        case Ratio():
            return f"{value.numerator} of {value.denominator}"
        case Refusal():
            return " ".join([value.code, *map(_words, value.params.values())])
        case Fact():
            return _after_the_last_dot(value.kind.TOPIC)
        case msgspec.Struct():
            return " ".join([type(value).__name__, *_stated(value)])
        case Mapping():
            return ", ".join(f"{key} {_words(item)}" for key, item in value.items()) or "as stated"
        case Sequence() | set() | frozenset():
            return ", ".join(map(_words, value)) or "nothing"
        case type():
            return value.__name__
    raise TypeError(f"a parameter without a readable id: {value!r}")


def _text(text: str) -> str:
    if not text.isprintable():
        return ascii(text)[1:-1]
    return text if text.strip() else f"{len(text)} blanks" if text else "no text"


def _after_the_last_dot(topic: str) -> str:
    return topic.rpartition(".")[2].replace("_", " ")


def _stated(struct: msgspec.Struct) -> list[str]:
    """The fields that are not their defaults."""
    return [
        f"{field.name} {_words(value)}"
        for field in msgspec.structs.fields(struct)
        if (value := getattr(struct, field.name)) != field.default
    ]
