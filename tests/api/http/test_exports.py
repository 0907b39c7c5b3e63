"""Every list can be had as a file for spreadsheets, filtered, now and at a moment."""

import csv
from io import BytesIO, StringIO
from typing import Any

import httpx
import pytest
from litestar import Litestar
from openpyxl import load_workbook
from strawberry.utils.str_converters import to_camel_case

from api.graphql.engine.scalars import global_id
from api.web.kit.languages import LOCALES
from domain.reporting import report
from domain.teaching import session
from domain.trainees.events import POSTS
from infra.bootstrap import App
from projections import LISTINGS
from services.kernel.context import Role
from services.people.access import Tenant
from services.reading import export
from services.reading.export import csv_cell, heading
from services.words.texts import read_texts
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
    assert sum(sheet.max_row - 1 for sheet in book.worksheets) == len(whole) - 1
    assert len(book.worksheets) == 2


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
    other = await app.accounts.create_partner(f"other-{id(http):x}", "别家")
    door = await open_door(app, web, http, other.code, Role.TRAINING_MANAGER)
    for name in ("trainees", "cohorts"):
        assert len(await Files(http, door).csv(name)) == 1


@pytest.mark.parametrize("language", LOCALES)
def test_every_post_that_is_exported_has_its_word(language: str) -> None:
    words = read_texts(language).sentences
    assert [post for post in POSTS if f"post.{post}" not in words] == []
