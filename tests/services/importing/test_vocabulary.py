"""The words that a partner has taught are read in all of its imports, and in nobody else's."""

from collections.abc import Awaitable, Callable

import msgspec
import pytest

from domain.kernel.errors import Refusal
from services.execute import execute
from services.importing.run import import_file
from services.importing.sheets import KINDS
from services.importing.teaching import ForgetWord, TeachWord
from services.importing.vocabulary import taught_words, vocabulary_of
from services.importing.workbook import Workbook
from services.kernel.context import Context
from services.words.texts import LOCALES
from tests.services.importing.sheets import book, sheet


def roster(no: str) -> Workbook:
    return book(
        sheet(
            ["姓名", "人员代码", "批次", "入职日期", "岗位"],
            ["王一", no, "一期", "2026-05-18", "导购"],
        )
    )


async def test_a_heading_and_a_post_that_were_taught_are_read(ctx: Context) -> None:
    with pytest.raises(Refusal) as refused:
        await import_file(ctx, roster("V1"))
    assert refused.value.params["missing"] == ["employee_no"]
    assert refused.value.params["unknown"] == ["人员代码"]
    await execute(ctx, TeachWord("roster", "人员代码", "employee_no"))
    report = await import_file(ctx, roster("V1"))
    assert [fault.code for fault in report.rows[0].reasons] == ["post_unreadable"]
    await execute(ctx, TeachWord("post", "导购", "sales"))
    assert (await import_file(ctx, roster("V1"))).counts["change"] == 1


async def test_words_are_the_partners_own(
    ctx: Context, new_partner: Callable[[], Awaitable[Context]]
) -> None:
    await execute(ctx, TeachWord("roster", "人员代码", "employee_no"))
    with pytest.raises(Refusal):
        await import_file(await new_partner(), roster("V2"))


async def test_a_taught_word_goes_before_ours(ctx: Context) -> None:
    remark = sheet(
        ["姓名", "工号", "批次", "入职日期", "期次"], ["王", "V3", "一", "2026-05-18", ""]
    )
    with pytest.raises(Refusal) as refused:
        await import_file(ctx, book(remark))
    assert refused.value.code == "heading_twice"
    await execute(ctx, TeachWord("roster", "期次", "leave_reason"))
    assert (await import_file(ctx, book(remark))).counts["create"] == 1


async def test_a_word_that_was_forgotten_is_read_no_more(ctx: Context) -> None:
    await execute(ctx, TeachWord("roster", "人员代码", "employee_no"))
    await execute(ctx, ForgetWord("roster", "人员代码"))
    assert (await vocabulary_of(ctx)).headings == {}
    with pytest.raises(Refusal) as refused:
        await execute(ctx, ForgetWord("roster", "人员代码"))
    assert refused.value.code == "word_unknown"


async def test_a_heading_is_read_as_it_was_taught_last_however_it_was_spelt(ctx: Context) -> None:
    for word, means in (("人员*", "name"), ("人员", "manager"), ("人员*", "cohort")):
        await execute(ctx, TeachWord("roster", word, means))
    assert (await vocabulary_of(ctx)).headings == {"roster": {"人员": "cohort"}}
    assert [one.word for one in await taught_words(ctx)] == ["人员*"]
    await execute(ctx, ForgetWord("roster", "人员（必填）"))
    assert await taught_words(ctx) == []


@pytest.mark.parametrize(("of", "means"), [("roster", "amount"), ("post", "employee_no")])
async def test_a_word_means_what_a_column_or_a_post_can_be(
    ctx: Context, of: str, means: str
) -> None:
    with pytest.raises(Refusal) as refused:
        await execute(ctx, TeachWord(of, "词", means))  # type: ignore[arg-type]
    assert refused.value.code == "word_meaning_unknown"


@pytest.mark.parametrize("word", ["*：", "（必填）"])
async def test_refuses_a_word_by_which_nothing_can_be_told(ctx: Context, word: str) -> None:
    with pytest.raises(Refusal) as refused:
        await execute(ctx, TeachWord("roster", word, "name"))
    assert refused.value.code == "word_says_nothing"


async def test_a_partner_has_no_more_words_than_a_sheet_can_be_read_by(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domain.people.partner.MOST_WORDS", 2)
    for word in ("甲", "乙"):
        await execute(ctx, TeachWord("roster", word, "name"))
    with pytest.raises(Refusal) as refused:
        await execute(ctx, TeachWord("roster", "丙", "name"))
    assert (refused.value.code, refused.value.params) == ("too_many_words", {"most": 2})
    await execute(ctx, TeachWord("roster", "乙", "manager"))


async def test_a_roster_whose_column_of_names_nobody_knows_asks_what_it_means(
    ctx: Context,
) -> None:
    named = book(sheet(["称呼", "工号", "批次", "入职日期"], ["王一", "V1", "一期", "2026-05-18"]))
    with pytest.raises(Refusal) as refused:
        await import_file(ctx, named)
    assert refused.value.code == "headings_missing"
    said = refused.value.params
    assert (said["kind"], said["missing"], said["unknown"]) == ("roster", ["name"], ["称呼"])
    await execute(ctx, TeachWord("roster", "称呼", "name"))
    assert (await import_file(ctx, named)).counts["create"] == 1


async def test_words_of_a_check_are_remembered_once_and_not_by_the_import_that_follows(
    ctx: Context,
) -> None:
    check, run = (msgspec.structs.replace(ctx, idempotency_key=key) for key in ("check", "run"))
    words = [TeachWord("roster", "人员代码", "employee_no")]
    await import_file(check, roster("V4"), words=words, dry_run=True)
    assert [one.means for one in await taught_words(ctx)] == ["employee_no"]
    await execute(ctx, TeachWord("roster", "人员代码", "phone"))
    await import_file(check, roster("V4"), words=words, dry_run=True)
    assert [one.means for one in await taught_words(ctx)] == ["phone"]
    await import_file(run, roster("V4"), words=words)
    assert [one.means for one in await taught_words(ctx)] == ["phone"]


@pytest.mark.parametrize("language", LOCALES)
def test_every_column_has_a_heading_in_both_languages(language: str) -> None:
    for kind in KINDS.values():
        headings = [kind.heading(field, language) for field in kind.columns]
        assert len(set(headings)) == len(headings)
        assert all(one.isascii() == (language == "en") for one in headings)
