"""For random histories: pages of the past are the pages that the tables showed then."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from api.graphql.engine.execution import Caller, Engine, Operation
from api.graphql.schema import build_schema
from domain.planning.calendar import local_day
from infra.bootstrap import App
from infra.readside.projector import catch_up
from services.kernel.context import Principal
from tests.carrying import carry_out, new_partner
from tests.examples import examples
from tests.histories import histories
from tests.read_models import head
from tests.situation import BEGINNING, START, march, ordered, passed_gate, went_live
from tests.steps import Step
from tests.submitting import react, submit

PEOPLE = """
  totalCount pageInfo { hasNextPage endCursor }
  edges { cursor node {
    id employeeNo name post manager status enteredOn wentLiveOn leftOn
    cohort { code counts { entered live left } handovers { on trainingManager } }
    orders { orderNo closedOn voidedOn creditedOn reassignedOn } trials { on passed }
    exams { kind on passed score }
    timeline(first: 40) { pageInfo { hasNextPage } edges { cursor node { position topic } } }
  } }
"""
BATCHES = """
  totalCount pageInfo { hasNextPage endCursor }
  edges { cursor node {
    id code name openedOn trainingManager handovers { on trainingManager }
    counts { entered inTraining live held left eliminated }
    %s
  } }
"""
FIGURES = "figures { entered wentLive orderRate { numerator denominator } isFinal }"
CLASSES = """
  totalCount pageInfo { hasNextPage endCursor }
  edges { cursor node {
    id code status plan { plannedOn topics } plans { plannedOn approvedOn } opening { on headcount }
    closing { on topicsTaught } summary { on text } cancelledOn cohort { code trainingManager }
  } }
"""
SCHEME = """
query($known: Int) { partner { scheme(knownByPosition: $known) {
  versions { number recordedAt actor } inForce(month: "2025-06") { number }
} } }
"""
SUBMISSION = """
  id month isRestated vintages { number pinnedPosition submittedFigures { ratio { numerator } } }
  restatements {
    acknowledged
    restatedFigures { causes { edges { node { position trainee { name status } } } } }
  }
"""
SUBMISSIONS = "submissions(first: 3%s) { totalCount edges { cursor node { " + SUBMISSION + " } } }"
MOMENT = "happenedBy: $end, knownByPosition: $known"
"""Arguments of every list; a variable that is not stated states no argument."""

SETTINGS = settings(
    max_examples=examples(12),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)


@pytest.fixture(scope="module")
def engine(app: App) -> Engine:
    """One as in the application, which reads a document once."""
    return Engine(build_schema(), app)


class Reader:
    """Asks without HTTP, as a partner's own; reads what would be sent."""

    def __init__(self, engine: Engine, principal: Principal) -> None:
        self._engine = engine
        self._principal = principal

    async def ask(self, query: str, **stated: Any) -> Any:
        caller = Caller(self._principal, None, "en")  # A request of its own each time.
        answer = await self._engine.answer(caller, Operation(query=query, variables=stated))
        assert "errors" not in answer, answer["errors"]
        return msgspec.json.decode(msgspec.json.encode(answer["data"]))

    async def scheme(self, **moment: int) -> Any:
        return await self.ask(SCHEME, **moment)

    async def pages(self, figures: str = FIGURES, **moment: Any) -> Any:
        """Everything there is, and each list chosen and cut short in one of the ways."""

        async def ask(fields: str, variable: str = "", **stated: str) -> Any:
            query = f"query($end: Date, $known: Int{variable}) {{ {fields} }}"
            return await self.ask(query, **moment, **stated)

        found = [
            await ask(f"trainees(first: 12, {MOMENT}) {{ {PEOPLE} }}"),
            await ask(f"cohorts(first: 5, {MOMENT}) {{ {BATCHES % figures} }}"),
            await ask(f"sessions(first: 12, {MOMENT}) {{ {CLASSES} }}"),
        ]
        batches = [edge["node"]["id"] for edge in found[1]["cohorts"]["edges"]]
        one = f"cohort(id: $batch, {MOMENT}) {{ name {figures} counts {{ live }} }}"
        within = f"(first: 2, cohort: $batch, {MOMENT})"
        lists = f"trainees{within} {{ {PEOPLE} }} sessions{within} {{ {CLASSES} }}"
        for batch in batches:
            found += [await ask(fields, ", $batch: ID!", batch=batch) for fields in (one, lists)]
        for chosen in ("status: LEFT", 'search: "zw"', 'status: LIVE, search: "e"'):
            listed = f"trainees(first: 3, {chosen}, {MOMENT}) {{ totalCount edges {{ cursor }} }}"
            found.append(await ask(listed))
        for who in ("e0", "E1", "E5"):
            named = f'trainee(employeeNo: "{who}", {MOMENT}) {{ id status cohort {{ code }} }}'
            found.append(await ask(named))
        return found


@SETTINGS
@given(history=histories(), cuts=st.tuples(*[st.integers(0, 40)] * 2))
async def test_a_position_shows_what_the_tables_showed_when_the_log_stood_there(
    app: App, engine: Engine, history: list[Step], cuts: tuple[int, int]
) -> None:
    principal = await new_partner(app)
    reader = Reader(engine, principal)
    first, second = sorted(cuts)
    then = {}
    for part in (history[:first], history[first:second], history[second:]):
        await carry_out(app, principal, part)
        await catch_up(app, principal.tenant)
        position = await head(app, principal.tenant)
        then[position] = (await reader.pages(), await reader.scheme())
    for position, (pages, scheme) in then.items():
        assert await reader.pages(known=position) == pages
        assert await reader.scheme(known=position) == scheme


@SETTINGS
@given(history=histories(), behind=st.integers(0, 30))
async def test_with_both_times_open_it_is_the_table_also_where_that_lags_behind(
    app: App, engine: Engine, history: list[Step], behind: int
) -> None:
    principal = await new_partner(app)
    reader = Reader(engine, principal)
    await carry_out(app, principal, history[: max(2, len(history) - behind)])
    await catch_up(app, principal.tenant)
    await carry_out(app, principal, history[max(2, len(history) - behind) :])
    end = str(local_day(app.clock(), principal.zone))
    lagging = await reader.pages(figures="status", end=end)
    await catch_up(app, principal.tenant)
    assert await reader.pages(figures="status") == lagging
    assert await reader.pages(figures="status", end=end) == lagging


@SETTINGS
@given(history=histories(), back=st.integers(0, 30), day=st.integers(-3, 45))
async def test_a_page_of_a_moment_is_walked_to_its_end(
    app: App, engine: Engine, history: list[Step], back: int, day: int
) -> None:
    principal = await new_partner(app)
    reader = Reader(engine, principal)
    await carry_out(app, principal, history)
    await catch_up(app, principal.tenant)
    moment = {
        "end": str(START + timedelta(days=day)),
        "known": max(0, await head(app, principal.tenant) - back),
    }
    takes = "query($first: Int, $after: String, $end: Date, $known: Int)"
    for name in ("trainees", "cohorts", "sessions"):
        shape = f"{takes} {{ {name}(first: $first, after: $after, {MOMENT}) {{ totalCount"
        shape += " pageInfo { hasNextPage endCursor } edges { node { id } } } }"
        whole = (await reader.ask(shape, first=200, **moment))[name]
        walked, after = list[Any](), None
        while True:
            page = (await reader.ask(shape, first=1, after=after, **moment))[name]
            assert page["totalCount"] == whole["totalCount"] == len(whole["edges"])
            walked += page["edges"]
            assert len(walked) <= whole["totalCount"]
            if not page["pageInfo"]["hasNextPage"]:
                break
            after = page["pageInfo"]["endCursor"]
        assert walked == whole["edges"]


async def test_submissions_of_a_position_are_those_that_the_table_showed_then(
    app: App, engine: Engine
) -> None:
    principal = await new_partner(app)
    reader = Reader(engine, principal)
    late = ordered("E0", "L1", on=march(6))
    then = {}

    async def seen() -> None:
        await catch_up(app, principal.tenant)
        then[await head(app, principal.tenant)] = await reader.ask(f"{{ {SUBMISSIONS % ''} }}")

    await carry_out(
        app, principal, [*BEGINNING, passed_gate("E0", on=march(2)), went_live("E0", on=march(2))]
    )
    await seen()
    await submit(app, principal, "2025-03")
    await seen()
    assert await carry_out(app, principal, [late]) == 1
    await react(app, principal)
    await seen()
    await submit(app, principal, "2025-03")
    await seen()
    found = [pages["submissions"] for pages in then.values()]
    assert [page["totalCount"] for page in found] == [0, 1, 1, 1]
    (last,) = found[-1]["edges"]
    assert (len(last["node"]["vintages"]), len(last["node"]["restatements"])) == (2, 1)
    for position, pages in then.items():
        given = f"knownByPosition: {position}"
        assert await reader.ask(f"{{ {SUBMISSIONS % f', {given}'} }}") == pages
        one = f'submission(id: "{last["node"]["id"]}", {given}) {{ {SUBMISSION} }}'
        nodes = [edge["node"] for edge in pages["submissions"]["edges"]]
        assert (await reader.ask(f"{{ {one} }}"))["submission"] == (nodes[0] if nodes else None)
