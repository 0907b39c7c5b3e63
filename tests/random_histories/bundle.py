"""A bundle of histories in one tenant: carried out together, projected once, compared singly."""

from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

import msgspec

from domain.kernel.aggregate import Recorded, topics_of
from domain.kpi.evidence import Evidence, FirstSubmission
from domain.kpi.scheme.scheme import KpiScheme
from domain.kpi.scheme.versions import Scheme
from domain.kpi.subjects.newcomer import FOLD
from infra.bootstrap import App
from infra.readside.projector import catch_up
from infra.readside.reactors import LogHistory
from projections import PROJECTIONS
from projections.figures.newcomers import NEWCOMERS
from projections.figures.schemes import SCHEMES
from projections.people.joinings import JOININGS, joined_of
from projections.people.people import PEOPLE
from projections.teaching.cohorts import COHORTS, handovers_of
from projections.teaching.sessions import SESSIONS
from services.scheme.scheme import PublishScheme
from tests.carrying import new_partner
from tests.oracle.asking import local_day
from tests.oracle.classes import Fact
from tests.oracle.groups import Wanted
from tests.oracle.submissions import ZONE
from tests.random_histories.carrying import Carried, carry_out
from tests.random_histories.comparing import Past, Told, agree, restated
from tests.random_histories.settling import settles
from tests.read_models import folded, head, stored
from tests.situation import START
from tests.steps import Step

MOVING = topics_of((*FOLD, KpiScheme.Published))
"""The events that move figures of newcomers."""
CUTS = 4
"""Positions of a bundle that are travelled to; each history is compared at two of them."""
LOOKS = 8
"""How often a history that is alone is looked at, for each of its positions."""
LAST_DAY = 220
"""Days after START up to which figures are asked for."""


class Bundle(msgspec.Struct, frozen=True):
    """Histories that share a tenant and its scheme, and the number that chooses where to look.

    now: the instant at which they are recorded, with days to come; None: all days are long past.
    """

    histories: list[list[Step]]
    published: list[PublishScheme]
    eye: int
    now: datetime | None = None


class DisagreedError(AssertionError):
    """The product and the oracle answer differently about this history."""

    def __init__(
        self,
        history: list[Step],
        published: list[PublishScheme],
        because: AssertionError,
        now: datetime | None = None,
    ) -> None:
        notes = "\n".join(getattr(because, "__notes__", []))
        super().__init__(f"{because}\n{notes}\n{history!r},\n{published!r}, {now!r}")
        self.history = history
        self.published = published
        self.now = now


class Counted(msgspec.Struct):
    """What was done: histories, commands accepted and refused, figures compared."""

    histories: int = 0
    accepted: int = 0
    refused: int = 0
    figures: int = 0


async def prove(app: App, bundle: Bundle, counted: Counted) -> None:
    """Carries it out and compares everything; adds to the counts."""
    random = Random(bundle.eye)
    principal = await new_partner(app)
    tenant = principal.tenant
    carried, of_all = await carry_out(
        app, principal, bundle.histories, bundle.published, bundle.now
    )
    of_all += submissions(random, await head(app, tenant))
    await catch_up(app, tenant)
    await tables_are_the_fold(app, tenant)
    today = date.max if bundle.now is None else local_day(bundle.now)
    now = await past(app, tenant, await head(app, tenant), of_all, today)
    events = await LogHistory(app.db, app.log, app.time_travel).events(
        tenant, 0, now.position, MOVING
    )
    everybody = told_of(carried, of_all, events)
    cuts = random.choices(range(1, now.position + 1), k=CUTS)
    pasts = [await past(app, tenant, cut, of_all, today) for cut in cuts]
    await states_are_the_fold(app, tenant, cuts[0])
    for one in carried:
        told = told_of([one], of_all, events)
        try:
            counted.figures += one_by_one(told, random, pasts, now)
        except AssertionError as error:
            raise DisagreedError(one.history, bundle.published, error, bundle.now) from error
        counted.histories += 1
        counted.accepted += len(one.facts)
        counted.refused += one.refused
    counted.figures += agree(random.choice(pasts), everybody, a_day(random), lambda groups: groups)


async def prove_alone(
    app: App, history: list[Step], published: list[PublishScheme], now: datetime | None = None
) -> None:
    """One history in a tenant of its own, at every position, with an eye to many days."""
    principal = await new_partner(app)
    tenant = principal.tenant
    carried, of_all = await carry_out(app, principal, [history], published, now)
    position = await head(app, tenant)
    of_all += submissions(Random(position), position)
    events = await LogHistory(app.db, app.log, app.time_travel).events(tenant, 0, position, MOVING)
    told = told_of(carried, of_all, events)
    await catch_up(app, tenant)
    today = date.max if now is None else local_day(now)
    whole = await past(app, tenant, position, of_all, today)
    if position < 2:
        return
    cuts = range(1, position + 1)
    pasts = [await past(app, tenant, cut, of_all, today) for cut in cuts]
    for eye in range(LOOKS * len(pasts)):
        try:
            one_by_one(told, Random(eye), pasts, whole)
        except AssertionError as error:
            raise DisagreedError(history, published, error, now) from error


def one_by_one(told: Told, random: Random, pasts: list[Past], now: Past) -> int:
    """One history at two positions, and what lies between; answers how many figures that were."""
    before, after = sorted(random.sample(pasts, 2), key=lambda then: then.position)

    def one_of(groups: list[Wanted]) -> list[Wanted]:
        return random.sample(groups, 1)

    figures = 0
    for then in (before, after):
        for day in (a_day(random), a_day(random)):
            figures += agree(then, told, day, one_of)
    restated(before, after, told, a_day(random), one_of)
    settles(now, told)
    return figures


async def tables_are_the_fold(app: App, tenant_id: UUID) -> None:
    for projection in PROJECTIONS:
        table = await stored(app, tenant_id, projection)
        assert table == await folded(app, tenant_id, projection), projection.table


async def states_are_the_fold(app: App, tenant_id: UUID, position: int) -> None:
    """What is kept of the past, against the log from its beginning."""
    for projection in PROJECTIONS:
        rows, _ = await app.time_travel.state(tenant_id, projection, position)
        state = {projection.key_of(row): row for row in rows}
        assert state == await folded(app, tenant_id, projection, position), projection.table


async def past(app: App, tenant_id: UUID, position: int, of_all: list[Fact], today: date) -> Past:
    """What is answered at a position, inside of a command too. of_all: the facts of the whole
    tenant, whose submissions were known by the position too."""
    position = await app.time_travel.position(tenant_id, position)
    newcomers, _ = await app.time_travel.state(tenant_id, NEWCOMERS, position)
    sessions, _ = await app.time_travel.state(tenant_id, SESSIONS, position)
    versions, _ = await app.time_travel.state(tenant_id, SCHEMES, position)
    cohorts, _ = await app.time_travel.state(tenant_id, COHORTS, position)
    people, _ = await app.time_travel.state(tenant_id, PEOPLE, position)
    joinings, _ = await app.time_travel.state(tenant_id, JOININGS, position)
    joined = joined_of(joinings)
    apart = Evidence(
        newcomers=[row.facts for row in newcomers],
        classes=[row.facts for row in sessions],
        scheme=Scheme(tuple(row.version for row in versions)),
        handovers=handovers_of(cohorts, {}),
        submissions=[
            FirstSubmission(fact["month"], fact["at"], fact["position"])
            for fact in of_all
            if fact["kind"] == "submitted" and fact["position"] <= position
        ],
    )
    everything = msgspec.structs.replace(
        apart,
        newcomers=[who.joined(joined) for who in apart.newcomers],
        handovers=handovers_of(cohorts, joined),
    )
    ids = {row.name: row.person_id for row in people}
    return Past(position, everything, apart, ids, today)


def submissions(random: Random, head: int) -> list[Fact]:
    """First submissions of some months, an hour to ten days before or after they were due.

    They are made up, as the log of today records none in time for a month that is long past.
    """
    return [
        {
            "kind": "submitted",
            "month": f"2025-{month:02d}",
            "at": datetime(2025, month + 1, 6, tzinfo=ZONE)
            + timedelta(hours=random.randint(-240, 240)),
            "position": random.randint(1, head),
        }
        for month in random.sample(range(1, 11), 5)
    ]


def told_of(carried: list[Carried], of_all: list[Fact], events: list[Recorded]) -> Told:
    """What was told of these histories, in the order of recording."""
    people = {who for one in carried for who in one.people}
    facts = [fact for one in carried for fact in one.facts]
    return Told(
        people,
        {fact["batch"] for fact in facts if "batch" in fact},
        sorted(facts + of_all, key=lambda fact: fact["position"]),
        [
            recorded
            for recorded in events
            if recorded.event.originator_id in people
            or isinstance(recorded.event, KpiScheme.Published)
        ],
    )


def a_day(random: Random) -> date:
    return START + timedelta(days=random.randrange(LAST_DAY))
