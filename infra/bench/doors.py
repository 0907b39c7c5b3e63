"""The doors over HTTP with a bearer token, beside a handler written by hand and PostGraphile.

Each server is one process, of one worker, and all are asked the same by turns; what they log goes
into files. The product asks who the caller is, limits and validates the document, and decides,
seals and guards what it writes. PostGraphile, which does none of that, is left out where Node or
the network are missing.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from statistics import median
from uuid import uuid4

import msgspec

from infra.bench.answering import QUERY as BOARD
from infra.bench.measure import Contender, Figure, compared, interleaved, milliseconds
from infra.bench.place import Bench
from infra.bench.postgraphile import postgraphile
from infra.bench.projecting import living_partner
from infra.bench.serving import (
    CHUDAN,
    GUARDED,
    HANDLER,
    Loaded,
    RepeatedRequest,
    load,
    served,
)
from projections.trainees.cohort_roster import STAYS
from services.execute import execute
from services.kernel.context import Principal
from services.teaching.cohort import OpenCohort

AT_ONCE, SECONDS = 16, 2
PEOPLE = 1_000
OURS, BY_HAND, MADE = "GraphQL", "hand-written handler", "PostGraphile"
HOUSED = "handler behind our edge"
"""The handler with an identifier, metrics, a line in the log and headers, as every answer of the
product has them: beside it GraphQL alone differs."""

JSON_LOG = {"CHUDAN_LOG": "json"}
OF_A_RUN = 1_000_000
"""Numbers of requests that one run may use."""

DAYS_OF_A_RUN = 2_000
"""As many boards as no run gets to ask for, so that no day is asked for twice."""

FIRST_DAY = date(1980, 1, 1)
"""Of those that are asked for: of so many, that all are over."""

Requests = Mapping[str, RepeatedRequest]
"""What each server is asked, by its name."""


async def run(bench: Bench) -> list[Figure]:
    """Requests per second, and milliseconds."""
    principal, today = await partner(bench), bench.app.clock().date()
    token = await bench.token(principal)
    figures: list[Figure] = []
    async with (
        served(bench, CHUDAN, JSON_LOG) as ours,
        served(bench, HANDLER, JSON_LOG) as by_hand,
        served(bench, GUARDED, JSON_LOG) as housed,
        postgraphile(bench) as made,
    ):
        ports = {OURS: ours, BY_HAND: by_hand, HOUSED: housed, MADE: made}
        for name, (asked, targets) in operations(principal, str(today)).items():
            doors = {
                who: _Door(port, asked[who], token)
                for who, port in ports.items()
                if port and who in asked
            }
            contenders: dict[str, Contender] = {who: door.ask for who, door in doors.items()}
            rates = await interleaved(contenders, bench.rounds)
            part = f"{name}, {AT_ONCE} at once"
            met = {who: least for who, least in targets.items() if who in doors}
            figures += compared(part, OURS, rates, unit="requests/s", targets=met)
            figures += [line for who, door in doors.items() for line in door.latencies(part, who)]
    return figures


async def partner(bench: Bench) -> Principal:
    """The training manager of a partner with people, whose figures are final, and an open batch."""
    principal = await living_partner(bench, PEOPLE, FIRST_DAY - timedelta(days=61))
    opening = OpenCohort("NEW", "NEW", bench.app.clock().date())
    await execute(bench.app.context(principal), opening)
    return principal


class _Door:
    """One server, and what it is asked."""

    def __init__(self, port: int, asked: RepeatedRequest, token: str) -> None:
        self._port, self._asked, self._token = port, asked, token
        self._runs = count(1)
        self._loaded: list[Loaded] = []

    async def ask(self) -> float:
        """Requests per second."""
        first = next(self._runs) * OF_A_RUN
        loaded = await load(
            *(self._port, self._asked, self._token), first=first, at_once=AT_ONCE, seconds=SECONDS
        )
        self._loaded.append(loaded)
        return loaded.requests / loaded.seconds

    def latencies(self, part: str, who: str) -> list[Figure]:
        """How long a request took, with the others beside it; the first run warms up."""
        kept = self._loaded[1:]
        return [
            milliseconds(part, f"{who} p50", median(one.p50 for one in kept)),
            milliseconds(part, f"{who} p95", median(one.p95 for one in kept)),
        ]


def operations(principal: Principal, today: str) -> Mapping[str, tuple[Requests, dict[str, float]]]:
    """What is asked, by name, and the least ratios of ours to the others."""
    days = f"(math.floor(n / {OF_A_RUN}) * {DAYS_OF_A_RUN} + n % {OF_A_RUN})"
    since = datetime.combine(FIRST_DAY, time(), UTC).timestamp()
    a_day = f"os.date('!%Y-%m-%d', {since:.0f} + {days} * 86400)"
    newcomer = {"cohort": "NEW", "employeeNo": "E@", "name": "新人", "enteredOn": today}
    by_hand = {"cohort": "NEW", "employee_no": "E@", "name": "新人", "entered_on": today}
    people: Requests = {
        OURS: _graphql(_PEOPLE),
        **_by_hand("GET", "/people"),
        MADE: _graphql(_MADE_PEOPLE, {"tenant": str(principal.tenant)}),
    }
    enrolment: Requests = {
        OURS: _graphql(_ENROL, {"input": newcomer}, "n"),
        **_by_hand("POST", "/people", json.dumps(by_hand), "n"),
        MADE: _graphql(_MADE_EVENT, {"input": {"event": _event(today)}}, "n"),
    }
    me: Requests = {OURS: _graphql(_ME), **_by_hand("GET", "/me")}
    board: Requests = {
        OURS: _graphql(BOARD, {"day": "@"}, a_day),
        BY_HAND: RepeatedRequest("GET", f"/board?day={today}"),
    }
    return {
        "me": (me, {BY_HAND: 0.6}),
        "100 people with 8 fields": (people, {BY_HAND: 0.5}),
        "enrolling": (enrolment, {MADE: 0.5}),
        f"board of {PEOPLE:,}, another day": (board, {}),
    }


def _by_hand(method: str, path: str, body: str = "", each: str = "") -> Requests:
    """The same of both handlers, each with numbers of its own."""
    return {
        who: RepeatedRequest(method, path, body.replace("@", f"@-{mark}"), each)
        for mark, who in enumerate((BY_HAND, HOUSED))
    }


def _graphql(
    query: str, variables: Mapping[str, object] | None = None, each: str = ""
) -> RepeatedRequest:
    body = msgspec.json.encode({"query": query, "variables": variables or {}})
    return RepeatedRequest("POST", "/graphql", body.decode(), each)


def _event(today: str) -> dict[str, object]:
    """A row of the log as an enrolment writes it."""
    payload = {"cohort_code": "NEW", "employee_no": "E@", "name": "新人", "entered_on": today}
    return {
        "tenantId": str(uuid4()),
        "position": "@",
        "streamId": "trainee-@",
        "version": 1,
        "topic": "trainee.enrolled",
        "payload": json.dumps(payload),
        "actor": "bench",
        "recordedAt": f"{today}T00:00:00Z",
        "source": '{"kind": "typed"}',
    }


_ME = "{ me { actor role permissions } }"

_PEOPLE = """
    { trainees(first: 100) { edges { node {
        employeeNo name post manager status enteredOn wentLiveOn leftOn
    } } } }
"""

_ENROL = """
    mutation Enrol($input: EnrolTraineeInput!) {
        enrolTrainee(input: $input) { trainee { id } position errors { code message } }
    }
"""

_ROSTER = "all" + "".join(map(str.capitalize, STAYS.table.split("_"))) + "S"

_MADE_PEOPLE = f"""
    query People($tenant: UUID!) {{
        {_ROSTER}(first: 100, condition: {{tenantId: $tenant}}, orderBy: [NAME_KEY_ASC]) {{
            edges {{ node {{
                employeeNo name post managerId status enteredOn liveOn leftOn
            }} }}
        }}
    }}
"""

_MADE_EVENT = """
    mutation Create($input: CreateEventInput!) {
        createEvent(input: $input) { event { streamId position } }
    }
"""
