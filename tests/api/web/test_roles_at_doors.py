"""What the table of roles says (services/kernel/roles.py) is what every door does: read off the
registries of commands, lists, fields and handlers, so that whatever is new is among them at once.

That a right reaches no farther than its scopes is shown of lists and figures by
tests/services/reading/test_purviews.py, of commands by tests/services/test_within.py.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import httpx
import pytest
from graphql import GraphQLObjectType, GraphQLSchema, get_named_type, is_leaf_type, parse
from litestar.handlers import HTTPRouteHandler
from msgspec.structs import fields
from strawberry.utils.str_converters import to_camel_case

from api.app import DOORS
from api.auth import OPEN
from api.graphql.engine.permissions import FIELDS, Audience, check, needs
from api.graphql.schema import build_schema
from api.needs import NEEDS, Requirement
from api.web.kit.resource import path_of
from api.web.pages.people import PEOPLE
from api.web.pages.resources import RESOURCES
from domain.kernel.errors import PermissionRefusedError
from domain.people.person import Person
from infra.bootstrap import App
from projections import LISTINGS
from services.execute import execute
from services.kernel.context import Context, Principal, Role
from services.kernel.permissions import Permission
from services.kernel.roles import ROLES
from services.kernel.scopes import EVERYTHING, Scope
from services.people.access import Tenant
from services.people.log_ins import roles_to_give
from services.people.person import AssignRole, RegisterPerson
from services.people.rights import rights_in
from services.reading.purviews import PERMISSIONS
from services.registry import COMMANDS
from tests.api.web.visiting import fresh, hidden, log_in
from tests.api.web.walking import routes_of_pages
from tests.browser.story import PASSWORD
from tests.carrying import RECORDED, TENANT, MemoryLog, at_once
from tests.services.people.test_rights import GIVE_NOTHING

OPERATOR = Principal.of_system(TENANT, "operator")
OF_PEOPLE = roles_to_give(OPERATOR)
"""The roles that a partner's people may have, but those for a class."""
LIMITED = "limited"
"""Whoever has every right that roles give, and none of them over everything."""
SINCE = date(2026, 1, 1)
SAID = {"permission_refused": "没有权限", "everything_needed": "这里的数据涉及所有人"}
ENDLESS = "/figures/events"
BY_DOCUMENT = {"/graphql", "/graphql/schema"}
"""GraphQL asks by its own rows, field by field."""
DUMMIES = {"uuid": str(UUID(int=1)), "int": "1", "str": "x"}


def with_rights(permissions: Iterable[Permission]) -> Principal:
    rights = dict.fromkeys(permissions, EVERYTHING)
    return Principal(TENANT, "somebody", (Role.TRAINING_MANAGER,), rights)


class Door(NamedTuple):
    """One way to ask something. needs: what the table is to be asked for it."""

    method: str
    path: str
    needs: Requirement


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_a_command_is_refused_to_who_may_do_all_else(command: Any) -> None:
    needed = COMMANDS[command].permission
    asked = command(**{one.name: None for one in fields(command)})
    ctx = Context(with_rights({*Permission} - {needed}), MemoryLog(), RECORDED)
    with pytest.raises(PermissionRefusedError) as refused:
        at_once(execute(ctx, asked))
    assert (refused.value.code, refused.value.params) == (
        "permission_refused",
        {"permission": str(needed)},
    )


@pytest.mark.parametrize("listing", LISTINGS, ids=lambda listing: listing.name)
async def test_a_list_is_refused_to_who_may_do_all_else(app: App, listing: Any) -> None:
    needed = PERMISSIONS[listing.name]
    assert await app.lists(with_rights([needed])).count(listing) == 0
    with pytest.raises(PermissionRefusedError) as refused:
        await app.lists(with_rights({*Permission} - {needed})).count(listing)
    assert refused.value.params == {"permission": str(needed)}


def _documents(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """Each field of each type that a document can begin with, by the shortest one."""
    for kind in (schema.query_type, schema.mutation_type, schema.subscription_type):
        for name, field in (kind.fields if kind else {}).items():
            of = get_named_type(field.type)
            word = {"Query": "query", "Mutation": "mutation"}.get(kind.name, "subscription")
            first = _leaf(of) if isinstance(of, GraphQLObjectType) else ""
            below = "" if is_leaf_type(of) else f" {{ {first or '__typename'} }}"
            yield f"{kind.name}.{name}", f"{word} {{ {name}{below} }}"


def _leaf(kind: GraphQLObjectType) -> str:
    return next((one for one, its in kind.fields.items() if is_leaf_type(its.type)), "")


def _is_refused(principal: Principal, needed: Any) -> bool:
    try:
        check(principal, needed)
    except PermissionRefusedError:
        return True
    return False


def test_a_document_is_refused_to_who_may_do_all_but_what_it_needs() -> None:
    schema = build_schema()
    for field, text in _documents(schema):
        needed = needs(schema, parse(text))
        permissions = [one for one in needed if isinstance(one, Permission)]
        assert permissions or isinstance(FIELDS[field], Audience), field
        if Audience.HEAD_OFFICE not in needed:
            assert not _is_refused(with_rights(permissions), needed), field
        for one in permissions:
            assert _is_refused(with_rights({*Permission} - {one}), needed), field


def _handlers() -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """Every handler of HTTP beside GraphQL's, by its method and path."""
    for route in routes_of_pages():
        for one in route.route_handlers:
            yield from ((str(method), route.path, one) for method in one.http_methods)
    for door in DOORS:
        if isinstance(door, HTTPRouteHandler) and not door.paths & BY_DOCUMENT:
            yield from ((str(m), path, door) for m in door.http_methods for path in door.paths)


def _named() -> Mapping[str, list[tuple[str, Permission]]]:
    """What the addresses of handlers name that ask by it, with the permission of each. Files and
    suggestions of what may not be read are not there."""
    found: dict[str, list[tuple[str, Permission]]] = {
        "/exports/{name:str}": [
            (f"/exports/{to_camel_case(one.name)}.csv", PERMISSIONS[one.name]) for one in LISTINGS
        ],
        "/suggestions/{name:str}": [],
        "/files/{file_id:str}": [],
    }
    for of in RESOURCES.all:
        found[f"{of.path}/{{thing:str}}/{{command:str}}"] = [
            (f"{of.path}/x/{path_of(one)}", COMMANDS[one].permission)
            for one in {*of.commands, *of.amendment}
        ]
    return found


def _doors() -> Iterator[Door]:
    """What there is to ask by HTTP, with what each needs."""
    named = _named()
    for method, route, handler in _handlers():
        asked: Requirement | None = handler.opt.get(NEEDS)
        if asked is None:
            continue
        if asked.of_named:
            yield from (Door(method, path, Requirement((one,))) for path, one in named[route])
        else:
            path = re.sub(r"{\w+:(\w+)}", lambda found: DUMMIES[found[1]], route)
            yield Door(method, path, asked)


def test_every_handler_says_what_it_needs_or_is_for_who_has_not_logged_in() -> None:
    """What takes no right is of oneself, but for the first page, which leads on."""
    silent = [(m, path, one) for m, path, one in _handlers() if NEEDS not in one.opt]
    given = {(m, path): {*one.parsed_fn_signature.parameters} for m, path, one in silent}
    of_head_office = {key for key, names in given.items() if "head" in names}
    assert all(path.startswith("/head-office") for _, path in of_head_office)
    assert not [key for key, names in given.items() if "page" in names]
    for_all = {path for _, path, one in _handlers() if one.opt.get(NEEDS) == Requirement()}
    assert not [path for path in for_all if path != "/" and not path.startswith("/myself")]
    of_doors = {path for _, path, one in silent if one in DOORS and not one.opt.get(OPEN)}
    assert of_doors == set()


class Visitors:
    """The people of a partner, one for each role, and their browsers."""

    def __init__(self, app: App, http: httpx.AsyncClient, partner: Tenant) -> None:
        self._app, self._http, self._partner = app, http, partner
        self._known = dict[str, tuple[httpx.Cookies, str]]()

    async def ask(self, who: str, door: Door) -> httpx.Response:
        if who not in self._known:
            self._known[who] = await self._arrive(who)
        cookies, csrf = self._known[who]
        self._http.cookies = httpx.Cookies(cookies)
        sent = {"csrf": csrf} if door.method == "POST" else None
        return await self._http.request(door.method, door.path, data=sent)

    async def _arrive(self, who: str) -> tuple[httpx.Cookies, str]:
        ctx = self._app.context(self._partner.operator)
        person = (await execute(ctx, RegisterPerson(who, SINCE))).stream_id
        roles, scope = (
            ([*OF_PEOPLE], Scope.OWN_PEOPLE) if who == LIMITED else ([Role(who)], Scope.ALL)
        )
        for role in roles:
            if rights_in(role, scope):
                await execute(ctx, AssignRole(person, SINCE, role, scope))
        email = f"{fresh('r')}@roles.example"
        await self._app.accounts.add_account(self._partner, email, who, person, PASSWORD)
        await log_in(self._http, email)
        page = await self._http.get("/myself")
        return httpx.Cookies(self._http.cookies), hidden(page.text, "csrf")


def _having(permissions: Collection[Permission]) -> Role:
    return next(
        role
        for role in OF_PEOPLE
        if all(Scope.ALL in ROLES[role].get(one, ()) for one in permissions)
    )


def _lacking(permission: Permission, permissions: Collection[Permission]) -> Role:
    """A role without a permission, with as many of the others as there are."""
    without = [one for one in OF_PEOPLE if permission not in ROLES[one]]
    return max(without, key=lambda one: len(ROLES[one].keys() & {*permissions}))


async def test_every_door_is_open_to_who_has_what_it_needs_and_to_nobody_else(
    app: App, http: httpx.AsyncClient
) -> None:
    visitors = Visitors(app, http, await app.accounts.create_partner(fresh("DOORS"), "各处渠道"))
    wrong, asked = [], set[Any]()
    for door in _doors():
        its = door.needs.permissions
        # What is changed is refused before it is looked at: one for all commands of one right.
        kind = (door.path.rpartition("/")[0], its) if door.method == "POST" else door.path
        if kind in asked:
            continue
        asked.add(kind)
        if door.method == "GET" and door.path != ENDLESS:
            answer = await visitors.ask(_having(its), door)
            if answer.status_code in (401, 403) or answer.status_code >= 500:
                wrong.append((door.path, _having(its), answer.status_code))
        refused = [_lacking(one, its) for one in its] + [LIMITED] * door.needs.everything
        for who in dict.fromkeys(map(str, refused)):
            answer = await visitors.ask(who, door)
            code = "everything_needed" if who == LIMITED else "permission_refused"
            if answer.status_code != 403 or not (code in answer.text or SAID[code] in answer.text):
                wrong.append((door.path, who, answer.status_code))
    assert len(asked) > 150
    assert wrong == []


async def test_head_office_is_closed_to_every_partners_people(
    app: App, http: httpx.AsyncClient
) -> None:
    visitors = Visitors(app, http, await app.accounts.create_partner(fresh("DOORS"), "各处渠道"))
    for method, route, handler in _handlers():
        if "head" in handler.parsed_fn_signature.parameters:
            path = re.sub(r"{\w+:(\w+)}", lambda found: DUMMIES[found[1]], route)
            answer = await visitors.ask(LIMITED, Door(method, path, Requirement()))
            assert answer.status_code == 403, path


def test_whatever_gives_somebody_rights_takes_a_log_in_of_the_last_minutes() -> None:
    every = {kind for kind, row in COMMANDS.items() if row.answers is Person}
    assert every - GIVE_NOTHING == PEOPLE.recent
