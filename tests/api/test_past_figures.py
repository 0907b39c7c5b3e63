"""Figures as they were known are those of the fold from the beginning."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from domain.kernel.values import Month
from domain.kpi.catalog import NEWCOMER_FIGURES
from domain.kpi.group import Group
from domain.kpi.scheme.versions import Scheme
from infra.bootstrap import App
from infra.readside.projector import Projector
from projections import PROJECTIONS
from projections.figures.newcomers import NEWCOMERS
from projections.figures.schemes import SCHEMES
from projections.kernel.projection import Projection
from projections.teaching.cohorts import COHORTS
from services.reading.moment import Question
from tests.carrying import carry_out, new_partner
from tests.domain.kpi.counted import figures, members
from tests.examples import examples
from tests.histories import histories
from tests.read_models import head
from tests.situation import START
from tests.steps import Step

LATER = START.replace(year=START.year + 1)


@pytest.mark.parametrize("projected", [PROJECTIONS, (COHORTS,)], ids=["all", "only the batches"])
@settings(
    max_examples=examples(8),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(history=histories(), back=st.integers(0, 30))
async def test_of_a_batch_a_month_and_all(
    app: App, projected: Sequence[Projection[Any]], history: list[Step], back: int
) -> None:
    principal = await new_partner(app)
    tenant = principal.tenant
    await carry_out(app, principal, history)
    await Projector(app.db, app.log, projected).catch_up(tenant)
    position = max(0, await head(app, tenant) - back)
    rows, whole = await app.time_travel.fold(tenant, NEWCOMERS, position)
    versions, _ = await app.time_travel.fold(tenant, SCHEMES, position)
    scheme = Scheme(tuple(row.version for row in versions))
    for cohort, month in (("A1", None), ("B2", None), (None, None), (None, "2025-03")):
        asked = Question(LATER, date.max, month=month, cohort=cohort, known_by=position)
        group = Group(month=month and Month.parse(month), cohort=cohort)
        chosen = members([row.facts for row in rows], LATER, scheme, group)
        answer = await app.figures.answer(principal, asked, NEWCOMER_FIGURES)
        assert answer.position == whole
        assert answer.whole == figures(chosen, LATER, scheme).evaluated
