"""kill -9 of the projector between any two of its statements."""

import asyncio
import os
import sys

from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections import PROJECTIONS
from tests.histories import carry_out, commands, new_partner
from tests.place import ROOT
from tests.read_models import folded, stored

KILLS = 50
"""`make bench-trust` is where 200 belong."""


async def test_leaves_tables_that_are_the_fold_of_the_log(app: App) -> None:
    principal = await new_partner(app)
    steps = [(what, person, 1 + what % 3) for person in range(3) for what in (1, 3, 4, 5, 6)]
    await carry_out(app, principal, commands([*steps, (8, 1, 0), (9, 1, 0)]))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.infra.dying_projector", str(principal.tenant), str(KILLS)),
        cwd=ROOT,
        env={**os.environ, **app.settings.environment, "CHUDAN_LOG": "off"},
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    lines = [line.split() for line in output.decode().splitlines()]

    assert process.returncode == 0
    assert len(lines) == KILLS
    assert all(line[2] == "whole" for line in lines)
    await catch_up(app, principal.tenant)
    for projection in PROJECTIONS:
        rows = await stored(app, principal.tenant, projection)
        assert rows == await folded(app, principal.tenant, projection)
