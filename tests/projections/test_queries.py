"""The queries of the read models, over one partner's ordinary history."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest
import pytest_asyncio
from msgspec.structs import replace

from domain.kernel.errors import Refusal
from domain.kernel.values import Month
from domain.kpi.scheme.versions import Parameters
from domain.kpi.subjects.newcomer import Newcomer
from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections.figures.newcomers import KnownFacts, list_newcomers, list_newcomers_by_id
from projections.figures.schemes import get_scheme, list_scheme_versions
from projections.kernel.paging import Paging
from projections.teaching.cohorts import COHORT_LIST
from projections.trainees.cohort_roster import STATUSES_BY_COHORT, TRAINEE_LIST
from projections.trainees.timeline import TIMELINE_LIST, list_events_by_position
from tests.carrying import carry_out, new_partner
from tests.situation import (
    BEGINNING,
    NAMES,
    START,
    batch_opened,
    enrolled,
    examined,
    left,
    march,
    ordered,
    scheme_published,
    went_live,
)

LIFE = (
    *BEGINNING,
    examined("E0", "written", on=march(2), score=61),
    examined("E0", "drill", on=march(2), score=61),
    went_live("E0", on=march(2)),
    ordered("E0", "N1", on=march(3), product="宽带", amount=Decimal("19.90")),
    enrolled("E3", name=NAMES[3], manager="王主管"),
    enrolled("E4", name=NAMES[4], manager="赵主管"),
    left("E2", on=march(6)),
    scheme_published("2025-04", window_days=60),
)


@pytest_asyncio.fixture(scope="module")
async def tenant(app: App) -> UUID:
    """E0 live since day 2 with an order, E1 in batch B2, E2 left, E3 and E4 in training."""
    principal = await new_partner(app)
    assert await carry_out(app, principal, LIFE) == 13
    later = batch_opened("Ｃ 3", name="三期", on=date(2025, 4, 2))
    assert await carry_out(app, principal, [later]) == 1
    await catch_up(app, principal.tenant)
    return principal.tenant


async def test_cohorts_come_latest_first_page_by_page(app: App, tenant: UUID) -> None:
    async with app.db.tenant(tenant) as connection:
        first = await COHORT_LIST.page(connection, Paging(2))
        rest = await COHORT_LIST.page(connection, Paging(2, first.cursor(-1)))
        assert [row.code for row in (*first.rows, *rest.rows)] == ["C 3", "B2", "A1"]
        assert (first.has_next, rest.has_next) == (True, False)
        march = await COHORT_LIST.page(connection, month=Month(2025, 3))
        assert {row.code for row in march.rows} == {"A1", "B2"}
        assert await COHORT_LIST.count(connection) == 3
        assert await COHORT_LIST.count(connection, month=Month(2025, 4)) == 1


async def test_a_cohort_is_found_however_its_code_is_spelt(app: App, tenant: UUID) -> None:
    async with app.db.tenant(tenant) as connection:
        found = await COHORT_LIST.get(connection, code="c３")
        assert found is not None
        assert (found.code, found.name, found.trial_required) == ("C 3", "三期", False)
        assert await COHORT_LIST.get(connection, id=found.cohort_id) == found
        assert await COHORT_LIST.get(connection, code="Z9") is None
        by_id = await COHORT_LIST.by_id(connection, [found.cohort_id, "cohort-0"])
        assert by_id == {found.cohort_id: found}


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("三", ["C 3"]),
        ("sanqi", ["C 3"]),
        ("SQ", ["C 3"]),
        ("ｃ3", ["C 3"]),
        ("b", ["B2"]),
        ("%", []),
        (" ", ["C 3", "B2", "A1"]),
    ],
)
async def test_cohorts_are_found_by_name_pinyin_initials_and_code(
    app: App, tenant: UUID, search: str, found: list[str]
) -> None:
    async with app.db.tenant(tenant) as connection:
        page = await COHORT_LIST.page(connection, search=search)
        assert [row.code for row in page.rows] == found
        assert await COHORT_LIST.count(connection, search=search) == len(found)


async def test_people_come_by_pinyin_page_by_page(app: App, tenant: UUID) -> None:
    async with app.db.tenant(tenant) as connection:
        names, after = [], None
        while True:
            page = await TRAINEE_LIST.page(connection, Paging(2, after))
            names += [row.name for row in page.rows]
            if not page.has_next:
                break
            after = page.cursor(-1)
        assert names == ["Ann Lee", "欧阳修", "单丽", "曾伟", "张 伟"]
        assert await TRAINEE_LIST.count(connection) == 5


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("曾", ["曾伟"]),
        ("zengw", ["曾伟"]),
        ("ZW", ["曾伟", "张 伟"]),
        ("张伟", ["张 伟"]),
        ("oyx", ["欧阳修"]),
        ("ann l", ["Ann Lee"]),
        ("ｅ３", ["Ann Lee"]),
        ("%", []),
        (" ", ["Ann Lee", "欧阳修", "单丽", "曾伟", "张 伟"]),
    ],
)
async def test_people_are_found_by_name_pinyin_initials_and_number(
    app: App, tenant: UUID, search: str, found: list[str]
) -> None:
    async with app.db.tenant(tenant) as connection:
        page = await TRAINEE_LIST.page(connection, search=search)
        assert [row.name for row in page.rows] == found
        assert await TRAINEE_LIST.count(connection, search=search) == len(found)


async def test_the_roster_says_where_each_one_stands(app: App, tenant: UUID) -> None:
    async with app.db.tenant(tenant) as connection:
        cohort = await COHORT_LIST.get(connection, code="A1")
        other = await COHORT_LIST.get(connection, code="B2")
        assert cohort and other
        live = await TRAINEE_LIST.get(connection, employee_no=" e０ ")
        left = await TRAINEE_LIST.get(connection, employee_no="E2")
        assert live and left
        assert (live.status, live.live_on) == ("live", date(2025, 3, 2))
        assert (left.status, left.left_on) == ("left", date(2025, 3, 6))
        assert await TRAINEE_LIST.get(connection, id=live.trainee_id) == live
        assert await TRAINEE_LIST.get(connection, employee_no="E9") is None
        by_id = await TRAINEE_LIST.by_id(connection, [live.trainee_id])
        assert by_id == {live.trainee_id: live}
        counts = await STATUSES_BY_COHORT.count(
            connection, [cohort.cohort_id, other.cohort_id, "cohort-0"]
        )
        assert counts == {
            cohort.cohort_id: Counter(in_training=2, live=1, left=1),
            other.cohort_id: Counter(in_training=1),
        }
        members = await TRAINEE_LIST.page(connection, cohort=cohort.cohort_id, status="left")
        assert [row.employee_no for row in members.rows] == ["E2"]


async def test_facts_that_are_read_again_are_the_same_where_they_are_stored_as_they_were(
    app: App, tenant: UUID
) -> None:
    known = KnownFacts()
    async with app.db.tenant(tenant) as connection:
        first = await list_newcomers(connection, known=known)
        narrowed = await list_newcomers(connection, cohort="B2", known=known)
        again = await list_newcomers(connection, known=known)
    assert {*map(id, narrowed)} < {*map(id, first)} == {*map(id, again)}

    async def stored(*people: Newcomer) -> AsyncIterator[tuple[bytes]]:
        for facts in people:
            yield (msgspec.json.encode(facts),)

    one, *others = first
    other = replace(one, manager_id="person-0")
    changed, *same = await known.of(stored(other, *others), are_all=True)
    assert changed == other
    assert await known.of(stored(one), are_all=False) == [one] != [changed]
    assert same == first[1:] and len(known) == len(first)

    joined = {first[0].manager_id or "": "person-1"}
    under = await known.of(stored(*first), joined, are_all=True)
    assert [one.manager_id == "person-1" for one in under] == [
        one.manager_id == first[0].manager_id for one in first
    ]
    kept = [a is b for a, b in zip(first, under, strict=True)]
    assert kept == [one.manager_id != first[0].manager_id for one in first] != [False] * len(first)
    assert await known.of(stored(*first), are_all=True) == first


async def test_newcomers_are_chosen_by_cohort_and_month_in_whole_batches(
    app: App, tenant: UUID
) -> None:
    async with app.db.tenant(tenant) as connection:
        everybody = await list_newcomers(connection)
        assert sorted(n.employee_no for n in everybody) == ["E0", "E1", "E2", "E3", "E4"]
        assert [n.employee_no for n in await list_newcomers(connection, cohort="B2")] == ["E1"]
        march = await list_newcomers(connection, month=Month(2025, 3))
        assert "E0" in {n.employee_no for n in march}
        assert await list_newcomers(connection, month=Month(2024, 3)) == []
        one = next(n for n in everybody if n.employee_no == "E0")
        assert [order.no for order in one.orders] == ["N1"]
        assert await list_newcomers_by_id(connection, trainee_ids=[one.trainee_id]) == [one]
        assert await list_newcomers_by_id(connection, trainee_ids=["trainee-0"]) == []


async def test_the_timeline_tells_what_happened_and_nothing_personal(
    app: App, tenant: UUID
) -> None:
    async with app.db.tenant(tenant) as connection:
        trainee = await TRAINEE_LIST.get(connection, employee_no="E0")
        assert trainee
        first = await TIMELINE_LIST.page(connection, Paging(3), stream=trainee.trainee_id)
        rest = await TIMELINE_LIST.page(
            connection, Paging(after=first.cursor(-1)), stream=trainee.trainee_id
        )
        rows = [*first.rows, *rest.rows]
        assert [row.topic for row in rows] == [
            "trainee.enrolled",
            "trainee.written_exam_recorded",
            "trainee.drill_recorded",
            "trainee.went_live",
            "trainee.order_closed",
        ]
        assert rows[0].happened_on == START
        assert rows[0].facts == {
            "cohort_id": trainee.cohort_id,
            "cohort_code": "A1",
            "employee_no": "E0",
            "post": "sales",
            "manager_id": trainee.manager_id,
        }
        assert rows[1].facts == {"passed": True, "score": "61"}
        assert rows[4].facts == {"order_no": "N1", "product": "宽带", "amount": "19.90"}
        assert {(row.actor, row.source["kind"]) for row in rows} == {("tester", "typed")}
        positions = [row.position for row in rows]
        assert await list_events_by_position(connection, positions=positions) == {
            row.position: row for row in rows
        }


async def test_the_scheme_is_what_was_published(app: App, tenant: UUID) -> None:
    async with app.db.tenant(tenant) as connection:
        (row,) = await list_scheme_versions(connection)
        assert (row.number, row.effective_from, row.actor) == (1, "2025-04", "tester")
        scheme = await get_scheme(connection)
        assert scheme.in_force(Month(2025, 3)).parameters == Parameters()
        assert scheme.in_force(Month(2025, 4)).parameters == Parameters(window_days=60)


@pytest.mark.parametrize("after", ["", "x", "bm8", "WzFd", "🙂"])
async def test_refuses_a_cursor_that_is_not_ours(app: App, tenant: UUID, after: str) -> None:
    async with app.db.tenant(tenant) as connection:
        if not after:
            assert (await TRAINEE_LIST.page(connection, Paging.of(after=after))).rows
            return
        with pytest.raises(Refusal) as refused:
            await TRAINEE_LIST.page(connection, Paging.of(after=after))
        assert refused.value.code == "cursor_invalid"


@pytest.mark.parametrize("size", [0, -1, 201])
@pytest.mark.parametrize("way", ["first", "last"])
def test_refuses_a_page_too_large_or_too_small(size: int, way: str) -> None:
    with pytest.raises(Refusal) as refused:
        Paging.of(**{way: size})
    assert refused.value.code == "page_size_invalid"


def test_refuses_a_page_from_both_ends() -> None:
    with pytest.raises(Refusal) as refused:
        Paging.of(first=1, last=1)
    assert refused.value.code == "page_both_ways"


async def test_another_partner_sees_none_of_it(app: App, tenant: UUID) -> None:
    other = await new_partner(app)
    async with app.db.tenant(other.tenant) as connection:
        assert not (await COHORT_LIST.page(connection)).rows
        assert not (await TRAINEE_LIST.page(connection)).rows
        assert not await list_newcomers(connection)
        assert not await list_scheme_versions(connection)
