"""Mapping files: what they may say, and how foreign sheets are read by them."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from domain.kernel.errors import Refusal
from services.importing import maps
from services.importing.entries import read_sheets
from services.importing.mapping import load_mapping
from services.importing.run import import_file
from services.kernel.context import Context
from tests.services.importing.sheets import book, sheet

CRM = (Path(maps.__path__[0]) / "crm.toml").read_text()

TEAMS = sheet(
    ["sales_agent", "manager", "regional_office"],
    ["Anna Snelling", "Dustin", "Central"],
    ["Carl Lin", "Summer", "West"],
    ["New Comer", "Dustin", "Central"],
    name="sales_teams",
    file="sales_teams.csv",
)
PIPELINE = sheet(
    *(
        [
            *("opportunity_id", "sales_agent", "product", "deal_stage"),
            *("engage_date", "close_date", "close_value"),
        ],
        ["A1", "Anna Snelling", "GTX", "Won", "10/29/2016", "3/1/2017", "1054"],
        ["A2", "Anna Snelling", "GTX", "Lost", "10/20/2016", "3/2/2017", "0"],
        ["A3", "Carl Lin", "GTX", "Engaging", "11/1/2016", None, None],
    ),
    name="sales_pipeline",
    file="sales_pipeline.csv",
)


def test_filter_constants_derived_dates_and_what_goes_with_them() -> None:
    roster, orders = read_sheets(book(PIPELINE, TEAMS), load_mapping(CRM, partner="central"))
    anna, new = [entry.command for entry in roster.entries]
    assert (roster.kind, roster.filtered) == ("roster", 1)
    assert anna.name == "Anna Snelling"
    assert (anna.cohort, anna.entered_on) == ("2016-10", date(2016, 10, 1))
    assert (anna.live_on, anna.drill.passed) == (date(2016, 10, 20), True)
    assert (new.live_on, new.drill, new.written_exam) == (None, None, None)
    assert [entry.command.order_no for entry in orders.entries] == ["A1"]
    assert orders.entries[0].command.amount == Decimal(1054)
    assert orders.entries[0].command.unknown_people == "skip"


def test_rows_that_are_left_out_or_hidden_are_said_and_columns_are_not() -> None:
    heads, *rows = [row.cells for row in TEAMS.rows]
    teams = sheet(
        *([*heads, "remark"], [*rows[0], "x"], ["Total", None, "Central"]),
        name=TEAMS.name,
        file=TEAMS.file,
    )
    hidden = msgspec.structs.replace(teams, hidden_rows=[2])
    read = read_sheets(book(PIPELINE, hidden), load_mapping(CRM, partner="central"))
    roster = next(one for one in read if one.kind == "roster")
    assert [(note.code, note.params["rows"]) for note in roster.notes] == [
        ("rows_hidden", ["2"]),
        ("rows_total", ["3"]),
    ]


def test_a_sheet_without_a_map_is_left_alone() -> None:
    other = sheet(["product", "series"], file="products.csv", name="products")
    read = read_sheets(book(other, TEAMS, PIPELINE), load_mapping(CRM, partner="west"))
    assert {one.name: one.kind for one in read} == {
        "sales_teams": "roster",
        "products": None,
        "sales_pipeline": "orders",
    }


@pytest.mark.parametrize("asked", ["{partner}", "hz"], ids=["by its place", "by its code"])
def test_refuses_a_partner_that_no_row_of_any_sheet_is_of(asked: str) -> None:
    text = CRM.replace('regional_office = "{partner}"', f'regional_office = "{asked}"')
    with pytest.raises(Refusal) as refused:
        read_sheets(book(TEAMS, PIPELINE), load_mapping(text, partner="hz"))
    assert refused.value.code == "mapping_filter_keeps_nothing"
    assert refused.value.params == {"sheet": "sales_teams", "filter": "regional_office = hz"}


def test_a_partner_of_one_of_several_files_is_there() -> None:
    heads, anna, carl, _ = [row.cells for row in TEAMS.rows]
    files = [sheet(heads, one, name="sales_teams", file="sales_teams.csv") for one in (anna, carl)]
    read = read_sheets(book(*files, PIPELINE), load_mapping(CRM, partner="central"))
    assert [len(one.entries) for one in read if one.kind == "roster"] == [1, 0]


def test_a_partner_none_of_whose_rows_is_kept_by_the_other_filters_is_there() -> None:
    own = 'regional_office = "{partner}"'
    assert own in CRM
    text = CRM.replace(own, f'{own}\nmanager = "Nobody"')
    roster, _ = read_sheets(book(TEAMS, PIPELINE), load_mapping(text, partner="central"))
    assert roster.entries == []


async def test_an_order_that_is_skipped_names_the_seller_whom_nobody_enrolled(ctx: Context) -> None:
    mapping = load_mapping(CRM, partner="west")
    report = await import_file(ctx, book(TEAMS, PIPELINE), mapping=mapping)
    (skipped,) = (row for row in report.rows if row.kind == "orders")
    (reason,) = skipped.reasons
    assert (skipped.outcome, reason.code) == ("skip", "trainee_unknown")
    assert reason.params == {"employee_no": "Anna Snelling"}


def test_refuses_when_the_file_to_join_is_not_given() -> None:
    with pytest.raises(Refusal) as refused:
        read_sheets(book(TEAMS), load_mapping(CRM, partner="west"))
    assert refused.value.code == "mapping_file_missing"


def test_refuses_a_sheet_without_the_mapped_columns() -> None:
    wrong = sheet(["agent", "boss"], file="sales_teams.csv")
    with pytest.raises(Refusal) as refused:
        read_sheets(book(wrong, PIPELINE), load_mapping(CRM, partner="west"))
    assert refused.value.code == "headings_missing"


CONSTANT = "[[sheets]]\nkind = 'roster'\n[sheets.columns]\n[sheets.constants]\nentered_on = {}"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("not toml", "mapping_invalid"),
        ("", "mapping_invalid"),
        ("sheets = []", "mapping_empty"),
        ("partner = 'x'\nsheets = []", "mapping_invalid"),
        ("[[sheets]]\nkind = 'payroll'\n[sheets.columns]", "mapping_kind_unknown"),
        ("[[sheets]]\nkind = 'roster'\ncolour = 1\n[sheets.columns]", "mapping_invalid"),
        ("[[sheets]]\nkind = 'roster'\n[sheets.columns]\nshoe = 'x'", "mapping_field_unknown"),
        (
            "[[sheets]]\nkind = 'roster'\n[sheets.columns]\nname = 'x'\n"
            "[sheets.constants]\nname = 'y'",
            "mapping_field_twice",
        ),
        (
            "[[sheets]]\nkind = 'roster'\nchanged_on = 0202-06-01\n[sheets.columns]",
            "day_out_of_range",
        ),
        (CONSTANT.format("1026-05-18"), "day_out_of_range"),
        (CONSTANT.format("'1026-05-18'"), "day_out_of_range"),
        (CONSTANT.format("'五月'"), "date_unreadable"),
        (
            CONSTANT.format("2026-05-18\n[sheets.when_live]\ndrill_on = 3026-05-18"),
            "day_out_of_range",
        ),
    ],
)
def test_refuses_what_a_mapping_may_not_say(text: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        load_mapping(text, partner="x")
    assert refused.value.code == code
