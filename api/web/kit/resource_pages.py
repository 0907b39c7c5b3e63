"""The handlers of the pages of a resource: the list, one thing, and the forms of its commands."""

from collections.abc import Mapping, Sequence
from typing import Any, get_type_hints
from uuid import uuid4

from litestar import Response, Router, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath
from msgspec import Struct
from msgspec.structs import replace

from api.web.kit.form import YES, Form, FormField, RefusedFormError, form_of
from api.web.kit.page import PageContext, PageHere, redirect
from api.web.kit.resource import Command, Resource, Resources, may_give, name_of, path_of
from api.web.kit.table import TableQuery, moment_of, parse_table_query, read_table
from api.web.kit.timeline import filled, read_timeline, recorded_fact
from domain.kernel.errors import NotFoundError, PermissionRefusedError, Refusal
from projections.kernel.paging import Paging
from services.execute import checked_key, execute
from services.kernel.permissions import require
from services.registry import COMMANDS

KEY, CONFIRMED, AGAIN = "key", "confirmed", "again"
"""What a form sends beside the command's fields: its submission's key, that what cannot be taken
back is meant, and that another is to be entered next."""


class FormState(Struct, frozen=True):
    """A form as a person left it.

    given: fields that are not typed, with their values. typed: texts by field. errors: sentences by
    field. key: the same command sent twice with it is carried out once. done: what was carried out
    just before.
    """

    form: Form
    given: Mapping[str, Any]
    typed: Mapping[str, str]
    key: str
    is_final: bool = False
    can_repeat: bool = False
    refusal: Refusal | None = None
    errors: Mapping[str, str] = {}
    done: str | None = None

    @property
    def name(self) -> str:
        return name_of(self.form.command)

    @property
    def shown(self) -> list[FormField]:
        """The fields that are typed. Which fact is meant is said by its day, where the page does
        not know it."""
        return [
            field
            for field in self.form.fields
            if field.name not in self.given and (field.name != "fact" or "fact" in self.errors)
        ]


def resource_routes(resource: Resource[Any], resources: Resources) -> Router:
    """The pages of one resource. resources: all that there are."""

    @get("/")
    async def list_page(page: PageHere) -> Response[str]:
        return await _list(page, resource, resources, dict(page.request.query_params))

    @post("/")
    async def search_page(page: PageHere) -> Response[str]:
        """The list, searched for what no address may show."""
        return await _list(page, resource, resources, _texts(await page.form()), status=200)

    @get("/new")
    async def new_page(page: PageHere) -> Response[str]:
        """The form that makes a new one."""
        return await _show(page, resource, resources, await _opening(page, resource, resources))

    @post("/new")
    async def make(page: PageHere) -> Response[str]:
        """Makes a new one. Shows the form again with what was refused."""
        state = await _opening(page, resource, resources)
        return await _carry_out(page, resource, resources, state)

    @get("/{thing:str}")
    async def thing_page(page: PageHere, thing: FromPath[str]) -> Response[str]:
        """One of them. Raises NotFoundError `page_unknown`."""
        return await _thing(page, resource, resources, thing)

    @get("/{thing:str}/{command:str}")
    async def form_page(
        page: PageHere, thing: FromPath[str], command: FromPath[str]
    ) -> Response[str]:
        """The form of a command about it. Raises NotFoundError `page_unknown`."""
        state, row = await _about(page, resource, thing, command)
        return await _show(page, resource, resources, state, row)

    @post("/{thing:str}/{command:str}")
    async def give(page: PageHere, thing: FromPath[str], command: FromPath[str]) -> Response[str]:
        """Gives a command about it. Shows the form again with what was refused."""
        state, row = await _about(page, resource, thing, command)
        return await _carry_out(page, resource, resources, state, row)

    return Router(
        resource.path,
        route_handlers=[list_page, search_page, new_page, make, thing_page, form_page, give],
    )


async def _list(
    page: PageContext,
    resource: Resource[Any],
    resources: Resources,
    params: Mapping[str, str],
    status: int | None = None,
) -> Response[str]:
    query = parse_table_query(resource.listing, params)
    return page.render(
        "list.html",
        status=status,
        resource=resource,
        table=await read_table(page, resource.listing, query),
        owners=await resources.owners(page, resource, query.given),
        may_open=may_give(page, resource.opening),
        name_of=name_of,
    )


async def _thing(
    page: PageContext, resource: Resource[Any], resources: Resources, thing: str
) -> Response[str]:
    page.require(resource.permission)
    times = parse_table_query(resource.listing, page.request.query_params).times
    moment = await moment_of(page, times)
    row = await page.app.lists(page.tenant, moment).get(resource.listing, id=thing)
    if row is None:
        raise NotFoundError("page_unknown")
    lines, has_more = await read_timeline(page, resource, thing, moment)
    related = []
    for one in resource.related:
        query = TableQuery(given={one.by: thing}, times=times)
        table = await read_table(page, one.listing, query, size=RELATED_ROWS)
        owner = resources.of_list(one.listing)
        opens = moment is None and may_give(page, owner.opening)
        related.append((owner, f"{one.by}={thing}" if opens else None, table))
    sections = [(one.template, await one.read(page, row, moment)) for one in resource.sections]
    steps, others = ([], []) if moment else resource.offered(page, row)
    return page.render(
        "thing.html",
        resource=resource,
        row=row,
        thing=thing,
        moment=moment,
        lines=lines,
        has_more=has_more,
        related=related,
        sections=[(template, values) for template, values in sections if values is not None],
        steps=steps,
        others=others,
        name_of=name_of,
        done=_done(page),
    )


RELATED_ROWS = 50
"""Of a list on the page of another thing; the list's own page has all."""


def _done(page: PageContext) -> str | None:
    """The command that was just carried out, if the address says one."""
    stated = page.request.query_params.get("done", "")
    return next((name_of(one) for one in COMMANDS if path_of(one) == stated), None)


async def _opening(page: PageContext, resource: Resource[Any], resources: Resources) -> FormState:
    """The form that makes a new one, about what the address names."""
    command = resource.opening
    require(page.principal, COMMANDS[command].permission)
    given: dict[str, Any] = {}
    owners = await resources.owners(page, resource, page.request.query_params)
    for owner, row in owners.values():
        given |= owner.naming(row, command)
    return _state(page, command, given, can_repeat=bool(resource.repeated))


async def _about(
    page: PageContext, resource: Resource[Any], thing: str, path: str
) -> tuple[FormState, Any]:
    """The form of a command about a thing, and its row."""
    command = resource.command(path)
    require(page.principal, COMMANDS[command].permission)
    row = await page.app.lists(page.tenant).get(resource.listing, id=thing)
    if row is None:
        raise NotFoundError("page_unknown")
    given, values = resource.naming(row, command), dict[str, Any]()
    amendment, fact = resource.amendment.get(command), page.request.query_params.get("fact", "")
    if amendment is not None and fact.isascii() and fact.isdigit():
        event = await recorded_fact(page, thing, int(fact[:18]))
        if event is not None and event.TOPIC in amendment.topics:
            hints = get_type_hints(command, include_extras=True)
            values = filled(amendment, event, hints)
            given |= {name: values[name] for name in _UNTYPED if name in values}
            if not amendment.restates:
                given |= values
    state = _state(page, command, given, values, is_final=command in resource.final)
    return state, row


_UNTYPED = ("fact", "was_on", "order_no", "complaint_no")
"""Fields that say which fact is amended: where the page knows it, nobody types it."""


def _state(
    page: PageContext,
    command: Command,
    given: Mapping[str, Any],
    values: Mapping[str, Any] | None = None,
    *,
    is_final: bool = False,
    can_repeat: bool = False,
) -> FormState:
    form, known = form_of(command), values or {}

    def begin(field: FormField) -> str:
        if field.name in known:
            return field.typed(known[field.name])
        return field.typed(page.today if field.happened and field.is_required else field.default)

    typed = {field.name: begin(field) for field in form.fields}
    return FormState(form, given, typed, str(uuid4()), is_final, can_repeat)


async def _show(
    page: PageContext,
    resource: Resource[Any],
    resources: Resources,
    state: FormState,
    row: Any = None,
) -> Response[str]:
    back = resource.path if row is None else resource.address(_id(resource, row))
    return page.render(
        "form.html",
        refusal=state.refusal,
        status=state.refusal and 422,
        resource=resource,
        state=state,
        row=row,
        back=back,
        suggestions=await _suggestions(page, resource, resources, state),
        done=state.done,
    )


async def _suggestions(
    page: PageContext, resource: Resource[Any], resources: Resources, state: FormState
) -> dict[str, list[tuple[str, str]]]:
    """The latest things that a field may name, by field: code and title."""
    found = {}
    for one in resources.all:
        field = state.form.field(one.named_in)
        if one is not resource and field and one.listing.descending:
            latest = await page.app.lists(page.tenant).page(one.listing, Paging(RELATED_ROWS))
            found[field.name] = [
                (getattr(row, one.named_by), getattr(row, one.title)) for row in latest.rows
            ]
    return found


def _id(resource: Resource[Any], row: Any) -> str:
    return str(getattr(row, resource.listing.id_column))


async def _carry_out(
    page: PageContext,
    resource: Resource[Any],
    resources: Resources,
    state: FormState,
    row: Any = None,
) -> Response[str]:
    sent = await page.form()
    texts = {name: sent.getall(name) for name in sent}
    command = state.form.command
    try:
        if state.is_final and sent.get(CONFIRMED) != YES:
            raise RefusedFormError([Refusal("confirmation_missing", field=CONFIRMED)])
        stated = state.form.read(texts, state.given)
        key = checked_key(_text(sent, KEY))
        done = await execute(page.app.context(page.principal, idempotency_key=key), stated)
    except PermissionRefusedError:
        raise
    except (RefusedFormError, Refusal) as refused:
        refusals = refused.refusals if isinstance(refused, RefusedFormError) else (refused,)
        left = _left(page, state, sent, refusals)
        return await _show(page, resource, resources, left, row)
    changed = resources.answering(command) or resource
    await page.app.wait_for(page.tenant, changed.projections, done.position)
    if state.can_repeat and sent.get(AGAIN):
        # No redirect, since what stays in the form may be a name. Sent once more by a reload, it is
        # the same submission.
        fresh = _state(page, command, state.given, can_repeat=True)
        kept = {name: _text(sent, name) or "" for name in resource.repeated}
        typed = {**fresh.typed, **kept}
        next_one = replace(fresh, typed=typed, done=name_of(command))
        return await _show(page, resource, resources, next_one, row)
    return redirect(f"{changed.address(done.stream_id)}?done={path_of(command)}")


def _left(
    page: PageContext, state: FormState, sent: FormMultiDict, refusals: Sequence[Refusal]
) -> FormState:
    """The form as it was sent, with what was refused beside its fields."""
    errors: dict[str, str] = {}
    whole: Refusal | None = None
    for refused in refusals:
        name = (refused.field or "").split(".")[0]
        if name == CONFIRMED or (name not in state.given and state.form.field(name)):
            errors.setdefault(name, page.wording.refusal(refused))
        else:
            whole = whole or refused
    return replace(
        state,
        typed={field.name: _text(sent, field.name) or "" for field in state.form.fields},
        key=_text(sent, KEY) or state.key,
        refusal=whole or Refusal("form_refused", count=len(errors)),
        errors=errors,
    )


def _text(sent: FormMultiDict, name: str) -> str | None:
    value = sent.get(name)
    return value if isinstance(value, str) else None


def _texts(sent: FormMultiDict) -> dict[str, str]:
    return {name: value for name in sent if (value := _text(sent, name)) is not None}
