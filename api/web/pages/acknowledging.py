"""Acknowledging (确认更正) what restated a submission: a form that says what it is about."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath
from msgspec.structs import replace

from api.needs import needs
from api.web.kit.carried_out import telling
from api.web.kit.form import RefusedFormError
from api.web.kit.form_state import FormState, begun, carry_out, refusals_of, refused_state
from api.web.kit.page import REDRAWS, PageContext, PageHere, redirect
from api.web.pages.scheme import scheme_of
from api.web.pages.submissions import PLACE, submitted
from domain.kernel.errors import NotFoundError, Refusal
from domain.kernel.values import Month
from projections.reporting.submissions import SUBMISSION_LIST, SUBMISSIONS, SubmissionRow
from services.kernel.permissions import Permission
from services.kernel.work import RESTATED_SINCE
from services.reporting.submission import AcknowledgeRestatement

ADDRESS = PLACE + "/{submission_id:str}/acknowledge"


@get(ADDRESS, opt=needs(Permission.SUBMIT_FIGURES))
async def acknowledge_page(page: PageHere, submission_id: FromPath[str]) -> Response[str]:
    """The form. Raises NotFoundError `submission_unknown`, Refusal `nothing_restated`."""
    row = await _row(page, submission_id)
    if not row.is_restated:
        raise Refusal("nothing_restated", month=Month.parse(row.month))
    return await _form(page, row, _begun(page, row))


@post(ADDRESS, opt=needs(Permission.SUBMIT_FIGURES) | {REDRAWS: True})
async def acknowledge(page: PageHere, submission_id: FromPath[str]) -> Response[Any]:
    """Acknowledges what restated the last vintage; twice is once. Shows the form again with what
    was refused. Raises NotFoundError `submission_unknown`."""
    row = await _row(page, submission_id)
    sent, state = await page.form(), _begun(page, row)
    try:
        done = await carry_out(page, state, sent)
    except (RefusedFormError, Refusal) as refused:
        row = await _row(page, submission_id)  # More may have restated it meanwhile.
        grown = Refusal("restatement_grown", month=Month.parse(row.month))
        refusals = [grown if one.code == RESTATED_SINCE else one for one in refusals_of(refused)]
        state = refused_state(page, _begun(page, row), sent, refusals)
        return await _form(page, row, state)
    says = await telling(page, AcknowledgeRestatement, (SUBMISSIONS,), done.position)
    return redirect(_place(row, f"?{urlencode(says)}"))


async def _row(page: PageContext, submission_id: str) -> SubmissionRow:
    row = await page.lists().get(SUBMISSION_LIST, id=submission_id)
    if row is None:
        raise NotFoundError("submission_unknown")
    return row


def _begun(page: PageContext, row: SubmissionRow) -> FormState:
    its = (one.position for one in row.restatements if one.vintage == row.vintage)
    given = {"submission_id": row.submission_id}
    state = begun(page, AcknowledgeRestatement, given, is_final=True)
    return replace(state, as_seen=max(its, default=0))


async def _form(page: PageContext, row: SubmissionRow, state: FormState) -> Response[str]:
    scheme = scheme_of(await page.lists().scheme_versions())
    [month] = await submitted([row], scheme)
    vintage = month.vintages[0]
    found = [one for one in vintage.restatements if not one.row.acknowledged_at]
    return page.render(
        "acknowledge.html",
        refusal=state.refusal,
        state=state,
        month=month.month,
        restated=[each for one in found for each in one.changed],
        unchanged=[each.kpi for one in found for each in one.unchanged],
        rounding=vintage.rounding,
        back=_place(row),
        suggestions={},
        hints={},
        done=None,
    )


def _place(row: SubmissionRow, query: str = "") -> str:
    return f"{PLACE}{query}#{row.submission_id}"
