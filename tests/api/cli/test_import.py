"""`chudan import` as a person runs it, beside running servers."""

import asyncio
import json
import signal
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from msgspec import to_builtins

from api.cli.import_ import read_unless_stopped
from domain.kernel.errors import Refusal
from infra.bootstrap import App
from infra.work.jobs import insert_job_of_one
from infra.work.leases import JobTimes, Leases
from infra.work.worker import KINDS, JobRunner
from services.jobs.behalf import on_behalf
from services.jobs.imports import ImportOrder
from services.jobs.jobs import IMPORT, JobState
from services.people.access import Tenant
from tests.api.cli.terminal import chudan, started
from tests.place import DATA, ROSTER
from tests.services.importing.planted import PEOPLE, SALES, write_planted

CRM = DATA / "crm"


async def start(app: App, *arguments: str | Path) -> asyncio.subprocess.Process:
    return await started(app.settings.environment, "import", *arguments)


async def chudan_import(app: App, *arguments: str | Path) -> tuple[int, str, str]:
    """Exit status, standard output and standard error."""
    return await chudan(app.settings.environment, "import", *arguments)


async def test_dry_run_then_import_then_nothing_more(app: App, partner: Tenant) -> None:
    arguments = (ROSTER, "--partner", partner.code, "--format", "json")
    before = await app.log.position(partner.tenant_id)
    status, output, _ = await chudan_import(app, *arguments, "--dry-run")
    assert status == 0
    assert json.loads(output)["counts"] == {
        "create": 41,
        "change": 0,
        "part": 0,
        "skip": 1,
        "merge": 0,
        "refuse": 0,
    }
    assert await app.log.position(partner.tenant_id) == before
    status, output, errors = await chudan_import(app, *arguments)
    done = json.loads(output)
    assert (status, done["counts"]["create"], done["file"]) == (0, 41, ROSTER.name)
    assert "42/42" in errors
    assert await app.log.position(partner.tenant_id) == done["position"]
    status, output, _ = await chudan_import(app, *arguments)
    again = json.loads(output)
    assert (status, again["events"], again["counts"]["skip"]) == (0, 0, 42)
    assert again["position"] == done["position"]
    _, output, _ = await chudan_import(app, *arguments[:3])
    assert "Skipped 42 rows, the first of them" in output
    assert "Everything in this row is recorded already." in output


async def test_an_import_is_found_among_those_of_the_page_and_taken_back_as_one(
    app: App, partner: Tenant
) -> None:
    _, output, _ = await chudan_import(app, ROSTER, "--partner", partner.code, "--dry-run")
    assert output.endswith("nothing is recorded. Run it again without --dry-run to import.\n")
    assert await app.imports.earlier(partner.operator, None, 9) == []
    status, _, _ = await chudan_import(app, ROSTER, "--partner", partner.code)
    [job] = await app.imports.earlier(partner.operator, None, 9)
    assert (status, job.state, job.payload["names"]) == (0, JobState.DONE, [ROSTER.name])
    assert job.result is not None
    assert (job.result["counts"]["create"], job.done) == (41, 42)
    report = await app.files.get_file(partner.tenant_id, UUID(job.result["file_id"]))
    assert report is not None
    undo = await app.imports.undo(partner.operator, job, "录错了")
    await JobRunner(app, KINDS).perform(partner.tenant_id, undo.id)
    [_, job] = await app.imports.earlier(partner.operator, None, 9)
    assert job.state is JobState.UNDONE


async def test_an_import_that_nobody_carries_out_any_more_is_over_and_can_be_taken_back(
    app: App, partner: Tenant
) -> None:
    job_id = uuid4()
    order = ImportOrder(**on_behalf(partner.operator), names=["名单.csv"])
    async with app.db.tenant(partner.tenant_id) as tenant:
        await insert_job_of_one(tenant, job_id, IMPORT, to_builtins(order), 0)
    died = await Leases(app.db, JobTimes(lease=0)).take(partner.tenant_id, job_id)
    assert died is not None and not died.is_spent
    await JobRunner(app, KINDS).perform(partner.tenant_id, job_id)
    job = await app.jobs.get_job(partner.tenant_id, job_id)
    assert job is not None
    assert (job.state, job.error) == (JobState.FAILED, "job_attempts_exhausted")


async def test_another_manager_is_imported_with_the_day_of_the_change(
    app: App, partner: Tenant, tmp_path: Path
) -> None:
    file = tmp_path / "名单.csv"
    outcomes = []
    for manager, *day in [("钱",), ("孙",), ("孙", "--changed-on", "2026-06-10")]:
        file.write_text(f"姓名,工号,批次,入职日期,主管\n王,1,一,2026-05-18,{manager}\n")
        arguments = (file, "--partner", partner.code, "--format", "json", *day)
        _, output, _ = await chudan_import(app, *arguments)
        outcomes += [row["outcome"] for row in json.loads(output)["rows"]]
    assert outcomes == ["create", "refuse", "change"]
    [job, *_] = await app.imports.earlier(partner.operator, None, 9)
    assert job.payload["changed_on"] == [{"on": "2026-06-10", "sheet": None}]


async def test_a_note_says_its_file_and_row(app: App, partner: Tenant, tmp_path: Path) -> None:
    file = tmp_path / "双.csv"
    file.write_text("姓名,工号,批次,入职日期\n王,1,一,2026-05-18\n王,2,一,2026-05-18\n")
    arguments = (file, "--partner", partner.code, "--format", "json", "--dry-run")
    _, output, _ = await chudan_import(app, *arguments)
    [twin] = [note for note in json.loads(output)["notes"] if note["code"] == "twin_in_file"]
    assert (twin["file"], twin["sheet"], twin["row"]) == ("双.csv", "双", 3)
    assert "双.csv / 双" in twin["message"]


async def test_refused_rows_are_named_with_cell_and_sentence(
    app: App, partner: Tenant, tmp_path: Path
) -> None:
    write_planted(tmp_path / "planted.xlsx")
    faults = sum(code is not None for _, code, _ in [*PEOPLE, *SALES])
    status, output, errors = await chudan_import(
        app, tmp_path / "planted.xlsx", "--partner", partner.code
    )
    lines = output.splitlines()
    refused = [line for line in lines if line.startswith(("Refuse", "In part"))]
    assert (status, len(refused)) == (1, faults)
    assert any(
        "花名册!D6" in line and "入职日期" in line and "2026-02-30" in line for line in refused
    )
    assert any(
        "花名册!9  Not recorded: live on (rests on “written exam”)" in line for line in lines
    )
    assert f"chudan: Rows of which something was refused: {faults} of " in errors.splitlines()[-1]
    assert "Traceback" not in errors


async def test_says_so_where_no_row_is_taken(app: App, partner: Tenant, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("姓名,工号,批次,入职日期\n甲,B1,批次,明天\n", "utf-8")
    status, _, errors = await chudan_import(app, tmp_path / "bad.csv", "--partner", partner.code)
    said = errors.splitlines()[-1]
    assert (status, said.startswith("chudan: No row was taken, 1 refused")) == (1, True)


FOLDER = "is a folder; name a file in it."


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["/"], f"/ {FOLDER}"),
        (["."], f". {FOLDER}"),
        (["/dev/null"], "This is no file that can be imported; use xlsx or csv."),
        (["none.csv"], "There is no file none.csv; check the path."),
        ([CRM / "sales_teams.csv", "--map", "."], f". {FOLDER}"),
        (
            [ROSTER, "--changed-on", "0202-06-01"],
            "The day Jun 1, 202 is too far away; check the year.",
        ),
    ],
    ids=["the root", "this folder", "a device", "nothing", "a folder as the map", "a far day"],
)
async def test_an_argument_that_cannot_be_meant_is_refused_before_anything_is_read(
    arguments: list[str | Path], said: str, app: App, partner: Tenant
) -> None:
    status, _, errors = await chudan_import(app, *arguments, "--partner", partner.code)
    assert (status, errors.splitlines()[-1]) == (1, f"chudan: {said}")


@pytest.mark.parametrize(("code", "called"), [("Central", ()), ("any code", ("--as", "central"))])
async def test_foreign_sheets_by_the_map_that_comes_along(
    code: str, called: tuple[str, ...], app: App
) -> None:
    partner = await app.accounts.create_partner(code, "Central", window_days=120)
    status, output, _ = await chudan_import(
        app,
        *(CRM / "sales_teams.csv", CRM / "sales_pipeline.csv", "--partner", partner.code),
        *("--map", "crm.toml", *called, "--format", "json"),
    )
    assert status == 0
    assert json.loads(output)["counts"]["create"] > 1000


async def test_who_stops_before_the_first_row_is_told_that_nothing_was_imported() -> None:
    stop = asyncio.Event()
    stop.set()
    for file in (ROSTER, ROSTER.with_name("broken off by the same Ctrl-C.xlsx")):
        with pytest.raises(Refusal) as refused:
            await read_unless_stopped(file, file.name, stop)
        assert refused.value.code == "import_not_begun"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
async def test_goes_on_after_it_was_interrupted(
    how: signal.Signals, app: App, partner: Tenant, tmp_path: Path
) -> None:
    people = 1500
    lines = [f"人{n},N{n},批{n % 40},2026-05-18" for n in range(people)]
    (tmp_path / "many.csv").write_text("\n".join(["姓名,工号,批次,入职日期", *lines]), "utf-8")
    arguments = (tmp_path / "many.csv", "--partner", partner.code, "--format", "json")
    joined = await app.log.position(partner.tenant_id)
    process = await start(app, *arguments)
    while await app.log.position(partner.tenant_id) == joined:
        assert process.returncode is None
    process.send_signal(how)
    output, errors = await process.communicate()
    if how is signal.SIGINT:
        stopped = json.loads(output)
        assert process.returncode == 1
        assert stopped["stopped"]
        assert stopped["counts"]["create"] == len(stopped["rows"]) < people
        assert "again" in errors.decode().splitlines()[-1]
        [job] = await app.imports.earlier(partner.operator, None, 9)
        assert (job.state, job.done) == (JobState.CANCELLED, len(stopped["rows"]))
    status, output, _ = await chudan_import(app, *arguments)
    done = json.loads(output)
    assert (status, done["counts"]["refuse"]) == (0, 0)
    assert done["counts"]["create"] + done["counts"]["skip"] == people
    assert done["position"] == joined + 2 * people + 40


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["nowhere.xlsx"], 1, "nowhere.xlsx"),
        (["README.md", "--partner", "nobody"], 1, "nobody"),
        ([], 2, "FILE"),
        (["pyproject.toml"], 1, "chudan:"),
        ([str(ROSTER), "--map", "none.toml"], 1, "none.toml"),
        ([str(ROSTER), "--sheet", "工资"], 1, "工资"),
    ],
)
async def test_a_users_mistake_is_one_clear_line(
    arguments: list[str], status: int, words: str, app: App, partner: Tenant
) -> None:
    if arguments and "--partner" not in arguments:
        arguments = [*arguments, "--partner", partner.code]
    ended, output, errors = await chudan_import(app, *arguments)
    assert (ended, output) == (status, "")
    assert words in errors
    assert "Traceback" not in errors
