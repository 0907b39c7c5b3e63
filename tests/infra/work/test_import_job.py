"""What an import answers where not all of its report can be made."""

from io import BytesIO
from typing import Any
from uuid import UUID

import pytest

from infra.bootstrap import App
from infra.work import import_job
from infra.work.worker import KINDS, JobRunner
from services.jobs.jobs import OF_IMPORTS, JobState, NewFile
from services.kernel.context import Principal

ROSTER = "工号,姓名,批次,入职日期\nIJ1,王一,一期,2026-05-18\n"


async def test_an_import_whose_marked_workbook_cannot_be_drawn_is_done(
    app: App, manager: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(import_job, "write_marked", broken)
    asked = await app.imports.request_import(
        manager, [NewFile("名单.csv", "", BytesIO(ROSTER.encode()), OF_IMPORTS)]
    )
    await JobRunner(app, KINDS).perform(asked.tenant_id, asked.id)
    job = await app.jobs.get_job(asked.tenant_id, asked.id)
    assert job is not None and job.result is not None
    assert (job.state, job.result["counts"]["create"]) == (JobState.DONE, 1)
    assert "workbook_id" not in job.result


async def test_the_files_of_a_check_are_called_one(app: App, manager: Principal) -> None:
    asked = await app.imports.request_import(
        manager, [NewFile("名单.csv", "", BytesIO(ROSTER.encode()), OF_IMPORTS)], dry_run=True
    )
    await JobRunner(app, KINDS).perform(asked.tenant_id, asked.id)
    job = await app.jobs.get_job(asked.tenant_id, asked.id)
    assert job is not None and job.result is not None
    file = await app.files.get_file(asked.tenant_id, UUID(job.result["workbook_id"]))
    assert file is not None and file.name == "导入检查-名单.xlsx"
