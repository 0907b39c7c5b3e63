"""Lists and single things at a moment: what had happened by a day, as known at a position."""

import json
from typing import Any

import pytest
import pytest_asyncio

from api.ids import global_id
from projections.kernel.paging import cursor
from projections.trainees.timeline import TIMELINE_LIST
from tests.api.door import Door

TRAINEE = """
query Q($day: Date, $known: Int, $position: Int) {
  trainee(employeeNo: "e1", happenedBy: $day, knownByPosition: $known, minPosition: $position) {
    name status manager wentLiveOn leftOn cohort { code trainingManager counts { live left } }
    orders { orderNo voidedOn } trials { passed } exams { kind }
    timeline { edges { node { topic } } }
  }
}
"""


class Story:
    """E1 of batch B1 from entering to leaving, with the positions of what was recorded."""

    def __init__(self, door: Door, at: dict[str, int]) -> None:
        self.door, self.at = door, at

    async def trainee(self, day: str | None = None, known: str | None = None) -> Any:
        position = self.at[known] if known else None
        data = await self.door.data(TRAINEE, day=day, known=position, position=self.at["left"])
        return data["trainee"]


@pytest_asyncio.fixture
async def story(door: Door) -> Story:
    at = {}
    await door.changed("openCohort", code="B1", name="一期", openedOn="2026-05-04")
    await door.changed(
        "openCohort", code="B2", name="二期", openedOn="2026-05-18", trainingManager="周培训"
    )
    at["entered"] = await door.changed(
        "enrolTrainee",
        cohort="B1",
        employeeNo="E1",
        name="单莉",
        enteredOn="2026-05-05",
        manager="王主管",
    )
    at["moved"] = await door.changed(
        "transferTrainee", employeeNo="E1", cohort="B2", on="2026-05-20", reason="补考"
    )
    for kind in ("WRITTEN", "DRILL"):
        await door.changed(
            "recordExamResult", employeeNo="E1", kind=kind, passed=True, on="2026-05-30"
        )
    at["live"] = await door.changed("goLive", employeeNo="E1", on="2026-06-01")
    await door.changed("recordOrder", employeeNo="E1", orderNo="A1", closedOn="2026-06-03")
    at["ordered"] = await door.changed(
        "changeManager", employeeNo="E1", manager="赵主管", on="2026-06-10"
    )
    await door.changed("handOverCohort", cohort="B2", trainingManager="陈培训", on="2026-06-15")
    await door.changed("voidOrder", orderNo="A1", on="2026-06-20", reason="退单")
    at["named"] = await door.changed(
        "correctEnrolment", employeeNo="E1", name="单丽", manager="钱主管", reason="录错"
    )
    at["left"] = await door.changed(
        "recordLeaving", employeeNo="E1", on="2026-06-25", reason="个人原因"
    )
    return Story(door, at)


async def test_a_day_shows_where_somebody_stood_that_evening(story: Story) -> None:
    found = await story.trainee("2026-05-19")
    assert (found["status"], found["wentLiveOn"], found["exams"]) == ("IN_TRAINING", None, [])
    assert (found["cohort"]["code"], found["cohort"]["counts"]) == ("B1", {"live": 0, "left": 0})
    found = await story.trainee("2026-06-11")
    assert (found["status"], found["manager"], found["leftOn"]) == ("LIVE", "赵主管", None)
    assert found["orders"] == [{"orderNo": "A1", "voidedOn": None}]
    assert found["cohort"] == {
        "code": "B2", "trainingManager": "周培训", "counts": {"live": 1, "left": 0},
    }  # fmt: skip
    assert [edge["node"]["topic"] for edge in found["timeline"]["edges"]][-3:] == [
        "TRAINEE_MANAGER_CHANGED",
        "TRAINEE_ENROLMENT_CORRECTED",
        "PERSON_REGISTRATION_CORRECTED",
    ]
    found = await story.trainee("2026-06-25")
    assert (found["status"], found["leftOn"], found["cohort"]["code"]) == (
        "LEFT", "2026-06-25", "B2",
    )  # fmt: skip
    assert found == await story.trainee()


async def test_nobody_is_there_before_entering_nor_before_anybody_knew(story: Story) -> None:
    assert await story.trainee("2026-05-04") is None
    assert await story.door.data('{ trainee(employeeNo: "E1", knownByPosition: 2) { name } }') == {
        "trainee": None
    }


async def test_a_position_shows_what_was_known_then_and_calls_people_as_then(
    story: Story,
) -> None:
    found = await story.trainee(known="ordered")
    assert (found["name"], found["status"], found["manager"]) == ("单莉", "LIVE", "赵主管")
    assert (found["cohort"]["code"], found["cohort"]["counts"]) == ("B2", {"live": 1, "left": 0})
    assert (await story.trainee(known="entered"))["cohort"]["code"] == "B1"
    assert (await story.trainee(known="named"))["name"] == "单丽"
    before = await story.trainee("2026-05-29", known="ordered")
    assert (before["name"], before["status"], before["orders"]) == ("单莉", "IN_TRAINING", [])


async def test_lists_choose_by_where_people_stood(story: Story) -> None:
    at = story.at["left"]
    batches = await story.door.data(
        "query Q($p: Int) { cohorts(minPosition: $p) { edges { node { id code } } } }", p=at
    )
    batch = {edge["node"]["code"]: edge["node"]["id"] for edge in batches["cohorts"]["edges"]}
    query = """
    query Q($batch: ID, $day: Date) {
      trainees(cohort: $batch, happenedBy: $day) { totalCount edges { node { status } } }
      live: trainees(status: LIVE, happenedBy: $day) { totalCount }
      cohorts(happenedBy: $day) { totalCount }
    }
    """
    here = await story.door.data(query, batch=batch["B1"], day="2026-05-17")
    assert here["trainees"] == {"totalCount": 1, "edges": [{"node": {"status": "IN_TRAINING"}}]}
    assert (here["live"]["totalCount"], here["cohorts"]["totalCount"]) == (0, 1)
    gone = await story.door.data(query, batch=batch["B1"], day="2026-06-11")
    assert [gone[name]["totalCount"] for name in ("trainees", "live", "cohorts")] == [0, 1, 2]


async def test_a_batch_that_had_not_opened_is_only_named_by_its_people(door: Door) -> None:
    await door.changed("openCohort", code="B1", name="一期", openedOn="2026-05-04")
    stated = {"cohort": "B1", "employeeNo": "E1", "name": "单丽", "enteredOn": "2026-05-05"}
    await door.changed("enrolTrainee", **stated)
    position = await door.changed(
        "correctEnrolment", employeeNo="E1", enteredOn="2026-05-01", reason="录错"
    )
    query = """
    query Q($p: Int) {
      cohort(code: "B1", happenedBy: "2026-05-02", minPosition: $p) { code }
      trainee(employeeNo: "E1", happenedBy: "2026-05-02") { cohort { code handovers { on } } }
    }
    """
    assert await door.data(query, p=position) == {
        "cohort": None,
        "trainee": {"cohort": {"code": "B1", "handovers": []}},
    }


async def test_classes_are_told_up_to_the_day(door: Door) -> None:
    await door.changed("openCohort", code="B1", name="一期", openedOn="2026-05-04")
    plan = {"cohort": "B1", "code": "K1", "plannedOn": "2026-06-04", "topics": ["产品知识"]}
    await door.changed("planSession", **plan)
    position = await door.changed("openSession", session="K1", on="2026-06-05", headcount=8)
    query = """
    query Q($day: Date, $p: Int) {
      session(code: "k1", happenedBy: $day, minPosition: $p) { status opening { headcount } }
      sessions(month: "2026-06", happenedBy: $day) { totalCount edges { node { status } } }
    }
    """
    for day, status in (("2026-05-01", "PLANNED"), ("2026-06-05", "OPENED")):
        found = await door.data(query, day=day, p=position)
        assert found["session"]["status"] == status
        assert found["sessions"] == {"totalCount": 1, "edges": [{"node": {"status": status}}]}


async def test_the_scheme_as_it_was_known(door: Door) -> None:
    before = await door.changed(
        "publishScheme", effectiveFrom="2026-05", parameters={"windowDays": 60}
    )
    position = await door.changed(
        "publishScheme", effectiveFrom="2026-06", parameters={"windowDays": 45}
    )
    query = """
    query Q($p: Int, $known: Int) {
      partner(minPosition: $p) {
        scheme(knownByPosition: $known) {
          versions { number } inForce(month: "2026-06") { parameters { windowDays } }
        }
      }
    }
    """
    for known, count, days in ((before - 1, 0, 30), (before, 1, 60), (None, 2, 45)):
        scheme = (await door.data(query, p=position, known=known))["partner"]["scheme"]
        assert (len(scheme["versions"]), scheme["inForce"]["parameters"]["windowDays"]) == (
            count,
            days,
        )


async def test_people_below_a_figure_stand_where_the_figure_does(story: Story) -> None:
    query = """
    query Q($known: Int, $day: Date, $p: Int) {
      newcomerFigures(happenedBy: $day, knownByPosition: $known, minPosition: $p) {
        explanation {
          membersCounted(first: 5) { edges { node { trainee { name status cohort { code } } } } }
        }
      }
      kpis(slugs: ["order_rate"], happenedBy: $day, knownByPosition: $known) {
        explanation { contributions(first: 5) { edges { node { trainee { name status } } } } }
      }
      node: trainee(employeeNo: "E1", happenedBy: $day, knownByPosition: $known) {
        cohort { figures { wentLive asOf { happenedBy position } } }
      }
    }
    """
    known = story.at["ordered"]
    found = await story.door.lines(query, known=known, day="2026-06-09", p=story.at["left"])
    (member,) = found["newcomerFigures"]["explanation"]["membersCounted"]
    assert member["trainee"] == {"name": "单莉", "status": "LIVE", "cohort": {"code": "B2"}}
    (line,) = found["kpis"][0]["explanation"]["contributions"]
    assert line["trainee"] == {"name": "单莉", "status": "LIVE"}
    assert found["node"]["cohort"]["figures"] == {
        "wentLive": 1, "asOf": {"happenedBy": "2026-06-09", "position": known},
    }  # fmt: skip


async def test_a_global_id_is_answered_at_a_moment(story: Story) -> None:
    at = story.at
    query = """
    query Q($id: ID!, $known: Int, $p: Int) {
      node(id: $id, knownByPosition: $known, minPosition: $p) { ... on Trainee { name } }
    }
    """
    given = 'query Q($p: Int) { trainee(employeeNo: "E1", minPosition: $p) { id } }'
    (found,) = (await story.door.data(given, p=at["left"])).values()
    for known, name in ((at["live"], "单莉"), (None, "单丽")):
        assert (await story.door.data(query, **found, known=known))["node"] == {"name": name}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ('knownBy: "2026-06-01T00:00:00+08:00", knownByPosition: 3', "known_by_twice"),
        ('knownBy: "2026-06-01T00:00:00"', "instant_without_zone"),
        ('knownBy: "0001-01-01T00:00:00+14:00"', "instant_invalid"),
        ('knownBy: "2999-01-01T00:00:00+08:00"', "instant_in_future"),
        ("knownByPosition: -1", "position_invalid"),
        ("minPosition: -1", "position_invalid"),
        ('knownByPosition: 1, after: "?"', "cursor_invalid"),
        ("knownByPosition: 1, first: 201", "page_size_invalid"),
    ],
)
@pytest.mark.parametrize("name", ["trainees", "cohorts", "sessions"])
async def test_refuses_what_is_no_moment_or_no_page(
    door: Door, name: str, arguments: str, code: str
) -> None:
    assert await door.code(f"{{ {name}({arguments}) {{ totalCount }} }}") == code


async def test_a_position_of_the_future_is_the_last_one(story: Story) -> None:
    query = 'query Q($k: Int) { trainee(employeeNo: "E1", knownByPosition: $k) { status } }'
    assert (await story.door.data(query, k=2_000_000_000))["trainee"] == {"status": "LEFT"}


async def test_asks_for_few_moments_at_once(door: Door) -> None:
    one = 'trainees(happenedBy: "2026-06-0%d") { totalCount }'

    def of(*days: int) -> str:
        return " ".join(f"a{day}: {one % day}" for day in days)

    assert await door.code(f"{{ {of(1, 2, 3, 4)} }}") == "document_too_many_travels"
    several = f"query Two {{ {of(1, 2)} }} query Three {{ {of(3, 4, 5)} }}"
    batch = [{"query": several, "operationName": name} for name in ("Two", "Three")]
    first, second = (await door.send(batch)).json()
    assert "errors" not in first
    (refused,) = second["errors"]
    assert refused["extensions"]["code"] == "document_too_many_travels"
    assert refused["extensions"]["params"] == {"found": 5, "most": 3}


@pytest.mark.parametrize(
    ("day", "known", "first", "second"),
    [
        ("2026-05-19", None, "IN_TRAINING", "OPEN"),
        ("2026-05-29", None, "OPEN", "IN_TRAINING"),
        ("2026-06-30", None, "OPEN", "FINISHED"),
        (None, "entered", "IN_TRAINING", "OPEN"),
        (None, "moved", "OPEN", "IN_TRAINING"),
        (None, None, "OPEN", "FINISHED"),
    ],
    ids=["trained in B1", "moved to B2", "live and gone", "when entered", "when moved", "now"],
)
async def test_a_cohort_stands_where_its_people_do(
    story: Story, day: str | None, known: str | None, first: str, second: str
) -> None:
    query = """
    query Q($status: CohortStatus, $day: Date, $known: Int, $p: Int) {
      cohorts(status: $status, happenedBy: $day, knownByPosition: $known, minPosition: $p) {
        totalCount edges { node { code status } }
      }
    }
    """
    stands = {"B1": first, "B2": second}
    times = {"day": day, "known": story.at[known] if known else None, "p": story.at["left"]}
    for status in (None, "OPEN", "IN_TRAINING", "FINISHED"):
        found = (await story.door.data(query, status=status, **times))["cohorts"]
        nodes = [edge["node"] for edge in found["edges"]]
        wanted = {code: its for code, its in stands.items() if status in (None, its)}
        assert {node["code"]: node["status"] for node in nodes} == wanted
        assert found["totalCount"] == len(wanted)


async def test_a_page_is_walked_from_the_end_now_and_at_a_moment(story: Story) -> None:
    query = """
    query Q($before: String, $known: Int, $p: Int) {
      cohorts(last: 1, before: $before, knownByPosition: $known, minPosition: $p) {
        pageInfo { hasNextPage hasPreviousPage startCursor } edges { node { code } }
      }
    }
    """
    for known in (None, story.at["left"]):
        walked, before = [], None
        for has_next, has_previous in ((False, True), (True, False)):
            page = (await story.door.data(query, before=before, known=known, p=story.at["left"]))[
                "cohorts"
            ]
            info = page["pageInfo"]
            assert (info["hasNextPage"], info["hasPreviousPage"]) == (has_next, has_previous)
            walked += [edge["node"]["code"] for edge in page["edges"]]
            before = info["startCursor"]
        assert walked == ["B1", "B2"]
    both = "{ cohorts(first: 1, last: 1) { totalCount } }"
    assert await story.door.code(both) == "page_both_ways"


@pytest.mark.parametrize("known", [None, 1], ids=["now", "at_a_moment"])
@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("trainees", {"search": "a\x00"}, "text_invalid"),
        ("trainees", {"cohort": global_id("Cohort", "a\x00")}, "text_invalid"),
        ("trainees", {"after": cursor("trainees", ("a\x00", "b"))}, "cursor_invalid"),
        ("trainees", {"before": cursor("trainees", ("a", 3))}, "cursor_invalid"),
        ("cohorts", {"month": "9999-12"}, "month_invalid"),
        ("cohort", {"code": "a\x00"}, "text_invalid"),
        ("newcomerFigures", {"cohort": "a\x00"}, "text_invalid"),
        ("newcomerFigures", {"month": "0000-01"}, "month_invalid"),
        ("newcomerFigures", {"manager": "王" * 65}, "text_too_long"),
        ("newcomerFigures", {"happenedBy": "0001-01-10"}, "day_out_of_range"),
        ("node", {"id": global_id("Cohort", "a\x00")}, "text_invalid"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else value,
)
async def test_refuses_what_no_database_holds(
    door: Door, name: str, arguments: dict[str, str], code: str, known: int | None
) -> None:
    moment = {} if known is None else {"knownByPosition": known}
    given = {**arguments, **moment}
    stated = ", ".join(f"{one}: {json.dumps(value)}" for one, value in given.items())
    assert await door.code(f"{{ {name}({stated}) {{ __typename }} }}") == code


async def test_refuses_the_cursor_of_another_list(story: Story) -> None:
    for known in (None, story.at["left"]):
        given = "query Q($p: Int) { trainees(minPosition: $p) { pageInfo { endCursor } } }"
        (found,) = (await story.door.data(given, p=story.at["left"])).values()
        query = """
        query Q($after: String, $known: Int) {
          %s(after: $after, knownByPosition: $known) { totalCount }
        }
        """
        stated = {"after": found["pageInfo"]["endCursor"], "known": known}
        assert (await story.door.data(query % "trainees", **stated))["trainees"]["totalCount"] == 1
        assert await story.door.code(query % "cohorts", **stated) == "cursor_invalid"


async def test_a_number_beyond_every_position_is_no_cursor(story: Story) -> None:
    query = """
    query Q($after: String, $p: Int) {
      trainee(employeeNo: "E1", minPosition: $p) { timeline(after: $after) { totalCount } }
    }
    """
    stated = {"after": cursor(TIMELINE_LIST.name, (2**63,)), "p": story.at["left"]}
    assert await story.door.code(query, **stated) == "cursor_invalid"
