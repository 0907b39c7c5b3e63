"""What verifying names of forged idempotency answers and claims, and what it lets expire."""

from collections.abc import Sequence
from datetime import timedelta

import asyncpg
import pytest

from infra.bootstrap import App
from infra.readside.verify import CLAIMS, RowDifference
from services.execute import execute
from services.kernel.context import Principal
from tests.carrying import commands_of
from tests.infra.log.seals.sealed import BLOCK, found, sealer
from tests.infra.log.seals.test_forged_logs import Finding, changed, deleted
from tests.situation import UNMANAGED, batch_opened, class_planned, march, ordered
from tests.steps import Step

BATCHES = [batch_opened(f"B{number}") for number in range(5)]
"""One event each, after that the partner joined."""

LATER = [class_planned("K0", cohort="B0", on=march(6))]


async def asked(app: App, principal: Principal, steps: Sequence[Step]) -> None:
    """Gives the commands, each with an idempotency key."""
    for number, command in enumerate(commands_of(steps)):
        key = f"{type(command).__name__}-{number}"
        await execute(app.context(principal, idempotency_key=key), command)


@pytest.fixture
async def answered(app: App, manager: Principal) -> Principal:
    """One event and one answer for each position from 2 to 6, all sealed, in two blocks."""
    await asked(app, manager, BATCHES)
    seals = sealer(app)
    while await seals.seal(manager.tenant):
        pass
    return manager


FORGED: dict[str, tuple[str, list[Finding]]] = {
    "altered": (
        changed("commands", """result = result || '{"stream_id": "x"}'""", "position = 3"),
        [("altered", "answer", 3, 3)],
    ),
    "to another question": (
        changed("commands", "fingerprint = fingerprint || fingerprint", "position = 4"),
        [("altered", "answer", 4, 4)],
    ),
    "deleted": (deleted("commands", "position in (4, 5)"), [("missing", "answer", 4, 5)]),
    "inserted": (
        "insert into commands select tenant_id, 'forged', fingerprint, 3, result, recorded_at"
        " from commands where tenant_id = $1 and position = 4",
        [("surplus", "answer", 3, 3)],
    ),
    "inserted beyond the head": (
        "insert into commands select tenant_id, 'forged', fingerprint, 9, result, recorded_at"
        " from commands where tenant_id = $1 and position = 4",
        [("surplus", "answer", 9, 9)],
    ),
}


@pytest.mark.parametrize("forged", FORGED)
async def test_names_the_answer_that_was_forged(
    app: App, answered: Principal, forger: asyncpg.Connection, forged: str
) -> None:
    assert await found(app, answered) == []
    statement, expected = FORGED[forged]
    await forger.execute(statement, answered.tenant)
    assert await found(app, answered) == expected


async def test_an_answer_that_changed_nothing_is_sealed_with_the_next_event(
    app: App, answered: Principal, forger: asyncpg.Connection
) -> None:
    # Of the head, which is sealed already.
    await forger.execute(
        "insert into commands select tenant_id, 'later', fingerprint, 6, result, now()"
        " from commands where tenant_id = $1 and position = 4",
        answered.tenant,
    )
    assert await found(app, answered) == []
    await asked(app, answered, LATER)
    await sealer(app).seal(answered.tenant)
    assert await found(app, answered) == []
    await forger.execute(deleted("commands", "idempotency_key = 'later'"), answered.tenant)
    assert await found(app, answered) == [("missing", "answer", 6, 6)]


async def test_answers_of_before_are_gone_and_nobody_wonders(
    app: App, answered: Principal, forger: asyncpg.Connection
) -> None:
    await asked(app, answered, LATER)
    await sealer(app, answers_kept=timedelta(0)).seal(answered.tenant)
    kept = await forger.fetch(
        "select position from commands where tenant_id = $1 order by 1", answered.tenant
    )
    # No more at once than there are positions in a block, and none that the head may have.
    assert [row["position"] for row in kept] == list(range(BLOCK, 8))
    assert await found(app, answered) == []
    await forger.execute(
        "insert into commands select tenant_id, 'forged', fingerprint, 2, result, recorded_at"
        " from commands where tenant_id = $1 and position = 5",
        answered.tenant,
    )
    assert await found(app, answered) == [("surplus", "answer", 2, 2)]


async def test_names_the_claims_that_are_not_what_the_log_says(
    app: App, manager: Principal, forger: asyncpg.Connection
) -> None:
    tenant = manager.tenant
    await asked(app, manager, [*UNMANAGED, ordered("E0", "N1", on=march(4))])
    sound = await app.verifier.verify_claims(tenant)
    assert (sound.findings, sound.rows) == ((), 6)
    for statement in (
        changed("claims", "owner = 'trainee-x'", "kind = 'order_no'"),
        deleted("claims", "kind = 'employee_no' and key = 'E1'"),
        changed("claims", "key = 'C9'", "kind = 'cohort_code' and key = 'B2'"),
    ):
        await forger.execute(statement, tenant)
    assert set((await app.verifier.verify_claims(tenant)).findings) == {
        RowDifference("altered", CLAIMS, ("order_no", "N1"), None, ("owner",)),
        RowDifference("missing", CLAIMS, ("employee_no", "E1"), None),
        RowDifference("missing", CLAIMS, ("cohort_code", "B2"), None),
        RowDifference("surplus", CLAIMS, ("cohort_code", "C9"), None),
    }
