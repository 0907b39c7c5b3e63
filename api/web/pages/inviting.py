"""A person's log-in: invited by a form, sent another link, unlocked."""

from typing import Any, Final, cast
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath
from msgspec.structs import replace

from api.needs import needs
from api.web.kit.carried_out import are_shown, telling
from api.web.kit.form import RefusedFormError
from api.web.kit.form_state import (
    KEY,
    FormState,
    begun,
    read_sent,
    refusals_of,
    refused_state,
    sent_text,
)
from api.web.kit.page import RECENT, REDRAWS, PageContext, PageHere, redirect
from api.web.pages.log_ins import SAID, address_of
from api.web.pages.people import PEOPLE, reads_contacts
from domain.kernel.errors import NotFoundError, Refusal
from domain.kernel.values import is_storable
from domain.people.person import Person
from services.execute import checked_key
from services.kernel.permissions import Permission
from services.people.log_ins import InvitePerson, roles_to_give
from services.people.rights import Persons

MANAGES: Final = needs(Permission.MANAGE_PEOPLE, everything=True)


@get("/people/{thing:str}/invite", opt=MANAGES)
async def invite_page(page: PageHere, thing: FromPath[str]) -> Response[str]:
    """The form by which somebody is invited. Raises NotFoundError `page_unknown`."""
    return _form(page, *await _inviting(page, thing))


@post("/people/{thing:str}/invite", opt=MANAGES | {RECENT: True, REDRAWS: True})
async def invite(page: PageHere, thing: FromPath[str]) -> Response[str]:
    """Invites somebody. Shows the form again with what was refused."""
    (state, person), sent = await _inviting(page, thing), await page.form()
    try:
        page.require_current_form()
        asked = cast(InvitePerson, read_sent(state, sent))
        key = checked_key(sent_text(sent, KEY))
        ctx = page.app.context(page.principal, idempotency_key=key)
        await page.app.log_ins.invite(ctx, asked)
    except (RefusedFormError, Refusal) as refused:
        refusals = refusals_of(refused)
        for one in refusals:
            # As an account's address is called.
            one.field = "mail" if one.field == "email" else one.field
        return _form(page, refused_state(page, state, sent, refusals), person)
    position, shown_by = await page.app.log.position(page.tenant), PEOPLE.projections
    if await are_shown(page, shown_by, position):
        return _done(thing, "invited")
    says = await telling(page, InvitePerson, shown_by, position)
    return redirect(f"{address_of(thing)}?{urlencode(says)}")


@post("/people/{thing:str}/reset", opt=MANAGES | {RECENT: True})
async def reset(page: PageHere, thing: FromPath[str]) -> Response[str]:
    """Mails somebody a link to choose a password by."""
    is_reset = await page.app.log_ins.reset(page.principal, _id(thing))
    return _done(thing, "reset" if is_reset else "invited")


@post("/people/{thing:str}/unlock", opt=MANAGES | {RECENT: True})
async def unlock(page: PageHere, thing: FromPath[str]) -> Response[str]:
    """Lets somebody log in again."""
    await page.app.log_ins.unlock(page.principal, _id(thing))
    return _done(thing, "unlocked")


def _id(thing: str) -> str:
    """What an address names, for what asks no list. Refuses `text_invalid`."""
    if not is_storable(thing):
        raise Refusal("text_invalid")
    return thing


def _done(thing: str, done: str) -> Response[Any]:
    return redirect(f"{address_of(thing)}?{SAID}={done}")


async def _inviting(page: PageContext, thing: str) -> tuple[FormState, Person]:
    """The form, begun with the address of an invitation before, or that which is on record as far
    as it may be read, and the roles that this one may give. The log knows who was registered a
    moment ago."""
    person = await Persons(page.app.log, page.tenant).get(_id(thing))
    if person is None:
        raise NotFoundError("page_unknown")
    state = begun(page, InvitePerson, {"person_id": thing})
    roles = tuple(map(str, roles_to_give(page.principal)))
    fields = (
        replace(
            one,
            choices=roles if one.name == "role" else one.choices,
            is_required=one.is_required or (one.name == "role" and not person.roles_on(page.today)),
        )
        for one in state.form.fields
    )
    state = replace(state, form=replace(state.form, fields=tuple(fields)))
    known = (await page.app.log_ins.list_of(page.principal, [thing])).get(thing)
    recorded = person.reached_by("mail") if reads_contacts(page, person) else None
    return state.begun_with({"mail": known.email if known else recorded}), person


def _form(page: PageContext, state: FormState, person: Person) -> Response[str]:
    return page.render(
        "form.html",
        refusal=state.refusal,
        resource=PEOPLE,
        state=state,
        row=person,
        came_from=(PEOPLE, person),
        back=address_of(person.id),
        suggestions={},
        hints={},
        done=None,
    )
