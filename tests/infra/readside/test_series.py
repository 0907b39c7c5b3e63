"""The stored series are what the figures' own functions answer, each KPI's filled by itself."""

import asyncio
from datetime import date, timedelta
from typing import Any

import msgspec
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from domain.kpi.catalog import CATALOG
from infra.bootstrap import App
from infra.readside.projector import Projector
from projections.figures.evidence import SOURCES
from projections.figures.newcomers import NEWCOMERS
from tests.carrying import carry_out, new_partner, record
from tests.examples import examples
from tests.histories import histories
from tests.infra.dying import run_dying
from tests.situation import (
    BEGINNING,
    START,
    TOPICS,
    class_planned,
    march,
    ordered,
    passed_gate,
    plan_changed,
    went_live,
)
from tests.steps import Step
from tests.stored_series import (
    NEW,
    WAYS,
    computed,
    fill,
    filled_at,
    filler,
    look_round,
    partner_with,
    rest,
    seen_by_head_office,
    stored,
    written,
)

KILLS = 30
DAY = START + timedelta(days=20)
NOTHING = dict.fromkeys(WAYS)
days = st.integers(0, 150).map(lambda n: START + timedelta(days=n))


@settings(
    max_examples=examples(20),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking would take minutes here
)
@given(lives=st.tuples(histories(), histories(10)), evenings=st.tuples(days, days))
async def test_a_series_is_what_the_figures_answer(
    app: App, lives: tuple[list[Step], ...], evenings: tuple[date, ...]
) -> None:
    principal = await new_partner(app)
    tenant = principal.tenant
    for life, day in zip(lives, evenings, strict=True):
        await carry_out(app, principal, life)
        await Projector(app.db, app.log, SOURCES).catch_up(tenant)
        await fill(app, tenant, day)
        expected = await computed(app, tenant, day)
        assert await stored(app, tenant, day) == expected
        assert await seen_by_head_office(app, tenant) == {
            (kpi.series, key): found.figures[kpi.slug].ratio
            for way in ("all", "month")
            for key, found in expected[way].items()
            for kpi in CATALOG
        }


async def test_of_another_day_or_state_nothing_is_read(app: App) -> None:
    principal = await partner_with(app)
    tenant = principal.tenant
    assert await stored(app, tenant, DAY) == NOTHING
    await fill(app, tenant, DAY)
    assert await stored(app, tenant, DAY) != NOTHING
    assert await stored(app, tenant, DAY + timedelta(days=1)) == NOTHING
    await record(app, principal, ordered("E0", "N-late", on=march(10)))
    await Projector(app.db, app.log).catch_up(tenant)
    assert await stored(app, tenant, DAY) == NOTHING


async def test_nothing_is_due_while_the_read_models_are_apart(app: App) -> None:
    principal = await partner_with(app)
    await record(app, principal, ordered("E0", "N-late", on=march(10)))
    await Projector(app.db, app.log, [NEWCOMERS]).catch_up(principal.tenant)
    assert await fill(app, principal.tenant, DAY) == 0


async def test_a_new_kpi_is_filled_alone(app: App) -> None:
    tenant = (await partner_with(app)).tenant
    await fill(app, tenant, DAY)
    before = await written(app, tenant)
    assert await stored(app, tenant, DAY, (NEW,)) == NOTHING
    assert await fill(app, tenant, DAY, (*CATALOG, NEW)) == 1
    assert await stored(app, tenant, DAY, (NEW,)) == await computed(app, tenant, DAY, (NEW,))
    after = await written(app, tenant)
    assert {key: row for key, row in after.items() if key[0] != NEW.series} == before


async def test_a_kpi_that_counts_otherwise_is_filled_beside_the_old(app: App) -> None:
    tenant = (await partner_with(app)).tenant
    await fill(app, tenant, DAY)
    before = await written(app, tenant)
    changed = msgspec.structs.replace(CATALOG[0], version=2)
    assert await fill(app, tenant, DAY, (changed, *CATALOG[1:])) == 1
    assert before.items() <= (await written(app, tenant)).items()


async def test_only_rows_that_changed_are_written(app: App) -> None:
    principal = await partner_with(app)
    tenant = principal.tenant
    await fill(app, tenant, DAY)
    before = await written(app, tenant)
    await record(app, principal, ordered("E0", "N-more", on=march(10)))
    await Projector(app.db, app.log).catch_up(tenant)
    assert await fill(app, tenant, DAY) == len(CATALOG)
    after = await written(app, tenant)
    same = {key for key in before if before[key] == after[key]}
    changed = {key for key in after if before[key].values != after[key].values}
    assert same | changed == set(after)
    assert ("average_orders_v1", "all", "") in changed
    assert ("entered_v1", "all", "") in same


async def test_what_has_vanished_is_removed(app: App) -> None:
    tenant = (await partner_with(app)).tenant
    await fill(app, tenant, DAY)
    before = START - timedelta(days=30)
    await fill(app, tenant, before)
    assert await stored(app, tenant, before) == await computed(app, tenant, before)
    assert {key[2] for key in await written(app, tenant) if key[1] == "month"} == set()


async def test_a_rebuilt_read_model_has_its_series_filled_again(app: App) -> None:
    tenant = (await partner_with(app)).tenant
    expected = await computed(app, tenant, DAY)
    async with app.db.tenant(tenant) as connection:
        await connection.plain.execute(f"delete from {NEWCOMERS.table}")
    await fill(app, tenant, DAY)
    assert await stored(app, tenant, DAY) != expected
    await app.rebuilder.rebuild_tenant(tenant, NEWCOMERS)
    assert await fill(app, tenant, DAY) == len(CATALOG)
    assert await stored(app, tenant, DAY) == expected


async def test_a_look_finds_who_is_due_and_leaves_the_others_alone(app: App) -> None:
    tenants = [(await partner_with(app)).tenant for _ in range(3)]
    await look_round(filler(app, DAY))
    for tenant in tenants:
        assert await stored(app, tenant, DAY) == await computed(app, tenant, DAY)
    before = [await filled_at(app, tenant) for tenant in tenants]
    await look_round(filler(app, DAY))
    assert [await filled_at(app, tenant) for tenant in tenants] == before
    await rest(app, *tenants)
    await look_round(filler(app, DAY + timedelta(days=1)))
    for tenant in tenants:
        assert await stored(app, tenant, DAY + timedelta(days=1)) != NOTHING


async def test_a_partner_that_never_rests_is_filled_now_and_then(app: App) -> None:
    principal = await partner_with(app)
    tenant, work = principal.tenant, filler(app, DAY)
    await look_round(work)
    await record(app, principal, ordered("E0", "N-new", on=march(10)))
    await Projector(app.db, app.log).catch_up(tenant)
    async with app.db.tenants([tenant]) as connection:
        await connection.execute("update heads set recorded_at = now() + interval '1 hour'")
    await look_round(work)
    assert await stored(app, tenant, DAY) == NOTHING
    await rest(app, tenant)
    await look_round(work)
    assert await stored(app, tenant, DAY) == await computed(app, tenant, DAY)


async def test_who_is_behind_is_counted(app: App) -> None:
    before = await app.series_behind()
    tenant = (await partner_with(app)).tenant
    assert await app.series_behind() == before + 1
    await fill(app, tenant, DAY, CATALOG[1:])
    assert await app.series_behind() == before + 1
    await fill(app, tenant, DAY)
    assert await app.series_behind() == before


async def test_several_fillers_share_the_work(app: App, other_process: App) -> None:
    tenant = (await partner_with(app)).tenant
    for number in range(5):
        day = DAY + timedelta(days=number)
        await asyncio.gather(*(fill(one, tenant, day) for one in (app, other_process) * 2))
        await fill(app, tenant, day)
        assert await stored(app, tenant, day) == await computed(app, tenant, day)


async def test_one_tenant_s_trouble_is_no_other_s(app: App) -> None:
    bad, good = [(await partner_with(app)).tenant for _ in range(2)]
    async with app.db.tenant(bad) as connection:
        await connection.plain.execute(f"update {NEWCOMERS.table} set facts = '{{}}'")
    await look_round(filler(app, DAY))
    assert await stored(app, bad, DAY) == NOTHING
    assert await stored(app, good, DAY) == await computed(app, good, DAY)
    await app.rebuilder.rebuild_tenant(bad, NEWCOMERS)


async def test_a_kill_leaves_a_whole_state(app: App) -> None:
    principal = await new_partner(app)
    life = [
        *BEGINNING,
        passed_gate("E0", on=march(2)),
        went_live("E0", on=march(2)),
        ordered("E0", "N1", on=march(3)),
        class_planned("K1", cohort="B2", on=march(5)),
        plan_changed("K1", to=march(6), topics=TOPICS[:2], approved=march(4)),
    ]
    await carry_out(app, principal, life)
    await Projector(app.db, app.log).catch_up(principal.tenant)
    lines: list[Any] = await run_dying(app, "filler", principal.tenant, KILLS)
    assert len(lines) == KILLS
    assert all(line[2] == "whole" for line in lines)
