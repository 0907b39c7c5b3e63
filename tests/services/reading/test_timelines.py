"""Who reads some people's things alone has of others no entry, nor what says who they are."""

from datetime import date

import msgspec

from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections.kernel.paging import Paging
from projections.trainees.cohort_roster import TRAINEE_LIST
from services.kernel.permissions import Permission
from services.kernel.scopes import Scope
from tests.carrying import carry_out, new_partner
from tests.situation import batch_opened, enrolled

ON = date(2025, 3, 3)
OWN_AND_OTHERS = (batch_opened("A1", on=ON), enrolled("E1", on=ON), enrolled("E2", on=ON))


async def test_who_reads_somebody_alone_has_no_entry_of_others(app: App) -> None:
    everybody = await new_partner(app)
    await carry_out(app, everybody, OWN_AND_OTHERS)
    await catch_up(app, everybody.tenant)
    rows = (await app.lists(everybody).page(TRAINEE_LIST, Paging())).rows
    own, other = (row.trainee_id for row in rows)
    mine = {Scope.SELF: frozenset([own.replace("trainee", "person")])}
    myself = msgspec.structs.replace(everybody, rights={Permission.READ_TRAINEES: mine})
    timelines = app.timelines(myself, None)
    assert [await timelines.count(one) for one in (own, other)] == [2, 0]
    pages = await timelines.first_pages([own, other], 9)
    assert [len(pages[one].rows) for one in (own, other)] == [2, 0]
    assert not (await timelines.page(other, Paging())).rows
