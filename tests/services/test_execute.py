"""How a command is carried out beside others."""

import asyncio
import gc
from datetime import date

from infra.bootstrap import App
from services import execute
from services.kernel.context import Principal
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


def _orders(employee_no: str, many: int, kind: str = "O") -> list[Step]:
    return [
        situation.ordered(employee_no, f"{kind}-{employee_no}-{number}", on=JUNE_1)
        for number in range(many)
    ]
