"""What stands in a form with lists of structs: filled in, tidied, with a row more or less.

    texts = texts_of(form_of(PublishScheme), in_force)
    texts = with_row(form, texts, "lines.2.criteria")

Names are those of the inputs (api/web/kit/form.py). Nothing here needs a script: a button sends the
form, and it comes back with the row.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from api.web.kit.form import Form, FormPart, Typed, rows_of
from domain.kernel.errors import NotFoundError

FormTexts = Mapping[str, str]
"""One text by the name of each input."""


def typed_as(texts: FormTexts) -> Typed:
    """Texts as a browser sends them."""
    return {name: (text,) for name, text in texts.items()}


def texts_of(form: Form, stated: Any, within: str = "") -> dict[str, str]:
    """A command as one types it. stated: None for a blank form, whose lists have one row."""
    texts = {
        within + field.name: field.typed(_value(stated, field.name, field.default))
        for field in form.fields
    }
    for part in form.parts:
        name, value = f"{within}{part.name}", _value(stated, part.name, None)
        if not part.is_list:
            texts |= texts_of(part.form, value, f"{name}.")
            continue
        for number, row in enumerate((None,) if value is None else value):
            texts |= texts_of(part.form, row, f"{name}.{number}.")
    return texts


def tidied(form: Form, texts: FormTexts, within: str = "") -> dict[str, str]:
    """The texts without rows in which nothing was typed, the others numbered from 0."""
    kept = dict(texts)
    for part in form.parts:
        name = f"{within}{part.name}"
        if not part.is_list:
            kept = tidied(part.form, kept, f"{name}.")
            continue
        typed = typed_as(kept)
        rows = [n for n in rows_of(kept, name) if not part.form.is_blank(typed, f"{name}.{n}.")]
        kept = _renumbered(kept, name, rows)
        for number in range(len(rows)):
            kept = tidied(part.form, kept, f"{name}.{number}.")
    return kept


def with_row(form: Form, texts: FormTexts, name: str) -> dict[str, str]:
    """The texts with a blank row behind the others of a list. Raises NotFoundError
    `page_unknown`."""
    part = _list(form, name)
    number = max(rows_of(texts, name), default=-1) + 1
    return {**texts, **texts_of(part.form, None, f"{name}.{number}.")}


def without_row(form: Form, texts: FormTexts, row: str) -> dict[str, str]:
    """The texts without a row, such as `lines.2`. Raises NotFoundError `page_unknown`."""
    name, _, number = row.rpartition(".")
    _list(form, name)
    return _renumbered(texts, name, [n for n in rows_of(texts, name) if str(n) != number])


def _renumbered(texts: FormTexts, name: str, rows: Sequence[int]) -> dict[str, str]:
    """The texts with these rows of a list alone, numbered from 0."""
    found = {one: text for one, text in texts.items() if not one.startswith(f"{name}.")}
    for number, row in enumerate(rows):
        old, new = f"{name}.{row}.", f"{name}.{number}."
        found |= {
            new + one.removeprefix(old): text for one, text in texts.items() if one.startswith(old)
        }
    return found


def _list(form: Form, name: str) -> FormPart:
    """The part of a form that a list of inputs belongs to."""
    part: FormPart | None = None
    word = ""
    for word in name.split("."):
        if not word.isdigit():
            within = part.form if part else form
            part = next((one for one in within.parts if one.name == word), None)
            if part is None:
                break
    if part is None or not part.is_list or word.isdigit():
        raise NotFoundError("page_unknown")
    return part


def _value(stated: Any, name: str, otherwise: Any) -> Any:
    return otherwise if stated is None else getattr(stated, name)
