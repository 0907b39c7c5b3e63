"""The log against the real database: one winner, one answer, no gap, nothing of other tenants.

The promises 1, 3, 4, 5 and 10 of the product's trust list.
"""

import asyncio
from collections.abc import Awaitable
from datetime import date
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from domain.kernel.aggregate import UNRECORDED
from domain.kernel.errors import ConflictError, Refusal
from domain.trainees.trainee import Trainee
from infra.bootstrap import App
from services.execute import execute
from services.kernel.context import Context, Principal
from services.kernel.ports import (
    Claim,
    ClaimTakenError,
    Effect,
    Idempotency,
    Log,
    Receipt,
)
from services.kernel.rehearsal import Rehearsal
from services.kernel.work import Work
from services.people.access import Tenant
from services.trainees.trainee import EnrolTrainee, RecordExamResult
from tests import situation
from tests.carrying import record
from tests.infra.log.appends import JUNE_1, an_append, both_ways, enrolled

app = both_ways

BATCH = situation.batch_opened("c", on=JUNE_1)
TRAINEE = situation.enrolled("E1", cohort="c", on=JUNE_1)


@pytest.fixture(params=["log", "rehearsal"])
def log(request: pytest.FixtureRequest, app: App) -> Log:
    """Every implementation of the port keeps the same promises."""
    return app.log if request.param == "log" else Rehearsal(app.log)


def said(event: Any) -> tuple[str, str, date]:
    return event.TOPIC, event.employee_no, event.entered_on


class TestEveryLog:
    async def test_reads_back_what_was_appended(self, log: Log, partner: Tenant) -> None:
        trainee = enrolled(f"trainee-{uuid4()}")
        written = list(trainee.pending_events)
        before = await log.position(partner.tenant_id)
        receipt = await log.append(an_append(partner.tenant_id, trainee=trainee))
        read = await log.load(partner.tenant_id, trainee.id)
        assert receipt.position == before + 1 == await log.position(partner.tenant_id)
        assert list(map(said, read)) == list(map(said, written))

    async def test_refuses_a_version_that_is_not_the_next(self, log: Log, partner: Tenant) -> None:
        stream = f"trainee-{uuid4()}"
        await log.append(an_append(partner.tenant_id, trainee=enrolled(stream)))
        with pytest.raises(ConflictError):
            await log.append(an_append(partner.tenant_id, trainee=enrolled(stream)))

    async def test_a_claim_belongs_to_the_first_who_makes_it(
        self, log: Log, partner: Tenant
    ) -> None:
        key = uuid4().hex
        claims = [Claim(kind="employee_no", key=key, owner=f"trainee-{n}") for n in range(2)]
        await log.append(an_append(partner.tenant_id, claims=[claims[0]]))
        with pytest.raises(ClaimTakenError):
            await log.append(an_append(partner.tenant_id, claims=[claims[1]]))
        assert await log.owner(partner.tenant_id, "employee_no", key) == "trainee-0"

    async def test_a_claim_handed_over_belongs_to_its_new_owner(
        self, log: Log, partner: Tenant
    ) -> None:
        first, second, third = (Claim("order_no", "A1", f"trainee-{n}") for n in range(3))
        await log.append(an_append(partner.tenant_id, claims=[first]))
        await log.append(an_append(partner.tenant_id, handed_over=[second]))
        assert await log.owner(partner.tenant_id, "order_no", "A1", fresh=False) == "trainee-1"
        assert await log.owner(partner.tenant_id, "order_no", "A1") == "trainee-1"
        with pytest.raises(ClaimTakenError):
            await log.append(an_append(partner.tenant_id, claims=[third]))
        await log.append(an_append(partner.tenant_id, claims=[second]))

    async def test_a_claim_is_made_and_handed_over_in_one_append(
        self, log: Log, partner: Tenant
    ) -> None:
        made, handed = (Claim("order_no", "A1", f"trainee-{n}") for n in range(2))
        await log.append(an_append(partner.tenant_id, claims=[made], handed_over=[handed]))
        assert await log.owner(partner.tenant_id, "order_no", "A1") == "trainee-1"

    async def test_what_nobody_claimed_is_not_handed_over(self, log: Log, partner: Tenant) -> None:
        before = await log.position(partner.tenant_id)
        with pytest.raises(ConflictError):
            await log.append(
                an_append(partner.tenant_id, handed_over=[Claim("order_no", "A1", "trainee-1")])
            )
        assert await log.position(partner.tenant_id) == before
        assert await log.owner(partner.tenant_id, "order_no", "A1") is None

    async def test_tells_what_a_stream_says_since_a_position(
        self, log: Log, app: App, partner: Tenant
    ) -> None:
        one, other = (enrolled(f"trainee-{uuid4()}") for _ in range(2))
        receipts = [
            await app.log.append(an_append(partner.tenant_id, trainee=trainee))
            for trainee in (one, other)
        ]
        one.collect_events()
        one.change_manager(manager_id="person-1", on=JUNE_1)
        last = await app.log.append(an_append(partner.tenant_id, trainee=one))
        since = await log.since(partner.tenant_id, one.id, receipts[1].position)
        told = [(entry.position, entry.event.originator_version) for entry in since]
        assert told == [(last.position, 2)]
        assert since[0].recorded_at == since[0].event.timestamp > UNRECORDED
        assert len(await log.since(partner.tenant_id, one.id, 0)) == 2
        assert await log.since(partner.tenant_id, one.id, last.position) == []

    async def test_tells_what_was_appended_as_it_came_in(self, log: Log, partner: Tenant) -> None:
        its = an_append(partner.tenant_id, trainee=enrolled(f"trainee-{uuid4()}"))
        receipt = await log.append(its)
        [told] = await log.since(partner.tenant_id, its.events[0].originator_id, 0)
        assert (told.position, told.source) == (receipt.position, its.envelope.source)

    async def test_a_released_claim_is_anybodys(self, log: Log, partner: Tenant) -> None:
        first, second = (Claim("order_no", "A1", f"trainee-{n}") for n in range(2))
        await log.append(an_append(partner.tenant_id, claims=[first]))
        with pytest.raises(ConflictError):
            await log.append(an_append(partner.tenant_id, released=[second]))
        await log.append(an_append(partner.tenant_id, released=[first]))
        assert await log.owner(partner.tenant_id, "order_no", "A1", fresh=False) is None
        assert await log.owner(partner.tenant_id, "order_no", "A1") is None
        with pytest.raises(ConflictError):
            await log.append(an_append(partner.tenant_id, released=[first]))
        await log.append(an_append(partner.tenant_id, claims=[second]))
        assert await log.owner(partner.tenant_id, "order_no", "A1") == "trainee-1"

    async def test_claims_and_releases_that_come_together_count_in_their_order(
        self, log: Log, partner: Tenant
    ) -> None:
        first, second = (Claim("order_no", "A1", f"trainee-{n}") for n in range(2))
        await asyncio.gather(
            log.append(an_append(partner.tenant_id, claims=[first])),
            log.append(an_append(partner.tenant_id, released=[first])),
            log.append(an_append(partner.tenant_id, claims=[second])),
        )
        assert await log.owner(partner.tenant_id, "order_no", "A1") == "trainee-1"

    async def test_an_aggregate_is_the_callers_own(self, log: Log, partner: Tenant) -> None:
        trainee = enrolled(f"trainee-{uuid4()}")
        await log.append(an_append(partner.tenant_id, trainee=trainee, aggregates=[trainee]))
        one, other = [
            await log.aggregate(partner.tenant_id, trainee.id, fresh=False) for _ in range(2)
        ]
        assert isinstance(one, Trainee)
        assert isinstance(other, Trainee)
        one.change_manager(manager_id="person-1", on=JUNE_1)
        assert (one is other, other.version, other.employment.managers.last) == (False, 1, None)
        assert await log.aggregate(partner.tenant_id, "trainee-0") is None


class TestAppending:
    async def test_64_contenders_for_a_version_have_one_winner(
        self, app: App, partner: Tenant
    ) -> None:
        stream = f"trainee-{uuid4()}"
        answers = await asyncio.gather(
            *(
                app.log.append(an_append(partner.tenant_id, trainee=enrolled(stream)))
                for _ in range(64)
            ),
            return_exceptions=True,
        )
        assert sum(isinstance(a, ConflictError) for a in answers) == 63
        assert len(await app.log.load(partner.tenant_id, stream)) == 1

    async def test_positions_have_no_gap_whatever_is_refused_in_between(
        self, app: App, partner: Tenant
    ) -> None:
        taken = Claim(kind="k", key=uuid4().hex, owner="trainee-first")
        await app.log.append(an_append(partner.tenant_id, claims=[taken]))
        other = Claim(kind="k", key=taken.key, owner="trainee-second")
        appends = [
            an_append(partner.tenant_id, claims=[other] if n % 3 == 0 else []) for n in range(90)
        ]
        answers = await asyncio.gather(*map(app.log.append, appends), return_exceptions=True)
        assert sum(isinstance(a, ClaimTakenError) for a in answers) == 30
        async with app.db.tenant(partner.tenant_id) as connection:
            rows = await connection.plain.fetch("select position from events order by position")
        assert [row["position"] for row in rows] == list(range(1, len(rows) + 1))
        assert len(rows) == await app.log.position(partner.tenant_id)

    async def test_one_that_the_database_refuses_does_not_take_its_neighbours_along(
        self, app: App, partner: Tenant
    ) -> None:
        good = [an_append(partner.tenant_id) for _ in range(5)]
        bad = an_append(partner.tenant_id, effects=[Effect(kind="a\x00b", payload={})])
        answers = await asyncio.gather(*map(app.log.append, [*good, bad]), return_exceptions=True)
        assert isinstance(answers[-1], asyncpg.PostgresError)
        assert not any(isinstance(a, BaseException) for a in answers[:-1])

    async def test_text_that_cannot_be_stored_is_refused_in_words(
        self, app: App, partner: Tenant
    ) -> None:
        trainee = enrolled(f"trainee-{uuid4()}")
        trainee.record_trial_verdict(verdict="passed", on=JUNE_1, feedback="a\x00b")
        with pytest.raises(Refusal, match="text_invalid"):
            await app.log.append(an_append(partner.tenant_id, trainee=trainee))

    async def test_who_is_asked_for_by_no_text_takes_nobody_along_who_asks_beside(
        self, app: App, partner: Tenant
    ) -> None:
        stream = f"trainee-{uuid4()}"
        await app.log.append(an_append(partner.tenant_id, trainee=enrolled(stream)))
        other = type(app.log)(app.db, app.log.secret_keys, in_groups=True)  # Remembers nothing.
        asked = ("trainee-\0", stream, "trainee-\udcff")
        found = await asyncio.gather(*(other.load(partner.tenant_id, one) for one in asked))
        assert [len(its) for its in found] == [0, 1, 0]
        owners = [other.owner(partner.tenant_id, "cohort", one) for one in ("\0", "c")]
        assert await asyncio.gather(*owners) == [None, None]

    async def test_an_unknown_partner_is_refused(self, app: App) -> None:
        with pytest.raises(Refusal, match="partner_unknown"):
            await app.log.append(an_append(uuid4()))


class TestRepeating:
    async def test_the_same_key_gives_the_same_answer_and_writes_nothing(
        self, app: App, partner: Tenant
    ) -> None:
        stream = f"trainee-{uuid4()}"
        key = Idempotency(key=uuid4().hex, fingerprint=b"a")
        append = an_append(partner.tenant_id, trainee=enrolled(stream), idempotency=key)
        first, *repeats = await asyncio.gather(*(app.log.append(append) for _ in range(32)))
        assert not first.repeated
        assert {(r.position, r.repeated) for r in repeats} == {(first.position, True)}
        assert len(await app.log.load(partner.tenant_id, stream)) == 1

    async def test_the_same_key_with_another_payload_is_refused(
        self, app: App, partner: Tenant
    ) -> None:
        key = uuid4().hex
        asked = [Idempotency(key=key, fingerprint=f) for f in (b"a", b"b")]
        await app.log.append(an_append(partner.tenant_id, idempotency=asked[0]))
        with pytest.raises(Refusal, match="idempotency_key_reused"):
            await app.log.append(an_append(partner.tenant_id, idempotency=asked[1]))

    async def test_2000_retried_commands_make_no_event_twice(
        self, app: App, manager: Principal
    ) -> None:
        await record(app, manager, BATCH)
        before = await app.log.position(manager.tenant)

        def command(n: int) -> EnrolTrainee:
            return EnrolTrainee("c", f"E{n}", "王小明", JUNE_1)

        def context(n: int) -> Context:
            return app.context(manager, idempotency_key=f"enrolment-{n}")

        answers = await asyncio.gather(
            *(execute(context(n), command(n)) for n in range(200) for _ in range(10))
        )
        # The registration and the enrolment.
        assert await app.log.position(manager.tenant) == before + 2 * 200
        assert len({(a.stream_id, a.position) for a in answers}) == 200

    async def test_a_command_that_would_be_allowed_twice_is_still_done_once(
        self, app: App, manager: Principal
    ) -> None:
        await record(app, manager, BATCH, TRAINEE)
        exam = RecordExamResult("E1", "written", passed=True, on=JUNE_1)
        first = await execute(app.context(manager, idempotency_key="k"), exam)
        again = await execute(app.context(manager, idempotency_key="k"), exam)
        assert (again.position, again.repeated) == (first.position, True)


class TestRemembering:
    async def test_a_refusal_is_never_made_on_what_another_process_has_changed(
        self, app: App, manager: Principal, other_process: App
    ) -> None:
        await record(app, manager, BATCH, TRAINEE)
        await record(other_process, manager, situation.passed_gate("E1", on=JUNE_1))
        done = await record(app, manager, situation.went_live("E1", on=JUNE_1))
        assert done.events == 1

    async def test_two_processes_that_race_lose_and_double_nothing(
        self, app: App, manager: Principal, other_process: App
    ) -> None:
        await record(app, manager, BATCH, TRAINEE)
        before = await app.log.position(manager.tenant)
        await asyncio.gather(
            *(
                record(process, manager, situation.ordered("E1", f"{who}-{n}", on=JUNE_1))
                for n in range(4)
                for who, process in enumerate((app, other_process))
            )
        )
        assert await app.log.position(manager.tenant) == before + 8

    async def test_what_another_process_added_is_missing_until_it_is_read_afresh(
        self, app: App, manager: Principal, other_process: App
    ) -> None:
        tenant, trainee = manager.tenant, enrolled(f"trainee-{uuid4()}")
        await app.log.append(an_append(tenant, trainee=trainee))
        trainee.change_manager(manager_id="person-1", on=JUNE_1)
        await other_process.log.append(an_append(tenant, trainee=trainee))
        remembered = await app.log.load(tenant, trainee.id, fresh=False)
        read = await app.log.load(tenant, trainee.id)
        assert [event.timestamp for event in remembered] == [UNRECORDED]
        assert [event.originator_version for event in read] == [1, 2]
        assert UNRECORDED not in [event.timestamp for event in read]

    async def test_a_claim_that_another_process_handed_over_is_found_at_its_new_owner(
        self, app: App, manager: Principal, other_process: App
    ) -> None:
        tenant, (first, second) = manager.tenant, (enrolled(f"trainee-{uuid4()}") for _ in range(2))
        claim = Claim("order_no", "A1", first.id)
        await app.log.append(an_append(tenant, trainee=first, claims=[claim]))
        await app.log.append(an_append(tenant, trainee=second))
        second.change_manager(manager_id="person-1", on=JUNE_1)
        handed = Claim("order_no", "A1", second.id)
        await other_process.log.append(an_append(tenant, trainee=second, handed_over=[handed]))
        assert await app.log.owner(tenant, "order_no", "A1", fresh=False) == first.id
        found = await Work(app.context(manager)).find(Trainee, "order_no", "A1")
        assert found is not None
        assert found.id == second.id

    async def test_who_was_withdrawn_by_another_process_is_nobody_here(
        self, app: App, manager: Principal, other_process: App
    ) -> None:
        day = situation.START
        known = [
            situation.batch_opened("W1", on=day),
            situation.enrolled("E1", cohort="W1", on=day),
        ]
        enrolment = (await record(app, manager, *known)).stream_id
        await record(other_process, manager, situation.withdrawn("E1", 1))
        # The number is the old enrolment's in the cache still, whose stream is read afresh.
        assert await app.log.load(manager.tenant, enrolment)
        assert await app.log.owner(manager.tenant, "employee_no", "E1", fresh=False) == enrolment
        with pytest.raises(Refusal, match="trainee_unknown"):
            await record(app, manager, situation.left("E1", on=day))
        assert await app.log.owner(manager.tenant, "employee_no", "E1", fresh=False) is None
        assert len(await app.log.load(manager.tenant, enrolment)) == 2

    async def test_two_processes_that_hand_a_claim_over_have_one_winner(
        self, app: App, manager: Principal, other_process: App
    ) -> None:
        tenant, seller = manager.tenant, enrolled(f"trainee-{uuid4()}")
        claim = Claim("order_no", "A1", seller.id)
        await app.log.append(an_append(tenant, trainee=seller, claims=[claim]))

        def handing_over(process: App, owner: str) -> Awaitable[Receipt]:
            giver = enrolled(seller.id)
            giver.collect_events()
            giver.change_manager(manager_id=owner, on=JUNE_1)
            handed = Claim("order_no", "A1", owner)
            return process.log.append(an_append(tenant, trainee=giver, handed_over=[handed]))

        answers = await asyncio.gather(
            *(
                handing_over(process, f"trainee-{n}-{who}")
                for n in range(8)
                for who, process in enumerate((app, other_process))
            ),
            return_exceptions=True,
        )
        assert sum(isinstance(answer, ConflictError) for answer in answers) == 15
        *_, changed = await app.log.load(tenant, seller.id)
        owner = changed.manager_id  # type: ignore[attr-defined]
        for process in (app, other_process):
            assert await process.log.owner(tenant, "order_no", "A1") == owner
