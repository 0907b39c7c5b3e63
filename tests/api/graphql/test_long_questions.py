"""What takes long is evaluated in another process, which ends with its deadline or its asker."""

import asyncio
import os
import signal
from collections.abc import Coroutine
from datetime import date
from functools import partial
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.types import Message

from api.auth import SYSTEM
from domain.kernel.errors import Refusal
from infra.readside import evaluators as evaluators_module
from infra.readside.evaluators import EvaluatorPool
from infra.settings import Settings
from infra.turns import AT_ONCE
from services.kernel.context import Role
from services.kernel.roles import in_role
from services.people.access import Tenant
from services.reading import figures, lists
from services.reading.evaluations import (
    Evaluation,
    FigureAnswer,
    KnownBasis,
    first_orders,
    in_ways,
)
from services.reading.figures import FigureReader
from services.reading.moment import Question
from tests.api.door import Door
from tests.api.graphql.test_figures import class_of

QUESTIONS = """
    query Q($position: Int, $day: Date = "2026-06-30") {
        newcomerFigures(minPosition: $position, happenedBy: $day) { entered }
        board(happenedBy: $day) { months { key figures { entered } } }
        series(kpi: "entered", by: DAY, since: "2026-05-01", happenedBy: "2026-06-30") {
            key figure { ratio { numerator } }
        }
        firstOrderCurve(happenedBy: $day) { people }
        forecast(happenedBy: $day) { batches }
    }
"""
OPENED = """
    query Q($position: Int, $day: Date = "2026-06-30") {
        newcomerFigures(minPosition: $position, happenedBy: $day) {
            explanation {
                countedMembers
                inTraining(first: 1) { totalCount edges { node { employeeNo } } }
                membersNotCounted(last: 2) {
                    edges { cursor node { employeeNo rule events { position } } }
                }
                events(first: 2) { totalCount edges { node { topic } } }
            }
        }
        kpis(happenedBy: $day) {
            explanation { notCounted contributions(first: 2) { edges { node { label rule } } } }
            distribution { value count }
        }
        compare(
            before: {happenedBy: "2026-05-01"}, after: {scheme: {parameters: {windowDays: 9}}}
        ) {
            before { ratio { numerator } } after { isDrafted ratio { numerator } }
            movedCount
            moved(first: 2) { edges { node { label before { rule } after { numerator } } } }
        }
        compareScorecards(month: "2026-05", before: {happenedBy: "2026-05-31"}) {
            before { defined } after { defined earned { shown } }
        }
    }
"""
KNOWN = """
    query Q($position: Int!) {
        trainees(first: 2, knownByPosition: $position) {
            totalCount
            edges { cursor node {
                employeeNo status cohort { code counts { live } } orders { orderNo }
                timeline(first: 2) { edges { cursor node { topic } } }
            } }
        }
        orderTotals(knownByPosition: $position) { status count }
        partner { scheme(knownByPosition: $position) { versions { number } } }
    }
"""
OF_A_DAY_ANSWERED = (
    '{ newcomerFigures(happenedBy: "2026-06-28") { explanation { countedMembers } } }',
    '{ compare(after: {happenedBy: "2026-06-28"}) { movedCount } }',
)
ANOTHER_DAY = '{ newcomerFigures(happenedBy: "2026-06-%s") { entered } }'
FIGURES_KNOWN = """
    query Q($position: Int!, $of: String) {
        newcomerFigures(knownByPosition: $position, cohort: $of) { entered }
    }
"""
PEOPLE_KNOWN = "query Q($position: Int!) { trainees(knownByPosition: $position) { totalCount } }"

KNOWN_COHORTS = """
    query Q($position: Int) { cohorts(minPosition: $position) { edges { node { code } } } }
"""


@pytest.fixture
def evaluators(web: Litestar, monkeypatch: pytest.MonkeyPatch) -> EvaluatorPool:
    """Everything that documents ask for takes long, and every log is long."""
    monkeypatch.setattr(figures, "MOST_LOOKS_HERE", -1)
    for module, name in ((figures, "MOST_POSITIONS_HERE"), (lists, "MOST_POSITIONS_HERE")):
        monkeypatch.setattr(module, name, 0)
    found: EvaluatorPool = web.state[SYSTEM].evaluators
    return found


async def known_of(door: Door, partner: Tenant, position: int) -> KnownBasis:
    """What pages make figures of, as it was known."""
    principal = in_role(partner.tenant_id, "somebody", Role.TRAINING_MANAGER)
    day = date(2026, 6, 30)
    reader: FigureReader = door.web.state[SYSTEM].figures
    return await reader.basis(principal, Question(day, day, known_by=position))


async def test_another_process_answers_and_refuses_the_same(
    door: Door, evaluators: EvaluatorPool, partner: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    position = await class_of(door, 3)
    documents = (QUESTIONS, OPENED, KNOWN)
    there = [await door.data(document, position=position) for document in documents]
    known_there = await known_of(door, partner, position)
    assert evaluators.idle
    nobody = '{ newcomerFigures(happenedBy: "2026-06-30", manager: "没有人") { entered } }'
    assert await door.code(nobody) == "manager_unknown"
    after = await door.changed("openCohort", code="B2", name="B2", openedOn="2026-05-01")
    monkeypatch.undo()
    assert [await door.data(document, position=after) for document in documents] == there
    assert await known_of(door, partner, position) == known_there


async def test_what_is_not_done_by_its_deadline_is_ended_and_the_next_question_answered(
    door: Door, evaluators: EvaluatorPool, partner: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    position = await class_of(door, 1)
    await door.data(ANOTHER_DAY % 28)
    slow = evaluators.idle
    with monkeypatch.context() as at_once:
        at_once.setattr(evaluators, "deadline", 0.0)
        for document in (ANOTHER_DAY % 29, *OF_A_DAY_ANSWERED):
            assert await door.code(document) == "figures_took_too_long"
        at_once.setattr(figures, "MOST_LOOKS_HERE", 1_000)
        for of in (None, "nobody-knows"):
            code = await door.code(FIGURES_KNOWN, position=position, of=of)
            assert code == "figures_took_too_long"
        assert await door.code(PEOPLE_KNOWN, position=position) == "past_took_too_long"
        with pytest.raises(Refusal, match="figures_took_too_long"):
            await known_of(door, partner, position)
    assert await door.data(ANOTHER_DAY % 29) == {"newcomerFigures": {"entered": 1}}
    assert not set(slow) & set(evaluators.idle)


async def test_who_leaves_ends_what_is_evaluated_for_them_and_none_of_their_commands(
    door: Door, evaluators: EvaluatorPool
) -> None:
    await class_of(door, 1)
    await door.data(ANOTHER_DAY % 28)
    (endless,) = evaluators.idle
    os.kill(endless, signal.SIGSTOP)
    opened = "mutation { openCohort(input: %s) { position } }"
    batch = [ANOTHER_DAY % 29]
    for code in ("C1", "C2"):
        batch.append(opened % f'{{code: "{code}", name: "{code}", openedOn: "2026-05-01"}}')
    body = msgspec.json.encode([{"query": query} for query in [*batch, ANOTHER_DAY % 27]])
    messages: list[Any] = [{"type": "http.request", "body": body}]

    async def receive() -> Message:
        while not messages and evaluators.idle:  # noqa: ASYNC110 - it is taken by another task
            await asyncio.sleep(0)
        message: Message = messages.pop() if messages else {"type": "http.disconnect"}
        return message

    begun, *rest = await door.sent(receive)
    assert begun["status"] == 499
    answers = msgspec.json.decode(b"".join(one["body"] for one in rest))
    # Not that it took too long: nobody waited for the deadline.
    told = [error["extensions"]["code"] for one in answers for error in one.get("errors", ())]
    assert told == ["client_gone", "client_gone"]
    assert await door.data(ANOTHER_DAY % 29) == {"newcomerFigures": {"entered": 1}}
    assert endless not in evaluators.idle
    position = await door.changed("openCohort", code="C3", name="C3", openedOn="2026-05-01")
    known = (await door.lines(KNOWN_COHORTS, position=position))["cohorts"]
    assert {one["code"] for one in known} == {"B1", "C1", "C2", "C3"}


async def test_more_ask_for_one_thing_than_a_partner_has_turns(
    door: Door, evaluators: EvaluatorPool
) -> None:
    await door.data(KNOWN_COHORTS, position=await class_of(door, 1))
    asking = (door.data(ANOTHER_DAY % 28) for _ in range(AT_ONCE + 1))
    assert await asyncio.gather(*asking) == [{"newcomerFigures": {"entered": 1}}] * (AT_ONCE + 1)


async def test_a_process_that_dies_over_a_question_is_replaced_and_the_question_answered(
    door: Door, evaluators: EvaluatorPool
) -> None:
    await door.data(KNOWN_COHORTS, position=await class_of(door, 1))
    await door.data(ANOTHER_DAY % 28)
    (dying,) = evaluators.idle
    os.kill(dying, signal.SIGSTOP)
    asking = asyncio.create_task(door.data(ANOTHER_DAY % 29))
    while evaluators.idle:  # noqa: ASYNC110 - it is taken by another task
        await asyncio.sleep(0)
    os.kill(dying, signal.SIGKILL)
    assert await asking == {"newcomerFigures": {"entered": 1}}


async def test_no_process_is_ready_in_time_for_a_question(
    database: Settings, partner: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluators_module, "STARTING", 0.0)
    principal = in_role(partner.tenant_id, "somebody", Role.TRAINING_MANAGER)
    day = date(2026, 6, 28)
    async with EvaluatorPool.open(database) as pool:
        with pytest.raises(Refusal, match="figures_not_evaluated"):
            await pool.evaluate(Evaluation(principal, first_orders, (Question(day, day),)))


async def test_who_leaves_before_the_process_is_ready_leaves_it_to_the_next_who_asks(
    database: Settings, partner: Tenant
) -> None:
    principal = in_role(partner.tenant_id, "somebody", Role.TRAINING_MANAGER)
    day = date(2026, 6, 28)
    async with EvaluatorPool.open(database, at_once=1) as pool:
        pool.warm()
        while not pool.idle:  # noqa: ASYNC110 - it is started by another task
            await asyncio.sleep(0)
        starting = pool.idle
        asked = Evaluation(principal, first_orders, (Question(day, day),))
        leaving = asyncio.create_task(pool.evaluate(asked))
        while pool.idle == starting:  # noqa: ASYNC110 - one is taken by another task
            await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.wait([leaving])
        assert pool.idle == starting


async def test_who_leaves_twice_leaves_no_answer_to_the_next_who_asks(
    door: Door, evaluators: EvaluatorPool, partner: Tenant
) -> None:
    position = await class_of(door, 1)
    await door.data(
        "query Q($at: Int) { newcomerFigures(minPosition: $at) { entered } }", at=position
    )
    principal = in_role(partner.tenant_id, "somebody", Role.TRAINING_MANAGER)
    count = partial(in_ways, ("all",), ("entered",))

    def asked(day: date) -> Coroutine[Any, Any, FigureAnswer]:
        return evaluators.evaluate(Evaluation(principal, count, (Question(day, day),)))

    for turns_between in range(4):
        answer = await asked(date(2026, 6, 28))
        assert answer.whole["entered"].ratio.numerator == 1
        (process,) = evaluators.idle
        os.kill(process, signal.SIGSTOP)
        leaving = asyncio.create_task(asked(date(2026, 4, 28)))
        while evaluators.idle:  # noqa: ASYNC110 - it is taken by another task
            await asyncio.sleep(0)
        leaving.cancel()
        for _ in range(turns_between):
            await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.wait([leaving])
        assert process not in evaluators.idle
