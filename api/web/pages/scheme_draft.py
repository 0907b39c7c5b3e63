"""A new version of the scheme: written in a form, looked at, confirmed and published (S24, S25).

What a draft would have moved is shown before it is published, with the people who move it; what is
looked at is what is published. Nothing is written before that. A form begins with what would hold
in its month otherwise, and says so where that has become something else.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, cast
from urllib.parse import urlencode
from uuid import uuid4

from litestar import Response, get, post
from msgspec import Struct
from msgspec.structs import asdict, replace

from api.web.kit.carried_out import telling
from api.web.kit.days import month_typed
from api.web.kit.figures_view import FiguresView, groups, of_one_month, read_figures, title_of
from api.web.kit.form import YES, RefusedFormError, Typed, form_of, part_at, rows_of
from api.web.kit.form_state import (
    BASIS,
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
from api.web.kit.slices import Slice, slice_of
from api.web.pages.scheme import PLACE, in_words, scheme_of
from api.web.pages.what_if import FIRST, FigureComparison, worth_showing
from domain.kernel.errors import Refusal
from domain.kernel.values import Month
from domain.kpi.catalog import BY_SLUG, CATALOG
from domain.kpi.proof.comparison import Comparison, Moved, compare, scored
from domain.kpi.scheme.draft import Draft, StatedParameters
from domain.kpi.scheme.scheme import checked
from domain.kpi.scheme.scorecard import Scorecard, ScoredLine, shown_points
from domain.kpi.scheme.versions import PARTNER, Scheme, Version
from projections.figures.schemes import SCHEMES
from services.execute import checked_key, execute, repeated
from services.kernel.beside import beside
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

MONTH = "effective_from"

ADD, REMOVE, ACT, PUBLISH, EDIT, BEGIN = "add", "remove", "act", "publish", "edit", "begin"
"""What the form's buttons send: the list that gets a row, the row that goes, and what is next."""


MOST_OF_A_DRAFT = 1_500
"""Inputs: 50 lines of six criteria each. What is drawn of one is some 2 kB."""

OFFERED_MONTHS = 12
"""Before this month and after it, of which those are offered that have no version yet."""


class Base(Struct, frozen=True):
    """What a draft begins with: the version that would hold in its month otherwise.

    months: that are offered, each with its words. texts: the version's, by input.
    """

    held: Version
    months: tuple[tuple[str, str], ...]
    texts: dict[str, str]

    @property
    def name(self) -> str:
        return str(self.held.number)


class Tried(Struct, frozen=True, dict=True):
    """A month scored as it is and as if a draft were in force: its figures and its cards."""

    view: FiguresView
    found: Comparison
    before: Scorecard
    after: Scorecard

    @cached_property
    def figures(self) -> list[tuple[FigureComparison, Slice[Moved]]]:
        """Those worth showing, with the first of those who moved each."""
        return [(one, slice_of(one.moved, 0, FIRST)) for one in worth_showing(self.found)]

    @property
    def lines(self) -> list[tuple[ScoredLine | None, ScoredLine | None]]:
        """The lines of both cards side by side, those that the draft leaves out last."""
        was = {one.line.code: one for one in self.before.lines}
        now = {one.line.code: one for one in self.after.lines}
        return [(was.get(code), now.get(code)) for code in now | was]


@get(f"{PLACE}/new")
async def new_version_page(page: PageHere) -> Response[str]:
    """The form of a new version, which begins with what would hold otherwise in the month that the
    address names, or else in the first that is free."""
    _require(page)
    scheme = await _scheme(page)
    month, refusals = _first_free(page, scheme), list[Refusal]()
    if asked := page.request.query_params.get(MONTH):
        try:
            month = month_typed(asked, MONTH)
        except Refusal as refused:
            refusals.append(refused)
    base = _base(page, scheme, month)
    return await beside(_form, page, nested(FORM, base.texts), str(uuid4()), base, refusals)


@post(f"{PLACE}/new", opt={REDRAWS: True})
async def draft_version(page: PageHere) -> Response[str]:
    """Shows a draft with a row more or less, or what it would have moved; or publishes it.

    Shows the form again with what was refused.
    """
    _require(page)
    texts = sent_texts(await page.form())
    if len(texts) > MOST_OF_A_DRAFT:
        raise Refusal("request_too_large")
    scheme = await _scheme(page)
    base = _base(page, scheme, _month_of(texts) or _first_free(page, scheme))
    typed, key, begun = nested(FORM, texts), texts.get(KEY) or str(uuid4()), texts.get(BASIS, "")
    if texts.get(ACT) == BEGIN and _month_of(texts):
        return await beside(_form, page, nested(FORM, base.texts), key, base)
    if name := texts.get(ADD):
        grown = with_row(FORM, typed, name)
        added = (one for one in texts_of(FORM, grown) if one not in texts)
        return await beside(_form, page, grown, key, base, begun=begun, focus=next(added, None))
    if row := texts.get(REMOVE):
        left, focus = without_row(FORM, typed, row), f"{ADD}:{row.rpartition('.')[0]}"
        return await beside(_form, page, left, key, base, begun=begun, focus=focus)
    if texts.get(ACT) == EDIT:
        return await beside(_form, page, typed, key, base, begun=begun)
    typed, publishes = tidied(FORM, typed), texts.get(ACT) == PUBLISH
    try:
        if publishes:
            page.require_current_form()
        command = cast(PublishScheme, FORM.read(typed, {}))
        if publishes and texts.get(CONFIRMED) == YES:
            return await _publish(page, command, key, is_outdated=begun != base.name)
        if begun != base.name:
            raise _outdated(page, base.held, command)
        version = checked(**asdict(command))
        scheme.published(version)
    except (RefusedFormError, Refusal) as refused:
        return await beside(_form, page, typed, key, base, refusals_of(refused), begun=begun)
    state = FormState(FORM, {}, texts_of(FORM, typed), key, is_final=True, basis=base.name)
    if publishes:
        missing = page.wording.refusal(Refusal("confirmation_missing"))
        state = replace(state, errors={CONFIRMED: missing})
    return await _preview(page, state, command, version, base.held)


async def _publish(
    page: PageContext, command: PublishScheme, key: str, *, is_outdated: bool
) -> Response[Any]:
    """is_outdated: it was begun from what no longer holds; it was carried out before, or never."""
    context = page.app.context(page.principal, idempotency_key=checked_key(key))
    done = await (repeated if is_outdated else execute)(context, command)
    if done is None:
        held = (await _scheme(page)).in_force(Month.parse(command.effective_from))
        raise _outdated(page, held, command)
    says = await telling(page, PublishScheme, (SCHEMES,), done.position)
    rows = await page.app.lists(page.tenant).scheme_versions()
    version = (command.effective_from, PARTNER)
    opened = (f"/{row.number}" for row in rows if (row.effective_from, row.origin) == version)
    return redirect(f"{PLACE}{next(opened, '')}?{urlencode(says)}")


async def _scheme(page: PageContext) -> Scheme:
    return scheme_of(await page.app.lists(page.tenant).scheme_versions())


def _free(scheme: Scheme, month: Month) -> Iterator[Month]:
    """The months from one on that no version of the partner's is in force from."""
    taken = {one.effective_from for one in scheme.versions if one.origin == PARTNER}
    while True:
        if month not in taken:
            yield month
        month = month.next()


def _first_free(page: PageContext, scheme: Scheme) -> Month:
    """The first month ahead that a version can be in force from."""
    return next(_free(scheme, Month.of(page.today).next()))


def _month_of(texts: FormTexts) -> Month | None:
    """The month that a draft names; None where it is none."""
    try:
        return month_typed(texts.get(MONTH, ""))
    except Refusal:
        return None


def _base(page: PageContext, scheme: Scheme, month: Month) -> Base:
    held, now = scheme.in_force(month), Month.of(page.today)
    free = islice(_free(scheme, now.next(-OFFERED_MONTHS)), 2 * OFFERED_MONTHS)
    stated = PublishScheme(str(month), held.parameters, held.lines)
    texts = texts_of(FORM, typed_of(FORM, stated)) | dict(_targets(page, held))
    return Base(held, tuple((str(one), page.wording.month(one)) for one in free), texts)


def _outdated(page: PageContext, held: Version, command: PublishScheme) -> Refusal:
    """Says from what a draft was not begun that would hold in its month otherwise."""
    words, month = page.wording, Month.parse(command.effective_from)
    said = words.t("scheme.of_source")
    if held.effective_from:
        since = words.month(held.effective_from)
        said = words.t("scheme.version", month=since, number=held.number)
    return Refusal("draft_outdated", month=words.month(month), version=said)


async def _preview(
    page: PageContext, state: FormState, command: PublishScheme, version: Version, held: Version
) -> Response[str]:
    """What the draft would have moved in the last month that has newcomers, beside the version that
    would hold otherwise, and what it says."""
    tried = await beside(_tried, await read_figures(page), held, command)
    moved = (one.trainee_id for _, rows in tried.figures for one in rows.rows)
    return page.render_form(
        "scheme_preview.html",
        is_refused=bool(state.errors),
        state=state,
        tried=tried,
        held=held,
        points=shown_points,
        group=title_of(tried.view, page.wording),
        judges_anew=Month.parse(command.effective_from) < Month.of(page.today),
        names=await page.names({one for one in moved if one}),
        **in_words(version),
    )


def _tried(state: FiguresView, held: Version, drafted: Version | PublishScheme) -> Tried:
    view = of_one_month(state, groups(state))
    before, after = (
        Draft(StatedParameters(**asdict(one.parameters)), one.lines).applied(view.basis)
        for one in (held, drafted)
    )
    return Tried(view, compare(CATALOG, before, after), scored(before), scored(after))


def _form(
    page: PageContext,
    typed: Typed,
    key: str,
    base: Base,
    refusals: Sequence[Refusal] = (),
    *,
    begun: str | None = None,
    focus: str | None = None,
) -> Response[str]:
    """The form, with what was refused beside what it is about: an input, a line, or all lines.

    begun: the version that it was begun from, by default that of now; where it is refused for being
    another one, what that of now says stands beside what was typed. focus: the input to begin with;
    by default what was refused first.
    """
    texts, is_outdated = texts_of(FORM, typed), any(map(_is_outdated, refusals))
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
        basis=base.name if begun is None or is_outdated else begun,
        recorded=dict(_differing(page, base, texts)) if is_outdated else {},
    )
    lines = rows_of(part_at(typed, "lines"))
    return page.render_form(
        "scheme_new.html",
        refusal=refusal if refusals else None,
        is_refused=bool(refusals),
        state=state,
        base=base,
        focus=focus or places.get(next(iter(errors), MONTH)),
        lines=[(n, [m for m, _ in rows_of(part_at(line, "criteria"))]) for n, line in lines],
        parts=_PARTS,
        kpis=[(kpi.slug, page.wording.t(kpi.name_id)) for kpi in CATALOG],
    )


def _is_outdated(refused: Refusal) -> bool:
    return refused.code == "draft_outdated"


def _differing(page: PageContext, base: Base, texts: FormTexts) -> Iterable[tuple[str, str]]:
    """What the version of now says of the inputs that say something else."""
    for name, text in texts.items():
        if name != MONTH and (held := base.texts.get(name, "")) != text:
            yield name, page.wording.choice(name.rpartition(".")[2], held) if held else ""


def _ends(name: str) -> Iterable[int]:
    """Where the words of an input's name end: it stands in all these places of the form."""
    return (n for n in range(1, len(name) + 1) if name[n : n + 1] in ("", "."))


def _place(typed: Typed, refused: Refusal) -> str:
    """The place of the form that a refusal is about, which says a line by its code."""
    place = refused.field or ""
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


def _require(page: PageContext) -> None:
    require(page.principal, Permission.WRITE_SCHEME, Permission.READ_FIGURES)
