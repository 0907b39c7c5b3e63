"""Random histories with submissions among them: what was told of each vintage is what changed."""

from uuid import UUID

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from domain.kernel.values import Month, Ratio
from domain.kpi.catalog import HEADLINES
from domain.kpi.evaluation import evaluate
from domain.kpi.evidence import Basis, Evidence
from domain.kpi.group import Group
from domain.kpi.scheme.versions import Scheme
from domain.reporting.submission import Submission
from infra.bootstrap import App
from projections.figures.newcomers import NEWCOMERS
from projections.figures.schemes import SCHEMES
from projections.reporting.submissions import SUBMISSIONS, SubmissionRow, VintageRow
from tests.carrying import carry_out, new_partner
from tests.examples import examples
from tests.histories import histories
from tests.situation import figures_submitted
from tests.steps import Step
from tests.submitting import react


async def counted(
    app: App, tenant: UUID, row: SubmissionRow, vintage: VintageRow, position: int
) -> dict[str, Ratio]:
    """The figures from scratch: of the vintage's day, by what was known at a position."""
    newcomers, _ = await app.time_travel.fold(tenant, NEWCOMERS, position)
    published, _ = await app.time_travel.fold(tenant, SCHEMES, position)
    scheme = Scheme(tuple(one.version for one in published))
    evidence = Evidence([one.facts for one in newcomers], scheme=scheme)
    group = Group(month=Month.parse(row.month))
    found = evaluate(HEADLINES, Basis(evidence, vintage.happened_by, group))
    return {slug: figure.ratio for slug, figure in found.figures.items()}


@settings(
    max_examples=examples(25),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(
    history=histories(30),
    at=st.lists(st.integers(6, 40), min_size=1, max_size=4),
    months=st.lists(st.sampled_from(("2025-03", "2025-04")), min_size=4, max_size=4),
)
async def test_causes_of_every_vintage_add_up_to_what_became_of_it(
    app: App, history: list[Step], at: list[int], months: list[str]
) -> None:
    for place, month in zip(sorted(at, reverse=True), months, strict=False):
        history.insert(place, figures_submitted(month))
    principal = await new_partner(app)
    await carry_out(app, principal, history)
    await react(app, principal)
    tenant = principal.tenant
    head = await app.log.position(tenant)
    rows, _ = await app.time_travel.fold(tenant, SUBMISSIONS)
    for row in rows:
        ends = [vintage.pinned_position for vintage in row.vintages[1:]] + [head]
        for vintage, end in zip(row.vintages, ends, strict=True):
            assert vintage.figures == await counted(
                app, tenant, row, vintage, vintage.pinned_position
            )
            now = await counted(app, tenant, row, vintage, end)
            told = [
                one
                for event in await app.log.load(tenant, row.submission_id)
                if isinstance(event, Submission.Restated) and event.vintage == vintage.number
                for one in event.restatements
            ]
            for slug, submitted in vintage.figures.items():
                causes = [cause for one in told if one.kpi == slug for cause in one.causes]
                assert now[slug] == Ratio(
                    submitted.numerator + sum(cause.numerator for cause in causes),
                    submitted.denominator + sum(cause.denominator for cause in causes),
                )
