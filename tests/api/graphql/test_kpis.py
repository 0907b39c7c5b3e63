"""The catalog through GraphQL: figures, lines, series, curve, scorecard, as known then."""

import gc
from typing import Any
from weakref import ref

import pytest

from api.auth import SYSTEM
from domain.kpi.catalog import CATALOG
from infra.bootstrap import App
from services.kernel.context import Role
from services.people.access import Tenant
from tests.api.conftest import open_door
from tests.api.door import Door

KPIS = """
query Q($slugs: [String!], $cohort: String, $manager: String, $tm: String, $day: Date,
        $position: Int, $known: Int) {
  kpis(slugs: $slugs, cohort: $cohort, manager: $manager, trainingManager: $tm, happenedBy: $day,
       minPosition: $position, knownByPosition: $known) {
    kpi { slug name formula hasSource }
    ratio { numerator denominator shown } floor { numerator } ceiling { numerator }
    isFinal finalOn asOf { position }
    distribution { value count }
    explanation {
      counted notCounted
      contributions(first: 20) { edges { node {
        label numerator denominator rule positions
        events { position topic happenedOn recordedAt actor source }
      } } }
    }
  }
}
"""
SERIES = """
query Q($kpi: String!, $by: SeriesBy!, $day: Date, $since: Date, $position: Int) {
  series(kpi: $kpi, by: $by, happenedBy: $day, since: $since, minPosition: $position) {
    key label figure { ratio { numerator denominator } isFinal }
  }
}
"""
SCORECARD = """
query Q($month: String!, $day: Date, $position: Int, $tm: String) {
  scorecard(month: $month, happenedBy: $day, minPosition: $position, trainingManager: $tm) {
    defined undefined summary
    lines { code weight isScored points { shown } missing criteria { kpi verdict ratio { shown } } }
  }
}
"""


async def story(door: Door) -> int:
    """Two went live on 1 June, one of whom ordered on the third day; one is in training."""
    await door.changed(
        "openCohort", code="B1", name="一期", openedOn="2026-05-04", trainingManager="周培训"
    )
    await door.changed("openCohort", code="B2", name="二期", openedOn="2026-05-04")
    for number, (cohort, manager) in enumerate((("B1", "王"), ("B1", "赵"), ("B2", "王")), 1):
        who = f"E{number}"
        await door.changed(
            "enrolTrainee",
            cohort=cohort,
            employeeNo=who,
            name=who,
            enteredOn="2026-05-04",
            manager=manager,
        )
        if cohort == "B1":
            for kind in ("WRITTEN", "DRILL"):
                await door.changed(
                    "recordExamResult", employeeNo=who, kind=kind, passed=True, on="2026-05-30"
                )
            await door.changed("goLive", employeeNo=who, on="2026-06-01")
    await door.changed(
        "planSession",
        cohort="B1",
        code="K1",
        kind="INDUCTION",
        plannedOn="2026-05-04",
        topics=["产品知识"],
    )
    await door.changed("openSession", session="K1", on="2026-05-06", headcount=2)
    return await door.changed("recordOrder", employeeNo="E1", orderNo="A1", closedOn="2026-06-03")


async def asked(door: Door, **variables: Any) -> dict[str, Any]:
    found = (await door.lines(KPIS, day="2026-06-30", **variables))["kpis"]
    return {figure["kpi"]["slug"]: figure for figure in found}


async def test_every_figure_of_the_catalog_opens_to_lines_that_add_up(door: Door) -> None:
    position = await story(door)
    found = await asked(door, position=position)
    assert list(found) == [kpi.slug for kpi in CATALOG]
    for slug, figure in found.items():
        lines = figure["explanation"]["contributions"]
        if figure["ratio"] is None:
            assert not figure["kpi"]["hasSource"]
            continue
        assert sum(line["numerator"] for line in lines) == figure["ratio"]["numerator"], slug
        over = sum(line["denominator"] for line in lines)
        assert over in (0, figure["ratio"]["denominator"]), slug
        assert figure["asOf"]["position"] == position


async def test_a_line_names_its_rule_and_its_events(door: Door) -> None:
    position = await story(door)
    figure = (await asked(door, slugs=["order_rate"], position=position))["order_rate"]
    assert figure["ratio"] == {"numerator": 1, "denominator": 2, "shown": "50.0%"}
    counted, not_counted = figure["explanation"]["contributions"]
    assert (counted["label"], counted["rule"]) == ("E1", None)
    assert [e["topic"] for e in counted["events"]] == ["TRAINEE_WENT_LIVE", "TRAINEE_ORDER_CLOSED"]
    assert (not_counted["label"], not_counted["rule"]) == ("E2", "NO_ORDER_IN_WINDOW")
    (order,) = counted["events"][1:]
    assert (order["happenedOn"], order["source"]) == ("2026-06-03", {"kind": "integrated"})
    assert order["actor"].startswith("token-")


async def test_a_class_opens_to_its_events(door: Door) -> None:
    position = await story(door)
    found = await asked(door, slugs=["class_opened_on_time"], position=position)
    (line,) = found["class_opened_on_time"]["explanation"]["contributions"]
    assert (line["label"], line["rule"]) == ("K1", "OPENED_LATE")
    assert [event["topic"] for event in line["events"]] == ["SESSION_PLANNED", "SESSION_OPENED"]


async def test_a_figure_of_days_has_a_distribution(door: Door) -> None:
    position = await story(door)
    found = await asked(door, slugs=["days_to_first_order"], position=position)
    figure = found["days_to_first_order"]
    assert figure["ratio"] == {"numerator": 3, "denominator": 1, "shown": "3.0"}
    assert figure["distribution"] == [{"value": 3, "count": 1}]


async def test_a_figure_as_it_was_known(door: Door) -> None:
    position = await story(door)
    found = await asked(door, slugs=["order_rate"], known=position - 1)
    assert found["order_rate"]["ratio"]["numerator"] == 0
    assert found["order_rate"]["asOf"]["position"] == position - 1
    again = await asked(door, slugs=["order_rate"], known=position)
    assert again["order_rate"]["ratio"]["numerator"] == 1


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("MONTH", {"2026-05": (0, 0), "2026-06": (1, 2)}),
        ("COHORT", {"B1": (1, 2), "B2": (0, 0)}),
        ("MANAGER", {"王": (1, 1), "赵": (0, 1)}),
        ("TRAINING_MANAGER", {"周培训": (1, 2)}),
    ],
)
async def test_a_series_goes_along_groups(door: Door, by: str, expected: dict[str, Any]) -> None:
    position = await story(door)
    data = await door.data(SERIES, kpi="order_rate", by=by, day="2026-06-30", position=position)
    found = {point["label"]: tuple(point["figure"]["ratio"].values()) for point in data["series"]}
    assert found == expected


async def test_a_key_of_the_board_asks_for_the_figures_of_the_person(door: Door) -> None:
    position = await story(door)
    asked = f"board(minPosition: {position}) {{ byManager {{ key label figures {{ entered }} }} }}"
    board = (await door.data(f"{{ {asked} }}"))["board"]
    groups = [(one["label"], one["figures"]["entered"]) for one in board["byManager"]]
    assert groups == [("王", 2), ("赵", 1)]
    for one in board["byManager"]:
        for said in (one["key"], one["label"]):
            asked = f'{{ newcomerFigures(manager: "{said}") {{ entered }} }}'
            assert (await door.data(asked))["newcomerFigures"] == one["figures"]


async def test_a_board_of_an_earlier_day_calls_managers_as_on_that_day(
    door: Door, app: App, partner: Tenant
) -> None:
    asked = (
        f'people(search: "王", minPosition: {await story(door)}) {{ edges {{ node {{ id }} }} }}'
    )
    people = (await door.lines(f"{{ {asked} }}"))["people"]
    hr = await open_door(app, door.web, door.http, partner.code, Role.HR_MANAGER)
    renamed = {"personId": people[0]["id"], "name": "汪", "on": "2026-06-15"}
    position = await hr.changed("renamePerson", **renamed)
    for day, called in (("2026-06-14", "王"), ("2026-06-30", "汪"), ("2026-06-14", "王")):
        asked = f'board(happenedBy: "{day}", minPosition: {position}) {{ byManager {{ label }} }}'
        board = (await door.data(f"{{ {asked} }}"))["board"]
        assert {one["label"] for one in board["byManager"]} == {called, "赵"}


async def test_what_a_board_shows_is_forgotten_with_its_figures(door: Door) -> None:
    position = await story(door)
    await door.data(f"{{ board(minPosition: {position}) {{ whole {{ entered }} }} }}")
    remembered = door.web.state[SYSTEM].figures._answers._answers
    figures = [ref(one) for one in remembered.values()]
    assert figures
    remembered.clear()
    gc.collect()
    assert {one() for one in figures} == {None}


async def test_a_series_goes_along_evenings(door: Door) -> None:
    position = await story(door)
    data = await door.data(
        SERIES, kpi="order_rate", by="DAY", since="2026-06-02", day="2026-06-04", position=position
    )
    found = [(p["key"], p["figure"]["ratio"]["numerator"]) for p in data["series"]]
    assert found == [("2026-06-02", 0), ("2026-06-03", 1), ("2026-06-04", 1)]
    code = await door.code(SERIES, kpi="order_rate", by="DAY", since="2020-01-01", day="2026-06-04")
    assert code == "days_too_many"


async def test_a_kpi_that_nobody_knows_is_refused(door: Door) -> None:
    assert await door.code(KPIS, slugs=["happiness"]) == "kpi_unknown"


async def test_a_scorecard_says_what_is_not_scored(door: Door) -> None:
    position = await story(door)
    data = await door.data(SCORECARD, month="2026-06", day="2026-06-30", position=position)
    card = data["scorecard"]
    assert (card["defined"], card["undefined"]) == ("65", "35")
    lines = {line["code"]: line for line in card["lines"]}
    assert lines["1.1"]["missing"] == ["TARGET_NOT_SET"]
    assert lines["1.1"]["points"] is None
    assert "NO_SOURCE" in lines["2.2"]["missing"]
    assert not any(line["isScored"] for line in lines.values() if line["missing"])


async def test_a_scorecard_is_the_training_manager_s(door: Door) -> None:
    position = await story(door)
    data = await door.data(
        SCORECARD, month="2026-06", day="2026-06-30", position=position, tm="周培训"
    )
    (rate,) = data["scorecard"]["lines"][0]["criteria"]
    assert rate["ratio"]["shown"] == "50.0%"


async def test_the_curve_counts_leaving_as_an_outcome(door: Door) -> None:
    await story(door)
    position = await door.changed(
        "recordLeaving", employeeNo="E2", on="2026-06-10", reason="个人原因"
    )
    data = await door.data(
        'query Q($p: Int) { firstOrderCurve(happenedBy: "2026-06-30", minPosition: $p)'
        " { people points { day ordered left incidenceOfOrder incidenceOfLeaving } } }",
        p=position,
    )
    assert data["firstOrderCurve"]["people"] == 2
    assert [(p["day"], p["ordered"], p["left"]) for p in data["firstOrderCurve"]["points"]] == [
        (3, 1, 0),
        (10, 0, 1),
    ]


async def test_there_is_no_forecast_from_few_matured_batches(door: Door) -> None:
    position = await story(door)
    data = await door.data(
        'query Q($p: Int) { forecast(happenedBy: "2026-06-10", minPosition: $p) { batches } }',
        p=position,
    )
    assert data["forecast"] is None


async def test_the_newcomers_figures_are_those_of_a_training_managers_cohorts(door: Door) -> None:
    position = await story(door)
    query = """
    query Q($tm: String, $known: Int, $p: Int) {
      newcomerFigures(trainingManager: $tm, knownByPosition: $known, minPosition: $p) {
        entered explanation { inTraining { totalCount } }
      }
    }
    """
    for known in (None, position):
        found = []
        assert await door.code(query, tm="没有人", known=known) == "training_manager_unknown"
        for name in ("周培训", " 周培训 ", None):
            data = await door.data(query, tm=name, known=known, p=position)
            found.append(data["newcomerFigures"]["entered"])
        assert found == [2, 2, 3]
