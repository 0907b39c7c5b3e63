"""What a reader keeps of what it has read."""

from datetime import date

import pytest

from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections.kernel.paging import Paging
from projections.trainees.cohort_roster import TRAINEE_LIST
from services.reading import purviews
from tests.carrying import carry_out, new_partner
from tests.situation import batch_opened, enrolled

ON = date(2025, 3, 3)


async def test_a_reader_keeps_no_more_people_than_so_many_and_names_all(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = await new_partner(app)
    people = [enrolled(f"E{number}", on=ON) for number in range(4)]
    await carry_out(app, manager, [batch_opened("A1", on=ON), *people])
    await catch_up(app, manager.tenant)
    monkeypatch.setattr(purviews, "MOST_KEPT", 3)
    reader = app.lists(manager)
    rows = (await reader.page(TRAINEE_LIST, Paging())).rows
    ids = [row.trainee_id for row in rows]
    for some in (ids[:2], ids[1:], ids):
        assert [*await reader.people(TRAINEE_LIST, some)] == some
    assert [*reader._people] == ids[:2]
