"""What a new partner does first: each step, whether it is done, and who may do it.

Nothing is stored of it: whether a step is done is read from what is there, and the list goes when
all are.
"""

from collections.abc import Sequence

from msgspec import Struct

from api.web.kit.page import PageContext
from api.web.kit.resource import path_of
from api.web.pages.log_ins import address_of
from api.web.pages.scheme import PLACE, TO_PUBLISH
from projections.trainees.cohort_roster import TRAINEE_LIST
from services.kernel.context import Principal, Role
from services.kernel.permissions import Permission
from services.kernel.roles import ROLES
from services.kernel.scopes import Scope
from services.people.person import AssignRole
from services.people.rights import may_be_given

PLACES = {
    "invite": ("/people/new", (Permission.MANAGE_PEOPLE,)),
    "import": ("/import", (Permission.IMPORT_FILES,)),
    "targets": (f"{PLACE}/new", TO_PUBLISH),
    "figures": ("/import", (Permission.IMPORT_FILES,)),
}
"""Where each step is done, and the permissions that it takes to its end, over everything."""


class FirstStep(Struct, frozen=True):
    """A step. name: of its words. address: where it is done; None where this one may not do it, and
    who: the names of some who may. Where nobody may, role: the one with which it could be done, and
    taking: where somebody gives it to themselves, if they may."""

    name: str
    is_done: bool
    address: str | None = None
    who: Sequence[str] = ()
    role: Role | None = None
    taking: str | None = None


async def first_steps(page: PageContext, *, has_figures: bool | None = None) -> list[FirstStep]:
    """The steps of a partner that is new; none where all are done. has_figures: None where it is
    not known yet whether there are any, which are judged by targets that hold."""
    reader = page.app.lists(Principal.of_system(page.tenant, "checklist", page.principal.zone))
    if has_figures is None:
        has_figures = bool(await reader.count(TRAINEE_LIST, status="live", most=1))
    done = {
        "invite": await page.app.holders.are_several(page.tenant),
        "import": bool(await reader.count(TRAINEE_LIST, most=1)),
        "targets": has_figures or bool(await reader.scheme_versions()),
        "figures": has_figures,
    }
    if all(done.values()):
        return []
    return [await _step(page, name, is_done=done[name]) for name in done]


async def _step(page: PageContext, name: str, *, is_done: bool) -> FirstStep:
    address, permissions = PLACES[name]
    if is_done:
        return FirstStep(name, is_done)
    if all(map(page.principal.may_everywhere, permissions)):
        return FirstStep(name, is_done, address)
    if who := await page.app.holders.of(page.principal, *permissions, everything=True):
        return FirstStep(name, is_done, who=who)
    role = next(
        one for one in Role if all(Scope.ALL in ROLES[one].get(its, ()) for its in permissions)
    )
    taking = None
    if page.principal.person_id and may_be_given(page.principal, role):
        taking = f"{address_of(page.principal.person_id)}/{path_of(AssignRole)}"
    return FirstStep(name, is_done, role=role, taking=taking)
