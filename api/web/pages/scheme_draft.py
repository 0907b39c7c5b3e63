"""A new version of the scheme: written in a form, looked at, confirmed and published (S24, S25).

What a draft would have moved is shown before it is published, with the people who move it; what is
looked at is what is published. Nothing is written before that.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast
from uuid import uuid4

from litestar import Response, get, post
from litestar.datastructures import FormMultiDict
from msgspec import Struct
from msgspec.structs import asdict, replace

from api.web.kit.figures_view import FiguresView, groups, of_one_month, read_figures, title_of
from api.web.kit.form import YES, RefusedFormError, form_of, rows_of
from api.web.kit.page import PageContext, PageHere, redirect
from api.web.kit.resource import path_of
from api.web.kit.resource_pages import CONFIRMED, KEY, FormState
from api.web.kit.rows import FormTexts, texts_of, tidied, typed_as, with_row, without_row
from api.web.pages.scheme import PLACE, in_words, scheme_of
from api.web.pages.what_if import FigureComparison, worth_showing
from domain.kernel.errors import PermissionRefusedError, Refusal
from domain.kernel.values import Month
from domain.kpi.catalog import BY_SLUG, CATALOG
from domain.kpi.proof.comparison import Comparison, compare, scored
from domain.kpi.scheme.draft import Draft, StatedParameters
from domain.kpi.scheme.scheme import checked
from domain.kpi.scheme.scorecard import Scorecard, ScoredLine, shown_points
from domain.kpi.scheme.versions import PARTNER, Version
from projections.figures.schemes import SCHEMES
from services.execute import checked_key, execute
from services.kernel.permissions import Permission, require
from services.scheme.scheme import PublishScheme

FORM = form_of(PublishScheme)
_LINE = FORM.part("lines").form
_PARTS = {
    "parameters": FORM.part("parameters").form,
    "lines": _LINE,
    "criteria": _LINE.part("criteria").form,
    "dimension": _LINE.part("dimension").form,
}

ADD, REMOVE, ACT, PUBLISH, EDIT = "add", "remove", "act", "publish", "edit"
"""What the form's buttons send: the list that gets a row, the row that goes, and what is next."""


class Tried(Struct, frozen=True):
    """A month scored as it is and as if a draft were in force: its figures and its cards."""

    view: FiguresView
    found: Comparison
    before: Scorecard
    after: Scorecard

    @property
    def figures(self) -> list[FigureComparison]:
        return worth_showing(self.found)

    @property
    def lines(self) -> list[tuple[ScoredLine | None, ScoredLine | None]]:
        """The lines of both cards side by side, those that the draft leaves out last."""
        was = {one.line.code: one for one in self.before.lines}
        now = {one.line.code: one for one in self.after.lines}
        return [(was.get(code), now.get(code)) for code in now | was]


@get(f"{PLACE}/new")
async def new_version_page(page: PageHere) -> Response[str]:
    """The form of a new version, which begins with what would hold otherwise."""
    _require(page)
    month = Month.of(page.today).next()
    scheme = scheme_of(await page.app.lists(page.tenant).scheme_versions())
    held = scheme.in_force(month)
    stated = PublishScheme(str(month), held.parameters, held.lines)
    texts = texts_of(FORM, stated) | dict(_targets(page, held))
    return _form(page, _state(texts, str(uuid4())))


@post(f"{PLACE}/new")
async def draft_version(page: PageHere) -> Response[str]:
    """Shows a draft with a row more or less, or what it would have moved; or publishes it.

    Shows the form again with what was refused.
    """
    _require(page)
    sent = await page.form()
    state = _state(_sent(sent), _text(sent, KEY) or str(uuid4()))
    if name := _text(sent, ADD):
        grown = with_row(FORM, state.typed, name)
        first = next((one for one in grown if one not in state.typed), None)
        return _form(page, replace(state, typed=grown), focus=first)
    if row := _text(sent, REMOVE):
        left = replace(state, typed=without_row(FORM, state.typed, row))
        return _form(page, left, focus=f"{ADD}:{row.rpartition('.')[0]}")
    if _text(sent, ACT) == EDIT:
        return _form(page, state)
    return await _carry_out(page, sent, replace(state, typed=tidied(FORM, state.typed)))


async def _carry_out(page: PageContext, sent: FormMultiDict, state: FormState) -> Response[str]:
    publishes = _text(sent, ACT) == PUBLISH
    try:
        command = cast(PublishScheme, FORM.read(typed_as(state.typed), {}))
        if publishes and _text(sent, CONFIRMED) == YES:
            return await _publish(page, command, state.key)
        version = await _publishable(page, command)
    except PermissionRefusedError:
        raise
    except (RefusedFormError, Refusal) as refused:
        refusals = refused.refusals if isinstance(refused, RefusedFormError) else (refused,)
        return _form(page, _refused(page, state, refusals))
    unconfirmed = Refusal("confirmation_missing", field=CONFIRMED) if publishes else None
    return await _preview(page, state, command, version, unconfirmed)


async def _publish(page: PageContext, command: PublishScheme, key: str) -> Response[Any]:
    context = page.app.context(page.principal, idempotency_key=checked_key(key))
    done = await execute(context, command)
    await page.app.wait_for(page.tenant, (SCHEMES,), done.position)
    rows = await page.app.lists(page.tenant).scheme_versions()
    number = next(
        row.number
        for row in rows
        if (row.effective_from, row.origin) == (command.effective_from, PARTNER)
    )
    return redirect(f"{PLACE}/{number}?done={path_of(PublishScheme)}")


async def _publishable(page: PageContext, command: PublishScheme) -> Version:
    """The version that publishing would make; refuses what publishing would."""
    version = checked(**asdict(command))
    scheme_of(await page.app.lists(page.tenant).scheme_versions()).published(version)
    return version


async def _preview(
    page: PageContext,
    state: FormState,
    command: PublishScheme,
    version: Version,
    unconfirmed: Refusal | None,
) -> Response[str]:
    """What the draft would have moved in the last month that has newcomers, and what it says."""
    draft = Draft(StatedParameters(**asdict(command.parameters)), command.lines)
    tried = await asyncio.to_thread(_tried, await read_figures(page), draft)
    moved = (one.trainee_id for each in tried.figures for one in each.moved)
    errors = {CONFIRMED: page.wording.refusal(unconfirmed)} if unconfirmed else {}
    return page.render(
        "scheme_preview.html",
        status=422 if unconfirmed else None,
        state=replace(state, errors=errors),
        tried=tried,
        points=shown_points,
        group=title_of(tried.view, page.wording),
        names=await page.names({one for one in moved if one}),
        **in_words(version),
    )


def _tried(state: FiguresView, draft: Draft) -> Tried:
    view = of_one_month(state, groups(state))
    drafted = draft.applied(view.basis)
    return Tried(view, compare(CATALOG, view.basis, drafted), scored(view.basis), scored(drafted))


def _form(page: PageContext, state: FormState, focus: str | None = None) -> Response[str]:
    """The form. focus: the input to begin with; by default what was refused first."""
    amiss = next(iter(state.errors), "effective_from")
    return page.render(
        "scheme_new.html",
        refusal=state.refusal,
        status=422 if state.refusal else None,
        state=state,
        focus=focus or next(_within(state.typed, amiss), None),
        lines=[
            (line, rows_of(state.typed, f"lines.{line}.criteria"))
            for line in rows_of(state.typed, "lines")
        ],
        parts=_PARTS,
        kpis=[(kpi.slug, page.wording.t(kpi.name_id)) for kpi in CATALOG],
    )


def _state(texts: FormTexts, key: str) -> FormState:
    return FormState(FORM, {}, texts, key, is_final=True)


def _refused(page: PageContext, state: FormState, refusals: Iterable[Refusal]) -> FormState:
    """The form with what was refused beside what it is about: an input, a line, or all lines."""
    errors: dict[str, str] = {}
    whole: Refusal | None = None
    for refused in refusals:
        place = _place(state.typed, refused)
        if place:
            errors.setdefault(place, page.wording.refusal(refused))
        else:
            whole = whole or refused
    refusal = whole or Refusal("form_refused", count=len(errors))
    return replace(state, errors=errors, refusal=refusal)


def _place(texts: FormTexts, refused: Refusal) -> str:
    """The input or the part of the form that a refusal is about; empty: the whole."""
    place = refused.field or ""
    if place == "lines" and "line" in refused.params:
        place = _row(texts, place, "code", refused.params["line"])
        if "kpi" in refused.params:
            criterion = _row(texts, f"{place}.criteria", "kpi", refused.params["kpi"])
            place = f"{criterion}.kpi"
    while place and next(_within(texts, place), None) is None:
        place = place.rpartition(".")[0]
    return place


def _row(texts: FormTexts, name: str, by: str, text: str) -> str:
    """The last row of a list in which a text stands; the list where there is none."""
    rows = (f"{name}.{n}" for n in reversed(rows_of(texts, name)))
    return next((row for row in rows if texts.get(f"{row}.{by}") == text), name)


def _within(texts: FormTexts, place: str) -> Iterator[str]:
    """The names of the inputs at a place of the form."""
    return (name for name in texts if name == place or name.startswith(f"{place}."))


def _targets(page: PageContext, held: Version) -> Iterable[tuple[str, str]]:
    """The targets in the units of their figures."""
    for n, line in enumerate(held.lines):
        for m, one in enumerate(line.criteria):
            if one.target and one.kpi in BY_SLUG:
                text = page.wording.exact(one.target, BY_SLUG[one.kpi].unit)
                yield f"lines.{n}.criteria.{m}.target", text


def _sent(sent: FormMultiDict) -> Mapping[str, str]:
    known = {*FORM.command.__struct_fields__}
    return {
        name: text
        for name in sent
        if name.partition(".")[0] in known and (text := _text(sent, name)) is not None
    }


def _text(sent: FormMultiDict, name: str) -> str | None:
    value = sent.get(name)
    return value if isinstance(value, str) else None


def _require(page: PageContext) -> None:
    require(page.principal, Permission.WRITE_SCHEME, Permission.READ_FIGURES)
