"""Mending the cells of a check in place, before anything is written."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath

from api.web.kit.page import PageHere, redirect
from domain.kernel.errors import Refusal
from services.importing.mending import Mend
from services.importing.report import Place
from services.jobs.imports import IMPORT


@post("/import/{job_id:uuid}/mend")
async def mend_cells(page: PageHere, job_id: FromPath[UUID]) -> Response[str]:
    """Checks the files anew with what was typed into cells. Refuses `permission_refused`,
    `job_unknown`, `import_unchecked`, `form_unreadable`."""
    checked = await page.job(job_id, IMPORT)
    mends = list(_mends(await page.form(), page.principal.actor))
    job = await page.app.imports.mend(page.principal, checked, mends) if mends else checked
    return redirect(f"/import/{job.id}")


def _mends(form: FormMultiDict, by: str) -> Iterator[Mend]:
    """A cell that nothing was typed for stays as it is."""
    for at, text in zip(form.getall("at", []), form.getall("to", []), strict=False):
        if str(text).strip():
            try:
                place = msgspec.json.decode(str(at), type=dict[str, Any])
                yield msgspec.convert({**place, "text": str(text), "by": by}, Mend)
            except msgspec.DecodeError as error:
                raise Refusal("form_unreadable") from error


def address_of(place: Place) -> str:
    """A cell, as a form says it."""
    named = {"file": place.file, "sheet": place.sheet, "row": place.row, "column": place.column}
    return msgspec.json.encode(named).decode()
