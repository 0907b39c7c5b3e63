"""What verifying finds in the past, and says of what is parked or cannot be folded."""

import msgspec

from domain.kernel.aggregate import Recorded
from infra.bootstrap import App
from infra.readside.projector import Projector
from infra.readside.stored_rows import StoredRows
from infra.readside.verify import RowDifference
from projections import PROJECTIONS
from projections.figures.held_orders import HELD_ORDERS
from projections.figures.newcomers import NEWCOMERS, NewcomerRow
from tests import situation
from tests.carrying import carry_out, new_partner
from tests.read_models import first_enrolment, head, kept, stored
from tests.situation import march, ordered, scheme_published

LIFE = (*situation.LIFE, scheme_published("2025-03", window_days=60))
KEEPING = msgspec.structs.replace(NEWCOMERS, past_every=3)


async def test_past_rows_are_compared_too(app: App) -> None:
    principal = await new_partner(app)
    tenant = principal.tenant
    await carry_out(app, principal, LIFE)
    await Projector(app.db, app.log, [KEEPING]).catch_up(tenant)
    sound = await app.verifier.verify(tenant, KEEPING)
    assert (sound.findings, sound.behind, sound.position) == ((), 0, await head(app, tenant))
    assert sound.rows == 3 + len(await kept(app, tenant, KEEPING))

    async with app.db.tenant(tenant) as connection:
        rows = await connection.plain.fetch(
            f"select as_of, trainee_id from {KEEPING.past_table} order by 1, 2"
        )
        gone, altered = rows[0], rows[1]
        where = "where as_of = $1 and trainee_id = $2"
        await connection.plain.execute(f"delete from {KEEPING.past_table} {where}", *gone)
        await connection.plain.execute(
            f"update {KEEPING.past_table} set cohort_code = 'x' {where}", *altered
        )
    found = await app.verifier.verify(tenant, KEEPING)
    assert set(found.findings) == {
        RowDifference("missing", KEEPING.past_table, (gone["trainee_id"],), gone["as_of"]),
        RowDifference(
            "altered",
            KEEPING.past_table,
            (altered["trainee_id"],),
            altered["as_of"],
            ("cohort_code",),
        ),
    }


async def test_the_parts_of_rows_are_compared_too(app: App) -> None:
    principal = await new_partner(app)
    tenant, parts = principal.tenant, HELD_ORDERS
    more = [ordered("E0", no, on=march(5)) for no in ("N3", "N4")]
    await carry_out(app, principal, [*LIFE, *more])
    await Projector(app.db, app.log, [NEWCOMERS]).catch_up(tenant)
    assert not (await app.verifier.verify(tenant, NEWCOMERS)).findings

    async with app.db.tenant(tenant) as connection:
        held = {
            row.order_no: key
            for key, row in (await StoredRows.of(parts).load_all(connection)).items()
        }
        change = f"update {parts.table} set amount = 1 where order_no = 'N2'"
        await connection.plain.execute(change)
        await connection.plain.execute(f"delete from {parts.table} where order_no = 'N3'")
        stray = f"update {parts.table} set order_no = 'N9' where order_no = 'N4'"
        await connection.plain.execute(stray)
    found = await app.verifier.verify(tenant, NEWCOMERS)
    assert set(found.findings) == {
        RowDifference("altered", parts.table, held["N2"], None, ("amount",)),
        RowDifference("missing", parts.table, held["N3"], None),
        RowDifference("missing", parts.table, held["N4"], None),
        RowDifference("surplus", parts.table, ("N9", held["N4"][1]), None),
    }


async def test_an_other_spelling_of_the_same_facts_is_no_difference(app: App) -> None:
    principal = await new_partner(app)
    await carry_out(app, principal, LIFE)
    await Projector(app.db, app.log, [NEWCOMERS]).catch_up(principal.tenant)
    async with app.db.tenant(principal.tenant) as connection:
        await connection.plain.execute(f"update {NEWCOMERS.table} set facts = facts::jsonb::json")
    assert not (await app.verifier.verify(principal.tenant, NEWCOMERS)).findings


async def test_what_is_parked_is_compared_where_it_parks(app: App) -> None:
    principal = await new_partner(app)
    tenant = principal.tenant
    await carry_out(app, principal, LIFE[:3])
    digested = await head(app, tenant)
    await carry_out(app, principal, LIFE[3:])

    def refuse(row: NewcomerRow | None, recorded: Recorded) -> NewcomerRow | None:
        if recorded.position > digested:
            raise ArithmeticError
        return NEWCOMERS.evolve(row, recorded)

    broken = msgspec.structs.replace(NEWCOMERS, evolve=refuse)
    await Projector(app.db, app.log, [broken]).catch_up(tenant)
    parked = await app.verifier.verify(tenant, NEWCOMERS)
    error = "ArithmeticError (trainee.enrolled)"
    assert (parked.parked, parked.position, parked.findings) == (error, digested, ())
    assert parked.behind == await head(app, tenant) - digested


async def test_a_log_that_cannot_be_folded_any_more_is_said(app: App) -> None:
    principal = await new_partner(app)
    tenant = principal.tenant
    await carry_out(app, principal, LIFE)
    await Projector(app.db, app.log).catch_up(tenant)

    def refuse(row: NewcomerRow | None, recorded: Recorded) -> NewcomerRow | None:
        raise ArithmeticError

    broken = msgspec.structs.replace(NEWCOMERS, evolve=refuse)
    stopped = await app.verifier.verify(tenant, broken)
    assert stopped.error == "ArithmeticError (trainee.enrolled)"
    assert stopped.stopped == await first_enrolment(app, tenant)
    for projection in PROJECTIONS:
        verified = await app.verifier.verify(tenant, projection)
        assert (verified.error, verified.findings) == (None, ())
        assert verified.rows == len(await stored(app, tenant, projection))
