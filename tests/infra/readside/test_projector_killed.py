"""kill -9 of the projector between any two of its statements."""

from datetime import timedelta

from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections import PROJECTIONS
from tests.carrying import carry_out, new_partner
from tests.infra.dying import run_dying
from tests.read_models import folded, stored
from tests.situation import (
    BEGINNING,
    judged,
    left,
    march,
    ordered,
    passed_gate,
    scheme_published,
    went_live,
)

KILLS = 50
"""`make bench-trust` is where 200 belong."""


async def test_leaves_tables_that_are_the_fold_of_the_log(app: App) -> None:
    principal = await new_partner(app)
    life = [*BEGINNING]
    for number, who in enumerate(("E0", "E1", "E2")):
        on = march(5 * number + 2)
        life += [
            judged(who, passed=True, on=on),
            passed_gate(who, on=on),
            went_live(who, on=on),
            *(ordered(who, f"N{number}-{k}", on=on + timedelta(days=k)) for k in range(1, 4)),
        ]
    life += [left("E1", on=march(17)), scheme_published("2025-04", window_days=30)]
    await carry_out(app, principal, life)
    lines = await run_dying(app, "projector", principal.tenant, KILLS)
    assert len(lines) == KILLS
    assert all(line[2] == "whole" for line in lines)
    await catch_up(app, principal.tenant)
    for projection in PROJECTIONS:
        rows = await stored(app, principal.tenant, projection)
        assert rows == await folded(app, principal.tenant, projection)
