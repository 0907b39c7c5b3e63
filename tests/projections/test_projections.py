"""Every projection: whatever way its rows came to be, they are the fold of the log."""

from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from infra.bootstrap import App
from infra.readside.projector import Projector
from infra.readside.rebuild import Rebuilder
from projections import PROJECTIONS
from projections.kernel.projection import Key, Projection
from projections.people.departments import DEPARTMENTS
from projections.people.joinings import JOININGS
from projections.people.people import PEOPLE
from tests.carrying import carry_out, new_partner
from tests.examples import examples
from tests.follow_ups import FOLLOWED_UP
from tests.histories import OF_THE_STAFF, histories
from tests.read_models import erase_rows, folded, set_checkpoint, stored
from tests.situation import (
    CLASS_HELD,
    LIFE,
    figures_submitted,
    march,
    order_voided,
    scheme_published,
)
from tests.staff import STAFF, joined
from tests.steps import Step

PUBLISHED = scheme_published("2025-03", window_days=60)

every_projection = pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda p: p.table)
OF_THE_STAFFS = (PEOPLE, DEPARTMENTS, JOININGS)
STAFF_HISTORIES = histories(kinds=OF_THE_STAFF)


@pytest.mark.parametrize(
    ("projection", "drawn"),
    [(one, STAFF_HISTORIES if one in OF_THE_STAFFS else histories()) for one in PROJECTIONS],
    ids=[one.table for one in PROJECTIONS],
)
@settings(
    max_examples=examples(10),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking would take minutes here
)
@given(data=st.data(), cut=st.integers(0, 40), batches=st.tuples(*[st.integers(1, 30)] * 2))
async def test_increments_replay_and_rebuild_give_the_fold(
    app: App,
    projection: Projection[Any],
    drawn: st.SearchStrategy[list[Step]],
    data: st.DataObject,
    cut: int,
    batches: tuple[int, int],
) -> None:
    history = data.draw(drawn)
    principal = await new_partner(app)
    tenant = principal.tenant
    for part, batch in zip((history[:cut], history[cut:]), batches, strict=True):
        await carry_out(app, principal, part)
        await Projector(app.db, app.log, [projection], batch).catch_up(tenant)
    expected = await folded(app, tenant, projection)
    await _are_stored(app, tenant, projection, expected)

    for _ in range(2):
        await set_checkpoint(app, tenant, projection, 0)
        await Projector(app.db, app.log, [projection], batches[0]).catch_up(tenant)
        await _are_stored(app, tenant, projection, expected)

    await erase_rows(app, tenant, projection)
    rebuilt = await Rebuilder(app.db, app.log, app.settings.data).rebuild_tenant(tenant, projection)
    assert rebuilt.error is None
    await _are_stored(app, tenant, projection, expected)


async def _are_stored(
    app: App, tenant: UUID, projection: Projection[Any], rows: dict[Key, Any]
) -> None:
    """The rows, and their parts."""
    assert await stored(app, tenant, projection) == rows
    if projection.parts:
        parts = await stored(app, tenant, projection.parts)
        assert parts == projection.parts.by_key(rows.values())


@every_projection
async def test_has_rows_after_an_ordinary_history(app: App, projection: Projection[Any]) -> None:
    principal = await new_partner(app)
    life = [
        *LIFE,
        order_voided("N2", on=march(5)),
        PUBLISHED,
        *CLASS_HELD,
        *FOLLOWED_UP,
        *STAFF,
        joined("M1", into="M2"),
        figures_submitted("2025-03"),
    ]
    await carry_out(app, principal, life)
    assert await folded(app, principal.tenant, projection)


@every_projection
@pytest.mark.parametrize("part", ["personal", "envelope"])
async def test_depends_on_what_it_declares_to_read_and_on_nothing_else(
    app: App, projection: Projection[Any], part: str
) -> None:
    principal = await new_partner(app)
    await carry_out(app, principal, [*LIFE, PUBLISHED, *CLASS_HELD, *FOLLOWED_UP, *STAFF])
    reading = msgspec.structs.replace(projection, **{part: True})
    blind = msgspec.structs.replace(projection, **{part: False})
    rows = await folded(app, principal.tenant, reading)
    same = rows == await folded(app, principal.tenant, blind)
    assert same is not getattr(projection, part)
