"""How a command is carried out beside others."""

import asyncio
import gc
from datetime import date
from typing import Any

import pytest
from msgspec import defstruct
from msgspec.structs import replace

from domain.kernel.errors import Refusal
from domain.kpi.scheme.versions import Parameters
from infra.bootstrap import App
from services import execute
from services.kernel.context import Principal
from services.scheme.scheme import PublishScheme
from tests import situation
from tests.carrying import record
from tests.steps import Step

JUNE_1 = date(2026, 6, 1)


async def test_of_40_orders_of_one_person_at_once_every_one_is_recorded(
    app: App, manager: Principal
) -> None:
    batch = situation.batch_opened("c", on=JUNE_1)
    enrolled = situation.enrolled("E1", cohort="c", on=JUNE_1)
    before = (await record(app, manager, batch, enrolled)).position
    done = await asyncio.gather(*(record(app, manager, order) for order in _orders("E1", 40)))
    assert sorted(one.position - before for one in done) == list(range(1, 41))


async def test_commands_that_were_defeated_wait_for_no_turn_of_another_stream(
    app: App, manager: Principal
) -> None:
    batch = situation.batch_opened("c", on=JUNE_1)
    people = [situation.enrolled(number, cohort="c", on=JUNE_1) for number in ("E1", "E2")]
    others = (await record(app, manager, batch, *people)).stream_id
    mine, theirs = _orders("E1", 40), _orders("E2", 40)
    async with execute._turns(manager.tenant, {others}):
        await asyncio.gather(*(record(app, manager, order) for order in mine))
        waiting = [asyncio.create_task(record(app, manager, order)) for order in theirs]
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.gather(*(record(app, manager, order) for order in _orders("E1", 1, "P")))
        assert not all(one.done() for one in waiting)
    await asyncio.gather(*waiting)
    del waiting, done
    gc.collect()
    assert not execute._TURNS


async def test_a_key_stands_for_what_was_asked_though_later_there_is_more_to_say(
    app: App, manager: Principal
) -> None:
    parameters = Parameters(window_days=60)
    asked = PublishScheme("2026-06", parameters)
    more: dict[str, Any] = {"bases": (PublishScheme,), "frozen": True}
    its_more: dict[str, Any] = {"bases": (Parameters,), "frozen": True}
    context = app.context(manager, idempotency_key="once")
    done = await execute.execute(context, asked)
    wider = defstruct("Parameters", [("more", int, 0)], **its_more)(window_days=60)
    later = defstruct("PublishScheme", [("note", str, "")], **more)
    for again in (asked, later("2026-06", parameters), later("2026-06", wider)):
        assert await execute.repeated(context, again) == replace(done, repeated=True)
    for other in (later("2026-06", parameters, note="x"), later("2026-07", parameters)):
        with pytest.raises(Refusal, match="idempotency_key_reused"):
            await execute.repeated(context, other)


async def test_a_key_of_somebody_else_answers_nothing_of_what_they_did(
    app: App, manager: Principal
) -> None:
    asked = PublishScheme("2026-06", Parameters(window_days=60))
    done = await execute.execute(app.context(manager, idempotency_key="once"), asked)
    other = app.context(replace(manager, actor="user-2"), idempotency_key="once")
    for answering in (execute.repeated, execute.execute):
        with pytest.raises(Refusal, match="idempotency_key_reused"):
            await answering(other, asked)
    again = await execute.execute(app.context(manager, idempotency_key="once"), asked)
    assert again == replace(done, repeated=True)


def _orders(employee_no: str, many: int, kind: str = "O") -> list[Step]:
    return [
        situation.ordered(employee_no, f"{kind}-{employee_no}-{number}", on=JUNE_1)
        for number in range(many)
    ]
