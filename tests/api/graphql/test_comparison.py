"""Two moments side by side through GraphQL, drafts, and a what-if over many months."""

from typing import Any

import pytest
from graphql import parse

from api.graphql.engine.limits import check
from api.graphql.types.job import Job
from api.ids import own_uuid
from domain.kernel.errors import Refusal
from infra.bootstrap import App
from infra.work.worker import KINDS, JobRunner
from services.people.access import Tenant
from tests.api.door import Door
from tests.api.graphql.test_golden_figures import tell
from tests.golden_facts import CASES

COMPARED = """
fragment compared on Comparison {
  kpi { slug }
  before { ...side } after { ...side }
  movedCount
  moved(first: 50) { edges { node {
    label cohort numerator denominator
    trainee { employeeNo }
    before { numerator denominator rule } after { numerator denominator rule }
  } } }
}
fragment side on ComparedFigure {
  ratio { numerator denominator shown } isFinal isDrafted asOf { happenedBy position }
}
"""
WHAT_IF = (
    """
query Q($scheme: DraftSchemeInput!, $kpis: [String!], $position: Int) {
  whatIf(scheme: $scheme, kpis: $kpis, month: "2026-06", happenedBy: "2026-06-30",
         minPosition: $position) { ...compared }
}
"""
    + COMPARED
)
COMPARE = (
    """
query Q($before: MomentInput, $after: MomentInput, $kpis: [String!], $position: Int) {
  compare(before: $before, after: $after, kpis: $kpis, cohort: "2026-05",
          minPosition: $position) { ...compared }
}
"""
    + COMPARED
)
SCORECARDS = """
query Q($after: MomentInput, $position: Int) {
  compareScorecards(month: "2026-06", before: {happenedBy: "2026-06-30"}, after: $after,
                    minPosition: $position) {
    before { defined earned { shown } asOf { schemeVersion } }
    after { defined earned { shown } lines { code criteria { verdict } } }
  }
}
"""
REQUEST = """
mutation M($input: RequestWhatIfInput!) {
  requestWhatIf(input: $input) {
    job { id kind state } position errors { code path message }
  }
}
"""
JOB = "query Q($id: ID!) { job(id: $id) { state done total result fileUrl } }"
RATE = ["order_rate"]
LUCK = {"code": "1.1", "weight": "15", "criteria": [{"kpi": "luck"}]}
LONG = LUCK | {"criteria": [{"kpi": "order_rate"}], "name": "长" * 1_000}


@pytest.fixture
async def position(door: Door) -> int:
    """G2 is told up to here."""
    return await tell(door, CASES["G2"]["facts"])


async def what_if(door: Door, position: int, **scheme: Any) -> dict[str, Any]:
    data = await door.lines(WHAT_IF, scheme=scheme, kpis=RATE, position=position)
    (found,) = data["whatIf"]
    return dict(found)


def exact(side: dict[str, Any]) -> tuple[int, int]:
    return side["ratio"]["numerator"], side["ratio"]["denominator"]


async def test_leavers_counted_in_the_numerator_are_named(
    door: Door, app: App, partner: Tenant, position: int
) -> None:
    found = await what_if(door, position, parameters={"leaverRule": "COUNTED"})
    assert exact(found["before"]) == (12, 18)
    assert exact(found["after"]) == (13, 18)
    assert (found["before"]["isDrafted"], found["after"]["isDrafted"]) == (False, True)
    assert found["moved"] == [
        {
            "label": "T16",
            "cohort": "2026-05",
            "numerator": 1,
            "denominator": 0,
            "trainee": {"employeeNo": "T16"},
            "before": {"numerator": 0, "denominator": 1, "rule": "LEFT_BEFORE_CUTOFF"},
            "after": {"numerator": 1, "denominator": 1, "rule": None},
        }
    ]
    assert await app.log.position(partner.tenant_id) == position


async def test_only_the_employed_in_the_denominator_names_the_leavers(
    door: Door, position: int
) -> None:
    found = await what_if(door, position, parameters={"denominator": "EMPLOYED"})
    assert exact(found["before"]) == (12, 18)
    assert exact(found["after"]) == (12, 15)
    moved = [(one["label"], one["denominator"], one["after"]) for one in found["moved"]]
    assert moved == [("T16", -1, None), ("T17", -1, None), ("T18", -1, None)]


async def test_a_draft_that_could_not_be_published_is_refused(door: Door) -> None:
    assert (
        await door.code(WHAT_IF, scheme={"parameters": {"windowDays": 0}}) == "window_days_invalid"
    )
    assert await door.code(WHAT_IF, scheme={"lines": [LUCK]}) == "kpi_unknown"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"kpis": ["luck"]}, "kpi_unknown"),
        ({"after": {"scheme": {"lines": [LONG]}}}, "text_too_long"),
    ],
    ids=["a KPI", "a draft"],
)
async def test_what_is_asked_wrong_is_refused_before_anything_is_read(
    door: Door, wrong: dict[str, Any], code: str
) -> None:
    unknown = COMPARE.replace('cohort: "2026-05"', 'cohort: "of no partner"')
    assert await door.code(unknown) == "cohort_unknown"
    assert await door.code(unknown, **wrong) == code


async def test_two_points_in_time_name_who_was_recorded_in_between(
    door: Door, position: int
) -> None:
    later = await door.changed(
        "recordOrder", employeeNo="T15", orderNo="late", closedOn="2026-06-28"
    )
    before = {"happenedBy": "2026-06-30", "knownByPosition": position}
    after = {"happenedBy": "2026-06-30", "knownByPosition": later}
    (found,) = (await door.lines(COMPARE, before=before, after=after, kpis=RATE))["compare"]
    assert (exact(found["before"]), exact(found["after"])) == ((12, 18), (13, 18))
    assert found["before"]["asOf"]["position"] == position
    assert [(one["label"], one["numerator"]) for one in found["moved"]] == [("T15", 1)]
    assert found["moved"][0]["before"]["rule"] == "NO_ORDER_IN_WINDOW"


async def test_two_evenings_and_all_of_the_catalog_add_up(door: Door, position: int) -> None:
    before, after = {"happenedBy": "2026-06-10"}, {"happenedBy": "2026-06-30"}
    data = await door.lines(COMPARE, before=before, after=after, position=position)
    for found in data["compare"]:
        if found["before"]["ratio"] is None:
            assert found["moved"] == []
            continue
        was, now = exact(found["before"]), exact(found["after"])
        for index, part in enumerate(("numerator", "denominator")):
            assert sum(one[part] for one in found["moved"]) == now[index] - was[index]
        assert found["movedCount"] == len(found["moved"])


async def test_scorecards_side_by_side_where_weights_and_targets_are_drafted(
    door: Door, position: int
) -> None:
    target = {"numerator": 2, "denominator": 3}
    line = {
        "code": "1.1",
        "weight": "40",
        "criteria": [{"kpi": "order_rate", "target": target}],
    }
    after = {"happenedBy": "2026-06-30", "scheme": {"lines": [line]}}
    found = (await door.data(SCORECARDS, after=after, position=position))["compareScorecards"]
    assert (found["before"]["defined"], found["after"]["defined"]) == ("65", "40")
    assert found["after"]["earned"]["shown"] == "40"
    assert found["after"]["lines"] == [{"code": "1.1", "criteria": [{"verdict": "MET"}]}]


async def test_a_what_if_over_two_years_is_a_job_and_no_event(
    door: Door, app: App, partner: Tenant, position: int
) -> None:
    stated = {
        "scheme": {"parameters": {"leaverRule": "COUNTED"}},
        "since": "2024-08",
        "until": "2026-07",
        "kpis": RATE,
        "idempotencyKey": "once",
    }
    first, again = [(await door.data(REQUEST, input=stated))["requestWhatIf"] for _ in range(2)]
    assert first == again
    assert (first["position"], first["errors"]) == (position, [])
    assert first["job"]["kind"] == "WHATIF_RUN"
    other = {**stated, "since": "2025-01"}
    refused = (await door.data(REQUEST, input=other))["requestWhatIf"]
    assert [error["code"] for error in refused["errors"]] == ["idempotency_key_reused"]
    job_id = first["job"]["id"]
    await performed(app, partner, job_id)
    job = (await door.data(JOB, id=job_id))["job"]
    assert (job["state"], job["done"], job["total"]) == ("DONE", 24, 24)
    june = next(month for month in job["result"]["months"] if month["month"] == "2026-06")
    assert june["figures"] == [
        {"kpi": "order_rate", "before": "12/18", "after": "13/18", "moved": 1}
    ]
    file = (await door.http.get(job["fileUrl"], headers=door.headers)).json()
    june = next(month for month in file["months"] if month["month"] == "2026-06")
    assert [one["label"] for one in june["figures"][0]["moved"]] == ["T16"]
    assert await app.log.position(partner.tenant_id) == position


async def performed(app: App, partner: Tenant, job_id: str) -> None:
    """As a worker does."""
    runner = JobRunner(app, KINDS)
    await runner.perform(partner.tenant_id, own_uuid(job_id, Job.kind))


@pytest.mark.parametrize(
    ("stated", "code", "path"),
    [
        (
            {"scheme": {"parameters": {"windowDays": 0}}},
            "window_days_invalid",
            ["input", "scheme", "parameters", "windowDays"],
        ),
        ({"scheme": {"lines": [LUCK]}}, "kpi_unknown", ["input", "scheme", "lines"]),
        ({"since": "2026-13"}, "month_invalid", ["input", "since"]),
        ({"since": "2026-08"}, "months_reversed", ["input", "until"]),
        ({"since": "2024-07"}, "months_too_many", ["input", "until"]),
        ({"kpis": ["luck"]}, "kpi_unknown", ["input", "kpis"]),
    ],
)
async def test_refuses_a_what_if_as_data(
    door: Door, stated: dict[str, Any], code: str, path: list[str]
) -> None:
    whole = {"scheme": {}, "since": "2024-08", "until": "2026-07"} | stated
    (error,) = (await door.data(REQUEST, input=whole))["requestWhatIf"]["errors"]
    assert (error["code"], error["path"]) == (code, path)
    assert error["message"]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{ compare(before: {knownByPosition: 1}, after: {happenedBy: 2}) { movedCount } }", None),
        (
            "query Q($a: M) { x: compare(before: $a, after: {knownBy: 1}) { movedCount } y:"
            " compareScorecards(before: {knownByPosition: 1}, after: $a) { after { defined } } }",
            "document_too_many_travels",
        ),
        ('{ a: compare(before: {happenedBy: "2026-06-30"}) { movedCount } }', None),
    ],
)
def test_each_moment_counts_as_one_travel(document: str, code: str | None) -> None:
    try:
        check(parse(document))
    except Refusal as refused:
        assert refused.code == code
    else:
        assert code is None
