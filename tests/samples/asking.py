"""What a sample is asked through GraphQL: figures, lists, timelines, head office's view."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Any

import httpx
from msgspec.structs import replace

from api.app import create_app
from domain.kpi.catalog import CATALOG
from infra.bootstrap import App
from infra.readside.projector import catch_up
from infra.readside.series import SeriesFiller
from infra.settings import Settings
from tests.api.conftest import living
from tests.api.door import Door
from tests.samples.keeping import Entering, Question

MONTHS = ("2025-03", "2025-04", "2025-05", "2026-06")
RATIO = "{ numerator denominator shown }"

KPIS = """
query Kpis($slugs: [String!]!, $month: String, $cohort: String, $manager: String,
    $trainingManager: String, $day: Date!, $knownBy: DateTime) {
  kpis(slugs: $slugs, month: $month, cohort: $cohort, manager: $manager,
      trainingManager: $trainingManager, happenedBy: $day, knownBy: $knownBy) {
    kpi { slug } ratio { numerator denominator } isFinal
  }
}
"""
FIGURES = f"""
query Figures($month: String, $day: Date!, $knownBy: DateTime) {{
  newcomerFigures(month: $month, happenedBy: $day, knownBy: $knownBy) {{
    entered wentLive employed orderRate {RATIO} averageOrders {RATIO} trialPassRate {RATIO}
    floor {RATIO} ceiling {RATIO} isFinal finalOn asOf {{ position schemeVersions }}
  }}
}}
"""
BOARD = f"""
query Board($day: Date!, $knownBy: DateTime) {{
  board(happenedBy: $day, knownBy: $knownBy) {{
    whole {{ entered wentLive }}
    months {{ ...group }} byCohort {{ ...group }} byManager {{ ...group }}
  }}
}}
fragment group on GroupFigures {{ label figures {{ entered wentLive orderRate {RATIO} }} }}
"""
SCORECARD = """
query Scorecard($month: String!, $day: Date!) {
  scorecard(month: $month, happenedBy: $day) {
    scored defined isFinal summary asOf { schemeVersions }
    lines { code weight points { shown } missing }
  }
}
"""
PEOPLE = """
query People($day: Date!, $knownBy: DateTime) {
  trainees(first: 200, happenedBy: $day, knownBy: $knownBy) { edges { node {
    id employeeNo name manager status enteredOn leftOn post wentLiveOn cohort { code }
    orders { orderNo voidedOn } trials { passed } exams { kind } rejoins { id }
  } } }
  people(first: 200, happenedBy: $day, knownBy: $knownBy) { edges { node {
    id number name post status since leftOn isConfirmed
    department { code } manager { name } joinedInto { name }
  } } }
  departments(first: 200, happenedBy: $day, knownBy: $knownBy) { edges { node {
    code name status openedOn closedOn head { name } partOf { code }
  } } }
}
"""
TEACHING = """
query Teaching($day: Date!, $knownBy: DateTime) {
  cohorts(first: 200, happenedBy: $day, knownBy: $knownBy) { edges { node {
    code name openedOn trialRequired trainingManager status handovers { on trainingManager }
  } } }
  sessions(first: 200, happenedBy: $day, knownBy: $knownBy) { edges { node {
    code status kind plan { plannedOn topics } summary { on text } cancelledOn
  } } }
}
"""
SELLING = """
query Selling($day: Date!, $knownBy: DateTime) {
  orders(first: 200, happenedBy: $day, knownBy: $knownBy) { edges { node {
    orderNo closedOn product amount status voidedOn creditedOn trainee { name }
  } } }
  followUps(first: 200, happenedBy: $day, knownBy: $knownBy) { edges { node {
    code employeeNo status openedOn notes { on note } action dueOn endedOn
  } } }
  submissions(knownBy: $knownBy) { edges { node {
    month isRestated
    vintages {
      number submittedAt pinnedPosition sha256
      submittedFigures { kpi { slug } ratio { numerator denominator } }
    }
    restatements { number until acknowledgedAt note restatedFigures { kpi { slug } } }
  } } }
}
"""
LISTS = (BOARD, PEOPLE, TEACHING, SELLING)
TIMELINE = """
query Timeline($employeeNo: String!, $day: Date!) {
  trainee(employeeNo: $employeeNo, happenedBy: $day) {
    name timeline(first: 200) { edges { node {
      position happenedOn recordedAt actor source fact topic facts
    } } }
  }
}
"""
LEAGUE = f"""
query League($kpi: String!, $month: String) {{
  headOffice {{
    league(kpi: $kpi, month: $month) {{ edges {{ node {{
      rank partner {{ code name }} figure {{ month ratio {RATIO} isFinal position }}
    }} }} }}
    series(kpi: $kpi) {{ edges {{ node {{
      partner {{ code }} points {{ month ratio {RATIO} isFinal position }}
    }} }} }}
  }}
}}
"""


Answering = Callable[[Question], Awaitable[Question]]
"""Answers the question with what is said now."""


def questions(
    day: date, partners: Sequence[str], known: Sequence[datetime], told: str
) -> Iterator[Question]:
    """All of a sample. day: of whose evening. known: instants at which less was recorded. told: the
    number of somebody of the first partner, whose timeline is shown."""
    first, *_ = partners
    on: dict[str, Any] = {"day": day.isoformat()}
    of_all = on | {"slugs": [kpi.slug for kpi in CATALOG]}
    for code in partners:
        for instant in (None, *known):
            then = {"knownBy": instant and instant.isoformat()}
            for month in MONTHS if instant is None else MONTHS[:1]:
                yield _asked(code, KPIS, of_all | then | {"month": month})
                yield _asked(code, FIGURES, on | then | {"month": month})
            yield from (_asked(code, document, on | then) for document in LISTS)
        yield _asked(code, SCORECARD, on | {"month": MONTHS[0]})
        for group in ({"cohort": "A1"}, {"cohort": "B2"}, {"manager": "赵主管"}):
            yield _asked(code, KPIS, of_all | group)
    yield _asked(first, KPIS, of_all | {"trainingManager": "M3"})
    yield _asked(first, TIMELINE, on | {"employeeNo": told})
    for kpi in ("order_rate", "average_orders"):
        yield from (_asked("", LEAGUE, {"kpi": kpi, "month": of}) for of in (None, MONTHS[0]))


def _asked(whose: str, document: str, variables: dict[str, Any]) -> Question:
    return Question(whose, " ".join(document.split()), variables)


async def filled(app: App) -> None:
    """Read models and series are brought to the heads of the logs, as a projector does."""
    for one in await app.accounts.list_organisations():
        await catch_up(app, one.tenant_id)
        await SeriesFiller(app.db, app.clock).fill(one.tenant_id)


@asynccontextmanager
async def opened(settings: Settings, entering: Entering) -> AsyncIterator[Answering]:
    """What asks an installation at work, by the clock and the tokens of a sample."""
    async with living(create_app(settings, lambda: entering.asked_at)) as web:
        transport = httpx.ASGITransport(app=web)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:

            async def answered(question: Question) -> Question:
                door = Door(web, http, entering.tokens[question.whose])
                said = await door.data(question.document, **question.variables)
                return replace(question, answer=said)

            yield answered
