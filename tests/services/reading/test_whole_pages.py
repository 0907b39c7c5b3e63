"""A page that has the whole list, which need not be counted then."""

from datetime import date

import pytest

from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections.kernel.paging import Paging
from projections.trainees.cohort_roster import TRAINEE_LIST
from tests.carrying import carry_out, new_partner
from tests.situation import batch_opened, enrolled

ON = date(2025, 3, 3)


@pytest.mark.parametrize("backward", [False, True])
async def test_a_page_between_cursors_is_not_the_whole_list(app: App, backward: bool) -> None:
    manager = await new_partner(app)
    people = [enrolled(f"E{number}", on=ON) for number in range(3)]
    await carry_out(app, manager, [batch_opened("A1", on=ON), *people])
    await catch_up(app, manager.tenant)
    reader = app.lists(manager)
    whole = await reader.page(TRAINEE_LIST, Paging(9, backward=backward))
    assert whole.is_all and len(whole.rows) == 3
    assert not (await reader.page(TRAINEE_LIST, Paging(2, backward=backward))).is_all
    for cut in (Paging(9, after=whole.cursor(0)), Paging(9, before=whole.cursor(2))):
        page = await reader.page(TRAINEE_LIST, Paging(9, cut.after, cut.before, backward))
        assert len(page.rows) == 2 and not page.is_all
