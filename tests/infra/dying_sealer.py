"""A sealer that is killed between every two of its steps, by tests/infra.

Run as `python -m tests.infra.dying_sealer TENANT BLOCK` with the environment of an installation.
One child process after another seals a partner's log and kills itself with SIGKILL before its first
step, its second, and so on, until one does all that is left alive; a step is a statement, or what
changes the file. A line says how many were killed: `killed 21`.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from typing import Any
from uuid import UUID

import asyncpg

from infra.bootstrap import bootstrap
from infra.log import seal_file
from infra.settings import load_settings
from tests.infra.dying_projector import STATEMENTS
from tests.infra.log.seals.sealed import sealer


def main(tenant_id: UUID, block: int) -> None:
    killed = 0
    while True:
        child = os.fork()
        if child == 0:
            asyncio.run(_seal(tenant_id, block, killed + 1))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status == 0:
            sys.stdout.write(f"killed {killed}\n")
            return
        if not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL):
            sys.exit(f"a sealer failed: {status}")
        killed += 1


async def _seal(tenant_id: UUID, block: int, step: int) -> None:
    async with bootstrap(load_settings()) as app:
        seals = sealer(app, block)
        _die_before(step)
        while await seals.seal(tenant_id):
            pass


def _die_before(step: int) -> None:
    left = step

    def counted(act: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return act(*arguments, **options)

        return call

    for name in STATEMENTS:
        setattr(asyncpg.Connection, name, counted(getattr(asyncpg.Connection, name)))
    for name in ("ftruncate", "lseek", "fsync"):
        setattr(seal_file.os, name, counted(getattr(os, name)))
    seal_file.sync_folder = counted(seal_file.sync_folder)


if __name__ == "__main__":
    main(UUID(sys.argv[1]), int(sys.argv[2]))
