"""What-if (试算): a month's figures under a draft beside those in force, and who moved each.

Nothing is written: the draft stands in the address, and nobody's scheme says so.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from msgspec import Struct
from msgspec.structs import replace

from api.needs import needs
from api.web.kit.figures_view import (
    FiguresView,
    GroupsByWay,
    groups,
    of_one_month,
    read_figures,
    show,
)
from api.web.kit.filters import Amiss, read_each
from api.web.kit.form import form_of
from api.web.kit.form_field import FormField
from api.web.kit.page import PageHere
from api.web.kit.slices import PAGE, slice_of, start_of
from domain.kernel.errors import Refusal
from domain.kpi.catalog import BY_SLUG, CATALOG, HEADLINES
from domain.kpi.evidence import Basis
from domain.kpi.kpi import Kpi, KpiFigure
from domain.kpi.proof.comparison import Comparison, Moved, compare
from domain.kpi.scheme.draft import Draft, StatedParameters
from domain.kpi.scheme.lines import Criterion, Line
from domain.kpi.scheme.scorecard import Scorecard, ScoredLine, scorecard, shown_points
from domain.kpi.scheme.versions import Version
from services.kernel.beside import beside
from services.kernel.permissions import Permission
from services.scheme.scheme import PublishScheme

FORM = form_of(PublishScheme)
PARAMETERS = FORM.part("parameters").form.fields
_LINE = FORM.part("lines").form
TRIED = ("number", "fraction", "choice")
"""The kinds of fields of a line that a draft may state; the others say what the line is."""

OF_LINE = tuple(field for field in _LINE.fields if field.kind in TRIED)
OF_CRITERION = tuple(f for f in _LINE.part("criteria").form.fields if f.kind in TRIED)

FIRST = 20
"""Who moved a figure, before one of the figures was chosen to see all of them."""


class FigureComparison(Struct, frozen=True):
    """A figure before and under the draft, and who moved it."""

    kpi: Kpi
    before: KpiFigure
    after: KpiFigure
    moved: tuple[Moved, ...]


class Tried(Struct, frozen=True, dict=True):
    """A month as it is scored and as if a draft were in force: its figures and its cards."""

    view: FiguresView
    found: Comparison
    before: Scorecard
    after: Scorecard

    @cached_property
    def figures(self) -> list[FigureComparison]:
        """Those worth showing."""
        return worth_showing(self.found)

    @property
    def changes_nothing(self) -> bool:
        """Whether no figure, no points of a line and no way of showing them become others."""
        same = all(was and now and was.points == now.points for was, now in self.lines)
        rounding = self.found.before.rounding == self.found.after.rounding
        return same and rounding and not any(one.moved for one in self.figures)

    @property
    def lines(self) -> list[tuple[ScoredLine | None, ScoredLine | None]]:
        """The lines of both cards side by side, those that the draft leaves out last."""
        was = {one.line.code: one for one in self.before.lines}
        now = {one.line.code: one for one in self.after.lines}
        return [(was.get(code), now.get(code)) for code in now | was]


class DraftField(Struct, frozen=True):
    """A field of a draft in the address. field: of the scheme's form. held: what is in force."""

    name: str
    field: FormField
    held: Any


class DraftLine(Struct, frozen=True):
    """A line of the version in force, with the fields that a draft may state of it."""

    line: Line
    fields: Sequence[DraftField]
    criteria: Sequence[tuple[Criterion, Sequence[DraftField]]]


@get("/what-if", opt=needs(Permission.READ_FIGURES))
async def what_if_page(page: PageHere) -> Response[str]:
    """The comparison, or for htmx its changing part alone."""
    query = page.request.query_params
    whole, tried, amiss = await beside(_compared, await read_figures(page), query)
    version = tried.view.basis.version
    lines = draft_lines(version)
    parameters = [DraftField(f.name, f, getattr(version.parameters, f.name)) for f in PARAMETERS]
    named = (*parameters, *(one for line in lines for one in _fields_of(line)))
    stated = (one.name for one in named if query.get(one.name) and one.name not in amiss)
    typed = {name: query[name] for name in stated}
    asked = query.get("moved")
    chosen = asked if asked in {one.kpi.slug for one in tried.figures} else None
    start, size = (start_of(query), PAGE) if chosen else (0, FIRST)
    shown = [
        (one, slice_of(one.moved, start, size))
        for one in tried.figures
        if chosen in (None, one.kpi.slug)
    ]
    moved = [line for _, rows in shown for line in rows.rows]
    return show(
        page,
        tried.view,
        "what_if",
        whole,
        required=("month",),
        amiss=amiss,
        kept=f"&{urlencode(typed)}" if typed else "",
        typed=typed,
        parameters=parameters,
        draft_lines=lines,
        catalog=BY_SLUG,
        tried=tried,
        points=shown_points,
        compared=shown,
        chosen=chosen,
        before_rounding=tried.found.before.rounding,
        after_rounding=tried.found.after.rounding,
        names=await page.names({line.trainee_id for line in moved if line.trainee_id}),
        cohorts=await page.cohorts(line.cohort_code for line in moved),
    )


def tried_out(view: FiguresView, was: Basis, now: Basis) -> Tried:
    """The figures of the view on both sides, and the cards that their lines make of them."""
    found = compare(CATALOG, was, now)
    return Tried(
        view,
        found,
        scorecard(was.version.lines, found.before.figures),
        scorecard(now.version.lines, found.after.figures),
    )


def worth_showing(found: Comparison) -> list[FigureComparison]:
    """The headlines, and the other figures that differ or that somebody moves."""
    compared = (
        FigureComparison(kpi, before, found.after.figures[kpi.slug], found.moved[kpi.slug])
        for kpi in CATALOG
        if (before := found.before.figures[kpi.slug]).has_source
    )
    return [
        one
        for one in compared
        if one.kpi in HEADLINES or one.moved or one.before.ratio != one.after.ratio
    ]


def _compared(
    state: FiguresView, query: Mapping[str, str]
) -> tuple[GroupsByWay, Tried, dict[str, Amiss]]:
    whole = groups(state)
    view = of_one_month(state, whole)
    draft, amiss = read_draft(query, view.basis.version)
    return whole, tried_out(view, view.basis, draft.applied(view.basis)), amiss


def read_draft(query: Mapping[str, str], version: Version) -> tuple[Draft, dict[str, Amiss]]:
    """The draft of an address's query, over a version, as far as it can be read; and by name what
    cannot, under `lines` what the changed lines are refused for together."""
    fields = [one for line in draft_lines(version) for one in _fields_of(line)]
    (parameters, values), amiss = read_each(query, partial(_read, fields))
    if not values:
        return Draft.of(**parameters), amiss
    changed = tuple(_changed(line, values) for line in version.lines)
    try:
        return Draft(StatedParameters(**parameters), changed), amiss
    except Refusal as refusal:
        return Draft.of(**parameters), amiss | {"lines": Amiss("", refusal)}


def _read(
    fields: Sequence[DraftField], query: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters that a query states, and by the inputs' names what it states of lines."""
    parameters = {
        one.name: one.read((query[one.name],)) for one in PARAMETERS if query.get(one.name)
    }
    Draft.of(**parameters)
    values = {one.name: one.field.read((query[one.name],)) for one in fields if query.get(one.name)}
    return parameters, values


def _changed(line: Line, values: Mapping[str, Any]) -> Line:
    def stated(within: str, fields: Sequence[FormField]) -> dict[str, Any]:
        named = ((field.name, within + field.name) for field in fields)
        return {field: values[name] for field, name in named if name in values}

    criteria = tuple(
        replace(one, **stated(_within(line, one), OF_CRITERION)) for one in line.criteria
    )
    return replace(line, criteria=criteria, **stated(_within(line), OF_LINE))


def draft_lines(version: Version) -> list[DraftLine]:
    """The lines of a version with the names of what may be stated of them."""

    def fields(of: Line | Criterion, within: str, its: Sequence[FormField]) -> list[DraftField]:
        return [DraftField(within + one.name, one, getattr(of, one.name)) for one in its]

    return [
        DraftLine(
            line,
            fields(line, _within(line), OF_LINE),
            [(one, fields(one, _within(line, one), OF_CRITERION)) for one in line.criteria],
        )
        for line in version.lines
    ]


def _fields_of(line: DraftLine) -> list[DraftField]:
    return [*line.fields, *(field for _, fields in line.criteria for field in fields)]


def _within(line: Line, criterion: Criterion | None = None) -> str:
    """What the names of a line's inputs begin with."""
    return f"lines.{line.code}.{criterion.kpi}." if criterion else f"lines.{line.code}."
