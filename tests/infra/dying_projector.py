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
from infra.projector import Projector
from infra.settings import load_settings
from projections import PROJECTIONS
from tests.read_models import checkpoint, folded, stored

STATEMENTS = ("execute", "executemany", "fetch", "fetchrow", "fetchval")
BATCH = 3


def main(tenant_id: UUID, kills: int) -> None:
    """Statement after statement; a child that reaches the head before its own survives."""
    for number in range(1, kills + 1):
        child = os.fork()
        if child == 0:
            _die_before(1 + number % 29)
            asyncio.run(
                _with_app(lambda app: Projector(app.db, app.log, batch=BATCH).catch_up(tenant_id))
            )
            os._exit(0)
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        whole = asyncio.run(_with_app(lambda app: _is_whole(app, tenant_id)))
        word = "killed" if killed else f"ended:{status}"
        sys.stdout.write(f"{word} {number} {'whole' if whole else 'TORN'}\n")
        sys.stdout.flush()


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


def _die_before(number: int) -> None:
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
