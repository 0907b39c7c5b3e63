"""What a person's key seals: opened at every door while that is there, and gone with it."""

from collections.abc import Callable
from uuid import uuid4

import asyncpg

from domain.kernel.whose import person_of
from infra.bootstrap import App
from services.people.access import Tenant
from tests.infra.log.appends import JUNE_1, JUNE_2, an_append, both_ways, enrolled, registered

app = both_ways


async def test_one_key_seals_all_streams_of_a_person_whoever_wrote_the_first(
    app: App, partner: Tenant, other_process: App
) -> None:
    tenant, person = partner.tenant_id, registered(f"person-{uuid4()}", "欧阳娜娜")
    await app.log.append(an_append(tenant, trainee=person))
    first = enrolled(f"trainee-{person_of(person.id)}")
    first.leave(on=JUNE_1, reason="家庭原因")
    again = enrolled(f"{first.id}.2")
    for trainee in (first, again):
        await other_process.log.append(an_append(tenant, trainee=trainee))
    first.rejoin(on=JUNE_2, as_trainee_id=again.id)
    first.withdraw_fact(fact=3, reason="录错")
    await app.log.append(an_append(tenant, trainee=first))
    for process in (app, other_process):
        _, left, _, withdrawn = await process.log.load(tenant, first.id)
        (began,) = await process.log.load(tenant, person.id)
        said = [left.leaving_reason, withdrawn.reason, began.name]  # type: ignore[attr-defined]
        assert said == ["家庭原因", "录错", "欧阳娜娜"]
    async with app.db.tenant(tenant) as connection:
        people = await connection.fetch("select person_id from person_keys where tenant_id = $1")
    assert [person for (person,) in people] == [person_of(first.id)]


async def test_a_name_is_sealed_in_the_log_and_opened_by_the_door(
    app: App, partner: Tenant
) -> None:
    stream = f"person-{uuid4()}"
    await app.log.append(an_append(partner.tenant_id, trainee=registered(stream, "欧阳娜娜")))
    async with app.db.tenant(partner.tenant_id) as connection:
        payload = await connection.plain.fetchval(
            "select payload::text from events where stream_id = $1", stream
        )
    assert "欧阳娜娜" not in payload
    (event,) = await app.log.load(partner.tenant_id, stream)
    assert event.name == "欧阳娜娜"  # type: ignore[attr-defined]


async def test_a_name_is_gone_for_good_with_the_persons_key(
    app: App, partner: Tenant, owner: Callable[..., asyncpg.Connection]
) -> None:
    stream = f"person-{uuid4()}"
    await app.log.append(an_append(partner.tenant_id, trainee=registered(stream)))
    connection = await owner()
    await connection.execute("alter table person_keys no force row level security")
    await connection.execute("delete from person_keys where person_id = $1", person_of(stream))
    await connection.execute("alter table person_keys force row level security")
    (event,) = await app.log.load(partner.tenant_id, stream)
    assert event.name == ""  # type: ignore[attr-defined]
