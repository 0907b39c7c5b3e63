"""A projector that is killed between two statements, over and over, by tests/infra.

Run as `python -m tests.infra.dying_projector TENANT KILLS` with the environment of an
installation. Each time a child process projects in small batches and kills itself with SIGKILL
before a statement of its choice; then a line says whether every table is the fold of the log up to
its checkpoint: `killed 7 whole`.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from typing import Any
from uuid import UUID

import asyncpg

from infra.bootstrap import App, bootstrap
from infra.readside.projector import Projector
from infra.settings import load_settings
from projections import PROJECTIONS
from tests.read_models import checkpoint, folded, stored

STATEMENTS = ("execute", "executemany", "fetch", "fetchrow", "fetchval")
BATCH = 3


def main(tenant_id: UUID, kills: int) -> None:
    """Statement after statement; where a child reaches the head alive, it begins anew."""
    killed = attempts = 0
    while killed < kills:
        attempts += 1
        child = os.fork()
        if child == 0:
            die_before(1 + attempts % 29)
            asyncio.run(_with_app(lambda app: _project(app, tenant_id)))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status == 0:
            asyncio.run(_with_app(lambda app: _begin_anew(app, tenant_id)))
            continue
        if not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL):
            sys.exit(f"a projector failed: {status}")
        killed += 1
        whole = asyncio.run(_with_app(lambda app: _is_whole(app, tenant_id)))
        sys.stdout.write(f"killed {killed} {'whole' if whole else 'TORN'}\n")
        sys.stdout.flush()


async def _project(app: App, tenant_id: UUID) -> None:
    await Projector(app.db, app.log, batch=BATCH).catch_up(tenant_id)


async def _begin_anew(app: App, tenant_id: UUID) -> None:
    async with app.db.tenant(tenant_id) as connection:
        await connection.plain.execute("update checkpoints set position = 0")
        for projection in PROJECTIONS:
            await connection.plain.execute(f"delete from {projection.table}")


async def _with_app(body: Callable[[App], Any]) -> Any:
    async with bootstrap(load_settings()) as app:
        return await body(app)


async def _is_whole(app: App, tenant_id: UUID) -> bool:
    for projection in PROJECTIONS:
        where = await checkpoint(app, tenant_id, projection)
        position = where["position"] if where else 0
        expected = await folded(app, tenant_id, projection, position)
        if await stored(app, tenant_id, projection) != expected:
            return False
    return True


def die_before(number: int) -> None:
    """Kills this process before the statement of that number."""
    left = number

    def counted(statement: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return statement(*arguments, **options)

        return call

    for name in STATEMENTS:
        setattr(asyncpg.Connection, name, counted(getattr(asyncpg.Connection, name)))


if __name__ == "__main__":
    main(UUID(sys.argv[1]), int(sys.argv[2]))
