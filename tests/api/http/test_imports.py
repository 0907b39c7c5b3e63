"""Uploads over HTTP become jobs."""

from io import BytesIO
from typing import Any
from uuid import UUID

import httpx
import openpyxl
import pytest
from litestar import Litestar

from api.auth import SYSTEM
from infra.bootstrap import App
from services.jobs.imports import LONGEST_NAME, told_apart
from services.jobs.jobs import JobState
from services.kernel.context import Role
from services.people.access import Tenant
from tests.api.conftest import open_door
from tests.api.door import Door
from tests.place import ROSTER

PASSWORD = "correct horse battery"
MAPPING = '[[sheets]]\nkind = "roster"\n[sheets.columns]\nemployee_no = "工号"\n'


async def send(http: httpx.AsyncClient, headers: Any, *files: Any, **fields: Any) -> httpx.Response:
    return await http.post("/imports", headers=headers, files=list(files), data=fields)


def workbook() -> tuple[str, tuple[str, bytes, str]]:
    return ("file", (ROSTER.name, ROSTER.read_bytes(), "application/octet-stream"))


async def test_answers_with_the_job_that_imports_it(
    app: App, http: httpx.AsyncClient, door: Door, partner: Tenant
) -> None:
    fields = {"dry_run": "true", "sheet": "花名册", "map": MAPPING, "changed_on": "2026-07-01"}
    answer = await send(http, door.headers, workbook(), **fields)
    assert answer.status_code == 202
    job = await app.jobs.get_job(partner.tenant_id, UUID(answer.json()["job"]))
    assert job is not None
    assert (job.kind, job.state) == ("import.run", JobState.QUEUED)
    order = job.payload
    assert (order["dry_run"], order["sheets"], order["mapping"]) == (True, ["花名册"], MAPPING)
    assert order["changed_on"] == [{"on": "2026-07-01", "sheet": None}]
    file = await app.files.get_file(partner.tenant_id, UUID(order["files"][0]))
    assert file is not None
    assert file.name == ROSTER.name
    assert app.files.path(partner.tenant_id, file).read_bytes() == ROSTER.read_bytes()


async def test_several_files_are_one_import(
    app: App, http: httpx.AsyncClient, door: Door, partner: Tenant
) -> None:
    files = [("file", (f"{n}.csv", f"工号\nE{n}\n".encode(), "text/csv")) for n in range(2)]
    answer = await send(http, door.headers, *files)
    job = await app.jobs.get_job(partner.tenant_id, UUID(answer.json()["job"]))
    assert job is not None
    assert len(job.payload["files"]) == 2


async def test_files_of_one_name_are_told_apart(
    app: App, http: httpx.AsyncClient, door: Door, partner: Tenant
) -> None:
    names = ["名单.csv", "名单.csv", "名单 (2).csv", "名单.csv"]
    files = [("file", (name, "工号\n".encode(), "text/csv")) for name in names]
    answer = await send(http, door.headers, *files)
    job = await app.jobs.get_job(partner.tenant_id, UUID(answer.json()["job"]))
    assert job is not None
    stored = [
        await app.files.get_file(partner.tenant_id, UUID(one)) for one in job.payload["files"]
    ]
    assert [one and one.name for one in stored] == job.payload["names"]
    assert job.payload["names"] == ["名单.csv", "名单 (2).csv", "名单 (2) (2).csv", "名单 (3).csv"]


def test_names_that_are_told_apart_are_no_longer_than_names_may_be() -> None:
    long = "a" * (LONGEST_NAME - 4) + ".csv"
    [first, second] = told_apart([long, long])
    assert first == long
    assert (len(second), second[-8:]) == (LONGEST_NAME, " (2).csv")


@pytest.mark.parametrize(
    ("content", "fields", "status", "code"),
    [
        (None, {"sheet": "花名册"}, 422, "file_missing"),
        (b"%PDF-1.7", {}, 422, "file_type_unknown"),
        (b"", {}, 422, "file_empty"),
        ("工号\n".encode(), {"dry_run": "perhaps"}, 422, "choice_unknown"),
        ("工号\n".encode(), {"map": "not toml"}, 422, "mapping_invalid"),
        ("工号\n".encode(), {"changed_on": "1899-12-31"}, 422, "day_out_of_range"),
        ("工号\n".encode(), {"sheet": "a\0"}, 422, "text_invalid"),
        ("工号\n".encode(), {"sheet": "a" * 201}, 422, "text_too_long"),
        ("工号\n".encode(), {"sheet": b"\xed\xa0\xbd"}, 422, "text_invalid"),
    ],
)
async def test_refuses_with_one_clear_line(
    http: httpx.AsyncClient,
    door: Door,
    content: bytes | None,
    fields: dict[str, Any],
    status: int,
    code: str,
) -> None:
    files = [] if content is None else [("file", ("a.csv", content, "text/csv"))]
    if content is None:
        files = [("other", ("a.csv", b"x", "text/csv"))]
    answer = await send(http, door.headers, *files, **fields)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"] != code


async def test_a_workbook_in_the_field_of_a_text_is_named_as_missing(
    http: httpx.AsyncClient, door: Door
) -> None:
    answer = await send(http, door.headers, ("sheet", workbook()[1]))
    assert (answer.status_code, answer.json()["code"]) == (422, "file_missing")


async def test_refuses_who_may_not_import(
    app: App, web: Litestar, http: httpx.AsyncClient, partner: Tenant
) -> None:
    lecturer = await open_door(app, web, http, partner.code, Role.LECTURER)
    assert (await send(http, {}, workbook())).status_code == 401
    assert (await send(http, lecturer.headers, workbook())).status_code == 403


async def test_a_cookie_alone_does_not_vouch_for_an_upload(
    app: App, web: Litestar, http: httpx.AsyncClient, partner: Tenant
) -> None:
    mail = f"{partner.code}@example.com"
    await app.accounts.create_user(
        email=mail, name="杜", role=Role.TRAINING_MANAGER, password=PASSWORD, partner=partner.code
    )
    opened = await web.state[SYSTEM].accounts.log_in(mail, PASSWORD)
    answer = await send(http, {"cookie": f"chudan_session={opened.secret}"}, workbook())
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_refused")


@pytest.mark.parametrize(
    ("language", "sheet"), [("zh-CN", "花名册"), ("en", "roster"), ("x", "花名册")]
)
async def test_a_template_is_answered_in_the_language_asked_for(
    http: httpx.AsyncClient, door: Door, language: str, sheet: str
) -> None:
    answer = await http.get(f"/imports/template?language={language}", headers=door.headers)
    assert answer.status_code == 200
    assert openpyxl.load_workbook(BytesIO(answer.content)).sheetnames[0] == sheet


async def test_a_template_is_for_who_may_import(http: httpx.AsyncClient) -> None:
    assert (await http.get("/imports/template")).status_code == 401


async def test_what_is_recorded_is_had_as_sheets_that_are_read_again(
    app: App, http: httpx.AsyncClient, door: Door, partner: Tenant
) -> None:
    await door.changed("openCohort", code="B1", name="一期", openedOn="2026-05-04")
    stated = {"cohort": "B1", "employeeNo": "007", "name": "=1+1", "enteredOn": "2026-05-05"}
    after = await door.changed("enrolTrainee", **stated)
    await door.data("query Q($p: Int) { partner(minPosition: $p) { code } }", p=after)
    whole = await http.get("/imports/filled/all.xlsx?language=zh-CN", headers=door.headers)
    book = openpyxl.load_workbook(BytesIO(whole.content))
    assert book.sheetnames == ["花名册", "成绩表", "订单表", "说明"]
    roster = book["花名册"]
    told = {head.value: cell.value for head, cell in zip(roster[1], roster[2], strict=True)}
    assert (told["工号"], told["姓名"], told["岗位"]) == ("007", "=1+1", "销售")
    assert roster.max_row == 2
    notes = [(one[0].value, one[1].value) for one in book["说明"]]
    position = await app.log.position(partner.tenant_id)
    assert notes[:2] == [("渠道商", partner.name), ("录入截止（数据版本）", str(position))]
    assert [label for label, _ in notes[2:4]] == ["导出人", "导出时间"]
    alone = await http.get("/imports/filled/roster.csv?language=en", headers=door.headers)
    head, row = alone.content.decode("utf-8-sig").splitlines()
    assert (head.split(",")[0], row.split(",")[:2]) == ("Employee no", ["007", "'=1+1"])


@pytest.mark.parametrize("name", ["all.csv", "roster.pdf", "leavings.xlsx", "roster"])
async def test_of_sheets_that_there_are_not_none_is_answered(
    http: httpx.AsyncClient, door: Door, name: str
) -> None:
    answer = await http.get(f"/imports/filled/{name}", headers=door.headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "export_unknown")


async def test_filled_sheets_are_for_who_may_import(
    app: App, web: Litestar, http: httpx.AsyncClient, partner: Tenant
) -> None:
    lecturer = await open_door(app, web, http, partner.code, Role.LECTURER)
    address = "/imports/filled/roster.xlsx"
    assert (await http.get(address)).status_code == 401
    assert (await http.get(address, headers=lecturer.headers)).status_code == 403
