"""Programs of this folder that kill their own children again and again, `dying_*`."""

import asyncio
import os
import sys
from uuid import UUID

from infra.bootstrap import App
from tests.place import ROOT


async def run_dying(app: App, what: str, tenant_id: UUID, number: int) -> list[list[str]]:
    """The words of each line that a program says; it must end well. what: dies, as `projector`.
    number: its second argument."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", f"tests.infra.dying_{what}", str(tenant_id), str(number)),
        cwd=ROOT,
        env={**os.environ, **app.settings.environment, "CHUDAN_LOG_LEVEL": "warning"},
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    return [line.split() for line in output.decode().splitlines()]
