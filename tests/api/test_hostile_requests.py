"""Whatever is sent to a door, it is never answered by an internal error; and whatever a command
accepts, every projection stores and reads back."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from hypothesis import settings
from litestar import Litestar

from api.cli import REFUSED, WRONG_USAGE
from api.graphql.schema import build_schema
from api.http.graphql import INTERNAL_ERROR
from domain.kernel.aggregate import Recorded
from infra.bootstrap import App, utc_now
from infra.readside.projector import catch_up
from projections import PROJECTIONS
from services.kernel.context import Principal, Role
from services.people.access import Tenant
from tests.api.cli.terminal import ended_within
from tests.api.conftest import open_door
from tests.api.door import Door
from tests.api.graphql.test_made_up_queries import CANARY, plant
from tests.api.hostile import FIRST_LINES, SOCKET, TERMINAL, Hostile, Sent
from tests.api.web.visiting import hidden, log_in
from tests.browser.story import PASSWORD

MADE = 20 * settings.default.max_examples
"""1,000 in `make test`, the same each time; others and twenty times as many in `make explore`."""

CODE, NUMBER = f"{CANARY}-B", f"{CANARY}-T"
TAKEN = {
    "operation": 0.4,
    "page": 0.25,
    "form": 0.06,
    "feed": 0.06,
    "file": 0.06,
    "upload": 0.1,
    "persisted": 0.02,
    "message": 0.3,
    "command": 0.2,
}
"""Of the requests at each door the least share that is not turned away: about half of what it is,
since a door that turns all away shows nothing of what lies behind."""

EVENTS, TOPICS = 15, 10
"""What these requests record at least."""

ENDED = {0: 200, REFUSED: 422, WRONG_USAGE: 400}
"""By the exit status of a command, how HTTP says the same."""

Send = Callable[[Sent], Awaitable[httpx.Response]]


@pytest.fixture
async def good(door: Door, partner: Tenant, tmp_path: Path) -> Mapping[str, Sequence[Any]]:
    """What the partner has, and plain values of each scalar."""
    planted = await plant(door)
    roster = tmp_path / "名单.csv"
    roster.write_text(f"{FIRST_LINES}新号,王芳,{CODE},2026-06-10\n")
    named = {
        ("cohort", "code", "session"): [CODE],
        ("employeeNo", "employee_no", "thing"): [NUMBER],
        ("orderNo", "order_no"): [f"{CANARY}-O", "新单"],
        ("Date", "on"): ["2026-06-10", "2026-06-30"],
    }
    return {
        **{name: values for names, values in named.items() for name in names},
        "id": [one for name, ids in planted.items() if name.endswith(".id") for one in ids],
        "month": ["2026-06"],
        "kpi": ["order_rate"],
        "DateTime": [utc_now().isoformat()],
        "Int": [1, 5],
        "Float": [1.5],
        "Boolean": [True, False],
        "Decimal": ["1.5"],
        "String": ["王芳", "新号"],
        "partner": [partner.code],
        "files": [str(roster)],
    }


@pytest.fixture
async def send(
    app: App, web: Litestar, http: httpx.AsyncClient, door: Door, partner: Tenant
) -> Send:
    """Sends as whoever is meant; of a form its token, too."""
    email = f"{partner.code}@partner.example"
    await app.accounts.create_user(
        email=email,
        name="杜玉璇",
        role=Role.TRAINING_MANAGER,
        password=PASSWORD,
        partner=partner.code,
    )
    await log_in(http, email)
    csrf = hidden((await http.get("/cohorts/new")).text, "csrf")
    headers = {
        "browser": {"cookie": "; ".join(f"{one.name}={one.value}" for one in http.cookies.jar)},
        "manager": door.headers,
        "head office": (await open_door(app, web, http, None, Role.HEAD_OFFICE)).headers,
        "nobody": {},
    }

    async def sending(sent: Sent) -> httpx.Response:
        if sent.method == TERMINAL:
            return httpx.Response(ENDED[await ended_within(app, sent.address, sent.arguments)])
        if sent.method == SOCKET:
            return await _told(door, sent.body.decode(errors="replace"))
        http.cookies.clear()
        body, kind = sent.body, sent.kind
        if kind.endswith("urlencoded"):
            body += f"&csrf={csrf}".encode()
        beside = headers[sent.by] | ({"content-type": kind} if kind else {})
        return await http.request(sent.method, sent.address, content=body, headers=beside)

    return sending


def is_taken(answer: httpx.Response) -> bool:
    """Whether a request came further than its door."""
    is_sent_away = answer.headers.get("location", "").startswith("/login")
    return answer.status_code < 400 and not is_sent_away and b'"data":null' not in answer.content


async def _told(door: Door, message: str) -> httpx.Response:
    """What a socket says to a message, as a response."""
    async with door.socket() as socket:
        assert (await socket.receive())["type"] == "connection_ack"
        await socket.say(message)
        told = await socket.receive()
    closed = told.get("close")
    status = 500 if closed == INTERNAL_ERROR else 400 if closed or told["type"] == "error" else 200
    return httpx.Response(status, json=told)


@pytest.mark.hypothesis
async def test_no_request_ends_in_an_internal_error_and_no_event_cannot_be_stored(
    app: App, partner: Tenant, good: Mapping[str, Sequence[Any]], send: Send
) -> None:
    seed = 20261129 if settings.default.derandomize else Random().randrange(10**9)
    hostile = Hostile(build_schema(), Random(seed), good)
    before = await app.log.position(partner.tenant_id)
    amiss, asked, taken = [], Counter[str](), Counter[str]()
    for _ in range(MADE):
        sent = hostile.request()
        answer = await send(sent)
        asked[sent.door] += 1
        taken[sent.door] += is_taken(answer)
        if answer.status_code >= 500 or b"internal_error" in answer.content:
            amiss.append((sent.by, sent.method, sent.address[:500], sent.body[:2_000]))
    assert not amiss, f"{len(amiss)} of {MADE} requests of seed {seed}: {amiss[:5]}"
    shares = {door: taken[door] / asked[door] for door in asked}
    assert {door: share for door, share in shares.items() if share < TAKEN[door]} == {}
    made = await app.events(
        Principal.of_system(partner.tenant_id, "tester"), after=before, most=MADE
    )
    topics = {one.event.TOPIC for one in made if isinstance(one, Recorded)}
    assert len(made) >= EVENTS
    assert len(topics) >= TOPICS
    await catch_up(app, partner.tenant_id)
    for projection in PROJECTIONS:
        verified = await app.verifier.verify(partner.tenant_id, projection)
        assert (verified.parked, verified.error, verified.findings) == (None, None, ()), projection
        assert verified.behind == 0
