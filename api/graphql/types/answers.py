"""What a mutation shows of the thing that it changed, by its aggregate.

It is read from its own stream: newer than any read model, without waiting.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from api.graphql.engine.connections import Row
from api.graphql.engine.context import OperationContext
from api.graphql.engine.payload import Answer, Shown
from api.graphql.types.follow_up import FollowUp
from api.graphql.types.job import Job
from api.graphql.types.newcomers import Cohort, Trainee
from api.graphql.types.scheme import Scheme
from api.graphql.types.session import Session
from api.graphql.types.submission import Submission
from domain.kernel.aggregate import Aggregate, Recorded
from domain.kpi.scheme import scheme
from domain.kpi.subjects import newcomer
from domain.kpi.subjects.newcomer import Newcomer
from domain.reporting import report, submission
from domain.teaching import cohort, session
from domain.trainees import follow_up, trainee
from projections.kernel.projection import Projection
from projections.reporting.submissions import SUBMISSIONS
from projections.teaching.cohorts import COHORTS
from projections.teaching.sessions import SESSIONS
from projections.trainees.cohort_roster import COHORT_ROSTER, CohortRosterRow
from projections.trainees.follow_ups import FOLLOW_UPS
from services.execute import Done
from services.reporting.report import job_of


async def _events(context: OperationContext, done: Done) -> AsyncIterator[Recorded]:
    # A stream knows its own order and not its places in the tenant's log; nothing here shows them.
    for event in await context.system.log.load(context.tenant, done.stream_id):
        yield Recorded(event, context.tenant, event.originator_version, event.timestamp, "", {})


def _row_of(
    projection: Projection[Any], show: type[Row]
) -> Callable[[OperationContext, Done], Awaitable[Any]]:
    """Shows the row that a read model makes of the changed stream."""

    async def show_row(context: OperationContext, done: Done) -> Any:
        row = None
        async for recorded in _events(context, done):
            if recorded.event.TOPIC in projection.topics:
                row = projection.evolve(row, recorded)
        return show(row=row)

    return show_row


async def _show_trainee(context: OperationContext, done: Done) -> Trainee | None:
    row: CohortRosterRow | None = None
    facts: Newcomer | None = None
    async for recorded in _events(context, done):
        facts = newcomer.evolve(facts, recorded.event, recorded.position, recorded.recorded_at)
        if recorded.event.TOPIC in COHORT_ROSTER.topics:
            row = COHORT_ROSTER.evolve(row, recorded)
    return None if row is None else Trainee(row=row, facts=facts)


async def _show_scheme(_ask: OperationContext, _done: Done) -> Scheme:
    return Scheme()


async def _show_job(context: OperationContext, done: Done) -> Job | None:
    found = await context.system.jobs.get_job(context.tenant, job_of(done.stream_id))
    return None if found is None else Job(row=found, language=context.language)


ANSWERS: Mapping[type[Aggregate], Answer] = {
    cohort.Cohort: Answer(Shown("cohort", Cohort), _row_of(COHORTS, Cohort)),
    session.Session: Answer(Shown("session", Session), _row_of(SESSIONS, Session)),
    submission.Submission: Answer(
        Shown("submission", Submission), _row_of(SUBMISSIONS, Submission)
    ),
    trainee.Trainee: Answer(Shown("trainee", Trainee), _show_trainee),
    follow_up.FollowUp: Answer(Shown("follow_up", FollowUp), _row_of(FOLLOW_UPS, FollowUp)),
    scheme.KpiScheme: Answer(Shown("scheme", Scheme), _show_scheme),
    report.Report: Answer(Shown("job", Job), _show_job),
}
"""The aggregate that a command's row names as its answer -> what the payload shows."""
