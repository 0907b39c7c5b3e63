"""A form while a person fills it in: as it begins, and as it is shown again after a refusal."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any
from uuid import uuid4

from litestar.datastructures import FormMultiDict
from msgspec import Struct
from msgspec.structs import replace

from api.web.kit.form import CommandForm, RefusedFormError, form_of
from api.web.kit.form_field import YES, FormField
from api.web.kit.named import typed_of
from api.web.kit.page import PageContext
from api.web.kit.resource import CommandKind, name_of
from api.web.kit.timeline import RESTATED, TimelineLine, recorded_fact
from api.web.kit.wording import Wording
from domain.kernel.aggregate import Happening
from domain.kernel.errors import PermissionRefusedError, Refusal
from services.execute import Done, checked_key, execute, repeated
from services.kernel.rehearsal import rehearsing

_POSITION = re.compile("[0-9]{1,15}")

KEY, CONFIRMED, AGAIN, AS_SEEN = "key", "confirmed", "again", "as_seen"
"""What a form sends beside the command's fields: its submission's key, that what cannot be taken
back is meant, that another is to be entered next, and how far what it amends was seen."""


class FormState(Struct, frozen=True):
    """A form as a person left it.

    given: fields that are not typed, with their values. typed: texts by field. is_final: it cannot
    be taken back, and is asked to be confirmed; removes: it takes something away besides.
    is_hindered: it would be refused whatever is typed, as refusal says, and so asks for nothing.
    errors: sentences by field. key: the same command sent twice with it is carried out once.
    barred: why it can be sent no more, unless it was carried out with this key before. amends: the
    fact that it says again or takes back, as it was said last. as_seen: the log's position when it,
    or else what the form is about, was read; values: what the form says again, by field. recorded:
    what is recorded by now of the fields that say something else. amended: the fact where the form
    does not say it again. warning: the message id of what is to be known before it is sent.
    holders: by field, the address of what has the typed name already, and what that is called.
    several: by field, the things that bear the typed name, of which one is to be chosen.
    """

    form: CommandForm
    given: Mapping[str, Any]
    typed: Mapping[str, str]
    key: str
    is_final: bool = False
    removes: bool = False
    is_confirmed: bool = False
    can_repeat: bool = False
    refusal: Refusal | None = None
    is_hindered: bool = False
    errors: Mapping[str, str] = {}
    barred: Refusal | None = None
    amends: Happening | None = None
    as_seen: int | None = None
    values: Mapping[str, Any] = {}
    recorded: Mapping[str, str] = {}
    amended: TimelineLine | None = None
    warning: str | None = None
    holders: Mapping[str, tuple[str, str]] = {}
    several: Mapping[str, Sequence[tuple[str, str]]] = {}

    @property
    def name(self) -> str:
        return name_of(self.form.command)

    def begun_with(self, values: Mapping[str, Any]) -> "FormState":
        """The form with these values in fields that a person has still to look at."""
        typed = {
            one.name: one.typed(values[one.name]) for one in self.form.fields if one.name in values
        }
        return replace(self, typed={**self.typed, **typed})

    @property
    def stated(self) -> dict[str, Any]:
        """What the page says by itself; of a fact, which it is, it says nothing, and not again what
        is told with it."""
        unsaid = ("id", "fact")
        silent = {field.name for field in self.form.fields if field.names in unsaid}
        if self.amended is not None:
            silent |= {one.name for one in self.amended.stated}
        return {name: value for name, value in self.given.items() if name not in silent}

    @property
    def sent_along(self) -> dict[str, str]:
        """What is sent without being shown: how far what is amended was seen, and the day of the
        fact as it was then. Sent twice, the form says the same, whatever the first did to it."""
        sent = {one.name: one.typed(self.given[one.name]) for one in self._as_begun}
        return sent if self.as_seen is None else sent | {AS_SEEN: str(self.as_seen)}

    @property
    def _as_begun(self) -> list[FormField]:
        given = (one for one in self.form.fields if one.name in self.given)
        return [one for one in given if (one.names, one.kind) == ("fact", "day")]

    def seen_in(self, sent: FormMultiDict) -> int | None:
        """The log's position when what was sent was begun; where that does not say it, before
        anything was recorded."""
        if self.as_seen is None:
            return None
        position = sent_text(sent, AS_SEEN) or ""
        return int(position) if _POSITION.fullmatch(position) else 0

    def given_in(self, sent: FormMultiDict) -> Mapping[str, Any]:
        """What is not typed, as it was when what was sent was begun."""
        told = {one: sent_text(sent, one.name) for one in self._as_begun}
        return {**self.given, **{one.name: one.read([text]) for one, text in told.items() if text}}

    @property
    def shown(self) -> list[FormField]:
        """The fields that are typed, last why. Which fact is meant is said by its day, where the
        page does not know it."""
        typed = (
            field
            for field in self.form.fields
            if field.name not in self.given
            and (field.names != "fact" or field.kind == "day" or field.name in self.errors)
        )
        return sorted(typed, key=lambda field: field.name == "reason")


def begun(
    page: PageContext,
    command: CommandKind,
    given: Mapping[str, Any],
    values: Mapping[str, Any] | None = None,
    *,
    unasked: Collection[str] = (),
    is_final: bool = False,
    removes: bool = False,
    can_repeat: bool = False,
) -> FormState:
    """A form as it is begun. values: of what is stated again. unasked: the fields that it does
    without."""
    form, known = form_of(command), values or {}
    if unasked:
        form = replace(form, fields=tuple(one for one in form.fields if one.name not in unasked))
        known = {name: value for name, value in known.items() if name not in unasked}
    if known:
        form = replace(form, fields=tuple(_said_again(one, known) for one in form.fields))

    def begin(field: FormField) -> str:
        if field.name in known:
            return field.typed(known[field.name])
        return field.typed(page.today if field.begins_today else field.default)

    typed = {field.name: begin(field) for field in form.fields}
    key = str(uuid4())
    return FormState(
        form,
        given,
        typed,
        key,
        is_final=is_final,
        removes=removes,
        can_repeat=can_repeat,
        values=known,
    )


def _said_again(field: FormField, recorded: Mapping[str, Any]) -> FormField:
    """A field of a form that begins with what is recorded: what it says holds, so that it is blank
    only where there can be none."""
    is_held = field.stays and not field.clears and recorded.get(field.name) not in (None, "")
    return replace(field, is_required=field.is_required or is_held)


async def carry_out(page: PageContext, state: FormState, sent: FormMultiDict) -> Done:
    """Carries out the command of a form that was sent. Raises RefusedFormError and Refusal: with
    what the form is to be shown again."""
    page.require_current_form()
    stated = read_sent(state, sent, await _staying(page, state, sent))
    key = checked_key(sent_text(sent, KEY))
    ctx = page.app.context(page.principal, idempotency_key=key, as_seen=state.seen_in(sent))
    if state.barred is None:
        return await execute(ctx, stated)
    if done := await repeated(ctx, stated):
        return done
    raise state.barred


async def hindrance(page: PageContext, state: FormState) -> Refusal | None:
    """Why a command that cannot be taken back and asks for nothing but the reason will be refused,
    whatever that is: so that nobody writes one in vain."""
    if not state.is_final or [field.name for field in state.shown] != ["reason"]:
        return None
    try:
        stated = state.form.read({"reason": ["?"]}, state.given)
        await execute(rehearsing(page.app.context(page.principal)), stated)
    except RefusedFormError:
        return None
    except Refusal as refusal:
        return refusal
    return None


async def _staying(page: PageContext, state: FormState, sent: FormMultiDict) -> dict[str, None]:
    """The fields that may be left as they are and are sent as the form began with them: nothing is
    said of them, which may be recorded as nobody could enter them any more."""
    fact, seen = state.amends, state.seen_in(sent)
    if fact is None or seen is None or not state.values:
        return {}
    begun_with = await recorded_fact(page, fact.originator_id, fact.fact_id, seen)
    if begun_with is None:
        return {}
    typed = await typed_of(page, begun_with, seen)
    return {
        field.name: None
        for field in state.form.fields
        if field.stays and sent_text(sent, field.name) in _as_begun(field, begun_with, typed)
    }


def _as_begun(field: FormField, fact: Happening, typed: Callable[[str], Any]) -> Sequence[Any]:
    """What is sent of a field that still says what it began with; also by the id."""
    by_id = (getattr(fact, field.name),) if field.by_id else ()
    return (field.typed(typed(field.name)), *by_id)


def read_sent(
    state: FormState, sent: FormMultiDict, staying: Mapping[str, None] = MappingProxyType({})
) -> Struct:
    """What a form says that was sent. staying: fields of which it says nothing. Raises
    RefusedFormError."""
    texts = {name: [one for one in sent.getall(name) if isinstance(one, str)] for name in sent}
    is_unconfirmed = state.is_final and sent.get(CONFIRMED) != YES
    unconfirmed = [Refusal("confirmation_missing", field=CONFIRMED)] if is_unconfirmed else []
    try:
        stated = state.form.read(texts, {**state.given_in(sent), **staying})
    except RefusedFormError as refused:
        raise RefusedFormError([*refused.refusals, *unconfirmed]) from refused
    if unconfirmed:
        raise RefusedFormError(unconfirmed)
    return stated


def refused_state(
    page: PageContext, state: FormState, sent: FormMultiDict, refusals: Sequence[Refusal]
) -> FormState:
    """The form as it was sent, with what was refused beside its fields, and what is recorded by now
    where it was begun from something else."""

    def place(refused: Refusal) -> str:
        name = (refused.field or "").split(".")[0]
        is_typed = name not in state.given and state.form.field(name) is not None
        return name if name == CONFIRMED or is_typed else ""

    told = [*filter(None, [state.barred]), *refusals]
    errors, refusal = placed(page, told, place)
    for one in told:
        if one.code == "field_missing" and one.field in errors:
            errors[one.field] = missing(page.wording, state.form, one.field)
    typed = {field.name: sent_text(sent, field.name) or "" for field in state.form.fields}
    now = state.values.items() if any(one.code == RESTATED for one in told) else ()
    # Said of what stands in the fields; whatever is new about the whole is to be confirmed anew.
    is_confirmed = sent.get(CONFIRMED) == YES and refusal.code == "form_refused"
    return replace(
        state,
        typed=typed,
        is_confirmed=is_confirmed,
        recorded={
            name: page.wording.value(state.form.command, name, value)
            for name, value in now
            if typed[name] != state.typed[name]
        },
        key=kept_key(sent_text(sent, KEY) or state.key, refusals),
        refusal=refusal,
        errors=errors,
    )


def missing(wording: Wording, form: CommandForm, name: str) -> str:
    """That a field is to be filled in, by what it is called in a form."""
    field = form.field(name)
    is_chosen = field is not None and field.kind in ("choice", "yes_or_no")
    label = wording.label(name, f"{name_of(form.command)}.{name}")
    return wording.t("form.choose_it" if is_chosen else "form.fill_in", label=label)


def refusals_of(refused: RefusedFormError | Refusal) -> Sequence[Refusal]:
    """What a form is shown again with. A permission that is missing is nothing to be mended in a
    form: raises PermissionRefusedError."""
    if isinstance(refused, RefusedFormError):
        return refused.refusals
    if isinstance(refused, PermissionRefusedError):
        raise refused
    return (Refusal("form_spent") if refused.code == "idempotency_key_reused" else refused,)


def placed(
    page: PageContext, refusals: Sequence[Refusal], place: Callable[[Refusal], str]
) -> tuple[dict[str, str], Refusal]:
    """The sentences of refusals by their places in a form, the first of each, and what is refused
    of the whole. place: empty for what is about the whole."""
    errors: dict[str, str] = {}
    whole: Refusal | None = None
    for refused in refusals:
        if name := place(refused):
            errors.setdefault(name, page.wording.refusal(refused))
        else:
            whole = whole or refused
    return errors, whole or Refusal("form_refused", count=len(errors))


def kept_key(key: str, refusals: Sequence[Refusal]) -> str:
    """The key with which a form is sent again: another where this one has carried out something
    else, as after going back to a form that was sent."""
    is_spent = any(refused.code == "form_spent" for refused in refusals)
    return str(uuid4()) if is_spent else key


def sent_text(sent: FormMultiDict, name: str) -> str | None:
    """What was sent for a field that is no file."""
    value = sent.get(name)
    return value if isinstance(value, str) else None


def sent_texts(sent: FormMultiDict) -> dict[str, str]:
    """What was sent for all fields that are no files."""
    return {name: text for name in sent if (text := sent_text(sent, name)) is not None}
