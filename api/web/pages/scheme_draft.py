"""A new version of the scheme: written in a form, looked at, confirmed and published (S24, S25).

What a draft would have moved is shown before it is published, with the people who move it; what is
looked at is what is published. Nothing is written before that.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, cast
from urllib.parse import urlencode
from uuid import uuid4

from litestar import Response, get, post
from msgspec import Struct
from msgspec.structs import asdict, replace

from api.needs import needs
from api.web.kit.carried_out import telling
from api.web.kit.days import month_typed
from api.web.kit.figures_view import FiguresView, groups, of_one_month, read_figures, title_of
from api.web.kit.form import RefusedFormError, Typed, form_of, part_at, rows_of
from api.web.kit.form_field import YES
from api.web.kit.form_state import (
    CONFIRMED,
    KEY,
    FormState,
    kept_key,
    placed,
    refusals_of,
    sent_texts,
)
from api.web.kit.page import REDRAWS, PageContext, PageHere, redirect
from api.web.kit.rows import FormTexts, nested, texts_of, tidied, typed_of, with_row, without_row
from api.web.kit.slices import slice_of
from api.web.pages.scheme import PLACE, TO_PUBLISH, in_words, scheme_of
from api.web.pages.scheme_months import compare_months, paired_bars
from api.web.pages.scheme_reach import reached_by
from api.web.pages.what_if import FIRST, Tried, tried_out
from domain.kernel.errors import Refusal
from domain.kernel.values import Month
from domain.kpi.catalog import BY_SLUG, CATALOG
from domain.kpi.scheme.scheme import checked
from domain.kpi.scheme.scorecard import shown_points
from domain.kpi.scheme.versions import PARTNER, Scheme, Version
from projections.figures.schemes import SCHEMES
from services.execute import checked_key, execute
from services.kernel.beside import beside
from services.scheme.scheme import PublishScheme

FORM = form_of(PublishScheme)
_REASON = next(field for field in FORM.fields if field.name == "reason")
_LINE = FORM.part("lines").form
_PARTS = {
    "parameters": FORM.part("parameters").form,
    "lines": _LINE,
    "criteria": _LINE.part("criteria").form,
    "dimension": _LINE.part("dimension").form,
}

SEEN = "instead_of"
"""Names the version that a form was begun from."""

REASON = "reason"
"""Asked where it is known whether it is needed: when the draft is looked at."""

ADD, REMOVE, ACT = "add", "remove", "act"
PUBLISH, EDIT, BEGIN = "publish", "edit", "begin"
"""What the form's buttons send: the list that gets a row, the row that goes, and what is next:
publishing, writing on, or beginning anew with what holds in the month."""

OFFERED_BACK, OFFERED_AHEAD = 12, 24
"""Months that are offered before and after this one."""

MOST_OF_A_DRAFT = 1_500
"""Inputs: 50 lines of six criteria each. What is drawn of one is some 2 kB."""


class Ground(Struct, frozen=True):
    """What a new version is written over: the scheme as it is, and the version that holds in the
    month from which on the new one is to."""

    scheme: Scheme
    month: Month

    @property
    def held(self) -> Version:
        """The version that the new one replaces."""
        return self.scheme.in_force(self.month)


@get(f"{PLACE}/new", opt=needs(*TO_PUBLISH, everything=True))
async def new_version_page(page: PageHere) -> Response[str]:
    """The form of a new version, which begins with what would hold otherwise: in the month of the
    address, or the first that no version is published for. Refuses `month_invalid`."""
    scheme = await _scheme(page)
    asked = page.request.query_params.get("effective_from")
    ground = Ground(scheme, month_typed(asked, "effective_from") if asked else _free(page, scheme))
    return await beside(_form, page, ground, nested(FORM, _begun(page, ground)), str(uuid4()))


@post(f"{PLACE}/new", opt=needs(*TO_PUBLISH, everything=True) | {REDRAWS: True})
async def draft_version(page: PageHere) -> Response[Any]:
    """Shows a draft with a row more or less, or what it would have moved; or publishes it.

    Shows the form again with what was refused.
    """
    texts = sent_texts(await page.form())
    if len(texts) > MOST_OF_A_DRAFT:
        raise Refusal("request_too_large")
    typed, key = nested(FORM, texts), texts.get(KEY) or str(uuid4())
    scheme, month = await _scheme(page), _month_typed(texts)
    ground = Ground(scheme, month or _free(page, scheme))
    act = texts.get(ACT)
    if act == BEGIN and month:
        return redirect(f"{PLACE}/new?{urlencode({'effective_from': str(ground.month)})}")
    if name := texts.get(ADD):
        grown = with_row(FORM, typed, name)
        added = (one for one in texts_of(FORM, grown) if one not in texts)
        return await beside(_form, page, ground, grown, key, focus=next(added, None))
    if row := texts.get(REMOVE):
        left, focus = without_row(FORM, typed, row), f"{ADD}:{row.rpartition('.')[0]}"
        return await beside(_form, page, ground, left, key, focus=focus)
    if act == EDIT:
        return await beside(_form, page, ground, typed, key)
    typed, publishes = tidied(FORM, typed), act == PUBLISH
    is_confirmed = publishes and texts.get(CONFIRMED) == YES
    errors: Mapping[str, str] = {}
    try:
        if publishes:
            page.require_current_form()
            if not texts.get(SEEN):  # Begun from nothing that it says.
                raise Refusal("scheme_restated", field=SEEN, month=ground.month)
        draft = cast(PublishScheme, FORM.read(typed, {REASON: None}))
        if publishes:
            try:
                return await _publish(page, typed, key, is_confirmed=is_confirmed)
            except (RefusedFormError, Refusal) as refused:
                errors = _asked_last(page, refused)
        version = _publishable(ground, draft)
    except (RefusedFormError, Refusal) as refused:
        refusals = refusals_of(refused)
        if any(one.field == SEEN for one in refusals):
            ground = Ground(await _scheme(page), ground.month)
        return await beside(_form, page, ground, typed, key, refusals)
    state = FormState(
        FORM,
        {},
        texts_of(FORM, typed),
        key,
        is_final=True,
        is_confirmed=is_confirmed,
        errors=errors,
    )
    return await _preview(page, ground, state, version)


async def _scheme(page: PageContext) -> Scheme:
    return scheme_of(await page.lists().scheme_versions())


def _free(page: PageContext, scheme: Scheme) -> Month:
    """The first month to come that is after all versions."""
    months = (version.effective_from for version in scheme.versions)
    return max([Month.of(page.today), *filter(None, months)]).next()


def _month_typed(texts: FormTexts) -> Month | None:
    with suppress(Refusal):
        return month_typed(texts.get("effective_from", ""))
    return None


def _begun(page: PageContext, ground: Ground) -> dict[str, str]:
    """What a form over it begins with."""
    held = ground.held
    stated = PublishScheme(str(ground.month), held.parameters, held.lines, held.number)
    return texts_of(FORM, typed_of(FORM, stated)) | dict(_targets(page, held))


async def _publish(
    page: PageContext, typed: Typed, key: str, *, is_confirmed: bool
) -> Response[Any]:
    """Publishes what was typed. Raises RefusedFormError, and Refusal also where it was not
    confirmed."""
    command = cast(PublishScheme, FORM.read(typed, {}))
    if not is_confirmed:
        raise Refusal("confirmation_missing", field=CONFIRMED)
    context = page.app.context(page.principal, idempotency_key=checked_key(key))
    done = await execute(context, command)
    says = await telling(page, PublishScheme, (SCHEMES,), done.position)
    rows = await page.lists().scheme_versions()
    version = (command.effective_from, PARTNER)
    opened = (f"/{row.number}" for row in rows if (row.effective_from, row.origin) == version)
    return redirect(f"{PLACE}{next(opened, '')}?{urlencode(says)}")


def _asked_last(page: PageContext, refused: RefusedFormError | Refusal) -> Mapping[str, str]:
    """The sentences of what was refused, where it is all asked when a draft is looked at; else
    raises it again."""
    refusals = refusals_of(refused)
    if any(one.field not in (REASON, CONFIRMED) for one in refusals):
        raise refused
    return {str(one.field): page.wording.refusal(one) for one in refusals}


def _publishable(ground: Ground, command: PublishScheme) -> Version:
    """The version that publishing would make; refuses what publishing would."""
    stated = asdict(command)
    instead_of, _ = stated.pop(SEEN), stated.pop(REASON)
    version = checked(**stated)
    ground.scheme.published(version, instead_of=instead_of)
    return version


async def _preview(
    page: PageContext, ground: Ground, state: FormState, version: Version
) -> Response[str]:
    """What the draft would have moved in the last month that has newcomers, beside the version that
    it replaces, and what it says."""
    view = await read_figures(page)
    tried = await beside(_tried, view, ground.held, version)
    shown = [(one, slice_of(one.moved, 0, FIRST)) for one in tried.figures]
    moved = [one for _, rows in shown for one in rows.rows]
    months = await beside(compare_months, view.basis, ground.scheme, version)
    reached = await reached_by(page, view.basis, ground.scheme, version)
    if reached.months and CONFIRMED in state.errors and not state.typed.get(REASON):
        reasonless = Refusal("scheme_reason_missing", month=reached.months[0])
        state = replace(state, errors={REASON: page.wording.refusal(reasonless), **state.errors})
    return page.render(
        "scheme_preview.html",
        is_refused=bool(state.errors),
        state=state,
        reason=replace(_REASON, is_required=bool(reached.months) or REASON in state.errors),
        reached=reached,
        months=months,
        charts=paired_bars(months, page.wording),
        tried=tried,
        compared=shown,
        points=shown_points,
        group=title_of(tried.view, page.wording),
        held=ground.held,
        judged_anew=_over(page, ground),
        names=await page.names({one.trainee_id for one in moved if one.trainee_id}),
        cohorts=await page.cohorts(one.cohort_code for one in moved),
        **in_words(version),
    )


def _over(page: PageContext, ground: Ground) -> tuple[Month, Month] | None:
    """The first and the last of the finished months that the new version would score anew."""
    last = Month.of(page.today).next(-1)
    last = min(ground.scheme.last_month_of(ground.month) or last, last)
    return (ground.month, last) if ground.month <= last else None


def _tried(state: FiguresView, held: Version, drafted: Version) -> Tried:
    view = of_one_month(state, groups(state))
    scheme = view.basis.evidence.scheme
    was, now = (view.basis.under(scheme.saying(version)) for version in (held, drafted))
    return tried_out(view, was, now)


def _form(
    page: PageContext,
    ground: Ground,
    typed: Typed,
    key: str,
    refusals: Sequence[Refusal] = (),
    *,
    focus: str | None = None,
) -> Response[str]:
    """The form, with what was refused beside what it is about: an input, a line, or all lines.

    Where it was begun from another version than holds now, and that is refused, what that says
    stands beside. focus: the input to begin with; by default what was refused first.
    """
    texts, recorded = texts_of(FORM, typed), dict[str, str]()
    if any(one.field == SEEN for one in refusals):
        recorded = _differing(page, ground, texts)
        texts[SEEN] = str(ground.held.number)
    places = {name[:end]: name for name in reversed(texts) for end in _ends(name)}

    def place(refused: Refusal) -> str:
        found = _place(typed, refused)
        while found and found not in places:
            found = found.rpartition(".")[0]
        return found

    errors, refusal = placed(page, refusals, place)
    state = FormState(
        FORM,
        {},
        texts,
        kept_key(key, refusals),
        is_final=True,
        errors=errors,
        recorded=recorded,
    )
    lines = rows_of(part_at(typed, "lines"))
    return page.render(
        "scheme_new.html",
        refusal=refusal if refusals else None,
        state=state,
        focus=focus or places.get(next(iter(errors), "effective_from")),
        lines=[(n, [m for m, _ in rows_of(part_at(line, "criteria"))]) for n, line in lines],
        parts=_PARTS,
        kpis=[(kpi.slug, page.wording.t(kpi.name_id)) for kpi in CATALOG],
        month=ground.month,
        seen=SEEN,
        reason=REASON,
        begun_from=ground.held if texts.get(SEEN) == str(ground.held.number) else None,
        months=_months(page, ground),
    )


def _differing(page: PageContext, ground: Ground, texts: FormTexts) -> dict[str, str]:
    """What the version that now holds says otherwise than the form, by input."""
    held = _begun(page, ground)

    def said(name: str, text: str) -> str:
        return (
            page.wording.choice(name.rpartition(".")[2], text) if text else page.wording.t("none")
        )

    return {
        name: said(name, text)
        for name, text in held.items()
        if name in texts and texts[name] != text and name != SEEN
    }


def _months(page: PageContext, ground: Ground) -> list[tuple[str, str]]:
    """The months that no version of the partner's own begins in, and those that are over marked."""
    running = Month.of(page.today)
    taken = {one.effective_from for one in ground.scheme.versions if one.origin == PARTNER}
    offered = {running.next(n) for n in range(-OFFERED_BACK, OFFERED_AHEAD + 1)} - taken
    over = page.wording.t("scheme.new.over")
    return [
        (str(month), f"{page.wording.month(month)}{over if month < running else ''}")
        for month in sorted(offered | {ground.month})
    ]


def _ends(name: str) -> Iterable[int]:
    """Where the words of an input's name end: it stands in all these places of the form."""
    return (n for n in range(1, len(name) + 1) if name[n : n + 1] in ("", "."))


def _place(typed: Typed, refused: Refusal) -> str:
    """The place of the form that a refusal is about, which says a line by its code."""
    place = refused.field or ""
    if place == SEEN:
        return ""
    if place != "lines" or "line" not in refused.params:
        return place
    place, line = _row(place, part_at(typed, place), "code", refused.params["line"])
    if "kpi" in refused.params:
        criteria = part_at(line, "criteria")
        place, _ = _row(f"{place}.criteria", criteria, "kpi", refused.params["kpi"])
        return f"{place}.kpi"
    return place


def _row(name: str, rows: Typed, by: str, text: str) -> tuple[str, Typed]:
    """The last row of a list in which a text stands; the list where there is none."""
    found = ((f"{name}.{n}", row) for n, row in reversed(rows_of(rows)) if row.get(by) == (text,))
    return next(found, (name, {}))


def _targets(page: PageContext, held: Version) -> Iterable[tuple[str, str]]:
    """The targets in the units of their figures."""
    for n, line in enumerate(held.lines):
        for m, one in enumerate(line.criteria):
            if one.target and one.kpi in BY_SLUG:
                text = page.wording.exact(one.target, BY_SLUG[one.kpi].unit)
                yield f"lines.{n}.criteria.{m}.target", text
