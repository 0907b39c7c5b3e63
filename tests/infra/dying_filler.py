"""A filler of series that is killed between two statements, over and over, by tests/infra.

Run as `python -m tests.infra.dying_filler TENANT KILLS` with the environment of an installation.
Each time a child process fills the next day's series and kills itself with SIGKILL before a
statement of its choice; then a line says whether what is stored is one day's, whole: `killed 7
whole`.
"""

import asyncio
import os
import signal
import sys
from datetime import date, timedelta
from uuid import UUID

from infra.bootstrap import App, bootstrap
from infra.settings import load_settings
from tests.infra.dying_projector import die_before
from tests.situation import START
from tests.stored_series import computed, fill, stored


def main(tenant_id: UUID, kills: int) -> None:
    """Statement after statement; a child that fills a day alive goes on with the next."""
    day, killed, attempts = START, 0, 0
    asyncio.run(_with_app(tenant_id, day))
    while killed < kills:
        attempts += 1
        child = os.fork()
        if child == 0:
            die_before(1 + attempts % 29)
            asyncio.run(_with_app(tenant_id, day + timedelta(days=1)))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status == 0:
            day += timedelta(days=1)
            continue
        if not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL):
            sys.exit(f"a filler failed: {status}")
        killed += 1
        day = asyncio.run(_whole_on(tenant_id, day))
        sys.stdout.write(f"killed {killed} whole\n")
        sys.stdout.flush()


async def _with_app(tenant_id: UUID, day: date) -> None:
    async with bootstrap(load_settings()) as app:
        await fill(app, tenant_id, day)


async def _whole_on(tenant_id: UUID, day: date) -> date:
    """The day whose series are stored, whole: this, or the next if the kill came after the
    commit."""
    async with bootstrap(load_settings()) as app:
        for one in (day, day + timedelta(days=1)):
            if await _is_whole(app, tenant_id, one):
                return one
    sys.exit("torn")


async def _is_whole(app: App, tenant_id: UUID, day: date) -> bool:
    return await stored(app, tenant_id, day) == await computed(app, tenant_id, day)


if __name__ == "__main__":
    main(UUID(sys.argv[1]), int(sys.argv[2]))
