"""The pages of cohorts (批次): who is in one, by stage, its figures and its classes."""

from collections import Counter
from contextlib import suppress
from typing import Any, get_args

from api.web.kit.filters import read_each
from api.web.kit.page import PageContext
from api.web.kit.resource import Amendment, Related, Resource, Section
from domain.kernel.errors import Refusal
from domain.kpi.catalog import HEADLINES
from domain.teaching.cohort import Cohort
from projections.figures.evidence import SOURCES
from projections.teaching.cohorts import COHORT_LIST, CohortRow
from projections.teaching.sessions import SESSION_LIST
from projections.trainees.cohort_roster import (
    ROSTER,
    STATUSES_BY_COHORT,
    TRAINEE_LIST,
    TraineeStatus,
)
from projections.trainees.orders import ORDER_LIST
from services.kernel.permissions import Permission
from services.reading.moment import Moment, question_at
from services.teaching.cohort import (
    CorrectCohortOpening,
    CorrectHandover,
    HandOverCohort,
    OpenCohort,
    WithdrawCohortOpening,
    WithdrawHandover,
)

_OPENINGS = (Cohort.Opened, Cohort.OpeningCorrected)
_HANDOVERS = (Cohort.HandedOver, Cohort.HandoverCorrected)


async def _figures(page: PageContext, row: CohortRow, moment: Moment | None) -> dict[str, Any]:
    """How many stand where, and the headline figures of the cohort."""
    found = None
    if page.may(Permission.READ_FIGURES):
        asked = question_at(moment, page.today).narrowed("cohort", row.code)
        found = await page.app.figures.answer(page.principal, asked, HEADLINES)
    if found and moment is None:
        # The page is drawn anew when the figures move. Where the roster is stuck it says what it
        # can.
        with suppress(Refusal):
            await page.app.wait_for(page.tenant, (ROSTER,), found.position)
    reader = page.lists(moment)
    times, _ = read_each(page.request.query_params, page.read_times)
    counted = await reader.tally(STATUSES_BY_COHORT, [row.cohort_id])
    counts = counted.get(row.cohort_id, Counter[str]())
    return {
        "stages": [
            (status, counts[status])
            for status in get_args(TraineeStatus)
            if counts[status] or status != "to_come"
        ],
        "kpis": HEADLINES,
        "figures": found and found.whole,
        "live_after": found.position if found and moment is None else None,
        "query": times.narrowed("cohort", row.code).query,
    }


COHORTS = Resource(
    listing=COHORT_LIST,
    aggregate=Cohort,
    named_in="cohort",
    named_by="code",
    title="name",
    opening=OpenCohort,
    is_numbered=True,
    commands=(HandOverCohort,),
    amendments=(
        Amendment(CorrectCohortOpening, _OPENINGS),
        Amendment(WithdrawCohortOpening, _OPENINGS, restates=False),
        Amendment(CorrectHandover, _HANDOVERS),
        Amendment(WithdrawHandover, _HANDOVERS, restates=False),
    ),
    removing=frozenset({WithdrawCohortOpening, WithdrawHandover}),
    sheet="roster",
    suggested=frozenset({"training_manager"}),
    related=(
        Related(TRAINEE_LIST, "cohort"),
        Related(SESSION_LIST, "cohort"),
        Related(ORDER_LIST, "cohort", is_told=False),
    ),
    sections=(Section("_cohort_figures.html", _figures, of=(*SOURCES, ROSTER)),),
)
