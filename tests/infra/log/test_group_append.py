"""Groups written by one statement: what stands in their way leaves nothing of them."""

import asyncio
from collections.abc import Sequence
from uuid import uuid4

import asyncpg
import pytest

from domain.kernel.errors import ConflictError
from infra.bootstrap import App
from infra.log.group_append import SEPARATOR, GroupAppend, ObstacleError, pending
from services.kernel.ports import Append, Claim, Idempotency, Receipt
from services.people.access import Tenant
from tests.infra.log.appends import JUNE_2, an_append, enrolled, opened


@pytest.fixture
async def other(app: App) -> Tenant:
    """A second partner."""
    return await app.accounts.create_partner(f"p-{uuid4().hex[:12]}", "成都渠道")


async def written(app: App, appends: Sequence[Append]) -> list[Receipt]:
    rows = GroupAppend([pending(append, app.log.builder, {}.get) for append in appends])
    async with app.db.writer() as connection:
        return await rows.write(connection)


async def test_numbers_each_tenant_without_a_gap(app: App, partner: Tenant, other: Tenant) -> None:
    heads = {one.tenant_id: await app.log.position(one.tenant_id) for one in (partner, other)}
    tenants = [partner.tenant_id, other.tenant_id, partner.tenant_id]
    receipts = await written(app, [opened(tenant) for tenant in tenants])
    gained = [
        receipt.position - heads[tenant] for receipt, tenant in zip(receipts, tenants, strict=True)
    ]
    assert gained == [1, 1, 2]
    assert await app.log.position(partner.tenant_id) == heads[partner.tenant_id] + 2


@pytest.mark.parametrize(
    "obstacle", ["version", "claim", "handed over", "key", "expected", "tenant"]
)
async def test_an_obstacle_leaves_nothing(app: App, partner: Tenant, obstacle: str) -> None:
    tenant = partner.tenant_id
    first = opened(
        tenant,
        claims=[Claim("cohort_code", "B-01", "cohort-1")],
        idempotency=Idempotency("once", b"1"),
    )
    await written(app, [first])
    before = await app.log.position(tenant)
    in_the_way = {
        "version": first,
        "claim": opened(tenant, claims=[Claim("cohort_code", "B-01", "cohort-2")]),
        "handed over": opened(tenant, handed_over=[Claim("cohort_code", "B-02", "cohort-2")]),
        "key": opened(tenant, idempotency=Idempotency("once", b"2")),
        "expected": opened(tenant, expected={first.events[0].originator_id: 2}),
        "tenant": opened(uuid4()),
    }[obstacle]
    with pytest.raises(asyncpg.UniqueViolationError):
        await written(app, [opened(tenant), in_the_way])
    assert await app.log.position(tenant) == before
    assert (await app.log.append(opened(tenant))).position == before + 1


async def test_of_two_that_rest_on_what_the_other_writes_one_is_refused(
    app: App, partner: Tenant
) -> None:
    one, other = (enrolled(f"trainee-{uuid4()}") for _ in range(2))
    for trainee in (one, other):
        await app.log.append(an_append(partner.tenant_id, trainee=trainee))
        trainee.change_manager(on=JUNE_2, manager_id="person-1")
    rest_on_each_other = [
        an_append(partner.tenant_id, trainee=its, expected={others.id: 1})
        for its, others in ((one, other), (other, one))
    ]
    with pytest.raises(ObstacleError):
        await written(app, rest_on_each_other)
    done = await asyncio.gather(*map(app.log.append, rest_on_each_other), return_exceptions=True)
    assert sorted(map(type, done), key=str) == [ConflictError, Receipt]


async def test_text_that_cannot_be_listed_goes_the_careful_way(app: App, partner: Tenant) -> None:
    asked = Idempotency(f"a{SEPARATOR}b", b"1")
    append = opened(partner.tenant_id, idempotency=asked)
    with pytest.raises(ObstacleError):
        GroupAppend([pending(append, app.log.builder, {}.get)])
    receipt = await app.log.append(append)
    assert await app.log.recall(partner.tenant_id, asked) == Receipt(
        receipt.position, append.result, repeated=True
    )
