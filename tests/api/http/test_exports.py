"""Every list can be had as a file for spreadsheets, filtered, now and at a moment."""

import csv
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest
from litestar import Litestar
from msgspec.structs import replace
from openpyxl import load_workbook
from strawberry.utils.str_converters import to_camel_case

from api.ids import global_id
from domain.kernel.values import word_key
from domain.reporting import report
from domain.teaching import session
from domain.trainees.events import POSTS
from infra.bootstrap import App
from infra.sheets.sheets import read_workbook
from projections import LISTINGS
from projections.kernel.listing import Listing
from projections.teaching.cohorts import COHORT_LIST
from services.importing.run import import_file
from services.importing.spellings import WORDS
from services.kernel.context import Role
from services.kernel.roles import in_role
from services.people.access import Tenant
from services.reading import export
from services.reading.export import ExportedList, Occasion, heading
from services.reading.lists import Reader
from services.reading.moment import Moment
from services.reporting.csv_text import csv_cell
from services.words.texts import LOCALES, read_texts
from tests.api.conftest import open_door
from tests.api.door import Door

NAMES = ["=1+1", "+86", "-1", "@sum", "单丽"]
FULL_WIDTH = ["＝1", "＋1", "－1", "＠1", "\n=1"]


class Files:
    """Asks for exports as one caller."""

    def __init__(self, http: httpx.AsyncClient, door: Door, language: str = "en") -> None:
        self.http, self.headers = http, door.headers | {"accept-language": language}

    async def get(self, name: str, **query: Any) -> httpx.Response:
        return await self.http.get(f"/exports/{name}", params=query, headers=self.headers)

    async def csv(self, name: str, **query: Any) -> list[list[str]]:
        answer = await self.get(f"{name}.csv", **query)
        assert answer.status_code == 200, answer.text
        assert answer.content.startswith(b"\xef\xbb\xbf")
        return list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))

    async def code(self, name: str, **query: Any) -> tuple[int, str]:
        answer = await self.get(name, **query)
        return answer.status_code, answer.json()["code"]


@pytest.fixture
async def told(door: Door) -> int:
    """E0 to E4 of batch B1, E4 gone; the position before E4 left."""
    await door.changed("openCohort", code="B1", name="一期", openedOn="2026-05-04")
    for number, name in enumerate(NAMES):
        stated = {"cohort": "B1", "employeeNo": f"E{number}", "name": name}
        before = await door.changed("enrolTrainee", **stated, enteredOn="2026-05-05")
    after = await door.changed("recordLeaving", employeeNo="E4", on="2026-05-20", reason="个人")
    await door.data("query Q($p: Int) { partner(minPosition: $p) { code } }", p=after)
    return before


@pytest.fixture
def files(http: httpx.AsyncClient, door: Door) -> Files:
    return Files(http, door)


async def test_csv_holds_the_list_in_its_order_and_no_formula(told: int, files: Files) -> None:
    header, *rows = await files.csv("trainees")
    assert header[:3] == ["Employee no.", "Name", "Cohort"]
    found = {row[0]: row[1] for row in rows}
    assert found == {f"E{n}": n_ for n, n_ in enumerate(["'=1+1", "'+86", "'-1", "'@sum", "单丽"])}
    gone = next(row for row in rows if row[0] == "E4")
    assert gone[2:] == ["B1", "Sales", "", "Left", "2026-05-05", "", "2026-05-20"]


async def test_xlsx_holds_text_that_looks_like_a_formula_as_text(told: int, files: Files) -> None:
    answer = await files.get("trainees.xlsx")
    assert answer.status_code == 200
    assert 'filename="trainees.xlsx"' in answer.headers["content-disposition"]
    sheet = load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    header, *rows = sheet.iter_rows()
    assert header[1].value == "Name"
    assert {(row[1].value, row[1].data_type) for row in rows} == {(name, "s") for name in NAMES}
    assert {row[6].value.isoformat() for row in rows} == {"2026-05-05T00:00:00"}


async def notes_of(files: Files, name: str, **query: Any) -> dict[str, Any]:
    """The last sheet of a workbook, by its first column."""
    book = load_workbook(BytesIO((await files.get(name, **query)).content))
    return {row[0].value: row[1].value for row in book.worksheets[-1].iter_rows()}


def name_in(answer: httpx.Response) -> str:
    """The name under which a browser saves the file."""
    return unquote(answer.headers["content-disposition"].partition("filename*=UTF-8''")[2])


async def test_a_file_is_named_in_the_readers_language_by_list_partner_and_day(
    told: int, http: httpx.AsyncClient, door: Door, partner: Tenant
) -> None:
    files = Files(http, door, "zh-CN")
    today = (await notes_of(files, "trainees.xlsx"))["导出时间"].date()
    assert name_in(await files.get("trainees.csv")) == f"学员_{partner.name}_{today}.csv"
    past = {"happenedBy": "2026-05-10", "knownByPosition": told}
    named = f"学员_{partner.name}_2026-05-10_数据版本{told}.xlsx"
    assert name_in(await files.get("trainees.xlsx", **past)) == named
    then = await files.get("trainees.csv", happenedBy="2026-05-10")
    assert name_in(then) == f"学员_{partner.name}_2026-05-10.csv"
    english = await Files(http, door).get("followUps.csv")
    assert name_in(english) == f"Follow-ups_{partner.name}_{today}.csv"


def test_a_name_for_a_file_holds_nothing_that_files_cannot_be_called(files: Files) -> None:
    at = datetime(2026, 6, 30, 16, tzinfo=UTC)
    occasion = Occasion('杭/州:"渠道"', "", at, ZoneInfo("Asia/Shanghai"))
    texts = read_texts("zh-CN")
    exported = ExportedList(cast(Reader, None), COHORT_LIST, {}, texts, occasion)
    assert exported.file_name == "批次_杭_州_渠道__2026-07-01"
    then = replace(
        exported, occasion=replace(occasion, moment=Moment(occasion.day, 12, occasion.day))
    )
    assert then.plain_name == "2026-07-01-12-cohorts"


async def test_a_workbook_says_what_it_holds_of_when_and_for_whom(
    told: int, http: httpx.AsyncClient, door: Door, partner: Tenant
) -> None:
    files = Files(http, door, "zh-CN")
    found = await door.data('{ cohort(code: "B1") { id } }')
    asked = {"cohort": found["cohort"]["id"], "status": "IN_TRAINING"}
    times = {"happenedBy": "2026-06-10", "knownByPosition": told}
    notes = await notes_of(files, "trainees.xlsx", **asked, **times)
    exported_at = notes.pop("导出时间")
    assert isinstance(exported_at, datetime)
    assert notes.pop("导出人") == "系统接口"
    assert notes == {
        "渠道商": partner.name,
        "列表": "学员",
        "批次": "B1",
        "状态": "在训",
        "排序": "姓名：升序",
        "统计截止日": datetime(2026, 6, 10),
        "录入截止（数据版本）": told,
        "行数": 5,
    }
    now = await notes_of(Files(http, door), "submissions.xlsx", restated="true")
    assert now["Restated"] == "Yes"
    assert (now["Rows"], now["Sort by"]) == (0, "Month, descending")


async def test_an_instant_asked_for_is_noted_in_the_partners_time(told: int, files: Files) -> None:
    notes = await notes_of(files, "trainees.xlsx", knownBy="2026-05-01T00:00:00+00:00")
    assert datetime(2026, 5, 1, 8) in notes.values()


async def test_an_exported_roster_imports_elsewhere_and_its_notes_are_left_alone(
    told: int, app: App, http: httpx.AsyncClient, door: Door, tmp_path: Path
) -> None:
    file = tmp_path / "学员.xlsx"
    file.write_bytes((await Files(http, door, "zh-CN").get("trainees.xlsx")).content)
    other = await app.accounts.create_partner(f"p-{uuid4()}", "别家")
    manager = in_role(other.tenant_id, "tests", Role.TRAINING_MANAGER)
    report = await import_file(app.context(manager), await read_workbook(file))
    assert [(sheet.name, sheet.kind) for sheet in report.sheets] == [
        ("学员", "roster"),
        ("说明", None),
    ]
    assert report.counts == {
        "create": 5,
        "change": 0,
        "part": 0,
        "skip": 0,
        "merge": 0,
        "refuse": 0,
    }


@pytest.mark.parametrize("language", LOCALES)
def test_every_list_and_its_notes_have_a_name_in_every_language(language: str) -> None:
    texts = read_texts(language)
    assert all(f"nav.{one.name}" in texts.sentences for one in LISTINGS)
    assert word_key(texts("export.notes")) in WORDS.notes


@pytest.mark.parametrize("text", FULL_WIDTH)
def test_csv_takes_no_full_width_sign_for_a_formula(text: str) -> None:
    assert csv_cell(text) == f"'{text}"


async def test_filters_and_both_times_choose_the_rows(told: int, files: Files, door: Door) -> None:
    assert len(await files.csv("trainees", status="left")) == 2
    assert len(await files.csv("trainees", status="LEFT", knownByPosition=told)) == 1
    assert len(await files.csv("trainees", status="left", happenedBy="2026-05-19")) == 1
    query = '{ cohort(code: "B1") { id } }'
    cohort = (await door.data(query))["cohort"]["id"]
    assert len(await files.csv("trainees", cohort=cohort, search="E1")) == 2
    assert (await files.csv("cohorts", status="in_training", month="2026-05"))[1][0] == "B1"
    assert len(await files.csv("cohorts", status="finished")) == 1
    assert len(await files.csv("submissions", restated="false")) == 1


async def test_a_long_list_is_written_page_by_page(
    told: int, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = await files.csv("trainees")
    monkeypatch.setattr(export, "PAGE", 2)
    assert await files.csv("trainees") == whole
    assert await files.csv("trainees", knownByPosition=10_000) == whole
    monkeypatch.setattr(export, "MOST_ROWS", 4)
    book = load_workbook(BytesIO((await files.get("trainees.xlsx")).content))
    *sheets, notes = book.worksheets
    assert sum(sheet.max_row - 1 for sheet in sheets) == len(whole) - 1
    assert [sheet.title for sheet in sheets] == ["Trainees", "Trainees 2"]
    assert (notes.title, notes.cell(notes.max_row, 2).value) == ("Notes", len(whole) - 1)


async def test_a_long_list_of_the_past_is_put_in_order_once(
    told: int, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordered, in_order = list[str](), Listing.in_order

    def counted(self: Listing[Any], rows: Any) -> Any:
        ordered.append(self.name)
        return in_order(self, rows)

    monkeypatch.setattr(Listing, "in_order", counted)
    monkeypatch.setattr(export, "PAGE", 2)
    assert len(await files.csv("trainees", knownByPosition=told)) == 6
    assert ordered == ["trainees"]


async def test_the_totals_of_a_file_are_those_of_the_rows_in_it(
    told: int, files: Files, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = ExportedList.pages

    async def order(number: int, **stated: Any) -> None:
        of = {"employeeNo": "E0", "orderNo": f"N{number}", "closedOn": "2026-06-02"}
        position = await door.changed("recordOrder", **of, **stated)
        await door.data("query Q($p: Int) { partner(minPosition: $p) { code } }", p=position)

    async def growing(self: ExportedList) -> AsyncIterator[list[Any]]:
        async for rows in written(self):
            yield rows
            await order(9)

    await order(1, amount="19.90")
    await order(2)
    monkeypatch.setattr(ExportedList, "pages", growing)
    notes = await notes_of(files, "orders.xlsx")
    assert {name: value for name, value in notes.items() if name.startswith("Valid")} == {
        "Valid · Rows": 2,
        "Valid · Amount (yuan)": 19.9,
        "Valid · Without an amount": 1,
    }


async def test_an_amount_in_a_workbook_is_shown_with_its_two_places(
    told: int, files: Files, door: Door
) -> None:
    of = {"employeeNo": "E0", "orderNo": "N1", "closedOn": "2026-06-02", "amount": "19800"}
    position = await door.changed("recordOrder", **of)
    await door.data("query Q($p: Int) { partner(minPosition: $p) { code } }", p=position)
    book = load_workbook(BytesIO((await files.get("orders.xlsx")).content))
    sheet, *_ = book.worksheets
    (place,) = (cell.column for cell in sheet[1] if cell.value == "Amount (yuan)")
    cell = sheet.cell(2, place)
    assert (cell.value, cell.number_format) == (19800, "#,##0.00")


async def test_headings_and_states_are_in_the_readers_language(
    told: int, http: httpx.AsyncClient, door: Door
) -> None:
    header, *rows = await Files(http, door, "zh-CN").csv("trainees", status="left")
    assert (header[0], rows[0][5]) == ("工号", "离职")


@pytest.mark.parametrize("language", LOCALES)
def test_every_column_has_a_heading_in_every_language(language: str) -> None:
    say = read_texts(language).sentences.get
    headings = {
        (one.name, name): heading(one, name, say) for one in LISTINGS for name in one.columns
    }
    assert [key for key, said in headings.items() if said == key[1]] == []


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("kind", [*session.KINDS, report.NEWCOMER_FIGURES])
def test_every_kind_has_a_word_in_every_language(language: str, kind: str) -> None:
    assert read_texts(language).sentences.get(f"kind.{kind}")


@pytest.mark.parametrize("listing", LISTINGS, ids=lambda one: one.name)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_every_list_can_be_had(told: int, files: Files, listing: Any, kind: str) -> None:
    answer = await files.get(f"{to_camel_case(listing.name)}.{kind}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].count("charset") == (kind == "csv")
    assert len(answer.content) > len(listing.columns)


@pytest.mark.parametrize(
    ("name", "query", "refused"),
    [
        ("horoscopes.csv", {}, (404, "export_unknown")),
        ("trainees.pdf", {}, (404, "export_unknown")),
        ("trainees.csv", {"mood": "good"}, (422, "filter_unknown")),
        ("trainees.csv", {"status": "happy"}, (422, "filter_invalid")),
        ("trainees.csv", {"status": ["LIVE", "LEFT"]}, (422, "filter_twice")),
        ("cohorts.csv", {"happenedBy": "20260601"}, (422, "day_invalid")),
        ("submissions.csv", {"restated": "perhaps"}, (422, "filter_invalid")),
        ("trainees.csv", {"cohort": "B1"}, (422, "id_invalid")),
        ("cohorts.csv", {"month": "May"}, (422, "month_invalid")),
        ("cohorts.csv", {"month": "9999-12"}, (422, "month_invalid")),
        ("trainees.csv", {"search": "a\x00"}, (422, "text_invalid")),
        ("trainees.xlsx", {"search": "a\x00"}, (422, "text_invalid")),
        ("trainees.csv", {"cohort": global_id("Cohort", "a\x00")}, (422, "text_invalid")),
        ("cohorts.csv", {"knownBy": "0001-01-01T00:00:00+14:00"}, (422, "instant_invalid")),
        ("cohorts.csv", {"happenedBy": "May"}, (422, "day_invalid")),
        ("cohorts.csv", {"knownBy": "May"}, (422, "instant_invalid")),
        ("cohorts.csv", {"knownBy": "2026-05-01T00:00:00"}, (422, "instant_without_zone")),
        ("cohorts.csv", {"knownByPosition": "-1"}, (422, "position_invalid")),
    ],
)
async def test_refuses_what_there_is_not(
    files: Files, name: str, query: dict[str, str], refused: tuple[int, str]
) -> None:
    assert await files.code(name, **query) == refused


async def test_who_may_not_read_the_list_gets_no_file(
    app: App, web: Litestar, http: httpx.AsyncClient, partner: Tenant
) -> None:
    assert (await http.get("/exports/trainees.csv")).status_code == 401
    assistant = await open_door(app, web, http, partner.code, Role.ASSISTANT)
    assert (await Files(http, assistant).get("trainees.csv")).status_code == 200
    refused = (403, "permission_refused")
    assert await Files(http, assistant).code("submissions.csv") == refused
    office = await open_door(app, web, http, None, Role.HEAD_OFFICE)
    assert await Files(http, office).code("trainees.csv") == refused


async def test_another_partner_gets_none_of_it(
    told: int, app: App, web: Litestar, http: httpx.AsyncClient
) -> None:
    other = await app.accounts.create_partner(f"other-{uuid4().hex[:12]}", "别家")
    door = await open_door(app, web, http, other.code, Role.TRAINING_MANAGER)
    for name in ("trainees", "cohorts"):
        assert len(await Files(http, door).csv(name)) == 1


@pytest.mark.parametrize("language", LOCALES)
def test_every_post_that_is_exported_has_its_word(language: str) -> None:
    words = read_texts(language).sentences
    assert [post for post in POSTS if f"post.{post}" not in words] == []
