"""The changed thing, read from its own stream: newer than any read model, without waiting."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from api.graphql.engine.context import Ask, Info
from api.graphql.engine.payload import Outcome, given
from api.graphql.types.cohort import Cohort
from api.graphql.types.session import Session
from api.graphql.types.submission import Submission
from api.graphql.types.trainee import Trainee
from domain.kernel.aggregate import DomainEvent, Recorded
from domain.kpi.subjects import newcomer
from domain.kpi.subjects.newcomer import Newcomer
from projections.reporting import submissions
from projections.reporting.submissions import SubmissionRow
from projections.teaching import cohorts, sessions
from projections.teaching.cohorts import COHORTS, CohortRow
from projections.teaching.sessions import SESSIONS, SessionRow
from projections.trainees import cohort_roster
from projections.trainees.cohort_roster import COHORT_ROSTER, CohortRosterRow

P = TypeVar("P")


async def change_trainee(
    info: Info, kind: type[msgspec.Struct], stated: Any, payload: Callable[..., P]
) -> P:
    """Carries out a command about a trainee, answered with the trainee."""
    outcome = await given(info, kind, stated)
    trainee = await changed_trainee(info.context, outcome)
    return payload(trainee=trainee, position=outcome.position, errors=outcome.errors)


async def changed_trainee(ask: Ask, outcome: Outcome) -> Trainee | None:
    """The trainee after the command; None when it was refused."""
    if outcome.done is None:
        return None
    row: CohortRosterRow | None = None
    facts: Newcomer | None = None
    events = await ask.system.log.load(ask.tenant, outcome.done.stream_id)
    for recorded in _recorded(ask.tenant, events):
        facts = newcomer.evolve(facts, recorded.event, recorded.position, recorded.recorded_at)
        if recorded.event.TOPIC in COHORT_ROSTER.topics:
            row = cohort_roster.evolve(row, recorded)
    return None if row is None else Trainee.of(row, facts=facts)


async def changed_cohort(ask: Ask, outcome: Outcome) -> Cohort | None:
    """The cohort after the command; None when it was refused."""
    if outcome.done is None:
        return None
    row: CohortRow | None = None
    events = await ask.system.log.load(ask.tenant, outcome.done.stream_id)
    for recorded in _recorded(ask.tenant, events):
        if recorded.event.TOPIC in COHORTS.topics:
            row = cohorts.evolve(row, recorded)
    return None if row is None else Cohort.of(row)


async def changed_session(ask: Ask, outcome: Outcome) -> Session | None:
    """The class after the command; None when it was refused."""
    if outcome.done is None:
        return None
    row: SessionRow | None = None
    events = await ask.system.log.load(ask.tenant, outcome.done.stream_id)
    for recorded in _recorded(ask.tenant, events):
        if recorded.event.TOPIC in SESSIONS.topics:
            row = sessions.evolve(row, recorded)
    return None if row is None else Session.of(row)


async def changed_submission(ask: Ask, outcome: Outcome) -> Submission | None:
    """The submission after the command; None when it was refused."""
    if outcome.done is None:
        return None
    row: SubmissionRow | None = None
    events = await ask.system.log.load(ask.tenant, outcome.done.stream_id)
    for recorded in _recorded(ask.tenant, events):
        row = submissions.evolve(row, recorded)
    return None if row is None else Submission.of(row)


def _recorded(tenant_id: UUID, events: Sequence[DomainEvent]) -> Iterator[Recorded]:
    # A stream knows its own order and not its places in the tenant's log; nothing here shows them.
    for event in events:
        yield Recorded(event, tenant_id, event.originator_version, event.timestamp, "", {})
