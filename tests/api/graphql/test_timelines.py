"""What happened to a trainee, through the door: with it what says who that is."""

from typing import Any

import pytest

from tests.api.door import Door

MAY_2, MAY_10, JUNE_1 = "2026-05-02", "2026-05-10", "2026-06-01"
PAGE = """query Q(
    $p: Int, $known: Int, $day: Date, $first: Int, $after: String, $last: Int, $before: String
) { trainees(first: 5, minPosition: $p, knownByPosition: $known, happenedBy: $day) { edges { node {
  timeline(first: $first, after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { node { position topic facts } }
  }
} } } }"""
FIRST_STAY = [
    "PERSON_REGISTERED",
    "TRAINEE_ENROLLED",
    "PERSON_REGISTRATION_CORRECTED",
    "TRAINEE_LEFT",
    "TRAINEE_REJOINED",
    "PERSON_RENAMED",
]


class Asked:
    """The timelines of all stays, at a position of the log at least."""

    def __init__(self, door: Door, position: int) -> None:
        self.door, self.position = door, position

    async def pages(self, **asked: Any) -> list[dict[str, Any]]:
        found = await self.door.data(PAGE, p=self.position, **asked)
        return [edge["node"]["timeline"] for edge in found["trainees"]["edges"]]


@pytest.fixture
async def asked(door: Door) -> Asked:
    """Somebody whose name was corrected, and who came back by another."""
    change = door.changed
    await change("openCohort", code="B1", name="B1", openedOn="2026-05-01")
    person = {"employeeNo": "T1", "name": "杜玉璇"}
    await change("enrolTrainee", cohort="B1", enteredOn=MAY_2, **person)
    await change("correctEnrolment", employeeNo="T1", name="杜雨璇", reason="录入有误")
    await change("recordLeaving", employeeNo="T1", on=MAY_10, reason="个人原因")
    back = {"cohort": "B1", "enteredOn": JUNE_1, "name": "杜大璇"}
    return Asked(door, await change("rejoinTrainee", employeeNo="T1", **back))


def topics(page: dict[str, Any]) -> list[str]:
    return [edge["node"]["topic"] for edge in page["edges"]]


async def paged(asked: Asked, way: str) -> list[str]:
    """The topics of the first stay, fetched two at a time from one end to the other."""
    found, size, bound = list[str](), "first" if way == "after" else "last", None
    for _ in FIRST_STAY:
        page, _ = await asked.pages(**{size: 2, way: bound})
        found = found + topics(page) if way == "after" else topics(page) + found
        info = page["pageInfo"]
        bound = info["endCursor" if way == "after" else "startCursor"]
        if not info["hasNextPage" if way == "after" else "hasPreviousPage"]:
            break
    return found


async def test_what_says_who_a_trainee_is_stands_among_what_happened(asked: Asked) -> None:
    first, back = await asked.pages()
    assert topics(first) == FIRST_STAY
    assert topics(back) == [one for one in FIRST_STAY if one.startswith("PERSON")] + [
        "TRAINEE_ENROLLED"
    ]
    assert [page["totalCount"] for page in (first, back)] == [6, 4]
    assert "璇" not in str(first)


@pytest.mark.parametrize("way", ["after", "before"])
async def test_pages_of_any_size_are_the_whole(asked: Asked, way: str) -> None:
    assert await paged(asked, way) == FIRST_STAY


async def test_of_the_past_there_is_what_was_known_and_had_happened(asked: Asked) -> None:
    first, _ = await asked.pages()
    enrolled = first["edges"][1]["node"]["position"]
    (as_enrolled,) = await asked.pages(known=enrolled)
    assert topics(as_enrolled) == FIRST_STAY[:2]
    (in_may,) = await asked.pages(day=MAY_10)
    assert topics(in_may) == FIRST_STAY[:4]
    assert in_may["totalCount"] == 4
