"""The queries about classes, and who answers for a batch."""

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

import pytest_asyncio

from domain.kernel.values import Month
from domain.kpi.subjects.teaching import training_manager_on
from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections.kernel.paging import Paging
from projections.teaching.cohorts import COHORT_LIST
from projections.teaching.sessions import SESSION_LIST, list_classes
from services.kernel.context import Principal
from services.reading.tables import TableReader
from tests.batches import batch_corrected, handover_corrected, handover_withdrawn
from tests.carrying import carry_out, new_partner
from tests.situation import (
    TOPICS,
    batch_handed_over,
    batch_opened,
    class_closed,
    class_opened,
    class_planned,
    class_summed_up,
    march,
    opening_corrected,
    plan_changed,
)

HANDED = (("李经理", march(20)), ("吴经理", march(25)))
MARCH, APRIL = Month(2025, 3), Month(2025, 4)
HISTORY = [
    batch_opened("A1", training_manager="陈经理"),
    batch_opened("B2", name="二期"),
    class_planned("K-1", on=march(3), topics=TOPICS[:2]),
    class_planned("Ｋ 2", on=march(31), topics=TOPICS[2:]),
    class_planned("K-3", cohort="B2", on=date(2025, 4, 10), topics=TOPICS[:1]),
    plan_changed("K2", to=date(2025, 4, 2), topics=TOPICS[2:], approved=march(30)),
    class_opened("K-1", on=march(5), headcount=17),
    opening_corrected("K-1", on=march(3), headcount=18),
    class_closed("K-1", on=march(7), topics=TOPICS[:2], headcount=17),
    class_summed_up("K-1", on=march(8)),
    batch_handed_over("A1", to="李经理", on=march(20)),
]


@pytest_asyncio.fixture(scope="module")
async def tenant(app: App) -> UUID:
    """K-1 was held in March, K 2 moved from March to April, K-3 is planned for April."""
    principal = await new_partner(app)
    assert await carry_out(app, principal, HISTORY) == len(HISTORY)
    await catch_up(app, principal.tenant)
    return principal.tenant


async def test_classes_come_latest_first_page_by_page(app: App, tenant: UUID) -> None:
    async with app.db.tenant(tenant) as connection:
        first = await SESSION_LIST.page(connection, Paging(2))
        rest = await SESSION_LIST.page(connection, Paging(2, first.cursor(-1)))
        codes = [row.facts.code for row in (*first.rows, *rest.rows)]
        assert codes == ["K-3", "K 2", "K-1"]
        assert (first.has_next, rest.has_next) == (True, False)
        assert await SESSION_LIST.count(connection) == 3


async def test_pages_are_of_the_month_that_the_plan_in_force_says(app: App, tenant: UUID) -> None:
    async with app.db.tenant(tenant) as connection:
        april = await SESSION_LIST.page(connection, month=APRIL)
        assert [row.facts.code for row in april.rows] == ["K-3", "K 2"]
        assert await SESSION_LIST.count(connection, month=MARCH) == 1


async def test_pages_are_of_one_batch(app: App, tenant: UUID) -> None:
    async with app.db.tenant(tenant) as connection:
        batch = await COHORT_LIST.get(connection, code="a1")
        assert batch
        own = await SESSION_LIST.page(connection, cohort=batch.cohort_id)
        assert [row.facts.code for row in own.rows] == ["K 2", "K-1"]
        assert await SESSION_LIST.count(connection, cohort=batch.cohort_id, month=APRIL) == 1


async def test_a_class_is_found_however_its_code_is_spelt(app: App, tenant: UUID) -> None:
    async with app.db.tenant(tenant) as connection:
        found = await SESSION_LIST.get(connection, code=" ｋ-1")
        assert found
        assert (found.cohort_code, found.planned_on, found.summary) == (
            "A1",
            date(2025, 3, 3),
            "按计划完成",
        )
        assert (found.first_on, found.last_on) == (date(2025, 3, 3), date(2025, 3, 7))
        assert await SESSION_LIST.get(connection, id=found.session_id) == found
        assert await SESSION_LIST.get(connection, code="K-9") is None


async def test_figures_get_every_class_that_a_month_may_claim(app: App, tenant: UUID) -> None:
    async with app.db.tenant(tenant) as connection:
        assert {f.code for f in await list_classes(connection)} == {"K-1", "K 2", "K-3"}
        assert {f.code for f in await list_classes(connection, month=MARCH)} == {
            "K-1",
            "K 2",
        }
        assert {f.code for f in await list_classes(connection, month=APRIL)} == {
            "K 2",
            "K-3",
        }
        assert await list_classes(connection, cohort="A1", month=Month(2025, 5)) == []
        (one,) = await list_classes(connection, cohort="B2")
        assert one.plan.topics == ("公司与文化",)
        assert one.plan.recorded_at > 0


async def test_a_batch_says_who_answers_for_it_and_who_did(app: App, tenant: UUID) -> None:
    reader = TableReader(Principal.of_system(tenant, "tester"), partial(app.read, tenant), date.max)
    batch: Any = await reader.get(COHORT_LIST, code="A1")
    other: Any = await reader.get(COHORT_LIST, code="B2")
    assert (batch.training_manager, other.training_manager) == ("李经理", None)
    days = (date(2025, 2, 28), date(2025, 3, 19), date(2025, 3, 20))
    names = [training_manager_on(batch.handovers, day) for day in days]
    assert names == [None, "陈经理", "李经理"]
    found = await reader.page(COHORT_LIST, Paging(9), training_manager="李 经理")
    assert found.rows == [batch]
    assert await reader.count(COHORT_LIST, training_manager="陈经理") == 0
    (training_manager,) = await reader.values(COHORT_LIST, "training_manager", 9)
    assert training_manager == batch.training_manager_id
    assert await reader.texts(COHORT_LIST, "training_manager", 9) == ["李经理"]


async def test_a_corrected_batch_is_as_if_it_had_always_been_so(app: App) -> None:
    principal = await new_partner(app)
    history = [
        batch_opened("A1", name="一期", training_manager="陈经理"),
        *(batch_handed_over("A1", to=to, on=on) for to, on in HANDED),
        batch_corrected("A1", name="三月期", on=march(2), training_manager="", trial_required=True),
        handover_corrected("A1", was_on=march(20), to="周经理", on=march(15)),
        handover_withdrawn("A1", was_on=march(25)),
        batch_handed_over("A1", to="郑经理", on=march(12)),
    ]
    assert await carry_out(app, principal, history) == len(history)
    await catch_up(app, principal.tenant)
    reader = TableReader(principal, partial(app.read, principal.tenant), date.max)
    batch: Any = await reader.get(COHORT_LIST, code="A1")
    found = await reader.page(COHORT_LIST, Paging(9), search="三月")
    assert found.rows == [batch]
    assert (batch.name, batch.opened_on, batch.trial_required) == ("三月期", march(2), True)
    assert batch.training_manager == "周经理"
    days = (march(1), march(2), march(12), march(14), march(15), march(25))
    names = [training_manager_on(batch.handovers, day) for day in days]
    assert names == [None, None, "郑经理", "郑经理", "周经理", "周经理"]


async def test_another_partner_sees_none_of_it(app: App, tenant: UUID) -> None:
    other = await new_partner(app)
    async with app.db.tenant(other.tenant) as connection:
        assert not (await SESSION_LIST.page(connection)).rows
        assert await list_classes(connection) == []
