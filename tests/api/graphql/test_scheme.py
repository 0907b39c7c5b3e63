"""The scheme through GraphQL: published, read, refused."""

from typing import Any

import httpx
import pytest
from litestar import Litestar

from infra.bootstrap import App
from infra.headoffice.head_office import SchemeRollout
from services.kernel.context import Role
from services.people.access import Tenant
from tests.api.conftest import open_door
from tests.api.door import Door

LINE: dict[str, Any] = {"code": "1.1", "weight": "40", "criteria": [{"kpi": "order_rate"}]}
VERSIONS = """
query Q($p: Int, $month: String!) { partner(minPosition: $p) { scheme {
  versions { number effectiveFrom origin mandatory
    parameters { windowDays leaverRule summaryDays }
    recordedAt actor position
    lines { code name weight scoring
      criteria { kpi weight target { numerator denominator shown } } }
    defined undefined }
  inForce(month: $month) { number effectiveFrom defined undefined recordedAt lines { code name } }
} } }
"""


async def read(door: Door, position: int, month: str) -> dict[str, Any]:
    data = await door.data(VERSIONS, p=position, month=month)
    return dict(data["partner"]["scheme"])


async def test_without_a_version_the_lines_of_the_source_hold(door: Door) -> None:
    scheme = await read(door, 0, "2026-06")
    assert scheme["versions"] == []
    held = scheme["inForce"]
    assert (held["number"], held["effectiveFrom"], held["recordedAt"]) == (0, None, None)
    assert (held["defined"], held["undefined"]) == ("65", "35")
    assert [line["code"] for line in held["lines"]] == ["1.1", "1.2", "2.1", "2.2", "2.3"]
    assert held["lines"][0]["name"] == "Newcomers' order rate"


async def test_publishes_a_version_with_lines(door: Door) -> None:
    split = [
        {"kpi": "average_orders", "target": {"numerator": 1}, "weight": "20.25"},
        {
            "kpi": "trial_pass_rate",
            "target": {"numerator": 4, "denominator": 5},
            "weight": "10.25",
        },
    ]
    lines = [
        LINE,
        {"code": "3.1", "name": "试岗与业绩", "weight": "30.5", "scoring": "SPLIT"}
        | {"criteria": split},
    ]
    parameters = {"windowDays": 60, "leaverRule": "COUNTED"}
    position = await door.changed(
        "publishScheme", effectiveFrom="2026-01", parameters=parameters, lines=lines
    )
    scheme = await read(door, position, "2026-06")
    (version,) = scheme["versions"]
    assert scheme["inForce"]["number"] == version["number"] == 1
    assert (version["origin"], version["mandatory"]) == ("PARTNER", False)
    assert version["position"] == position
    assert version["parameters"] == parameters | {"summaryDays": 3}
    assert (version["defined"], version["undefined"]) == ("70.5", "29.5")
    first, second = version["lines"]
    assert (first["weight"], first["scoring"]) == ("40", "ALL_MET")
    assert first["criteria"] == [{"kpi": "order_rate", "weight": None, "target": None}]
    assert (second["name"], second["scoring"]) == ("试岗与业绩", "SPLIT")
    assert [(c["weight"], c["target"]) for c in second["criteria"]] == [
        ("20.25", {"numerator": 1, "denominator": 1, "shown": "1.00"}),
        ("10.25", {"numerator": 4, "denominator": 5, "shown": "80.0%"}),
    ]


@pytest.mark.parametrize(
    ("stated", "code", "field"),
    [
        ({"effectiveFrom": "2026-13"}, "month_invalid", "effectiveFrom"),
        ({"effectiveFrom": "2999-12"}, "date_too_far_ahead", "effectiveFrom"),
        ({"parameters": {"summaryDays": -1}}, "days_invalid", "parameters.summaryDays"),
        ({"lines": []}, "scheme_without_lines", "lines"),
        ({"lines": [LINE | {"criteria": []}]}, "scheme_line_without_measure", "lines"),
        ({"lines": [LINE, LINE]}, "scheme_line_twice", "lines"),
        ({"lines": [LINE, LINE | {"code": "2", "weight": "60.01"}]}, "scheme_over_100", "lines"),
        ({"lines": [LINE | {"criteria": [{"kpi": "luck"}]}]}, "kpi_unknown", "lines"),
    ],
)
async def test_a_version_that_cannot_be_is_refused_as_data(
    door: Door, stated: dict[str, Any], code: str, field: str
) -> None:
    payload = await door.change("publishScheme", **{"effectiveFrom": "2026-01"} | stated)
    (error,) = payload["errors"]
    assert (error["code"], error["path"]) == (code, ["input", *field.split(".")])
    assert "…" not in error["message"]
    assert payload["position"] is None


@pytest.mark.parametrize(
    "stated",
    [{"parameters": {"leaverRule": "some"}}, {"lines": [LINE | {"scoring": "DICE"}]}],
    ids=["of_a_parameter", "of_a_line"],
)
async def test_what_is_none_of_the_values_is_an_error_of_the_request(
    door: Door, stated: dict[str, Any]
) -> None:
    query = "mutation M($input: PublishSchemeInput!) { publishScheme(input: $input) { position } }"
    assert await door.code(query, input={"effectiveFrom": "2026-01"} | stated) == "input_invalid"


async def test_two_versions_from_one_month_are_refused(door: Door) -> None:
    await door.changed("publishScheme", effectiveFrom="2026-01")
    payload = await door.change(
        "publishScheme", effectiveFrom="2026-01", parameters={"windowDays": 60}
    )
    assert [error["code"] for error in payload["errors"]] == ["scheme_overlaps"]


FOR_ALL = """
mutation M($input: PublishSchemeForAllInput!) { publishSchemeForAll(input: $input) {
  version { number effectiveFrom origin mandatory defined undefined actor reason }
  position errors { code path }
} }
"""


async def test_what_head_office_sets_is_in_a_partners_scheme(
    app: App, web: Litestar, http: httpx.AsyncClient, door: Door, partner: Tenant
) -> None:
    office = await open_door(app, web, http, None, Role.HEAD_OFFICE)
    begun = await office.data(FOR_ALL, input={"effectiveFrom": "2026-01"})
    assert begun["publishSchemeForAll"]["errors"] == [
        {"code": "scheme_reason_missing_for_all", "path": ["input", "reason"]}
    ]
    stated = {"effectiveFrom": "2031-05", "mandatory": True, "lines": [LINE], "reason": "统一口径"}
    answer = (await office.data(FOR_ALL, input=stated))["publishSchemeForAll"]
    assert (answer["errors"], answer["position"]) == ([], None)
    number = answer["version"].pop("number")
    assert number >= 1
    assert answer["version"] == {
        "effectiveFrom": "2031-05",
        "origin": "HEAD_OFFICE",
        "mandatory": True,
        "defined": "40",
        "undefined": "60",
        "actor": None,
        "reason": "统一口径",
    }
    rollout = SchemeRollout(app.db, app.log, app.clock)
    async with app.db.across() as across:
        while not rollout.is_resting:
            await rollout.roll_out(across)
    async with app.db.tenant(partner.tenant_id) as connection:
        head = await connection.plain.fetchval("select position from heads")
    (version,) = (await read(door, head, "2031-06"))["versions"]
    assert (version["origin"], version["mandatory"], version["defined"]) == (
        "HEAD_OFFICE",
        True,
        "40",
    )
    payload = await door.change("publishScheme", effectiveFrom="2031-06")
    (error,) = payload["errors"]
    assert (error["code"], error["path"]) == (
        "scheme_set_by_head_office",
        ["input", "effectiveFrom"],
    )
    again = (await office.data(FOR_ALL, input=stated))["publishSchemeForAll"]
    assert again["version"] is None
    assert again["errors"] == [{"code": "scheme_overlaps", "path": ["input", "effectiveFrom"]}]


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.TRAINING_MANAGER])
async def test_nobody_but_head_office_sets_a_scheme_for_all(
    app: App, web: Litestar, http: httpx.AsyncClient, partner: Tenant, role: Role
) -> None:
    code = partner.code if role is Role.TRAINING_MANAGER else None
    door = await open_door(app, web, http, code, role)
    stated = {"effectiveFrom": "2031-06"}
    assert await door.code(FOR_ALL, input=stated) == "permission_refused"


async def test_head_office_publishes_no_partners_own_scheme(
    app: App, web: Litestar, http: httpx.AsyncClient
) -> None:
    office = await open_door(app, web, http, None, Role.HEAD_OFFICE)
    query = 'mutation { publishScheme(input: {effectiveFrom: "2026-01"}) { position } }'
    assert await office.code(query) == "permission_refused"


BEGINNINGS = {
    "not_a_number": ("“{given}” is not a number", "“{given}”不是有效的数字"),
    "decimal_too_long": ("A decimal number ", "小数"),
}


@pytest.mark.parametrize(
    ("weight", "code"),
    [
        ("many", "not_a_number"),
        ("1e2", "not_a_number"),
        (True, "not_a_number"),
        ("1" * 31, "decimal_too_long"),
    ],
    ids=["text", "power", "truth", "digits"],
)
async def test_what_is_no_decimal_is_refused_in_the_language_of_the_reader(
    door: Door, weight: Any, code: str
) -> None:
    as_variable = {
        "query": "mutation M($w: Decimal!) { publishScheme(input: {lines: [{weight: $w, "
        'code: "1", criteria: []}], effectiveFrom: "2026-01"}) { position } }',
        "variables": {"w": weight},
    }
    literal = f'"{weight}"' if isinstance(weight, str) else "true"
    as_literal = {
        "query": "mutation { publishScheme(input: {lines: [{weight: "
        + literal
        + ', code: "1", criteria: []}], effectiveFrom: "2026-01"}) { position } }'
    }
    for body in (as_variable, as_literal):
        said = {}
        for language in ("en", "zh-CN"):
            (error,) = (await door.send(body, language)).json()["errors"]
            assert error["extensions"]["code"] == code
            assert error["extensions"].get("path") == (["w"] if body is as_variable else None)
            said[language] = error["message"]
        given = "true" if weight is True else weight
        english, chinese = (one.format(given=given) for one in BEGINNINGS[code])
        assert said["en"].startswith(english)
        assert said["zh-CN"].startswith(chinese)
