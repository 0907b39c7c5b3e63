"""The scheme's form takes and refuses what GraphQL takes and refuses, field by field, on twins."""

from collections.abc import Iterator
from random import Random
from typing import Any

import httpx
import pytest
from litestar import Litestar
from strawberry.utils.str_converters import to_camel_case

from api.web.kit.form import CommandForm, Typed, form_of, part_at, rows_of, texts_at
from api.web.kit.form_field import FormField
from api.web.kit.rows import FormTexts, nested
from domain.kernel.values import Month
from infra.bootstrap import App
from services.kernel.context import Role
from services.scheme.scheme import PublishScheme
from tests.api.conftest import open_door
from tests.api.door import Door
from tests.api.web.test_scheme_page import Desk, inputs, sit_down
from tests.browser.story import join

FORM = form_of(PublishScheme)
TRIES = 60


@pytest.fixture
async def desk(app: App, http: httpx.AsyncClient) -> Desk:
    return await sit_down(app, http, await join(app, "SCHEME-TYPED"))


@pytest.fixture
async def twin(app: App, web: Litestar, http: httpx.AsyncClient) -> Door:
    await join(app, "SCHEME-STATED")
    return await open_door(app, web, http, "SCHEME-STATED", Role.TRAINING_MANAGER)


async def test_a_scheme_is_taken_and_refused_as_over_graphql(desk: Desk, twin: Door) -> None:
    random, month, said = Random(25), Month(2031, 1), set[str]()
    for _ in range(TRIES):
        await desk.open(f"/scheme/new?effective_from={month}")
        texts = dict(_with_something_amiss(inputs(desk.page), str(month), random))
        in_form = await _in_form(desk, texts)
        payload = await twin.answer(MUTATION, input=_stated(FORM, nested(FORM, texts)))
        refused = "errors" in payload or payload["data"]["publishScheme"]["errors"]
        assert in_form == ("refused" if refused else "taken"), (texts, payload)
        said.add(in_form)
        month = month.next()
    assert said == {"taken", "refused"}


MUTATION = "mutation M($input: PublishSchemeInput!) { publishScheme(input: $input) { errors { code"
MUTATION += " } } }"


async def _in_form(desk: Desk, texts: FormTexts) -> str:
    named = {name.replace(".", "__"): text for name, text in texts.items()}
    answer = await desk.send(**named, act="publish", confirmed="yes")
    return {303: "taken", 422: "refused"}[answer.status_code]


def _with_something_amiss(sent: FormTexts, month: str, random: Random) -> Iterator[tuple[str, str]]:
    """The form's inputs; in one of them something that may be wrong."""
    fields = dict(_fields(FORM, nested(FORM, sent), ""))
    name = random.choice(list(fields))
    stated = {one: sent[one] for one in fields} | {"effective_from": month}
    yield from (stated | {name: random.choice(list(_tried(fields[name])))}).items()


def _tried(field: FormField) -> Iterator[str]:
    if field.kind == "choice":
        yield from field.choices
    elif field.kind == "number":
        yield from ("0", "-1", "1", "7", "367", "1000", "" if field.default is None else "2")
        if field.places:
            yield from ("0.01", "0.001", "12.5")
    elif field.kind == "fraction":
        yield from ("", "0", "-1/2", "80%", "4/5", "1.5", "1/0", "0/3")
    elif field.kind == "month":
        yield from ("", "soon", "2026-13", "1899-01", "2999-12")
    else:
        yield from ("", "   ", "x" * 200, "a\x07b", "1.1", "luck", "order_rate", "ＡＢ")


def _fields(form: CommandForm, typed: Typed, within: str) -> Iterator[tuple[str, FormField]]:
    yield from ((within + field.name, field) for field in form.fields)
    for part in form.parts:
        name, node = f"{within}{part.name}.", part_at(typed, part.name)
        rows = (
            [(f"{name}{n}.", row) for n, row in rows_of(node)] if part.is_list else [(name, node)]
        )
        for row, below in rows:
            yield from _fields(part.form, below, row)


def _stated(form: CommandForm, typed: Typed) -> dict[str, Any]:
    """What a caller of GraphQL states who means what was typed."""
    stated: dict[str, Any] = {}
    for field in form.fields:
        value = _value(field, *texts_at(typed, field.name))
        if value is not None:
            stated[to_camel_case(field.name)] = value
    for part in form.parts:
        node = part_at(typed, part.name)
        if part.is_list:
            stated[part.name] = [_stated(part.form, row) for _, row in rows_of(node)]
        elif not (part.is_optional and part.form.is_blank(node)):
            stated[part.name] = _stated(part.form, node)
    return stated


def _value(field: FormField, text: str) -> Any:
    if field.kind == "fraction":
        target = field.read((text,))
        return target and {"numerator": target.numerator, "denominator": target.denominator}
    if not text and not field.is_required:
        return None
    if field.kind == "choice":
        return text.upper()
    return int(text) if field.kind == "number" and text and not field.places else text
