"""What stands in a form with lists of structs: filled in, tidied, with a row more or less.

    typed = typed_of(form_of(PublishScheme), in_force)
    typed = with_row(form, typed, "lines.2.criteria")

Nothing here needs a script: a button sends the form, and it comes back with the row.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from api.web.kit.form import CommandForm, FormPart, Typed, part_at, rows_of, texts_at
from domain.kernel.errors import NotFoundError

FormTexts = Mapping[str, str]
"""One text by the name of each input, such as `lines.0.code`."""


def nested(form: CommandForm, texts: FormTexts) -> Typed:
    """What was typed, from the inputs that a browser sends; no deeper than the form is."""
    typed: dict[str, Any] = {}
    for name, text in texts.items():
        *within, last = name.split(".", form.depth)
        node = typed
        for word in within:
            node = node.setdefault(word, {})
            if not isinstance(node, dict):
                break
        else:
            node.setdefault(last, (text,))
    return typed


def texts_of(form: CommandForm, typed: Typed, within: str = "") -> dict[str, str]:
    """The texts of a form's inputs by their names."""
    texts = {
        within + field.name: text
        for field in form.fields
        for text in texts_at(typed, field.name)[:1]
    }
    for part in form.parts:
        name, node = f"{within}{part.name}.", part_at(typed, part.name)
        if part.is_list:
            for number, row in rows_of(node):
                texts |= texts_of(part.form, row, f"{name}{number}.")
        else:
            texts |= texts_of(part.form, node, name)
    return texts


def typed_of(form: CommandForm, stated: Any) -> Typed:
    """A command as one types it. stated: None for a blank form, whose lists have one row."""
    typed: dict[str, Any] = {
        field.name: (field.typed(_value(stated, field.name, field.default)),)
        for field in form.fields
    }
    for part in form.parts:
        value = _value(stated, part.name, (None,) if part.is_list else None)
        if part.is_list:
            typed[part.name] = _numbered([typed_of(part.form, row) for row in value])
        else:
            typed[part.name] = typed_of(part.form, value)
    return typed


def tidied(form: CommandForm, typed: Typed) -> Typed:
    """What was typed without the rows that are blank, the others numbered from 0."""
    tidy: dict[str, Any] = {field.name: texts_at(typed, field.name) for field in form.fields}
    for part in form.parts:
        node = part_at(typed, part.name)
        if part.is_list:
            rows = [row for _, row in rows_of(node) if not part.form.is_blank(row)]
            tidy[part.name] = _numbered([tidied(part.form, row) for row in rows])
        else:
            tidy[part.name] = tidied(part.form, node)
    return tidy


def with_row(form: CommandForm, typed: Typed, name: str) -> Typed:
    """What was typed with a blank row behind the others of a list, such as `lines`.

    Raises NotFoundError `page_unknown`.
    """
    return _changed(form, typed, name, lambda part, rows: [*rows, typed_of(part.form, None)])


def without_row(form: CommandForm, typed: Typed, row: str) -> Typed:
    """What was typed without a row, such as `lines.2`. Raises NotFoundError `page_unknown`."""
    name, _, number = row.rpartition(".")

    def change(_: FormPart, rows: Sequence[Typed]) -> Sequence[Typed]:
        return [one for n, one in enumerate(rows) if str(n) != number]

    return _changed(form, typed, name, change)


def _changed(
    form: CommandForm,
    typed: Typed,
    name: str,
    change: Callable[[FormPart, Sequence[Typed]], Sequence[Typed]],
) -> Typed:
    word, _, deeper = name.partition(".")
    part = next((one for one in form.parts if one.name == word), None)
    if part is None:
        raise NotFoundError("page_unknown")
    node = part_at(typed, word)
    if not part.is_list:
        return {**typed, word: _changed(part.form, node, deeper, change)}
    rows = [row for _, row in rows_of(node)]
    if not deeper:
        return {**typed, word: _numbered(change(part, rows))}
    number, _, deeper = deeper.partition(".")
    changed = [
        _changed(part.form, row, deeper, change) if str(n) == number else row
        for n, row in enumerate(rows)
    ]
    return {**typed, word: _numbered(changed)}


def _numbered(rows: Sequence[Typed]) -> dict[str, Typed]:
    return {str(number): row for number, row in enumerate(rows)}


def _value(stated: Any, name: str, otherwise: Any) -> Any:
    return otherwise if stated is None else getattr(stated, name)
