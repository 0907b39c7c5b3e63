"""Events become commands and jobs: once, whoever dies, and whoever else parks."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

import msgspec
import pytest

from domain.trainees.trainee import Trainee
from infra.bootstrap import App, Repair, repair, repairable
from infra.readside.checkpoints import list_parked, list_skips, lock, make_checkpoints, move
from infra.readside.folding import Stop
from infra.readside.reactors import LogHistory, Reactors
from projections import PROJECTIONS
from services.kernel.context import Context, Principal
from services.kernel.ports import Effect, History
from services.people.access import Tenant
from services.reactors import REACTORS
from services.reactors.reactor import Reaction, Reactor, Stretch, causation_id
from services.reporting.report import RequestReport
from tests.carrying import carry_out
from tests.infra.dying import run_dying
from tests.read_models import head, plant, reached
from tests.situation import BEGINNING, START, enrolled, march, ordered, passed_gate, went_live

KILLS = 40
LIFE = (
    *BEGINNING,
    passed_gate("E0", on=march(2)),
    went_live("E0", on=march(2)),
    passed_gate("E2", on=march(3)),
    went_live("E2", on=march(3)),
    ordered("E0", "N2", on=march(4)),
    ordered("E2", "N3", on=march(5)),
)
"""Two go live, and each closes an order."""


def reactor(react: Any, *kinds: Any) -> Reactor:
    topics = frozenset(kind.TOPIC for kind in kinds or (Trainee.WentLive,))
    return Reactor(name="when_somebody_goes_live_then_report", topics=topics, react=react)


async def _report(ctx: Context, history: History, stretch: Stretch) -> Sequence[Reaction]:
    return [Reaction(event, RequestReport(month="2025-03")) for event in stretch.events]


REPORT = reactor(_report)


async def recorded(app: App, tenant: UUID, topic: str) -> list[Any]:
    async with app.db.tenant(tenant) as connection:
        rows: list[Any] = await connection.plain.fetch(
            "select * from events where topic = $1 order by position", topic
        )
    return rows


async def parked(app: App, tenant: UUID, *reactors: Reactor) -> list[tuple[int, str]]:
    found = await list_parked(app.db, reactors)
    return [(one.position, one.error) for one in found if one.tenant_id == tenant]


async def begin_anew(app: App, tenant: UUID) -> None:
    async with app.db.tenant(tenant) as connection:
        await connection.plain.execute(
            "update checkpoints set position = 0, until = null where projection ^@ 'reactor:'"
        )


async def test_an_event_becomes_a_command_that_names_its_cause(
    app: App, partner: Tenant, manager: Principal
) -> None:
    await carry_out(app, manager, LIFE)
    await Reactors(app, [REPORT]).catch_up(partner.tenant_id)
    causes = await recorded(app, partner.tenant_id, "trainee.went_live")
    effects = await recorded(app, partner.tenant_id, "report.requested")
    assert len(causes) == 2
    assert [(e["actor"], e["correlation_id"], e["causation_id"]) for e in effects] == [
        (
            "reactor:when_somebody_goes_live_then_report",
            cause["correlation_id"],
            uuid5(partner.tenant_id, str(cause["position"])),
        )
        for cause in causes
    ]


async def test_handed_the_log_again_does_nothing_twice(
    app: App, partner: Tenant, manager: Principal
) -> None:
    await carry_out(app, manager, LIFE)
    await Reactors(app, [REPORT]).catch_up(partner.tenant_id)
    before = await head(app, partner.tenant_id)
    for batch in (1, 3, 1_000):
        await begin_anew(app, partner.tenant_id)
        await Reactors(app, [REPORT], batch).catch_up(partner.tenant_id)
    assert await head(app, partner.tenant_id) == before


async def test_what_an_older_program_asked_in_other_words_is_done(
    app: App, partner: Tenant, manager: Principal
) -> None:
    async def _in_english(ctx: Context, history: History, stretch: Stretch) -> list[Reaction]:
        asked = RequestReport(month="2025-03", language="en")
        return [Reaction(event, asked) for event in stretch.events]

    await carry_out(app, manager, LIFE)
    await Reactors(app, [REPORT]).catch_up(partner.tenant_id)
    before = await head(app, partner.tenant_id)
    await begin_anew(app, partner.tenant_id)
    await Reactors(app, [reactor(_in_english)]).catch_up(partner.tenant_id)
    assert await head(app, partner.tenant_id) == before
    assert await parked(app, partner.tenant_id, REPORT) == []


async def test_a_rebuild_reacts_to_nothing(app: App, partner: Tenant, manager: Principal) -> None:
    await carry_out(app, manager, LIFE)
    await Reactors(app, [REPORT]).catch_up(partner.tenant_id)
    before = await head(app, partner.tenant_id)
    for projection in PROJECTIONS:
        rebuilt = await app.rebuilder.rebuild_tenant(partner.tenant_id, projection)
        assert rebuilt.error is None
    await Reactors(app, [REPORT]).catch_up(partner.tenant_id)
    assert await head(app, partner.tenant_id) == before


async def test_an_event_becomes_a_job_once(app: App, partner: Tenant, manager: Principal) -> None:
    asked: list[UUID] = []

    async def _job(ctx: Context, history: History, stretch: Stretch) -> list[Reaction]:
        asked.extend(causation_id(event) for event in stretch.events)
        return [Reaction(event, Effect("tests.kind", {})) for event in stretch.events]

    await carry_out(app, manager, LIFE)
    for _ in range(2):
        await Reactors(app, [reactor(_job)]).catch_up(partner.tenant_id)
        await begin_anew(app, partner.tenant_id)
    async with app.db.tenant(partner.tenant_id) as connection:
        jobs = await connection.plain.fetchval(
            "select count(*) from jobs where kind = 'tests.kind'"
        )
    assert (len(asked), jobs) == (4, 2)


async def test_an_interrupted_stretch_is_handed_on_with_the_same_ends(
    app: App, partner: Tenant, manager: Principal
) -> None:
    seen: list[tuple[int, int, int]] = []

    async def _interrupted(ctx: Context, history: History, stretch: Stretch) -> list[Reaction]:
        seen.append((stretch.after, stretch.until, len(stretch.events)))
        if len(seen) == 1:
            raise asyncio.CancelledError
        return []

    await carry_out(app, manager, LIFE)
    first = await head(app, partner.tenant_id)
    with pytest.raises(asyncio.CancelledError):
        await Reactors(app, [reactor(_interrupted, Trainee.OrderClosed)]).catch_up(
            partner.tenant_id
        )
    late = ordered("E0", "late", on=START)
    assert await carry_out(app, manager, [late]) == 1
    await Reactors(app, [reactor(_interrupted, Trainee.OrderClosed)]).catch_up(partner.tenant_id)
    assert seen == [(0, first, 2), (0, first, 2), (first, first + 1, 1)]


async def test_one_tenants_trouble_stops_no_other(
    app: App, partner: Tenant, manager: Principal
) -> None:
    other = await app.accounts.create_partner(f"q-{partner.code}", "另一渠道")
    elsewhere = msgspec.structs.replace(manager, tenant=other.tenant_id)
    troubled = True

    async def _troubled(ctx: Context, history: History, stretch: Stretch) -> Sequence[Reaction]:
        if troubled and ctx.principal.tenant == partner.tenant_id:
            raise ArithmeticError("a secret of somebody")
        return await _report(ctx, history, stretch)

    chosen = reactor(_troubled)
    for principal in (manager, elsewhere):
        await carry_out(app, principal, LIFE)
    for tenant in (partner.tenant_id, other.tenant_id):
        await Reactors(app, [chosen]).catch_up(tenant)
    (first, _) = await recorded(app, partner.tenant_id, "trainee.went_live")
    assert await parked(app, partner.tenant_id, chosen) == [(first["position"], "ArithmeticError")]
    assert await recorded(app, partner.tenant_id, "report.requested") == []
    assert len(await recorded(app, other.tenant_id, "report.requested")) == 2

    troubled = False
    process = asyncio.create_task(Reactors(app, [chosen]).run())
    await reached(app, partner.tenant_id, chosen, await head(app, partner.tenant_id) + 2)
    process.cancel()
    await asyncio.wait([process])
    assert await parked(app, partner.tenant_id, chosen) == []


async def test_a_reactor_that_is_parked_is_listed_and_tried_again_when_somebody_says_so(
    app: App, partner: Tenant, manager: Principal
) -> None:
    await carry_out(app, manager, LIFE)
    (ours,) = REACTORS
    await make_checkpoints(app.db, partner.tenant_id, [ours])
    async with app.db.tenant(partner.tenant_id) as tenant:
        await move(tenant, await lock(tenant, ours), 0, Stop(1, ArithmeticError()))
    (one,) = await app.list_parked(partner.tenant_id)
    assert (one.consumer, one.position) == (ours.checkpoint, 1)
    assert repairable(app, ours.name) is repairable(app, one.consumer) is ours
    chosen = Repair("retry", one.position, "已更正", "运维")
    assert await repair(app, partner.tenant_id, ours, chosen) is None
    assert await app.list_parked(partner.tenant_id) == []


async def test_of_many_commands_the_one_to_blame_alone_is_passed_over_when_somebody_says_so(
    app: App, partner: Tenant, manager: Principal
) -> None:
    async def _choosy(ctx: Context, history: History, stretch: Stretch) -> Sequence[Reaction]:
        known = await history.events(partner.tenant_id, 0, stretch.until, chosen.topics)
        if any(event.event.originator_id == broken for event in known):
            raise ArithmeticError
        return await _report(ctx, history, stretch)

    chosen = reactor(_choosy)
    third = (enrolled("E4"), passed_gate("E4", on=march(4)), went_live("E4", on=march(4)))
    await carry_out(app, manager, [*LIFE, *third])
    _, bad, _ = await recorded(app, partner.tenant_id, "trainee.went_live")
    broken, position = bad["stream_id"], bad["position"]
    await Reactors(app, [chosen]).catch_up(partner.tenant_id)
    assert await parked(app, partner.tenant_id, chosen) == [(position, "ArithmeticError")]
    assert len(await recorded(app, partner.tenant_id, "report.requested")) == 1
    reason = Repair("skip", position, "已更正", "运维")
    assert await repair(app, partner.tenant_id, chosen, reason) is None
    (skip,) = await list_skips(app.db, [chosen], tenant_id=partner.tenant_id)
    assert (skip.position, skip.until, skip.reason) == (position, position, reason.reason)
    assert len(await recorded(app, partner.tenant_id, "report.requested")) == 2


async def test_a_refused_command_parks_with_its_code(
    app: App, partner: Tenant, manager: Principal
) -> None:
    async def _refused(ctx: Context, history: History, stretch: Stretch) -> list[Reaction]:
        return [Reaction(stretch.events[0], RequestReport(month="someday"))]

    await carry_out(app, manager, LIFE)
    await Reactors(app, [reactor(_refused)]).catch_up(partner.tenant_id)
    (first, _) = await recorded(app, partner.tenant_id, "trainee.went_live")
    assert await parked(app, partner.tenant_id, REPORT) == [(first["position"], "month_invalid")]


async def test_reactions_that_cannot_be_told_apart_park(
    app: App, partner: Tenant, manager: Principal
) -> None:
    async def _twice(ctx: Context, history: History, stretch: Stretch) -> list[Reaction]:
        return [Reaction(stretch.events[0], RequestReport(month="2025-03")) for _ in range(2)]

    async def _each(ctx: Context, history: History, stretch: Stretch) -> list[Reaction]:
        asked = RequestReport(month="2025-03")
        return [Reaction(stretch.events[0], asked, key) for key in ("a", "b")]

    await carry_out(app, manager, LIFE)
    await Reactors(app, [reactor(_twice)]).catch_up(partner.tenant_id)
    assert [error for _, error in await parked(app, partner.tenant_id, REPORT)] == ["ValueError"]
    other = msgspec.structs.replace(reactor(_each), name="when_somebody_goes_live_then_two")
    await Reactors(app, [other]).catch_up(partner.tenant_id)
    assert len(await recorded(app, partner.tenant_id, "report.requested")) == 2


async def test_an_event_that_cannot_be_read_parks_behind_what_can(
    app: App, partner: Tenant, manager: Principal
) -> None:
    await carry_out(app, manager, LIFE)
    await plant(app, partner.tenant_id, Trainee.WentLive.TOPIC, '{"on": 7}')
    planted = await head(app, partner.tenant_id)
    await Reactors(app, [REPORT]).catch_up(partner.tenant_id)
    error = "ValidationError (trainee.went_live $.on)"
    assert await parked(app, partner.tenant_id, REPORT) == [(planted, error)]
    assert len(await recorded(app, partner.tenant_id, "report.requested")) == 2


async def test_side_by_side_they_react_once(app: App, partner: Tenant, manager: Principal) -> None:
    reactors = [Reactors(app, [REPORT], batch=3) for _ in range(3)]
    written = asyncio.Event()

    async def work(one: Reactors) -> None:
        while not written.is_set():
            await one.round()
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        for one in reactors:
            group.create_task(work(one))
        await carry_out(app, manager, LIFE)
        written.set()
    await reactors[0].catch_up(partner.tenant_id)
    assert len(await recorded(app, partner.tenant_id, "report.requested")) == 2


async def test_killed_between_any_two_statements_it_reacts_once(
    app: App, partner: Tenant, manager: Principal
) -> None:
    await carry_out(app, manager, LIFE[:7])
    ((closed,),) = await run_dying(app, "reactor", partner.tenant_id, KILLS)
    orders = await recorded(app, partner.tenant_id, "trainee.order_closed")
    assert len(orders) == int(closed)
    opened = await recorded(app, partner.tenant_id, "cohort.opened")
    tallies = [row["payload"] for row in opened]
    assert sum(int(t["name"]) for t in tallies if t["code"].startswith("T")) == len(orders)


async def test_its_history_is_that_of_the_position(
    app: App, partner: Tenant, manager: Principal
) -> None:
    await carry_out(app, manager, LIFE)
    history = LogHistory(app.db, app.log, app.time_travel)
    orders = [Trainee.OrderClosed.TOPIC]
    until = await head(app, partner.tenant_id)
    first, second = await history.events(partner.tenant_id, 0, until, orders)
    between = await history.events(partner.tenant_id, first.position, until, orders)
    assert between == [second]
    assert await history.events(partner.tenant_id, 0, first.position, orders) == [first]
    assert await history.events(partner.tenant_id, 0, until + 9, orders) == [first, second]
    for position, known in ((first.position - 1, 0), (first.position, 1), (until, 2)):
        newcomers = await history.newcomers(partner.tenant_id, position)
        assert sum(len(one.orders) for one in newcomers) == known
    await plant(app, partner.tenant_id, orders[0], "{}")
    with pytest.raises(msgspec.ValidationError):
        await history.events(partner.tenant_id, 0, until + 1, orders)
