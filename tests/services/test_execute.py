"""How a command is carried out beside others."""

import asyncio
from datetime import date

from infra.bootstrap import App
from services.kernel.context import Principal
from tests import situation
from tests.carrying import record

JUNE_1 = date(2026, 6, 1)


async def test_of_40_orders_of_one_person_at_once_every_one_is_recorded(
    app: App, manager: Principal
) -> None:
    batch = situation.batch_opened("c", on=JUNE_1)
    enrolled = situation.enrolled("E1", cohort="c", on=JUNE_1)
    before = (await record(app, manager, batch, enrolled)).position
    orders = [situation.ordered("E1", f"O-{number}", on=JUNE_1) for number in range(40)]
    done = await asyncio.gather(*(record(app, manager, order) for order in orders))
    assert sorted(one.position - before for one in done) == list(range(1, 41))
