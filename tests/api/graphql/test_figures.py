"""Figures: known by when, computed once per state, opened without a statement per line."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest

from api.graphql.types import newcomers
from domain.kpi.evidence import Basis
from domain.kpi.proof import explanation
from infra.database.db import Database
from services.reading import budget
from tests.api.door import Door

FIGURES = """
query Q($cohort: String, $position: Int, $known: Int, $instant: DateTime) {
  newcomerFigures(
    cohort: $cohort, happenedBy: "2026-06-30", minPosition: $position,
    knownByPosition: $known, knownBy: $instant
  ) { entered wentLive orderRate { numerator shown } asOf { position knownBy } }
}
"""
OPENED = """
query Q($position: Int) {
  newcomerFigures(happenedBy: "2026-06-30", minPosition: $position) {
    explanation {
      inTraining { edges { node { employeeNo trainee { name cohort { code } } } } }
      events { edges { node { position topic actor recordedAt } } }
    }
  }
}
"""
COHORTS = """
query Q($position: Int) {
  cohorts(minPosition: $position, first: 50) {
    edges { node { code counts { entered } figures { entered } } }
  }
}
"""

ROSTER = """
query Q($position: Int) {
  trainees(minPosition: $position, first: 200) {
    edges {
      node {
        name orders { orderNo } trials { on } exams { kind }
        cohort { code counts { entered } }
        timeline(first: 5) { edges { node { topic } } }
      }
    }
  }
}
"""


async def class_of(door: Door, people: int, code: str = "B1") -> int:
    position = await door.changed("openCohort", code=code, name=code, openedOn="2026-05-01")
    for number in range(people):
        position = await door.changed(
            "enrolTrainee",
            cohort=code,
            employeeNo=f"{code}-{number}",
            name=f"学员{number}",
            enteredOn="2026-05-02",
        )
    return position


async def test_a_figure_as_it_was_known(door: Door) -> None:
    before = await class_of(door, 1)
    for kind in ("WRITTEN", "DRILL"):
        await door.changed(
            "recordExamResult", employeeNo="B1-0", kind=kind, passed=True, on="2026-05-30"
        )
    after = await door.changed("goLive", employeeNo="B1-0", on="2026-06-01")
    now = (await door.lines(FIGURES, position=after))["newcomerFigures"]
    assert (now["entered"], now["wentLive"], now["asOf"]["position"]) == (1, 1, after)
    then = (await door.lines(FIGURES, known=before))["newcomerFigures"]
    assert (then["entered"], then["wentLive"], then["asOf"]["position"]) == (1, 0, before)
    ago = (await door.lines(FIGURES, instant="2020-01-01T00:00:00+08:00"))["newcomerFigures"]
    assert (ago["entered"], ago["asOf"]["position"]) == (0, 0)
    assert await door.code(FIGURES, known=1, instant="2020-01-01T00:00:00Z") == "known_by_twice"


async def test_refuses_a_month_or_cohort_that_is_none(door: Door) -> None:
    assert await door.code(FIGURES, cohort="nowhere") == "cohort_unknown"
    assert await door.code('{ newcomerFigures(month: "2026-13") { entered } }') == "month_invalid"
    assert await door.code('{ cohorts(month: "June") { totalCount } }') == "month_invalid"


async def test_refuses_a_manager_who_was_never_recorded(door: Door) -> None:
    await door.changed(
        "openCohort", code="B1", name="一", openedOn="2026-05-01", trainingManager="李经理"
    )
    enrolled = {"name": "学员", "manager": "赵主管", "enteredOn": "2026-05-02"}
    position = await door.changed("enrolTrainee", cohort="B1", employeeNo="E1", **enrolled)

    def figures(**group: str) -> str:
        given = "".join(f', {name}: "{value}"' for name, value in group.items())
        return f"{{ newcomerFigures(minPosition: {position}{given}) {{ entered }} }}"

    assert await door.code(figures(manager="nope")) == "manager_unknown"
    assert await door.code(figures(trainingManager="nope")) == "training_manager_unknown"
    for group, entered in (
        ({"manager": "赵主管", "trainingManager": "李经理"}, 1),
        ({"manager": "赵主管", "month": "2026-06"}, 0),
        ({"manager": "赵主管", "happenedBy": "2026-05-01"}, 0),
    ):
        answer = await door.data(figures(**group))
        assert answer["newcomerFigures"]["entered"] == entered, group


async def test_finds_a_cohort_however_its_code_is_spelt(door: Door) -> None:
    position = await class_of(door, 2)
    found = await door.lines(FIGURES, cohort="ｂ1", position=position)
    assert found["newcomerFigures"]["entered"] == 2


async def test_waits_no_longer_than_it_may(door: Door) -> None:
    query = "{ newcomerFigures(minPosition: 1000000) { entered } }"
    assert await door.code(query) == "position_not_reached"


@pytest.fixture
def transactions(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """The tenant of every transaction from here on."""
    begun: list[UUID] = []
    tenant = Database.tenant

    @asynccontextmanager
    async def counting(self: Database, tenant_id: UUID, *mode: str) -> AsyncIterator[Any]:
        begun.append(tenant_id)
        async with tenant(self, tenant_id, *mode) as connection:
            yield connection

    monkeypatch.setattr(Database, "tenant", counting)
    return begun


@pytest.mark.parametrize(
    "query", [OPENED, COHORTS, ROSTER], ids=["explanation", "cohorts", "roster"]
)
async def test_reads_as_often_for_many_as_for_one(
    door: Door, transactions: list[UUID], query: str
) -> None:
    reads = []
    for people, code in ((1, "B1"), (6, "B2")):
        position = await class_of(door, people, code)
        await door.data("query Q($p: Int) { partner(minPosition: $p) { code } }", p=position)
        tenant = transactions[-1]
        before = transactions.count(tenant)
        await door.data(query, position=position)
        reads.append(transactions.count(tenant) - before)
    assert reads[0] == reads[1] <= 6


async def test_a_state_is_computed_once(door: Door, transactions: list[UUID]) -> None:
    position = await class_of(door, 2)
    counts = []
    for _ in range(3):
        before = len(transactions)
        await door.lines(FIGURES, position=position)
        counts.append(len(transactions) - before)
    assert counts[1] == counts[2] < counts[0]


async def test_remembered_figures_are_not_converted_anew(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    position = await class_of(door, 1)
    asked = []
    made = newcomers.figures_of

    def counted(*given: Any) -> newcomers.NewcomerFigures:
        asked.append(given)
        return made(*given)

    monkeypatch.setattr(newcomers, "figures_of", counted)
    query = """
    query Q($position: Int) {
      newcomerFigures(happenedBy: "2026-06-30", minPosition: $position) {
        entered orderRate { shown }
      }
      board(happenedBy: "2026-06-30", minPosition: $position) { whole { entered } }
    }
    """
    first = await door.data(query, position=position)
    count = len(asked)
    assert await door.data(query, position=position) == first
    assert len(asked) == count > 0


async def test_figures_opened_under_many_names_and_part_by_part_are_opened_once(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    open_up = explanation.explain

    def counted(basis: Basis) -> explanation.Explanation:
        opened.append(basis)
        return open_up(basis)

    monkeypatch.setattr(explanation, "explain", counted)
    parts = ("countedMembers", "excludedOrders", "inTraining(first: %d) { totalCount }")
    names = " ".join(
        f"a{number}: explanation {{ {parts[number % 3].replace('%d', str(number))} }}"
        for number in range(1, 9)
    )
    await door.data(f"{{ newcomerFigures {{ {names} }} }}")
    assert len(opened) == 1


def series_up_to(*days: int, position: int) -> str:
    """One figure of everybody, along the evenings of a week up to each of these days of June."""
    fields = (
        f'of{number}: series(kpi: "entered", by: DAY, since: "2026-06-{day - 6}",'
        f' happenedBy: "2026-06-{day}", minPosition: {position}) {{ key }}'
        for number, day in enumerate(days)
    )
    return "{ " + " ".join(fields) + " }"


EXPLAINED = '{ kpis(slugs: ["entered"]) { explanation { %s } } }'
COMPARED = '{ compare(%s before: {happenedBy: "2026-06-20"}) { movedCount } }'


async def test_what_takes_too_many_looks_at_people_is_refused_and_what_is_remembered_counts_once(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    position = await class_of(door, 10)
    monkeypatch.setattr(budget, "MOST_LOOKS", 30)
    assert len(await door.data(series_up_to(20, 21, 21, 20, position=position))) == 4
    refused = (await door.answer(series_up_to(20, 21, 22, 23, position=position)))["errors"]
    assert [one["extensions"]["code"] for one in refused] == ["document_too_much_work"]
    batch = [{"query": series_up_to(*days, position=position)} for days in ((20, 21), (22, 23))]
    first, second = (await door.send(batch)).json()
    assert "errors" not in first
    assert {one["extensions"]["code"] for one in second["errors"]} == {"document_too_much_work"}
    assert len(await door.data(EXPLAINED % "counted")) == 1
    assert await door.code(EXPLAINED % "events { totalCount }") == "document_too_much_work"
    assert await door.code(COMPARED % "") == "document_too_much_work"
    assert len((await door.data(COMPARED % 'kpis: ["entered"]'))["compare"]) == 1
    other, third = (COMPARED % f'kpis: ["{kpi}"]' for kpi in ("order_rate", "average_orders"))
    for apart in ((other, third), (other, other)):
        named = " ".join(f"of{number}: {one[2:-2]}" for number, one in enumerate(apart))
        refused = (await door.answer(f"{{ {named} }}"))["errors"]
        assert {one["extensions"]["code"] for one in refused} == {"document_too_much_work"}
