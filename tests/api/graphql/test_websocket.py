"""Subscriptions over graphql-transport-ws."""

import asyncio
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import structlog
from litestar import Litestar

from api import positions
from api.http import graphql as transport
from api.in_turn import TURNS
from infra.access import accounts
from infra.bootstrap import App
from infra.database.retries import DatabaseAwayError
from infra.log.tenant_log import TenantLog
from infra.settings import Settings
from infra.turns import RequestTurn, Turns
from services.people.access import Tenant
from services.reading.figures import FigureReader
from tests.api.door import PROTOCOL, Door, Socket
from tests.carrying import carry_out
from tests.situation import batch_opened, enrolled

CHANGED = "subscription { figuresChanged { entered asOf { position } } }"
PATIENCE = 20
"""Seconds after which a test gives up."""


async def test_tells_the_figures_now_and_after_every_change(door: Door) -> None:
    await door.changed("openCohort", code="B1", name="一", openedOn="2026-05-01")
    async with door.socket() as socket:
        assert (await socket.receive())["type"] == "connection_ack"
        await socket.send("subscribe", id="1", payload={"query": CHANGED})
        first = await socket.receive()
        assert (first["type"], first["id"]) == ("next", "1")
        assert first["payload"]["data"]["figuresChanged"]["entered"] == 0
        position = await door.changed(
            "enrolTrainee", cohort="B1", employeeNo="T1", name="学员", enteredOn="2026-05-02"
        )
        second = (await socket.receive())["payload"]["data"]["figuresChanged"]
        assert second == {"entered": 1, "asOf": {"position": position}}
        await socket.send("complete", id="1")
        await socket.send("ping")
        assert (await socket.receive())["type"] == "pong"


async def test_tells_what_a_database_that_was_away_kept_back(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(positions, "SIGN_OF_LIFE_EVERY", 0.0)
    answer, position = FigureReader.answer, TenantLog.position
    faults = iter([DatabaseAwayError(), asyncpg.CannotConnectNowError()])

    async def figures(*given: Any) -> Any:
        if (fault := next(faults, None)) is not None:
            raise fault
        return await answer(*given)

    lost = iter([DatabaseAwayError()])

    async def reached(*given: Any) -> Any:
        if (fault := next(lost, None)) is not None:
            raise fault
        return await position(*given)

    monkeypatch.setattr(FigureReader, "answer", figures)
    async with door.socket() as socket:
        await socket.receive()
        monkeypatch.setattr(TenantLog, "position", reached)
        await socket.send("subscribe", id="1", payload={"query": CHANGED})
        assert (await socket.receive())["type"] == "next"
    assert (list(faults), list(lost)) == ([], [])


async def test_follows_a_job_to_its_end(door: Door) -> None:
    query = 'mutation { requestReport(input: {month: "2026-06"}) { job { id } } }'
    job = (await door.data(query))["requestReport"]["job"]["id"]
    async with door.socket() as socket:
        await socket.receive()
        follow = "subscription S($id: ID!) { jobProgress(id: $id) { id state } }"
        payload = {"query": follow, "variables": {"id": job}}
        await socket.send("subscribe", id="j", payload=payload)
        told = (await socket.receive())["payload"]["data"]["jobProgress"]
        assert told == {"id": job, "state": "QUEUED"}
        cancel = "mutation M($id: ID!) { cancelJob(input: {id: $id}) { errors { code } } }"
        assert (await door.data(cancel, id=job))["cancelJob"]["errors"] == []
        told = (await socket.receive())["payload"]["data"]["jobProgress"]
        assert told == {"id": job, "state": "CANCELLED"}
        assert await socket.receive() == {"id": "j", "type": "complete"}


async def test_a_query_is_answered_on_the_socket_too(door: Door) -> None:
    async with door.socket() as socket:
        await socket.receive()
        await socket.send("subscribe", id="q", payload={"query": "{ me { role } }"})
        assert (await socket.receive())["payload"] == {"data": {"me": {"role": "TRAINING_MANAGER"}}}
        assert await socket.receive() == {"id": "q", "type": "complete"}


class AskedTurn(RequestTurn):
    """One that tells that it is asked for again."""

    def __init__(self, places: asyncio.Semaphore, asked: asyncio.Event) -> None:
        super().__init__(places)
        self._asked = asked

    async def take(self) -> None:
        self._asked.set()
        await super().take()


class AskedTurns(Turns):
    """Turns of one place, which tell that one is asked for."""

    def __init__(self) -> None:
        super().__init__(at_once=1)
        self.asked = asyncio.Event()

    def turn(self, tenant_id: UUID) -> RequestTurn:
        self.asked.set()
        return AskedTurn(self._places[tenant_id], self.asked)

    async def is_waited_for(self, answer: asyncio.Task[Any]) -> bool:
        """Whether a turn is asked for before the answer comes."""
        asked = asyncio.create_task(self.asked.wait())
        await asyncio.wait([answer, asked], return_when=asyncio.FIRST_COMPLETED)
        return self.asked.is_set() and not answer.done()


async def test_a_query_and_each_answer_of_a_subscription_wait_for_their_turn_and_keep_none(
    app: App, door: Door, partner: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = AskedTurns()
    monkeypatch.setitem(door.web.state, TURNS, turns)  # type: ignore[misc]
    async with door.socket() as socket:
        await socket.receive()
        await socket.send("subscribe", id="1", payload={"query": CHANGED})
        assert (await socket.receive())["type"] == "next"
        async with turns.turn(partner.tenant_id):
            turns.asked.clear()
            await socket.send("subscribe", id="q", payload={"query": "{ me { role } }"})
            answer = asyncio.create_task(socket.receive())
            assert await turns.is_waited_for(answer)
        assert (await answer)["payload"] == {"data": {"me": {"role": "TRAINING_MANAGER"}}}
        assert (await socket.receive())["type"] == "complete"
        assert (await door.data("{ me { role } }")) == {"me": {"role": "TRAINING_MANAGER"}}
        async with turns.turn(partner.tenant_id):
            turns.asked.clear()
            await carry_out(app, partner.operator, [batch_opened("A1"), enrolled("T1")])
            answer = asyncio.create_task(socket.receive())
            assert await turns.is_waited_for(answer)
        assert (await answer)["payload"]["data"]["figuresChanged"]["entered"] == 1
        assert (await door.data("{ me { role } }")) == {"me": {"role": "TRAINING_MANAGER"}}


async def test_an_invalid_document_is_refused_as_an_error(door: Door) -> None:
    async with door.socket() as socket:
        await socket.receive()
        await socket.send("subscribe", id="q", payload={"query": "{ nothing }"})
        refused = await socket.receive()
        assert (refused["type"], refused["id"]) == ("error", "q")
        assert refused["payload"][0]["extensions"]["code"] == "document_invalid"


async def test_closes_without_a_credential(door: Door) -> None:
    async with door.socket(token="chudan_unknown") as socket:
        assert await socket.receive() == {"close": 4403}


async def test_closes_when_something_comes_before_the_credential(web: Litestar) -> None:
    socket = Socket(web)
    await socket.open()
    await socket.send("subscribe", id="1", payload={"query": CHANGED})
    assert await socket.receive() == {"close": 4401}
    await socket.close()


async def test_closes_when_nothing_comes(web: Litestar, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "PATIENCE", 0.0)
    socket = Socket(web)
    await socket.open()
    async with asyncio.timeout(PATIENCE):
        assert await socket.receive() == {"close": 4408}
    await socket.close()


async def test_closes_when_more_is_asked_at_once_than_a_socket_may(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "MOST_OPERATIONS", 1)
    async with door.socket() as socket:
        await socket.receive()
        await socket.send("subscribe", id="1", payload={"query": CHANGED})
        await socket.receive()
        await socket.send("subscribe", id="2", payload={"query": CHANGED})
        assert await socket.receive() == {"close": 4429}


async def test_refuses_the_legacy_protocol(web: Litestar) -> None:
    socket = Socket(web, protocol="graphql-ws")
    await socket.open()
    assert await socket.receive() == {"close": 4406}
    await socket.close()


async def test_refuses_another_sites_page(web: Litestar) -> None:
    socket = Socket(web, PROTOCOL, origin="https://elsewhere.example")
    await socket.open()
    assert await socket.receive() == {"close": 4406}
    await socket.close()


async def test_one_name_is_one_subscription(door: Door) -> None:
    async with door.socket() as socket:
        await socket.receive()
        await socket.send("subscribe", id="1", payload={"query": CHANGED})
        assert (await socket.receive())["type"] == "next"
        await socket.send("subscribe", id="1", payload={"query": CHANGED})
        assert await socket.receive() == {"close": 4409}


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ('jobProgress(id: "00000000-0000-4000-8000-000000000000") { state }', "job_unknown"),
        ('jobProgress(id: "nonsense") { state }', "id_invalid"),
        ('figuresChanged(cohort: "nope") { entered }', "cohort_unknown"),
    ],
)
async def test_a_subscription_that_is_refused_is_answered_so(
    door: Door, asked: str, code: str
) -> None:
    async with door.socket() as socket:
        await socket.receive()
        await socket.send("subscribe", id="1", payload={"query": f"subscription {{ {asked} }}"})
        async with asyncio.timeout(PATIENCE):
            refused = await socket.receive()
        assert (refused["type"], refused["id"]) == ("error", "1")
        assert [one["extensions"]["code"] for one in refused["payload"]] == [code]


async def test_a_name_that_is_used_again_at_once_is_the_new_operations(door: Door) -> None:
    async with door.socket() as socket:
        await socket.receive()
        await socket.send("subscribe", id="1", payload={"query": CHANGED})
        await socket.receive()
        await socket.send("complete", id="1")
        await socket.send("subscribe", id="1", payload={"query": CHANGED})
        assert (await socket.receive())["type"] == "next"
        await socket.send("subscribe", id="1", payload={"query": CHANGED})
        assert await socket.receive() == {"close": 4409}


@pytest.mark.parametrize("end", ["revoked_at", "expires_at"])
async def test_closes_when_the_token_ends_while_nothing_happens(
    door: Door, database: Settings, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    monkeypatch.setattr(transport, "RECHECK", 0.01)
    monkeypatch.setattr(accounts, "RESOLVED_SECONDS", 0.01)
    async with door.socket() as socket:
        await socket.receive()
        await socket.send("subscribe", id="1", payload={"query": CHANGED})
        assert (await socket.receive())["type"] == "next"
        owner = await asyncpg.connect(database.dsn("owner"))
        try:
            ended = f"update tokens set {end} = now() where hash = $1"
            await owner.execute(ended, sha256(door.token.encode()).digest())
        finally:
            await owner.close()
        assert await socket.receive() == {"close": 4403}


@pytest.mark.parametrize(
    "fault",
    [ValueError("no such store"), asyncpg.UndefinedTableError("no such table")],
    ids=["of ours", "of a statement"],
)
async def test_closes_where_looking_the_credential_up_fails_beside_a_subscription(
    door: Door, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    async def failing(_: object) -> None:
        raise fault

    monkeypatch.setattr(transport, "RECHECK", 0.01)
    async with door.socket() as socket:
        await socket.receive()
        await socket.send("subscribe", id="1", payload={"query": CHANGED})
        assert (await socket.receive())["type"] == "next"
        monkeypatch.setattr(transport.Conversation, "_caller", failing)
        assert await socket.receive() == {"close": 4500}


async def test_a_database_that_is_away_when_a_socket_opens_asks_the_client_to_come_again(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: object) -> None:
        raise DatabaseAwayError

    monkeypatch.setattr(transport.Conversation, "_caller", away)
    async with door.socket() as socket:
        assert await socket.receive() == {"close": 1013}


async def test_a_breach_of_the_protocol_ends_what_is_going_on(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = asyncio.Event()

    async def lasting(self: transport.Conversation, operation: object) -> AsyncIterator[object]:
        try:
            yield {"data": {}}
            await asyncio.Event().wait()
        finally:
            ended.set()

    monkeypatch.setattr(transport.Conversation, "_answers", lasting)
    async with door.socket() as socket:
        await socket.receive()
        await socket.send("subscribe", id="1", payload={"query": CHANGED})
        assert (await socket.receive())["type"] == "next"
        await socket.send("shout")
        assert await socket.receive() == {"close": 4400}
    assert ended.is_set()


async def test_a_fault_beside_a_breach_of_the_protocol_is_logged(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(self: transport.Conversation, principal: object) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError("a fault of ours")

    monkeypatch.setattr(transport.Conversation, "_watch", failing)
    with structlog.testing.capture_logs() as logged:
        async with door.socket() as socket:
            await socket.receive()
            await socket.send("shout")
            assert await socket.receive() == {"close": 4400}
    assert [one["event"] for one in logged if one["log_level"] == "error"] == [
        "conversation_failed"
    ]


async def test_every_answer_of_a_subscription_reads_anew(door: Door) -> None:
    await door.changed("openCohort", code="B1", name="一", openedOn="2026-05-01")
    await door.changed(
        "enrolTrainee", cohort="B1", employeeNo="T1", name="学员", enteredOn="2026-05-02"
    )
    query = """subscription { figuresChanged { entered explanation { inTraining {
        edges { node { trainee { status manager } } } } } } }"""

    async with door.socket() as socket:

        async def told() -> list[dict[str, str]]:
            explained = (await socket.receive())["payload"]["data"]["figuresChanged"]["explanation"]
            return [edge["node"]["trainee"] for edge in explained["inTraining"]["edges"]]

        await socket.receive()
        await socket.send("subscribe", id="1", payload={"query": query})
        while (first := await told()) != [{"status": "IN_TRAINING", "manager": None}]:
            assert first == []
        await door.changed("changeManager", employeeNo="T1", manager="赵主管", on="2026-05-03")
        await door.changed(
            "enrolTrainee", cohort="B1", employeeNo="T2", name="另一学员", enteredOn="2026-05-04"
        )
        while len(second := await told()) < 2:
            pass
        assert second[0] == {"status": "IN_TRAINING", "manager": "赵主管"}
