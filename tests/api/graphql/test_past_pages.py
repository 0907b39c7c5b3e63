"""For random histories: pages of the past are the pages that the tables showed then."""

from datetime import timedelta
from typing import Any

import msgspec
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
SCHEME = 'scheme%s { versions { number recordedAt actor } inForce(month: "2025-06") { number } }'
SUBMISSION = """
  id month isRestated vintages { number pinnedPosition submittedFigures { ratio { numerator } } }
  restatements {
    acknowledged
    restatedFigures { causes { edges { node { position trainee { name status } } } } }
  }
"""
SUBMISSIONS = "submissions(first: 3%s) { totalCount edges { cursor node { " + SUBMISSION + " } } }"
SETTINGS = settings(
    max_examples=examples(12),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)


class Reader:
    """Asks without HTTP, as a partner's own; reads what would be sent."""

    def __init__(self, app: App, principal: Principal) -> None:
        self._engine = Engine(build_schema(), app)
        self._principal = principal

    async def ask(self, query: str) -> Any:
        caller = Caller(self._principal, None, "en")  # A request of its own each time.
        answer = await self._engine.answer(caller, Operation(query=query))
        assert "errors" not in answer, answer["errors"]
        return msgspec.json.decode(msgspec.json.encode(answer["data"]))

    async def pages(self, moment: str = "", figures: str = FIGURES) -> Any:
        """Everything there is, and each list chosen and cut short in one of the ways."""
        named = moment and f", {moment}"
        found = [
            await self.ask(f"{{ trainees(first: 12{named}) {{ {PEOPLE} }} }}"),
            await self.ask(f"{{ cohorts(first: 5{named}) {{ {BATCHES % figures} }} }}"),
            await self.ask(f"{{ sessions(first: 12{named}) {{ {CLASSES} }} }}"),
        ]
        batches = [edge["node"]["id"] for edge in found[1]["cohorts"]["edges"]]
        for batch in batches:
            one = f'id: "{batch}"{named}'
            found += [
                await self.ask(f"{{ cohort({one}) {{ name {figures} counts {{ live }} }} }}"),
                await self.ask(
                    f'{{ trainees(first: 2, cohort: "{batch}"{named}) {{ {PEOPLE} }}'
                    f' sessions(first: 2, cohort: "{batch}"{named}) {{ {CLASSES} }} }}'
                ),
            ]
        for chosen in ("status: LEFT", 'search: "zw"', 'status: LIVE, search: "e"'):
            query = f"{{ trainees(first: 3, {chosen}{named}) {{ totalCount edges {{ cursor }} }} }}"
            found.append(await self.ask(query))
        for who in ("e0", "E1", "E5"):
            query = f'{{ trainee(employeeNo: "{who}"{named}) {{ id status cohort {{ code }} }} }}'
            found.append(await self.ask(query))
        return found


@SETTINGS
@given(history=histories(), cuts=st.tuples(*[st.integers(0, 40)] * 2))
async def test_a_position_shows_what_the_tables_showed_when_the_log_stood_there(
    app: App, history: list[Step], cuts: tuple[int, int]
) -> None:
    principal = await new_partner(app)
    reader = Reader(app, principal)
    first, second = sorted(cuts)
    then = {}
    for part in (history[:first], history[first:second], history[second:]):
        await carry_out(app, principal, part)
        await catch_up(app, principal.tenant)
        position = await head(app, principal.tenant)
        then[position] = (
            await reader.pages(),
            await reader.ask(f"{{ partner {{ {SCHEME % ''} }} }}"),
        )
    for position, (pages, scheme) in then.items():
        moment = f"knownByPosition: {position}"
        assert await reader.pages(moment) == pages
        assert await reader.ask(f"{{ partner {{ {SCHEME % f'({moment})'} }} }}") == scheme


@SETTINGS
@given(history=histories(), behind=st.integers(0, 30))
async def test_with_both_times_open_it_is_the_table_also_where_that_lags_behind(
    app: App, history: list[Step], behind: int
) -> None:
    principal = await new_partner(app)
    reader = Reader(app, principal)
    await carry_out(app, principal, history[: max(2, len(history) - behind)])
    await catch_up(app, principal.tenant)
    await carry_out(app, principal, history[max(2, len(history) - behind) :])
    end = f'happenedBy: "{local_day(app.clock(), principal.zone)}"'
    lagging = await reader.pages(end, figures="status")
    await catch_up(app, principal.tenant)
    assert await reader.pages(figures="status") == lagging
    assert await reader.pages(end, figures="status") == lagging


@SETTINGS
@given(history=histories(), back=st.integers(0, 30), day=st.integers(-3, 45))
async def test_a_page_of_a_moment_is_walked_to_its_end(
    app: App, history: list[Step], back: int, day: int
) -> None:
    principal = await new_partner(app)
    reader = Reader(app, principal)
    await carry_out(app, principal, history)
    await catch_up(app, principal.tenant)
    position = max(0, await head(app, principal.tenant) - back)
    moment = f'happenedBy: "{START + timedelta(days=day)}", knownByPosition: {position}'
    for name in ("trainees", "cohorts", "sessions"):
        shape = f"{name}(first: %d, {moment}%s)"
        shape += " { totalCount pageInfo { hasNextPage endCursor } edges { node { id } } }"
        whole = (await reader.ask(f"{{ {shape % (200, '')} }}"))[name]
        walked, after = [], ""
        while True:
            page = (await reader.ask(f"{{ {shape % (1, after)} }}"))[name]
            assert page["totalCount"] == whole["totalCount"] == len(whole["edges"])
            walked += page["edges"]
            assert len(walked) <= whole["totalCount"]
            if not page["pageInfo"]["hasNextPage"]:
                break
            after = f', after: "{page["pageInfo"]["endCursor"]}"'
        assert walked == whole["edges"]


async def test_submissions_of_a_position_are_those_that_the_table_showed_then(app: App) -> None:
    principal = await new_partner(app)
    reader = Reader(app, principal)
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
