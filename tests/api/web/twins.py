"""Two partners that live through the same: the one by forms of pages, the other over GraphQL."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from html import unescape
from typing import Any

import httpx
from litestar import Litestar
from strawberry.utils.str_converters import to_camel_case, to_snake_case

from api.ids import global_id
from api.web.kit.form import RefusedFormError, form_of
from api.web.kit.form_field import FormField
from api.web.kit.form_state import missing
from api.web.kit.resource import Amendment, CommandKind, Resource, name_of
from api.web.kit.table import LONGEST_ASKED
from api.web.kit.wording import Wording
from api.web.pages.resources import RESOURCES
from domain.kernel.aggregate import Happening, event_topics
from domain.kernel.errors import Refusal
from infra.bootstrap import App
from infra.log.feed import Feed
from infra.readside.projector import catch_up
from projections.kernel.paging import LARGEST_PAGE, Paging
from projections.kernel.projection import Selection
from services.execute import execute
from services.kernel.context import Principal, Role
from services.kernel.rehearsal import rehearsing
from services.kernel.roles import in_role
from services.words.texts import read_texts
from tests.api.conftest import open_door
from tests.api.door import Door
from tests.api.web.visiting import hidden

PASSWORD = "a-long-password"
FORMS, DOORS = "FORMS", "DOORS"
SCHEMA = ("input_invalid", "decimal_too_long")
"""Codes of what does not fit the schema, in words of GraphQL's own."""

NO_NUMBER = "not_a_number"
"""The code of what does not fit it either, in the words of forms."""

Refused = set[tuple[str, str]]
"""Fields and what is said of them, empty for the whole of it; none: it was taken."""

_MISSING = re.compile(r"Field '(\w+)' of required type")
_ERROR = re.compile(r'<small id="(?:field-)?([\w.]+)-error" class="error">(.*?)</small>')
_NEEDED = re.compile(
    r'data-field="([\w.]+)">\s*(?:<fieldset[^>]*>\s*<legend|<label for="[^"]+") class="required"'
)
_WHOLE = re.compile(r'id="refusal">(.*?)</p>')
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:\.[0-9a-f]{8})?")
_OF_ITS_OWN = re.compile(f"timestamp=[^)]*\\)|{FORMS}|{DOORS}")


@dataclass(frozen=True)
class Twins:
    """typist: gives commands in forms, which the door's partner is given over GraphQL."""

    app: App
    typist: Principal
    http: httpx.AsyncClient
    door: Door
    other: Principal

    @classmethod
    async def signed_in(
        cls, app: App, web: Litestar, http: httpx.AsyncClient, partners: list[Principal], role: Role
    ) -> "Twins":
        """Both as this role; pages and refusals are English."""
        email = f"{role}@forms.example"
        for partner in (FORMS, DOORS):  # Who types is on record, and both logs are to be alike.
            await app.accounts.create_user(
                email=email, name="打字员", role=role, password=PASSWORD, partner=partner
            )
        http.cookies.clear()
        http.headers["accept-language"] = "en"
        page = await http.get("/login")
        form = {"email": email, "password": PASSWORD, "csrf": hidden(page.text, "csrf")}
        assert (await http.post("/login", data=form | {"next": "/"})).status_code == 303
        typist, other = (in_role(one.tenant, one.actor, role) for one in partners)
        return cls(app, typist, http, await open_door(app, web, http, DOORS, role), other)

    async def written(self) -> list[list[str]]:
        """What stands in both logs, without what is different in every log."""
        return [await self._written(one) for one in (self.typist, self.other)]

    async def _written(self, principal: Principal) -> list[str]:
        until = await self.app.log.position(principal.tenant)
        async with self.app.db.tenant(principal.tenant) as tenant:
            wanted = Selection(event_topics(), personal=True)
            entries = await Feed(self.app.log).read(tenant, wanted, after=0, until=until)
        ids: dict[str, str] = {}
        return [
            _ID.sub(
                lambda found: ids.setdefault(found[0], f"#{len(ids)}"),
                _OF_ITS_OWN.sub("", repr(getattr(entry, "event", entry))),
            )
            for entry in entries
        ]


@dataclass(frozen=True)
class Pair:
    """One command's form, and where the other partner states the same.

    given, theirs: the fields that the page states by itself, in both partners. held: those that it
    begins with what is recorded in, and that must not be blank though they need not be given.
    """

    twins: Twins
    resource: Resource[Any]
    command: CommandKind
    address: str
    given: Mapping[str, Any]
    theirs: Mapping[str, Any]
    sent: Mapping[str, str]
    held: Collection[str]

    @classmethod
    async def placed(
        cls,
        twins: Twins,
        resource: Resource[Any],
        command: CommandKind,
        about: Amendment | None,
        named: str,
    ) -> "Pair":
        """named: the thing that the command is about, by what people call it."""
        found = [
            await _place(twins.app, one, resource, command, about, named)
            for one in (twins.typist, twins.other)
        ]
        (address, given), (_, theirs) = found
        page = await twins.http.get(address)
        assert page.status_code == 200, address
        names = ["csrf", "key", *(["as_seen"] if 'name="as_seen"' in page.text else [])]
        sent = {name: hidden(page.text, name) for name in names}
        needed = {one.name for one in form_of(command).fields if one.is_required}
        held = {*_NEEDED.findall(page.text)} - needed
        sent |= {"confirmed": "yes"}
        return cls(twins, resource, command, address, given, theirs, sent, held)

    async def is_refused(self, typed: Mapping[str, str]) -> bool:
        """Whether it would be refused now; nothing is written."""
        context = rehearsing(self.twins.app.context(self.twins.typist))
        try:
            stated = await self._with_ids(self.twins.typist, self._open(typed))
            texts = {name: [text] for name, text in stated.items()}
            await execute(context, form_of(self.command).read(texts, self.given))
        except (RefusedFormError, Refusal):
            return True
        return False

    async def answers(self, typed: Mapping[str, str]) -> tuple[Refused, Refused]:
        """What a form and what GraphQL say of it."""
        return await self._in_form(self._open(typed)), await self._over_graphql(typed)

    def _open(self, typed: Mapping[str, str]) -> dict[str, str]:
        return {name: text for name, text in typed.items() if name not in self.given}

    async def _with_ids(self, principal: Principal, typed: Mapping[str, str]) -> dict[str, str]:
        """What was typed, with a partner's own ids of who is named in it; what names nobody there
        stays, and is nobody's id."""
        ids = dict[str, str]()
        for field in form_of(self.command).fields:
            if field.by_id and (text := typed.get(field.name)):
                row = await _row(self.twins.app, principal, self._of(field), text)
                ids |= {field.name: self._of(field).id_of(row)} if row else {}
        return {**typed, **ids}

    def _of(self, field: FormField) -> Resource[Any]:
        """The kind of things of which a field names one by its id."""
        of = self.resource if field.names == "id" else RESOURCES.named_in(field.name)
        assert of is not None, field.name
        return of

    async def _in_form(self, typed: dict[str, str]) -> Refused:
        unticked = {one.name for one in form_of(self.command).fields if one.kind == "tick"}
        sent = {k: text for k, text in typed.items() if k not in unticked or text == "yes"}
        answer = await self.twins.http.post(self.address, data={**sent, **self.sent})
        if answer.status_code == 303:
            await catch_up(self.twins.app, self.twins.typist.tenant)
            return set()
        assert answer.status_code == 422, answer.text[:500]
        shown = unescape(answer.text)
        kinds = {one.name: one.kind for one in form_of(self.command).fields}
        for name, text in typed.items():
            if name != "fact" and kinds[name] not in ("choice", "yes_or_no") and text.isprintable():
                assert text.splitlines()[0][:100] in shown if text.strip() else True, name
        refused = set(_ERROR.findall(shown))
        return refused or {("", said) for said in _WHOLE.findall(shown)}

    async def _over_graphql(self, typed: Mapping[str, str]) -> Refused:
        stated: dict[str, Any] = {
            to_camel_case(name): str(one) if isinstance(one, date) else one
            for name, one in self.theirs.items()
        }
        meant = await self._with_ids(self.twins.other, typed)
        for field in form_of(self.command).fields:
            name = to_camel_case(field.name)
            if field.name not in self.theirs:
                value = _stated(field, meant[field.name], is_held=field.name in self.held)
                stated |= {} if value is None else {name: value}
            if field.by_id and name in stated:
                stated[name] = global_id(self._of(field).listing.kind, stated[name])
        name = to_camel_case(name_of(self.command))
        kind = name[0].upper() + name[1:]
        query = (
            f"mutation M($input: {kind}Input!) {{ {name}(input: $input)"
            " { position errors { code message path } } }"
        )
        answer = await self.twins.door.answer(query, input=stated)
        if errors := answer.get("errors"):
            return {self._unfit(error) for error in errors}
        return {self._said(error) for error in answer["data"][name]["errors"]}

    def _unfit(self, error: dict[str, Any]) -> tuple[str, str]:
        """What does not fit the schema where; what is said of it only where forms say the same."""
        code = error["extensions"]["code"]
        assert code in (*SCHEMA, NO_NUMBER), error
        path = error["extensions"].get("path")
        place = self._shown(path[1:]) if path else _missing_in(error["message"])
        return place, error["message"] if code == NO_NUMBER else ""

    def _said(self, error: dict[str, Any]) -> tuple[str, str]:
        """What is amiss where; what is missing as the form says it, which has names for fields."""
        place, said = self._shown(error["path"][1:]), error["message"]
        if place and error["code"] == "field_missing":
            said = missing(Wording(read_texts("en"), "UTC"), form_of(self.command), place)
        return place, said

    def _shown(self, path: list[str]) -> str:
        """The field of the form; empty for what a person does not type."""
        field = to_snake_case(path[0]) if path else ""
        return "" if field in self.given else field


def agree(in_form: Refused, over_graphql: Refused) -> bool:
    """Whether both say the same. Of what does not fit the schema GraphQL says the field, in words
    of its own, but of a number that is none."""
    if all(said for _, said in over_graphql):
        return in_form == over_graphql
    places = {place for place, _ in over_graphql}
    return len(in_form) == 1 and places <= {"", *(place for place, _ in in_form)}


def _missing_in(message: str) -> str:
    found = _MISSING.search(message)
    return to_snake_case(found[1]) if found else ""


async def _place(
    app: App,
    principal: Principal,
    resource: Resource[Any],
    command: CommandKind,
    about: Amendment | None,
    named: str,
) -> tuple[str, dict[str, Any]]:
    """The form's address in a partner, and the fields that the page states by itself."""
    if command is resource.opening:
        return f"{resource.path}/new", {}
    row = await _row(app, principal, resource, named)
    assert row is not None, named
    thing = resource.id_of(row)
    given = resource.naming(row, command)
    if about is None:
        return resource.address(thing, command), given
    event = await _last(app, principal, thing, about)
    if event is None:
        return resource.address(thing, command), given
    which = {one.name: one.kind for one in form_of(command).fields if one.names == "fact"}
    stated = {
        name: event.day if kind == "day" else event.fact_id for name, kind in which.items()
    } | {
        name: getattr(event, name) for name in ("order_no", "complaint_no") if hasattr(event, name)
    }
    known = {name: value for name, value in stated.items() if name in command.__struct_fields__}
    return resource.address(thing, command, event.fact_id), given | known


async def _row(app: App, principal: Principal, resource: Resource[Any], named: str) -> Any:
    """What people call so, by its code or number, or else by its title; None of nothing."""
    reader, listing = app.lists(principal), resource.listing
    row = await reader.get(listing, **{resource.named_by: named})
    if row is not None or resource.title == resource.named_by or not named.strip():
        return row
    found = await reader.page(listing, Paging(LARGEST_PAGE), search=named[:LONGEST_ASKED])
    return next((one for one in found.rows if getattr(one, resource.title) == named), None)


async def _last(app: App, principal: Principal, thing: str, about: Amendment) -> Any:
    """What was said last of the latest fact that can still be amended so."""
    facts: dict[int, Happening] = {}
    for event in await app.log.load(principal.tenant, thing):
        if isinstance(event, Happening):
            facts.pop(event.fact_id, None)
            facts[event.fact_id] = event
    return next((one for one in reversed(facts.values()) if one.TOPIC in about.topics), None)


def _stated(field: FormField, text: str, *, is_held: bool) -> Any:
    """What a caller of GraphQL states who means what was typed."""
    if is_held and not text:
        return text
    if field.kind == "items":
        return text.splitlines()
    if field.kind == "tick":
        return text == "yes"
    if field.kind == "yes_or_no" and text:
        return {"yes": True, "no": False}.get(text, text)
    if field.kind in ("line", "prose", "month"):
        return text if text or field.is_required or field.clears else None
    if not text:
        return None
    if field.kind == "choice":
        return text.upper()
    if field.kind == "number" and not field.places:
        return int(text) if text.lstrip("-").isdecimal() else text
    return text
