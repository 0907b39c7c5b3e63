"""The costliest documents that are accepted of each role, about a large partner: how long another
partner waits for `{ me { role } }` meanwhile, beside how long with nothing else, and how much
memory they take.

A document is measured once, by the first role that may ask it; a role's figure is that of its
costliest."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from operator import attrgetter
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
from graphql import get_introspection_query

from infra.bench.figuring import DAY, LARGE
from infra.bench.measure import Figure, beside_nothing, milliseconds, timed
from infra.bench.place import Bench
from infra.bench.processes import below
from infra.bench.projecting import living_partner
from infra.bench.serving import CHUDAN, KeptConnection, served
from services.kernel.context import Role
from services.kernel.permissions import Permission
from services.kernel.roles import ROLES
from services.reading.budget import MOST_TRAVELS

MOST_MILLISECONDS, MOST_MEGABYTES = 100.0, 50.0
FACTS_MEGABYTES = 38.0
"""Of 14,000 newcomers, which are kept for the next question: a document has its megabytes beside
them, and for each earlier state (decisions 0038, 0047)."""
PAUSE, SETTLING, BATCH, ALIASES = 0.005, 1.0, 5, 15
STANDING_KILOBYTES = 256
TRAINING = timedelta(days=12)
"""From the entry of those of the log to their going live."""
OURS = (b"api.cli", b"infra.readside.evaluator")
"""What the command lines of the server's processes have in them."""

KPIS = (
    "order_rate",
    "average_orders",
    "entered",
    "went_live",
    "trial_pass_rate",
    "employed",
    "retention_30",
    "orders_in_first_week",
)
FORECAST = 'forecast(happenedBy: "%s") { expected { value } }'
LEAGUE = """headOffice { league(kpi: "%s") {
    edges { node { partner { code } } }
} }"""
CURVE = 'firstOrderCurve(happenedBy: "%s") { people }'
EVENINGS = (
    'series(kpi: "%s", by: DAY, since: "%s", happenedBy: "%s") { key figure { ratio { value } } }'
)
OPENED = """newcomerFigures(happenedBy: "%s") { explanation {
    countedMembers membersCounted { edges { node { employeeNo } } }
} }"""
COMPARED = """compare(kpis: %s, before: {happenedBy: "%s"}, after: {happenedBy: "%s"}) {
    movedCount moved { edges { node { label } } }
}"""
PEOPLE = """trainees(first: 200, search: "%s") { totalCount edges { node {
    employeeNo name manager status enteredOn wentLiveOn leftOn
    orders { orderNo closedOn } trials { on passed } exams { kind on passed score }
    timeline(first: 28) { edges { node { topic happenedOn recordedAt actor facts } } }
} } }"""
PAGE = "%s(first: 200) { totalCount edges { node { id } } }"
TIMELINE = "timeline(last: 1) { totalCount edges { node { topic } } }"
ENDS = "trainees(first: 200) { edges { node { %s } } }"
OF_THE_PAST = """trainees(first: 200, knownByPosition: %s) {
    totalCount edges { node { employeeNo name status orders { orderNo } } }
}"""
SCHEME = 'partner { scheme(knownByPosition: %s) { inForce(month: "2026-06") { number } } }'
CADENCE = 'cadence(kind: REFRESHER, days: $days, since: "2016-01-01", until: "2025-12-31") { held }'
EVERY_DAY = [str(date(2016, 1, 1) + timedelta(days=days)) for days in range(3_653)]


class CostlyRequest(msgspec.Struct, frozen=True):
    """A document or a batch of them, and the values of their variables. most: megabytes."""

    documents: Sequence[str]
    variables: dict[str, Any] = {}
    most: float = MOST_MEGABYTES


ME = CostlyRequest(["{ me { role } }"])

ISSUED = [role for role in Role if role is not Role.OPERATOR]
"""Those that tokens have."""

CostlyRequests = dict[str, CostlyRequest]
"""By their names."""


async def run(bench: Bench) -> list[Figure]:
    """Milliseconds, each the median of the rounds' worst; and megabytes of a server that was asked
    nothing before."""
    large = await living_partner(bench, LARGE, DAY - TRAINING)
    waits = await bench.token(await bench.new_principal())
    accounts, position = bench.app.accounts, await bench.app.log.position(large.tenant)
    partner = (await accounts.organisation_of(large.tenant)).code
    figures, waited = list[Figure](), dict[str, Figure]()
    for role in ISSUED:
        its = None if role is Role.HEAD_OFFICE else partner
        token = (await bench.app.tokens.issue(role=role, partner=its)).token
        for name in costliest_of(role, DAY, position):
            if name not in waited:
                rounds = [
                    costliest_of(role, DAY - timedelta(days=7 * ago), position)[name]
                    for ago in range(bench.rounds + 1)
                ]
                waited[name], *rest = await _measured(bench, name, (token, waits), rounds)
                figures += [waited[name], *rest]
    return figures + [
        msgspec.structs.replace(
            max(
                (waited[name] for name in costliest_of(role, DAY, position)),
                key=attrgetter("value"),
            ),
            part=f"the costliest that a role may ask, {LARGE:,} newcomers",
            name=f"the slowest `me` of another, beside {role}",
        )
        for role in ISSUED
    ]


def costliest_of(role: Role, day: date, position: int) -> CostlyRequests:
    """What a role may ask, each as dear as may be. day: an evening of which nothing is remembered.
    position: of the partner's log."""
    found = _of_everybody()
    if role is Role.HEAD_OFFICE:
        found |= _of_head_office()
    else:
        found |= _of_members(position)
        for permission in ROLES[role].keys() & BY_PERMISSION.keys():
            found |= BY_PERMISSION[permission](day, position)
    return found


def _of_everybody() -> CostlyRequests:
    cadences = " ".join(_aliased([CADENCE] * ALIASES))
    return {
        "introspection in a batch": CostlyRequest([get_introspection_query()] * BATCH),
        "ten years of training": CostlyRequest(
            [f"query ($days: [Date!]!) {{ {cadences} }}"], {"days": EVERY_DAY}
        ),
    }


def _of_head_office() -> CostlyRequests:
    return {"head office's league": CostlyRequest([_asked(LEAGUE % kpi) for kpi in KPIS[:BATCH]])}


def _of_members(position: int) -> CostlyRequests:
    schemes = _asked(*(SCHEME % at for at in _earlier(position)))
    return {"the scheme as known thrice": CostlyRequest([schemes])}


def _of_lists(_: date, position: int) -> CostlyRequests:
    ends = " ".join(_aliased([TIMELINE] * (ALIASES - 1)))
    people = [_asked(PEOPLE % number) for number in range(BATCH)]
    known = _asked(*(OF_THE_PAST % at for at in _earlier(position)))
    return {
        "a page of people in a batch": CostlyRequest(people),
        "the ends of their timelines": CostlyRequest([_asked(ENDS % ends)]),
        "people as known thrice": CostlyRequest([known], most=MOST_TRAVELS * MOST_MEGABYTES),
    }


def _of_figures(day: date, _: int) -> CostlyRequests:
    since, month_ago = day - timedelta(days=91), day - timedelta(days=30)
    evenings = _asked(EVENINGS % (KPIS[0], since, day))
    opened = _asked(*(OPENED % (day - timedelta(days=days)) for days in range(2)))
    compared = _asked(COMPARED % (msgspec.json.encode(KPIS).decode(), month_ago, day))
    curves = [_asked(CURVE % one) for one in (day, since, month_ago)]
    asked = {
        "a forecast": [_asked(FORECAST % day)],
        "a figure on 92 evenings": [evenings],
        "figures opened on two days": [opened],
        "eight KPIs compared": [compared],
        "92 evenings and curves in a batch": [evenings, *curves],
    }
    most = MOST_MEGABYTES + FACTS_MEGABYTES
    return {name: CostlyRequest(documents, most=most) for name, documents in asked.items()}


def _of_pages(field: str) -> Callable[[date, int], CostlyRequests]:
    def pages(_: date, __: int) -> CostlyRequests:
        return {f"pages of {field} at once": CostlyRequest([_asked(*[PAGE % field] * BATCH)])}

    return pages


def _of_no_more(_: date, __: int) -> CostlyRequests:
    """Of what stands in the documents of others: in timelines, and in files."""
    return {}


BY_PERMISSION = {
    Permission.READ_TRAINEES: _of_lists,
    Permission.READ_ORDERS: _of_pages("orders"),
    Permission.READ_CASES: _of_pages("followUps"),
    Permission.READ_ATTENDANCE: _of_pages("sessions"),
    Permission.READ_PEOPLE: _of_pages("people"),
    Permission.READ_FIGURES: _of_figures,
    Permission.READ_SCORES: _of_no_more,
    Permission.READ_CONTACTS: _of_no_more,
}
"""What each permission to read lets ask: of a day and a position, as costliest_of says it."""


def _earlier(position: int) -> range:
    """Three positions at which no state is kept, as late as may be."""
    return range(position - 3, position)


def _asked(*fields: str) -> str:
    return f"{{ {' '.join(_aliased(fields))} }}"


def _aliased(fields: Iterable[str]) -> Iterator[str]:
    return (f"of{number}: {one}" for number, one in enumerate(fields))


async def _ask(connection: KeptConnection, asked: CostlyRequest) -> None:
    """Raises RuntimeError for an answer with errors."""
    found = await connection.ask(*asked.documents, **asked.variables)
    if b'"errors":[{' in found:
        raise RuntimeError(f"{found[:500]!r}")


async def _measured(
    bench: Bench, name: str, tokens: tuple[str, str], rounds: Sequence[CostlyRequest]
) -> list[Figure]:
    """How long another waits comes first. tokens: of who asks, and of who waits. rounds: the first
    with a server that was asked nothing before."""
    async with served(bench, CHUDAN, {"CHUDAN_LOG_LEVEL": "warning"}) as port:
        await _ask(await KeptConnection.connect(port, tokens[1]), ME)
        await _settled()  # For longer than an idle connection is kept, perhaps.
        asking, waiting = [await KeptConnection.connect(port, token) for token in tokens]
        found = [await _asking(asking, waiting, asked) for asked in rounds]
    (_, _, grew, _), *others = found
    took, waited, _, idle = (median(values) for values in zip(*others, strict=True))
    part = f"{name}, {LARGE:,} newcomers"
    return [
        beside_nothing(part, "the slowest `me` of another", waited, idle, MOST_MILLISECONDS),
        milliseconds(part, "the slowest `me` of another, nothing asked", idle),
        milliseconds(part, "the document", took),
        Figure(
            part=part,
            name="memory, with the facts",
            value=round(grew, 1),
            unit="MB",
            targets={"value": rounds[0].most},
            lower_is_better=True,
        ),
    ]


async def _asking(
    asking: KeptConnection, waiting: KeptConnection, asked: CostlyRequest
) -> tuple[float, float, float, float]:
    """Milliseconds that it took and that another waited at most, megabytes that it took, and what
    the other waits in as long with nothing asked."""
    before = dict(_memory(at_once=True))
    took, slowest = await _waited(waiting, _ask(asking, asked))
    grew = sum(peak - before.get(pid, 0) for pid, peak in _memory(at_once=False))
    _, idle = await _waited(waiting, asyncio.sleep(took / 1e3))
    return took, slowest, grew / 1024, idle


async def _waited(waiting: KeptConnection, work: Awaitable[None]) -> tuple[float, float]:
    """Milliseconds that the work took and that another waited at most."""
    doing, slowest = asyncio.create_task(timed(work)), 0.0
    await asyncio.sleep(0)
    while not doing.done():
        slowest = max(slowest, await timed(_ask(waiting, ME)))
        await asyncio.sleep(PAUSE)
    return await doing, slowest


async def _settled() -> None:
    """Returns when the processes that a server starts beforehand stand ready: what they take for
    themselves no document brought."""
    grew = float("inf")
    while grew > STANDING_KILOBYTES:
        before = sum(dict(_memory(at_once=True)).values())
        await asyncio.sleep(SETTLING)
        grew = sum(dict(_memory(at_once=True)).values()) - before


def _memory(*, at_once: bool) -> Iterator[tuple[int, int]]:
    """The kilobytes of each process of the server: now, which forgets the peak, or at the peak."""
    for pid in below(os.getpid()):
        process = Path(f"/proc/{pid}")
        try:
            if not any(word in (process / "cmdline").read_bytes() for word in OURS):
                continue
            if at_once:
                (process / "clear_refs").write_text("5")
            said = (process / "status").read_text()
        except OSError:
            continue
        lines = dict(line.split(":", 1) for line in said.splitlines())
        yield pid, int(lines["VmRSS" if at_once else "VmHWM"].split()[0])
