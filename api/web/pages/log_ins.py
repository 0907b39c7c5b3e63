"""Who of the people can log in: said in their list, and told on the page of each."""

from collections.abc import Collection, Mapping
from typing import Any

from api.web.kit.addresses import thing_address
from api.web.kit.page import PageContext
from projections.people.people import PERSON_LIST, PersonRow
from services.kernel.permissions import Permission
from services.people.log_ins import LogIn
from services.reading.moment import Moment

SAID = "log_in"
"""In the address of a person's page: what was done about the log-in."""
MAILED = ("invited", "reset")
DONE = (*MAILED, "unlocked")


def address_of(thing: str) -> str:
    return thing_address(PERSON_LIST.kind, thing)


def may_manage(page: PageContext) -> bool:
    """Whether somebody sees who can log in."""
    return page.principal.may_everywhere(Permission.MANAGE_PEOPLE)


async def log_in_of(
    page: PageContext, row: PersonRow, moment: Moment | None
) -> dict[str, Any] | None:
    """How somebody logs in, as it is now."""
    if moment is not None or not may_manage(page):
        return None
    log_ins = page.app.log_ins
    found: LogIn | None = (await log_ins.list_of(page.principal, [row.person_id])).get(
        row.person_id
    )
    if found is None and row.status in ("gone", "joined"):
        return None
    done = page.request.query_params.get(SAID)
    return {
        "found": found,
        "awaits": found and found.awaits(page.now),
        "lapsed": found and found.has_lapsed(page.now),
        "is_locked": found and await log_ins.is_locked(page.principal, row.person_id),
        "done": done if done in DONE else None,
        "is_file": done in MAILED and not page.app.has_mail_server,
        "address": address_of(row.person_id),
    }


async def who_logs_in(page: PageContext, ids: Collection[str]) -> Mapping[str, str]:
    """What is said of those who can log in, or are invited to, in the list."""
    if not may_manage(page):
        return {}
    known = await page.app.log_ins.list_of(page.principal, ids)
    return {
        person_id: "log_in.there" if one.is_accepted else "log_in.invited"
        for person_id, one in known.items()
    }
