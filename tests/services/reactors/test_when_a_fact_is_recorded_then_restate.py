"""What is recorded after a submission restates it by itself, and nothing else does."""

from collections import Counter
from collections.abc import Awaitable
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from domain.kernel.errors import Refusal
from domain.kernel.values import Month, Ratio
from domain.kpi.catalog import NEWCOMER_FIGURES
from domain.kpi.scheme.versions import Parameters
from domain.reporting.submission import Submission
from infra.bootstrap import App, Repair, repair
from infra.log.tenant_log import TenantLog
from infra.readside.checkpoints import lock, make_checkpoints, move
from infra.readside.folding import Stop
from services.execute import Done, execute
from services.kernel.context import Context, Principal
from services.kernel.ports import Append, Receipt
from services.reactors.when_a_fact_is_recorded_then_restate import (
    WHEN_A_FACT_IS_RECORDED_THEN_RESTATE as REACTOR,
)
from services.reading.evaluations import FigureAnswer
from services.reading.moment import Question
from services.reporting.submission import AcknowledgeRestatement, SubmitAgain, SubmitFigures
from services.scheme.scheme import PublishScheme
from services.trainees.selling import RecordOrder
from services.trainees.trainee import RecordLeaving
from tests.carrying import record
from tests.situation import (
    batch_opened,
    enrolled,
    manager_changed,
    ordered,
    passed_gate,
    went_live,
)
from tests.staff import assigned, department_opened, joined, registered, renamed
from tests.steps import Step
from tests.submitting import react, report

LIVE = date(2026, 6, 6)


def at(app: App, principal: Principal, day: int) -> Context:
    """That day of July, the partner's noon."""
    noon = datetime(2026, 7, day, 4, tzinfo=UTC)
    return msgspec.structs.replace(app.context(principal), now=noon)


async def batch(app: App, manager: Principal) -> None:
    """Six live, of whom the first four have ordered."""
    steps = [batch_opened("A1", on=date(2026, 5, 18))]
    for number in range(1, 7):
        who = f"T{number:02d}"
        steps += [
            enrolled(who, on=date(2026, 5, 18)),
            passed_gate(who, on=date(2026, 6, 1)),
            went_live(who, on=LIVE),
        ]
        if number <= 4:
            steps.append(ordered(who, f"A{number}", on=date(2026, 6, 10)))
    await record(app, manager, *steps, now=at(app, manager, 1).now)


async def reported(app: App, manager: Principal, day: int) -> str:
    return await report(app, manager, "2026-06", at(app, manager, day).now)


async def told(app: App, manager: Principal) -> list[Submission.Restated]:
    async with app.db.tenant(manager.tenant) as connection:
        streams = await connection.plain.fetch(
            "select distinct stream_id from events where topic = 'submission.submitted'"
        )
    events: list[Any] = []
    for row in streams:
        events += await app.log.load(manager.tenant, row["stream_id"])
    return [event for event in events if isinstance(event, Submission.Restated)]


def summary(event: Submission.Restated) -> dict[str, tuple[Ratio, Ratio, list[int]]]:
    return {r.kpi: (r.old, r.new, [c.numerator for c in r.causes]) for r in event.restatements}


@pytest.fixture
async def submitted(app: App, manager: Principal) -> Done:
    """4/6 on 5 July."""
    await batch(app, manager)
    report_id = await reported(app, manager, 5)
    return await execute(at(app, manager, 5), SubmitFigures(report_id))


async def test_two_causes_that_cancel_out_are_told(
    app: App, manager: Principal, submitted: Done
) -> None:
    await react(app, manager)
    added = await execute(at(app, manager, 8), RecordOrder("T05", "B1", date(2026, 6, 28)))
    lost = await execute(at(app, manager, 9), RecordLeaving("T03", date(2026, 6, 29), "个人原因"))
    await react(app, manager)
    (event,) = await told(app, manager)
    rate = event.restatements[0]
    assert (rate.kpi, rate.old, rate.new) == ("order_rate", Ratio(4, 6), Ratio(4, 6))
    assert [(c.position, c.topic, c.numerator, c.denominator) for c in rate.causes] == [
        (added.position, "trainee.order_closed", 1, 0),
        (lost.position, "trainee.left", -1, 0),
    ]
    assert summary(event)["average_orders"] == (Ratio(4, 6), Ratio(5, 6), [1])
    assert (event.vintage, event.until) == (1, lost.position)


@pytest.mark.parametrize("batch", [1, 3, 1_000])
async def test_a_later_stretch_goes_on_where_the_earlier_one_ended(
    app: App, manager: Principal, submitted: Done, batch: int
) -> None:
    for number, day in ((5, 8), (6, 9)):
        order = RecordOrder(f"T{number:02d}", f"B{number}", date(2026, 6, 28))
        await execute(at(app, manager, day), order)
        await react(app, manager, batch)
    first, second = await told(app, manager)
    assert summary(first)["order_rate"] == (Ratio(4, 6), Ratio(5, 6), [1])
    assert summary(second)["order_rate"] == (Ratio(5, 6), Ratio(6, 6), [1])


async def test_what_was_recorded_between_the_report_and_its_submission_is_told(
    app: App, manager: Principal
) -> None:
    await batch(app, manager)
    report_id = await reported(app, manager, 5)
    await execute(at(app, manager, 6), RecordOrder("T05", "B1", date(2026, 6, 28)))
    await react(app, manager)
    await execute(at(app, manager, 7), SubmitFigures(report_id))
    await react(app, manager)
    (event,) = await told(app, manager)
    assert summary(event)["order_rate"] == (Ratio(4, 6), Ratio(5, 6), [1])


async def test_managers_who_are_joined_renamed_and_moved_restate_nothing_and_move_their_own_figures(
    app: App, manager: Principal
) -> None:
    async def records(day: int, *steps: Step) -> None:
        await record(app, manager, *steps, now=at(app, manager, day).now)

    async def june() -> FigureAnswer:
        position = await app.log.position(manager.tenant)
        asked = Question(date(2026, 7, 5), date.max, month="2026-06", known_by=position)
        return await app.figures.answer(manager, asked, NEWCOMER_FIGURES, ("all", "manager"))

    await batch(app, manager)
    managers = (("T01", "钱主管"), ("T02", "钱大海"), ("T05", "孙经理"))
    staff = [registered(f"M{n}", name=name, on=LIVE) for n, (_, name) in enumerate(managers)]
    await records(2, *staff, *(manager_changed(who, to=to, on=LIVE) for who, to in managers))
    await execute(at(app, manager, 5), SubmitFigures(await reported(app, manager, 5)))
    before = await june()
    await records(
        8,
        joined("M1", into="M0"),
        renamed("M0", to="钱多多", on=LIVE),
        department_opened("xs", head="M2", on=LIVE),
        assigned("M0", department="xs", manager="M2", on=LIVE),
    )
    position = await app.log.position(manager.tenant)
    await react(app, manager)
    assert await app.log.position(manager.tenant) == position and not await told(app, manager)
    after = await june()
    assert after.whole == before.whole
    rates = [
        [one["order_rate"].ratio for one in known.ways["manager"].values()]
        for known in (before, after)
    ]
    one, none = Ratio(1, 1), Ratio(0, 1)
    assert [Counter(of_groups) for of_groups in rates] == [
        Counter((one, one, none)),
        Counter((Ratio(2, 2), none)),
    ]


async def test_daily_life_and_schemes_of_later_months_restate_nothing(
    app: App, manager: Principal, submitted: Done
) -> None:
    await react(app, manager)
    for command in (
        RecordOrder("T05", "B1", date(2026, 7, 6)),
        RecordLeaving("T06", date(2026, 7, 7), "个人原因"),
        PublishScheme("2026-07", Parameters(window_days=5)),
    ):
        await execute(at(app, manager, 8), command)
    before = await app.log.position(manager.tenant)
    await react(app, manager)
    assert await app.log.position(manager.tenant) == before


async def test_a_scheme_for_a_submitted_month_needs_a_reason_and_is_a_cause(
    app: App, manager: Principal, submitted: Done
) -> None:
    shorter = PublishScheme("2026-01", Parameters(window_days=4, denominator="employed"))
    with pytest.raises(Refusal) as refused:
        await execute(at(app, manager, 8), shorter)
    assert (refused.value.code, refused.value.params["month"]) == (
        "scheme_reason_missing",
        Month(2026, 6),
    )
    stated = msgspec.structs.replace(shorter, reason="考核口径调整")
    published = await execute(at(app, manager, 8), stated)
    await execute(at(app, manager, 8), RecordLeaving("T05", date(2026, 6, 8), "个人原因"))
    await react(app, manager)
    (event,) = await told(app, manager)
    assert summary(event)["order_rate"] == (Ratio(4, 6), Ratio(0, 5), [-4, 0])
    first = event.restatements[0].causes[0]
    assert (first.position, first.topic, first.trainee_id) == (
        published.position,
        "scheme.published",
        "",
    )


@pytest.mark.parametrize(
    ("known", "missing"),
    [
        (Parameters(kpi_month="window_close"), True),
        (Parameters(regolive="latest"), True),
        (Parameters(trial_denominator="entered"), False),
        (Parameters(window_days=5), False),
    ],
)
async def test_a_scheme_that_moves_people_into_a_submitted_month_needs_a_reason(
    app: App, manager: Principal, submitted: Done, known: Parameters, missing: bool
) -> None:
    later = PublishScheme("2026-06", reason="口径不变")
    await execute(at(app, manager, 8), later)
    earlier = PublishScheme("2026-05", known)
    if not missing:
        await execute(at(app, manager, 8), earlier)
        return
    with pytest.raises(Refusal) as refused:
        await execute(at(app, manager, 8), earlier)
    assert refused.value.code == "scheme_reason_missing"


async def test_a_scheme_by_which_later_evenings_judge_trials_anew_needs_a_reason(
    app: App, manager: Principal, submitted: Done
) -> None:
    by_all = PublishScheme("2026-07", Parameters(trial_denominator="entered"))
    with pytest.raises(Refusal) as refused:
        await execute(at(app, manager, 8), by_all)
    assert refused.value.code == "scheme_reason_missing"


async def test_a_scheme_needs_a_reason_where_its_month_is_submitted_while_it_is_decided(
    app: App, manager: Principal
) -> None:
    await batch(app, manager)
    report_id = await reported(app, manager, 5)

    class Overtaken(TenantLog):
        """The log, in which somebody else is always a little faster."""

        def __init__(self) -> None:
            vars(self).update(vars(app.log))

        def append(self, append: Append) -> Awaitable[Receipt]:
            async def after_the_submission() -> Receipt:
                await execute(
                    msgspec.structs.replace(at(app, manager, 5), idempotency_key="once"),
                    SubmitFigures(report_id),
                )
                return await app.log.append(append)

            return after_the_submission()

    overtaken = msgspec.structs.replace(at(app, manager, 5), log=Overtaken())
    with pytest.raises(Refusal) as refused:
        await execute(overtaken, PublishScheme("2026-06", Parameters(window_days=5)))
    assert refused.value.code == "scheme_reason_missing"


async def test_every_vintage_answers_up_to_where_the_next_is_pinned(
    app: App, manager: Principal, submitted: Done
) -> None:
    await execute(at(app, manager, 8), RecordOrder("T05", "B1", date(2026, 6, 28)))
    newer = await reported(app, manager, 9)
    await execute(at(app, manager, 9), RecordOrder("T06", "B2", date(2026, 6, 28)))
    await execute(at(app, manager, 9), SubmitAgain(submitted.stream_id, newer))
    await react(app, manager)
    first, second = await told(app, manager)
    assert (first.vintage, summary(first)["order_rate"]) == (1, (Ratio(4, 6), Ratio(5, 6), [1]))
    assert (second.vintage, summary(second)["order_rate"]) == (2, (Ratio(5, 6), Ratio(6, 6), [1]))


async def test_what_touches_the_vintages_after_one_that_is_passed_over_is_told(
    app: App, manager: Principal, submitted: Done
) -> None:
    await execute(at(app, manager, 8), RecordOrder("T05", "B1", date(2026, 6, 28)))
    await react(app, manager)
    await make_checkpoints(app.db, manager.tenant, [REACTOR])
    async with app.db.tenant(manager.tenant) as tenant:
        stop = Stop(submitted.position, ArithmeticError())
        await move(tenant, await lock(tenant, REACTOR), submitted.position - 1, stop)
    skip = Repair("skip", submitted.position, "已更正", "运维")
    assert await repair(app, manager.tenant, REACTOR, skip) is None
    await execute(at(app, manager, 9), AcknowledgeRestatement(submitted.stream_id, "已核对"))
    newer = await reported(app, manager, 9)
    await execute(at(app, manager, 9), SubmitAgain(submitted.stream_id, newer))
    await execute(at(app, manager, 10), RecordOrder("T06", "B2", date(2026, 6, 28)))
    await react(app, manager)
    assert await app.list_parked(manager.tenant) == []
    first, second = await told(app, manager)
    assert (first.vintage, second.vintage) == (1, 2)
    assert summary(second)["order_rate"] == (Ratio(5, 6), Ratio(6, 6), [1])


async def test_handed_the_log_again_tells_nothing_twice(
    app: App, manager: Principal, submitted: Done
) -> None:
    for number, day in ((5, 8), (6, 9)):
        order = RecordOrder(f"T{number:02d}", f"B{number}", date(2026, 6, 28))
        await execute(at(app, manager, day), order)
        await react(app, manager)
        await execute(at(app, manager, day), AcknowledgeRestatement(submitted.stream_id, "已核对"))
    before = await app.log.position(manager.tenant)
    for size in (1_000, 7, 1):
        async with app.db.tenant(manager.tenant) as connection:
            await connection.plain.execute(
                "update checkpoints set position = 0, until = null where projection ^@ 'reactor:'"
            )
        await react(app, manager, size)
        assert await app.log.position(manager.tenant) == before
