"""The handlers of the pages of a resource: the list, one thing, and the forms of its commands."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Stream
from msgspec import Struct
from msgspec.structs import replace

from api.needs import OF_NAMED, needs
from api.web.kit.addresses import number_in
from api.web.kit.bearers import read_bearers
from api.web.kit.carried_out import telling, told
from api.web.kit.filters import read_each
from api.web.kit.form import RefusedFormError, form_of
from api.web.kit.form_state import (
    AGAIN,
    FormState,
    begun,
    carry_out,
    hindrance,
    refusals_of,
    refused_state,
    sent_text,
    sent_texts,
)
from api.web.kit.history import unread_fields
from api.web.kit.list_pages import list_as_file, show_list
from api.web.kit.moments import moment_of
from api.web.kit.named import typed_of
from api.web.kit.numbering import numbering
from api.web.kit.page import CHANGES_NOTHING, RECENT, REDRAWS, PageContext, PageHere, redirect
from api.web.kit.resource import Resource, path_of
from api.web.kit.resources import Resources
from api.web.kit.suggestions import Suggested, suggested
from api.web.kit.table_filters import address_of_sent, read_names
from api.web.kit.thing_pages import show_thing
from api.web.kit.timeline import (
    filled,
    read_record,
    recorded_fact,
    restated,
)
from domain.kernel.errors import NotFoundError, Refusal, TakenError
from services.kernel.permissions import Permission
from services.kernel.work import RESTATED_SINCE
from services.registry import COMMANDS

KEPT = "kept."
"""Leads in an address the fields that stay in the form of the next one; sealed, as what they say
may be a name."""


class ResourcePages(Struct, frozen=True):
    """The pages of one resource. resources: all that there are."""

    resource: Resource[Any]
    resources: Resources

    def router(self) -> Router:
        """The handlers below the resource's address."""
        reads = needs(self.resource.permission)
        opens = needs(COMMANDS[self.resource.opening].permission)
        gives = {REDRAWS: True, RECENT: {*map(path_of, self.resource.recent)}}

        @get("/", opt=reads)
        async def list_page(page: PageHere) -> Response[Any]:
            return await show_list(page, self.resources, self.resource)

        @post("/", opt=reads | {CHANGES_NOTHING: True})
        async def search(page: PageHere) -> Response[str]:
            """Leads to the list that is asked for, whose address shows no name in the clear."""
            listing, sent = self.resource.listing, sent_texts(await page.form())
            names = await read_names(page.lists(), listing)
            asked = await address_of_sent(page, self.resources, listing, sent, names)
            return redirect(f"{self.resource.path}?{asked}")

        @get(["/list.csv", "/list.xlsx"], opt=reads)
        async def list_file_page(page: PageHere) -> Stream:
            """The list as a file, whatever was searched for in it."""
            return await list_as_file(page, self.resources, self.resource)

        @get("/named", opt=reads)
        async def named_page(page: PageHere) -> Response[str]:
            """Leads to one of them by the code or number that people name it by: `?name=B-01`.
            Raises NotFoundError `page_unknown`."""
            return await self._named(page)

        @get("/new", opt=opens)
        async def new_page(page: PageHere) -> Response[str]:
            """The form that makes a new one."""
            return await self._form(page, *await self._opening(page))

        @post("/new", opt=opens | {REDRAWS: True})
        async def make(page: PageHere) -> Response[str]:
            """Makes a new one. Shows the form again with what was refused."""
            return await self._carry_out(page, partial(self._opening, page))

        @get("/{thing:str}", opt=reads)
        async def thing_page(page: PageHere, thing: FromPath[str]) -> Response[str]:
            """One of them. Raises NotFoundError `page_unknown`."""
            return await show_thing(page, self.resources, self.resource, thing)

        @get("/{thing:str}/{command:str}", opt=OF_NAMED)
        async def form_page(
            page: PageHere, thing: FromPath[str], command: FromPath[str]
        ) -> Response[str]:
            """The form of a command about it, and why that would be refused, where it is known
            already. Raises NotFoundError `page_unknown`."""
            state, row = await self._about(page, thing, command)
            if state.barred:
                raise state.barred
            refusal = await hindrance(page, state)
            seen = replace(state, refusal=refusal, is_hindered=refusal is not None)
            return await self._form(page, seen, row)

        @post("/{thing:str}/{command:str}", opt=OF_NAMED | gives)
        async def give(
            page: PageHere, thing: FromPath[str], command: FromPath[str]
        ) -> Response[str]:
            """Gives a command about it. Shows the form again with what was refused."""
            return await self._carry_out(page, partial(self._about, page, thing, command))

        handlers = [list_page, search, list_file_page, named_page, new_page, make]
        about = [thing_page] if self.resource.home else [thing_page, form_page, give]
        return Router(self.resource.path, route_handlers=[*handlers, *about])

    async def _named(self, page: PageContext) -> Response[str]:
        resource = self.resource
        name = page.request.query_params.get("name", "")
        times, _ = read_each(page.request.query_params, page.read_times)
        row = await self.resources.one_of(page, resource, name, await moment_of(page, times))
        row = row or await self.resources.one_of(page, resource, name)
        if row is None:
            raise NotFoundError("page_unknown")
        return redirect(times.dated(resource.address_of(row)))

    async def _opening(self, page: PageContext) -> tuple[FormState, None]:
        """The form that makes a new one, about what the address names."""
        resource, command = self.resource, self.resource.opening
        given: dict[str, Any] = {}
        owners = await self.resources.owners(page, resource, page.request.query_params)
        for owner, row in owners.values():
            if handed_on := await self.resources.handed_on(page, owner, row):
                raise handed_on
            given |= owner.naming(row, command)
        first = begun(page, command, given, can_repeat=bool(resource.repeated))
        typed = {
            field: owner.typed(row)
            for name, (owner, row) in owners.items()
            for field in owner.named_also & {name, f"{name}_id"}
        }
        return replace(first, typed={**first.typed, **typed, **self._kept(page)}), None

    def _owned(self, page: PageContext) -> dict[str, str]:
        """What the address says that a new one is to belong to."""
        filters, params = self.resource.listing.filters, page.request.query_params
        return {name: params[name] for name, one in filters.items() if one.of and name in params}

    def _kept(self, page: PageContext) -> dict[str, str]:
        """What stays in the form from the one entered before, by field."""
        params = page.request.query_params
        kept = {name: params.get(KEPT + name) for name in self.resource.repeated}
        return {name: page.seal.open(text) for name, text in kept.items() if text}

    async def _about(self, page: PageContext, thing: str, path: str) -> tuple[FormState, Any]:
        """The form of a command about a thing, and its row."""
        resource, command = self.resource, self.resource.command(path)
        page.principal.require(COMMANDS[command].permission)
        row = await page.lists().get(resource.listing, id=thing)
        if row is None:
            raise NotFoundError("page_unknown")
        given, values = resource.naming(row, command), dict[str, Any]()
        barred = amends = amended = as_seen = warning = None
        unasked = {*resource.unasked(row, command)}
        amendment = resource.amendment.get(command)
        fact = number_in(page.request.query_params.get("fact", ""))
        if amendment is not None and fact is not None:
            as_seen = await page.app.log.position(page.tenant)
            amends = await recorded_fact(page, thing, fact)
            if amends is None:
                as_seen = None
            else:
                said, named = filled(amendment, amends, await typed_of(page, amends))
                unread = {*(await unread_fields(page, thing))(type(amends))}
                unasked |= {one.name for one in form_of(command).fields if one.stays} & unread
                if {*said} & unread - unasked:
                    raise page.principal.refused(str(Permission.READ_CONTACTS))
                given = named | given
                if amends.TOPIC not in amendment.topics:
                    # It was taken back, and the command would reach whatever came after it.
                    barred = await restated(page, amends, 0)
                else:
                    values = said
                    amended = None if amendment.restates else await read_record(page, amends)
                    warning = await amendment.warns(page, thing, fact)
        if not resource.reaches_earlier(row, command, knows_fact=amends is not None):
            barred = barred or await self.resources.handed_on(page, resource, row)
        removes = command in resource.removing
        is_final = removes or command in resource.final
        state = begun(
            page, command, given, values, unasked=unasked, is_final=is_final, removes=removes
        )
        if amends is None:
            state = state.begun_with(await resource.begins(page, row, command))
        seen = {"amends": amends, "as_seen": as_seen, "amended": amended}
        return replace(state, barred=barred, warning=warning, **seen), row

    async def _form(self, page: PageContext, state: FormState, row: Any = None) -> Response[str]:
        resource = self.resource
        owners = await self.resources.owners(page, resource, page.request.query_params)
        came_from = (resource, row) if row is not None else next(iter(owners.values()), None)
        back = resource.start
        if came_from:
            owner, its = came_from
            back = owner.address(getattr(its, owner.listing.id_column))
        return page.render(
            "form.html",
            refusal=state.refusal,
            resource=resource,
            state=state,
            row=row,
            came_from=came_from,
            back=back,
            suggestions=await self._suggestions(page, state),
            hints=await self._hints(page, state),
            done=None if state.refusal else await told(page, resource.projections),
        )

    async def _suggestions(self, page: PageContext, state: FormState) -> dict[str, Suggested]:
        """What may be entered, by field; where a new thing is given its number, that is new."""
        gives = partial(self.resource.gives_name, state.form.command)
        asked = {field.name for field in state.shown if not gives(field.name)}
        found = {name: await suggested(page, self.resources, name) for name in asked}
        return {name: one for name, one in found.items() if one is not None and one.known}

    async def _hints(self, page: PageContext, state: FormState) -> dict[str, str]:
        """What else is said beside fields, by field: which number a new thing could be given."""
        resource = self.resource
        if state.form.command is not resource.opening:
            return {}
        number = await numbering(page, self.resources, resource)
        if number is None:
            return {}
        said = page.wording.t("form.next_number", last=number.last, next=number.next)
        return {resource.named_by: said}

    async def _called(self, page: PageContext, changed: Resource[Any], thing: str) -> str:
        """What people call the thing that was changed, where it is shown to this one."""
        if not page.may(changed.permission):
            return ""
        row = await page.lists().get(changed.listing, id=thing)
        return changed.called(row) if row is not None else ""

    async def _with_holder(
        self, page: PageContext, state: FormState, refusals: Sequence[Refusal]
    ) -> FormState:
        """A form that was refused, with whose the name is that was to be given, where that is
        shown to this one."""
        of = self.resources.opened_by(state.form.command)
        name = (of.numbered_in or of.named_by) if of and page.may(of.permission) else None
        if (
            of is None
            or name is None
            or not any(isinstance(one, TakenError) and one.field == name for one in refusals)
        ):
            return state
        row = await self.resources.one_of(page, of, state.typed[name])
        if row is None:
            return state
        return replace(state, holders={name: (of.address_of(row), of.told(row, page.wording))})

    async def _carry_out(
        self, page: PageContext, about: Callable[[], Awaitable[tuple[FormState, Any]]]
    ) -> Response[str]:
        (state, _), sent = await about(), await page.form()
        command, named = state.form.command, await read_bearers(page, self.resources, state, sent)
        try:
            done = await carry_out(page, state, named.sent)
        except (RefusedFormError, Refusal) as refused:
            refusals = named.refusals(refusals_of(refused))
            seen = state.seen_in(sent)
            state, row = await about()  # Somebody else may have changed it meanwhile.
            if state.amends and seen is not None:
                told_who = await restated(page, state.amends, seen)
                if told_who:
                    others = (one for one in refusals if one.code != RESTATED_SINCE)
                    refusals = [told_who, *others]
            shown = replace(refused_state(page, state, sent, refusals), several=named.several)
            return await self._form(page, await self._with_holder(page, shown, refusals), row)
        changed = self.resources.answering(command) or self.resource
        called = partial(self._called, page, changed, done.stream_id)
        said = {**state.given, **sent_texts(named.sent)}
        remark = partial(changed.remark, page, done.stream_id, command, said)
        says = await telling(page, command, changed.projections, done.position, called, remark)
        if state.can_repeat and sent.get(AGAIN):
            kept = {name: sent_text(sent, name) or "" for name in self.resource.repeated}
            says |= {KEPT + name: page.seal.close(text) for name, text in kept.items()}
            return redirect(f"{self.resource.path}/new?{urlencode(self._owned(page) | says)}")
        return redirect(f"{changed.address(done.stream_id)}?{urlencode(says)}")
