"""What else may be entered in a field, by what is typed there."""

from typing import Any

from litestar import Response, post
from litestar.params import FromPath

from api.needs import OF_NAMED
from api.web.kit.cookies import CSRF_FIELD
from api.web.kit.form_state import sent_texts
from api.web.kit.page import CHANGES_NOTHING, HELPS_ALONG, PageHere
from api.web.kit.suggestions import suggested
from api.web.pages.resources import RESOURCES
from domain.kernel.errors import NotFoundError


@post("/suggestions/{name:str}", opt=OF_NAMED | {CHANGES_NOTHING: True, HELPS_ALONG: True})
async def suggestions_page(page: PageHere, name: FromPath[str]) -> Response[Any]:
    """The options of a field, which is all that is sent. Raises NotFoundError `page_unknown`."""
    sent = sent_texts(await page.form())
    typed = next((text for field, text in sent.items() if field != CSRF_FIELD), "")
    found = await suggested(page, RESOURCES, name, typed)
    if found is None:
        raise NotFoundError("page_unknown")
    return page.render("_options.html", known=found.known)
