"""Who reads some people's things alone has of others no entry, nor what says who they are."""

from datetime import date
from typing import Any

import msgspec

from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections.kernel.paging import Paging
from projections.trainees.cohort_roster import TRAINEE_LIST
from services.kernel.permissions import Permission
from services.kernel.scopes import Scope
from services.reading.tables import TableReader
from tests.carrying import carry_out, new_partner
from tests.situation import batch_opened, enrolled, enrolment_corrected, passed_gate
from tests.staff import renamed

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


async def test_entries_of_a_person_and_of_the_stay_are_as_of_one_position(app: App) -> None:
    manager = await new_partner(app)
    await carry_out(app, manager, OWN_AND_OTHERS)
    await catch_up(app, manager.tenant)
    lists = app.lists(manager)
    rows = (await lists.page(TRAINEE_LIST, Paging())).rows
    (trainee,) = (row.trainee_id for row in rows if row.employee_no == "E1")
    await carry_out(app, manager, [renamed("E1", to="赵一", on=ON), passed_gate("E1", on=ON)])
    before = ["person.registered", "trainee.enrolled"]
    after = [*before, "person.renamed", "trainee.written_exam_recorded"]

    async def told(reader: TableReader) -> list[list[str]]:
        timelines = app.timelines(manager, None, reader)
        pages = await timelines.first_pages([trainee], 9)
        page = await timelines.page(trainee, Paging())
        return [[row.topic for row in one.rows][: len(after)] for one in (pages[trainee], page)]

    assert await told(lists) == [before, before]
    assert await app.timelines(manager, None).count(trainee) == len(before)

    async def moves(query: Any) -> Any:
        await catch_up(app, manager.tenant)
        return await app.read(manager.tenant, query)

    moving = TableReader(manager, moves, app.context(manager).today)
    assert await told(moving) == [after, after]


async def test_entries_of_a_command_of_both_are_shown_together(app: App) -> None:
    manager = await new_partner(app)
    await carry_out(app, manager, OWN_AND_OTHERS)
    await catch_up(app, manager.tenant)
    rows = (await app.lists(manager).page(TRAINEE_LIST, Paging())).rows
    (trainee,) = (row.trainee_id for row in rows if row.employee_no == "E1")
    both = enrolment_corrected("E1", on=date(2025, 3, 2), name="赵一")
    await carry_out(app, manager, [both])

    async def moves(query: Any) -> Any:
        await catch_up(app, manager.tenant)
        return await app.read(manager.tenant, query)

    moving = TableReader(manager, moves, app.context(manager).today)
    page = await app.timelines(manager, None, moving).page(trainee, Paging())
    topics = [row.topic for row in page.rows]
    assert {"trainee.enrolment_corrected", "person.registration_corrected"} <= {*topics}
