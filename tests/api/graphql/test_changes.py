"""Mutations: the changed thing, the position, refusals as data, one command per key."""

import pytest

from tests.api.door import Door

ENROL = """
mutation M($input: EnrolTraineeInput!) {
  enrolTrainee(input: $input) {
    trainee { id employeeNo name status enteredOn cohort { code } }
    position errors { code }
  }
}
"""


async def opened(door: Door) -> int:
    return await door.changed("openCohort", code="B1", name="一班", openedOn="2026-05-01")


async def enrolled(door: Door, number: str = "T1") -> int:
    await opened(door)
    return await door.changed(
        "enrolTrainee", cohort="B1", employeeNo=number, name="杜玉璇", enteredOn="2026-05-02"
    )


async def test_answers_the_changed_thing_and_the_position(door: Door) -> None:
    before = await opened(door)
    stated = {"cohort": "b1", "employeeNo": "Ｔ1", "name": "杜玉璇", "enteredOn": "2026-05-02"}
    payload = (await door.data(ENROL, input=stated))["enrolTrainee"]
    assert payload["errors"] == []
    assert payload["position"] == before + 2
    trainee = payload["trainee"]
    assert (trainee["employeeNo"], trainee["status"]) == ("T1", "IN_TRAINING")
    assert trainee["cohort"]["code"] == "B1"
    again = await door.data(
        "query Q($id: ID!) { node(id: $id) { id ... on Trainee { name } } }", id=trainee["id"]
    )
    assert again["node"] == {"id": trainee["id"], "name": "杜玉璇"}


async def test_a_query_waits_for_the_position_it_is_given(door: Door) -> None:
    position = await enrolled(door)
    query = 'query Q($p: Int) { trainee(employeeNo: "t1", minPosition: $p) { name } }'
    assert (await door.data(query, p=position))["trainee"]["name"] == "杜玉璇"


async def test_refuses_as_data_in_the_language_of_the_request(door: Door) -> None:
    await enrolled(door)
    query = (
        'mutation { goLive(input: {employeeNo: "T1", on: "2026-06-01"})'
        " { trainee { id } position errors { code message path params } } }"
    )
    said = {}
    for language in ("zh-CN", "en"):
        response = await door.send({"query": query}, language)
        answer = response.json()
        assert response.status_code == 200
        assert "errors" not in answer
        payload = answer["data"]["goLive"]
        assert payload["trainee"] is None
        assert payload["position"] is None
        (error,) = payload["errors"]
        assert error["code"] == "gate_not_passed"
        assert error["path"] == ["input", "on"]
        assert error["params"] == {"employee_no": "T1", "missing": ["written_exam", "drill"]}
        said[language] = error["message"]
    assert "笔试" in said["zh-CN"]
    assert "written exam" in said["en"]


async def test_points_at_the_input_field(door: Door) -> None:
    await enrolled(door)
    payload = await door.change(
        "recordOrder", employeeNo="T9", orderNo="A1", closedOn="2026-06-01", amount="12.50"
    )
    (error,) = payload["errors"]
    assert (error["code"], error["path"]) == ("trainee_unknown", ["input", "employeeNo"])


async def test_answers_an_amount_as_it_was_written_and_in_plain_decimal(door: Door) -> None:
    await enrolled(door)
    written = {"1688.00": "1688.00", 1688: "1688", 1688.5: "1688.5", "1,000": "1000"}
    for number, amount in enumerate(written):
        position = await door.changed(
            "recordOrder",
            employeeNo="T1",
            orderNo=f"A{number}",
            closedOn="2026-06-01",
            amount=amount,
        )
    query = "query Q($p: Int) { orders(minPosition: $p) { edges { node { orderNo amount } } } }"
    edges = (await door.data(query, p=position))["orders"]["edges"]
    found = {edge["node"]["orderNo"]: edge["node"]["amount"] for edge in edges}
    assert [found[f"A{number}"] for number in range(len(written))] == [*written.values()]


async def test_the_same_key_is_one_command(door: Door) -> None:
    stated = {"code": "B7", "name": "七班", "openedOn": "2026-05-01", "idempotencyKey": "k-1"}
    first = await door.changed("openCohort", **stated)
    assert await door.changed("openCohort", **stated) == first
    payload = await door.change("openCohort", **stated | {"name": "别的班"})
    assert [error["code"] for error in payload["errors"]] == ["idempotency_key_reused"]
    assert payload["errors"][0]["path"] == ["input", "idempotencyKey"]
    count = await door.data("query Q($p: Int) { cohorts(minPosition: $p) { totalCount } }", p=first)
    assert count["cohorts"]["totalCount"] == 1


@pytest.mark.parametrize(
    ("key", "code"),
    [("k" * 256, "text_too_long"), ("k\x00", "text_invalid"), ("\u200b ", "idempotency_key_blank")],
)
async def test_a_key_that_cannot_be_kept_is_refused(door: Door, key: str, code: str) -> None:
    stated = {"code": "B7", "name": "七班", "openedOn": "2026-05-01", "idempotencyKey": key}
    (error,) = (await door.change("openCohort", **stated))["errors"]
    assert (error["code"], error["path"]) == (code, ["input", "idempotencyKey"])


async def test_what_a_variable_lacks_is_an_error_of_the_request(door: Door) -> None:
    answer = await door.answer(ENROL, input={"cohort": "B1"})
    assert answer["data"] is None
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"input_invalid"}


async def test_cancels_a_job_and_says_what_it_cannot(door: Door) -> None:
    asked = await door.data(
        'mutation { requestReport(input: {month: "2026-06"}) { position job { id } } }'
    )
    requested = asked["requestReport"]
    cancel = (
        "mutation M($id: ID!) { cancelJob(input: {id: $id})"
        " { job { id state } position errors { code path } } }"
    )
    for _ in range(2):
        payload = (await door.data(cancel, id=requested["job"]["id"]))["cancelJob"]
        assert payload == {
            "job": {"id": requested["job"]["id"], "state": "CANCELLED"},
            "position": requested["position"],
            "errors": [],
        }
    for given, code in (
        ("0192f0c1-0000-7000-8000-000000000000", "job_unknown"),
        ("none", "id_invalid"),
    ):
        payload = (await door.data(cancel, id=given))["cancelJob"]
        assert payload["job"] is None
        assert payload["errors"] == [{"code": code, "path": ["input", "id"]}]


async def test_requests_a_report_and_follows_its_job(door: Door) -> None:
    query = (
        'mutation { requestReport(input: {month: "2026-06"})'
        " { job { id kind state done total fileUrl } position errors { code } } }"
    )
    payload = (await door.data(query))["requestReport"]
    assert payload["errors"] == []
    job = payload["job"]
    assert (job["kind"], job["state"], job["fileUrl"]) == ("REPORT_RENDER", "QUEUED", None)
    again = await door.data("query Q($id: ID!) { job(id: $id) { id kind state } }", id=job["id"])
    assert again["job"]["kind"] == "REPORT_RENDER"
    unknown = await door.data('query Q { job(id: "0192f0c1-0000-7000-8000-000000000000") { id } }')
    assert unknown["job"] is None
