"""A reactor that is killed between two statements, over and over, while its log grows.

Run as `python -m tests.infra.dying_reactor TENANT KILLS` with the environment of an installation.
Each time an order is recorded, then a child process reacts and kills itself with SIGKILL before a
statement of its choice. TALLY opens a cohort per stretch and names it by the number of orders in
it, so that an order that is seen twice, or never, shows in the sum.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from uuid import UUID

from domain.trainees.trainee import Trainee
from infra.bootstrap import App, bootstrap
from infra.readside.reactors import Reactors
from infra.settings import load_settings
from services.execute import execute
from services.kernel.context import Context, Role
from services.kernel.ports import History
from services.kernel.roles import in_role
from services.reactors.reactor import Reaction, Reactor, Stretch
from services.teaching.cohort import OpenCohort
from services.trainees.selling import RecordOrder
from tests.infra.dying_projector import die_before
from tests.situation import START


async def _tally(ctx: Context, history: History, stretch: Stretch) -> Sequence[Reaction]:
    code = f"T{stretch.after}-{stretch.until}"
    opened = OpenCohort(code=code, name=str(len(stretch.events)), opened_on=START)
    return [Reaction(stretch.events[-1], opened)]


TALLY = Reactor(
    name="when_orders_close_then_tally",
    topics=frozenset({Trainee.OrderClosed.TOPIC}),
    react=_tally,
)


STATEMENTS = 14
"""A stretch is begun by five and carried out by seven more."""


def main(tenant_id: UUID, kills: int) -> None:
    """Answers in a line how many orders were recorded."""
    killed = attempts = 0
    while killed < kills:
        asyncio.run(_record(tenant_id, attempts))
        child = os.fork()
        if child == 0:
            die_before(1 + attempts % STATEMENTS)
            asyncio.run(_react(tenant_id))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0:
            sys.exit(f"a reactor failed: {status}")
        killed += os.WIFSIGNALED(status)
        attempts += 1
    asyncio.run(_react(tenant_id))
    sys.stdout.write(f"{attempts}\n")


async def _record(tenant_id: UUID, number: int) -> None:
    principal = in_role(tenant_id, "tester", Role.TRAINING_MANAGER)
    order = RecordOrder(employee_no="E0", order_no=f"K-{number}", closed_on=START)
    async with bootstrap(load_settings()) as app:
        await execute(app.context(principal), order)


async def _react(tenant_id: UUID) -> None:
    async with bootstrap(load_settings()) as app:
        await reactors(app).catch_up(tenant_id)


def reactors(app: App) -> Reactors:
    """With nothing but TALLY."""
    return Reactors(app, [TALLY])


if __name__ == "__main__":
    main(UUID(sys.argv[1]), int(sys.argv[2]))
