"""The scheme through GraphQL: published, read, refused."""

from typing import Any

import pytest

from tests.api.door import Door

LINE: dict[str, Any] = {"code": "1.1", "weight": "40", "criteria": [{"kpi": "order_rate"}]}
VERSIONS = """
query Q($p: Int, $month: String!) { partner(minPosition: $p) { scheme {
  versions { number effectiveFrom origin mandatory windowDays leaverRule summaryDays
    recordedAt actor
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
        {"code": "3.1", "name": "试岗与业绩", "weight": "30.5", "scoring": "split"}
        | {"criteria": split},
    ]
    position = await door.changed(
        "publishScheme", effectiveFrom="2026-01", windowDays=60, leaverRule="counted", lines=lines
    )
    scheme = await read(door, position, "2026-06")
    (version,) = scheme["versions"]
    assert scheme["inForce"]["number"] == version["number"] == 1
    assert (version["origin"], version["mandatory"]) == ("partner", False)
    assert (version["windowDays"], version["leaverRule"], version["summaryDays"]) == (
        60,
        "counted",
        3,
    )
    assert (version["defined"], version["undefined"]) == ("70.5", "29.5")
    first, second = version["lines"]
    assert (first["weight"], first["scoring"]) == ("40", "all_met")
    assert first["criteria"] == [{"kpi": "order_rate", "weight": None, "target": None}]
    assert (second["name"], second["scoring"]) == ("试岗与业绩", "split")
    assert [(c["weight"], c["target"]) for c in second["criteria"]] == [
        ("20.25", {"numerator": 1, "denominator": 1, "shown": "1.00"}),
        ("10.25", {"numerator": 4, "denominator": 5, "shown": "80.0%"}),
    ]


@pytest.mark.parametrize(
    ("stated", "code", "field"),
    [
        ({"effectiveFrom": "2026-13"}, "month_invalid", "effectiveFrom"),
        ({"summaryDays": -1}, "days_invalid", "summaryDays"),
        ({"leaverRule": "some"}, "choice_unknown", "leaverRule"),
        ({"lines": []}, "scheme_without_lines", "lines"),
        ({"lines": [LINE | {"criteria": []}]}, "scheme_line_without_measure", "lines"),
        ({"lines": [LINE, LINE]}, "scheme_line_twice", "lines"),
        ({"lines": [LINE, LINE | {"code": "2", "weight": "60.01"}]}, "scheme_over_100", "lines"),
        ({"lines": [LINE | {"criteria": [{"kpi": "luck"}]}]}, "kpi_unknown", "lines"),
        ({"lines": [LINE | {"scoring": "dice"}]}, "scoring_unknown", "lines"),
    ],
)
async def test_a_version_that_cannot_be_is_refused_as_data(
    door: Door, stated: dict[str, Any], code: str, field: str
) -> None:
    payload = await door.change("publishScheme", **{"effectiveFrom": "2026-01"} | stated)
    (error,) = payload["errors"]
    assert (error["code"], error["path"]) == (code, ["input", field])
    assert "…" not in error["message"]
    assert payload["position"] is None


async def test_two_versions_from_one_month_are_refused(door: Door) -> None:
    await door.changed("publishScheme", effectiveFrom="2026-01")
    payload = await door.change("publishScheme", effectiveFrom="2026-01", windowDays=60)
    assert [error["code"] for error in payload["errors"]] == ["scheme_overlaps"]
