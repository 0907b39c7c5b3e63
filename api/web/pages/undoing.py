"""Taking an import back from a page: asked once more, followed, and what stood in the way."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from api.web.kit.page import REDRAWS, PageContext, PageHere, redirect
from api.web.pages.import_words import IMPORTS
from domain.kernel.errors import Refusal
from services.jobs.jobs import IMPORT, Job, cancel_if_under_way
from services.words.params import read


@get("/import/{job_id:uuid}/undo", opt=IMPORTS)
async def undo_page(page: PageHere, job_id: FromPath[UUID]) -> Response[str]:
    """The question, then how far it is, at the end what came of it. Refuses `job_unknown`."""
    return await _undo_page(page, await page.job(job_id, IMPORT))


async def _undo_page(
    page: PageContext, imported: Job, refusal: Refusal | None = None, reason: str | None = None
) -> Response[str]:
    undoing = await page.app.imports.undoing(page.principal, imported)
    is_undone = await page.app.imports.is_undone(imported)
    result = (undoing and undoing.result) or {}
    # An undoing of before they were named by name says their numbers alone.
    left = [{"trainee_id": "", **one} for one in result.get("in_the_way", ())]
    is_asked = not is_undone and (undoing is None or undoing.is_over)
    is_shown = is_asked and not result
    names = page.wording.t("word.and").join(imported.payload.get("names", ()))
    return page.render_part(
        "import_undo.html",
        imported=imported,
        names=names,
        job=undoing,
        is_undone=is_undone,
        is_asked=is_asked,
        goes=await page.app.left_of_import(page.principal, imported) if is_shown else None,
        result=result,
        in_the_way=[(one, _refused(one)) for one in left],
        people=await page.names(filter(None, (one["trainee_id"] for one in left))),
        failure=undoing and page.failure(undoing),
        reason=page.wording.t("import.undo.because", names=names) if reason is None else reason,
        refusal=refusal,
    )


def _refused(one: Mapping[str, Any]) -> Refusal:
    return Refusal(one["code"], **read(one["params"], one.get("types", {})))


@post(
    "/import/{job_id:uuid}/undo",
    opt=IMPORTS | {REDRAWS: True},
)
async def undo(page: PageHere, job_id: FromPath[UUID]) -> Response[str]:
    """Takes the import back; asking twice does so once. Refuses `permission_refused`,
    `job_unknown`, `import_not_over`."""
    imported = await page.job(job_id, IMPORT)
    reason = str((await page.form()).get("reason", ""))
    try:
        page.require_current_form()
        await page.app.imports.undo(page.principal, imported, reason)
    except Refusal as refusal:
        return await _undo_page(page, imported, refusal, reason)
    return redirect(f"/import/{job_id}/undo")


@post(
    "/import/{job_id:uuid}/undo/cancel",
    opt=IMPORTS | {REDRAWS: True},
)
async def cancel_undo(page: PageHere, job_id: FromPath[UUID]) -> Response[str]:
    """Stops taking back; what was withdrawn by then stays so. Refuses `permission_refused`,
    `job_unknown`."""
    imported = await page.job(job_id, IMPORT)
    if unsaved := page.unsaved:
        return await _undo_page(page, imported, unsaved)
    undoing = await page.app.imports.undoing(page.principal, imported)
    if undoing is not None:
        await cancel_if_under_way(page.principal, page.app.jobs, undoing)
    return redirect(f"/import/{job_id}/undo")
