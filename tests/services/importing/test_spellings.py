"""What people write into cells, and what is refused rather than guessed."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from services.importing import spellings
from services.importing.report import CellRefusal
from services.importing.workbook import Cell, ErrorCell, PercentCell, UncountedCell
from tests.spelt import DAYS_BY_FOLDING, NUMBERS_IN_OTHER_DIGITS

DAY = date(2026, 6, 1)


@pytest.mark.parametrize(
    "cell",
    [
        *("2026.6.1", "2026-06-01", "2026/6/1", "2026年6月1日", "2026年06月01号", "２０２６.６.１"),
        *(
            " 2026-6-1 ",
            "2026-06-01 00:00:00",
            "2026-06-01T09:30",
            "20260601",
            "2026年6月1日(星期一)",
        ),
        *(DAY, datetime(2026, 6, 1, 9, 30), 46174, 46174.0, 46174.5, "46174", "46174.5"),
    ],
)
def test_dates_in_usual_spellings(cell: Cell) -> None:
    assert spellings.read_date(cell) == DAY


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        *((cell, "date_unreadable") for cell in ("2026-02-30", "明天", "2026.6", "2026年", 6.1, 1)),
        *((cell, "date_ambiguous") for cell in ("6/1/2026", "1.6.26", "26-6-1")),
        *((cell, "date_without_year") for cell in ("6月1日", "10 月 8 号")),
        (ErrorCell("#REF!"), "cell_has_error"),
        (True, "date_unreadable"),
        *((cell, "date_unreadable") for cell in DAYS_BY_FOLDING),
    ],
)
def test_refuses_dates_that_could_be_another(cell: Cell, code: str) -> None:
    with pytest.raises(CellRefusal) as refused:
        spellings.read_date(cell)
    assert refused.value.code == code


@pytest.mark.parametrize("cell", ["30/03/2025", "3/30/2025", "30.3.2025", "03-30-2025"])
def test_a_day_that_can_be_no_month_tells_them_apart(cell: Cell) -> None:
    assert spellings.read_date(cell) == date(2025, 3, 30)
    assert spellings.read_date("05/05/2025") == date(2025, 5, 5)


@pytest.mark.parametrize("cell", ["32/13/2025", "31/02/2025"])
def test_refuses_a_day_that_is_none_in_either_order(cell: Cell) -> None:
    with pytest.raises(CellRefusal):
        spellings.read_date(cell)


def test_month_first_only_where_the_mapping_says_so() -> None:
    assert spellings.read_date("10/20/2016", date_format="%m/%d/%Y") == date(2016, 10, 20)
    for cell in ("20/10/2016", "1²/10/2016"):
        with pytest.raises(CellRefusal):
            spellings.read_date(cell, date_format="%m/%d/%Y")


def test_day_numbers_of_a_1904_workbook() -> None:
    assert spellings.read_date(44712, epoch_1904=True) == DAY


@pytest.mark.parametrize("cell", [None, "", "  ", "-", "——", "无", "N/A", "/", "\u3000"])
def test_signs_for_nothing_are_blank(cell: Cell) -> None:
    assert spellings.is_blank(cell)


@pytest.mark.parametrize("cell", [0, 0.0, False, "0", "王", ErrorCell("#N/A")])
def test_zero_and_errors_are_not_blank(cell: Cell) -> None:
    assert not spellings.is_blank(cell)


@pytest.mark.parametrize(
    "cell", [13800007919.0, "'13800007919", " １３８００００７９１９", 13800007919]
)
def test_a_phone_in_a_number_cell_or_guarded_is_its_digits(cell: Cell) -> None:
    assert spellings.read_number(cell) == "13800007919"


def test_numbers_lose_what_a_sheet_added() -> None:
    assert spellings.read_number(2026001.0) == "2026001"
    assert spellings.read_number(" HZ２０２６００１ ") == "HZ2026001"
    for cell in (1.5, date(2026, 1, 1), True, PercentCell(0.5)):
        with pytest.raises(CellRefusal, match="number_unreadable"):
            spellings.read_number(cell)


@pytest.mark.parametrize(
    "cell", ['="HZ1"', "'HZ1", "`HZ1", "HZ1\t", "\u00a0HZ1", "\ufeffHZ1\u200b", "ＨＺ１", '＝"HZ1"']
)
def test_the_guards_of_a_number_are_taken_off(cell: Cell) -> None:
    assert spellings.read_number(cell) == "HZ1"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (202606010000000201.0, "number_cut_short"),
        (10**15, "number_cut_short"),
        ("2.02606E+17", "number_in_powers_of_ten"),
        ("2e+17", "number_in_powers_of_ten"),
        (UncountedCell(), "cell_not_counted"),
        *((text, "digits_unclear") for text in NUMBERS_IN_OTHER_DIGITS),
    ],
)
def test_refuses_a_number_that_is_not_the_one_that_was_meant(cell: Cell, code: str) -> None:
    with pytest.raises(CellRefusal, match=code):
        spellings.read_number(cell)
    assert spellings.read_number(999_999_999_999_999) == "999999999999999"
    assert spellings.read_number("1E05") == "1E05"


def test_a_verdict_is_read_from_its_usual_words() -> None:
    assert all(spellings.read_verdict(word) for word in ("通过", " 合格 ", "PASS", "Passed", "√"))
    assert not any(spellings.read_verdict(word) for word in ("未通过", "不合格", "Fail"))
    with pytest.raises(CellRefusal) as refused:
        spellings.read_verdict("差不多")
    assert (refused.value.code, refused.value.params) == ("verdict_unknown", {"value": "差不多"})


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (88.0, (True, Decimal(88))),
        ("59.5分", (False, Decimal("59.5"))),
        (PercentCell(0.595), (False, Decimal("59.5"))),
        (PercentCell(0.07), (False, Decimal(7))),
        ("95%", (True, Decimal(95))),
        (60, (True, Decimal(60))),
        ("1分", (False, Decimal(1))),
        ("0.5 分", (False, Decimal("0.5"))),
        ("合格", (True, None)),
    ],
)
def test_scores_as_numbers_and_words(cell: Cell, expected: tuple[bool, Decimal | None]) -> None:
    assert spellings.read_score(cell, pass_mark=60) == expected


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        *((150, "score_out_of_range"), (-1, "score_out_of_range")),
        *((0.95, "score_is_fraction"), (1, "score_is_fraction")),
        *(("A+", "score_unreadable"), ("88/100", "score_unreadable"), ("8²", "score_unreadable")),
        *(("88,5", "score_unreadable"), ("1,000分", "score_out_of_range")),
        *((text, "score_of_absent") for text in ("缺", "缺考", "请假", "Absent")),
    ],
)
def test_refuses_scores_outside_the_range(cell: Cell, code: str) -> None:
    with pytest.raises(CellRefusal) as refused:
        spellings.read_score(cell, pass_mark=60)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        *((6688.0, "6688"), ("6,688.50", "6688.50"), ("¥6688", "6688"), ("¥ 6,688元", "6688")),
        *((0.1 + 0.2, "0.30"), (0, "0"), ("６６８８", "6688")),
        *((text, text) for text in ("9" * 40, f"{'9' * 40}.25")),
    ],
)
def test_amounts_in_usual_spellings(cell: Cell, amount: str) -> None:
    assert spellings.read_amount(cell) == Decimal(amount)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        *(
            (text, "amount_unreadable")
            for text in (
                *("六千", "1,2", ",5", "1,2800", "1280,", "1.234,5", "$5"),
                *("1.005", "٣٠", "5²", "⑩", True),
            )
        ),
        *((text, "amount_in_ten_thousands") for text in ("1.2万", "1万元")),
        *((cell, "amount_negative") for cell in (-6688, "-1")),
    ],
)
def test_refuses_amounts_that_are_unclear(cell: Cell, code: str) -> None:
    with pytest.raises(CellRefusal) as refused:
        spellings.read_amount(cell)
    assert refused.value.code == code


def test_an_order_status_is_read_from_its_usual_words() -> None:
    assert spellings.read_status("有效")
    assert not spellings.read_status("已退款")
    with pytest.raises(CellRefusal):
        spellings.read_status("待定")


def test_a_post_is_read_by_its_chinese_name() -> None:
    assert spellings.read_post("渠道助理") == "channel_assistant"
    with pytest.raises(CellRefusal):
        spellings.read_post("总裁")


@pytest.mark.parametrize(
    ("reason", "is_one"),
    [
        *(
            (text, True)
            for text in ("被淘汰", "试岗 考核不合格", "Dismissed", "末位淘汰", "was fired.")
        ),
        *(
            (text, True)
            for text in ("因不合格被淘汰", "不胜任，劝退", "无故旷工被辞退", "未满试用期被fired")
        ),
        *((text, False) for text in ("回老家", "不是淘汰", "非淘汰", "并非末位淘汰", "未被辞退")),
        *(
            (text, False)
            for text in ("没有被开除", "拒绝劝退", "misfired", "Not been fired", "wasn’t fired")
        ),
        ("没被辞退，是劝退", True),
        *((text, True) for text in ("业绩为无 被淘汰", "业绩无被淘汰", "出单没 被淘汰")),
        *(
            (text, False)
            for text in ("回老家，没被淘汰", "并没有被淘汰", "从未被公司淘汰", "无淘汰")
        ),
        *((text, True) for text in ("无被淘汰", "无 被淘汰", "出单：无 被淘汰", "出单：无被淘汰")),
        *((text, True) for text in ("出单：无 淘汰", "出单: 无 淘汰", "出单 无 淘汰", "无 淘汰")),
        *(
            (text, True)
            for text in ("出单为 无 淘汰", "业绩/无 淘汰", "业绩/无淘汰", "出单: 无淘汰")
        ),
        *((text, True) for text in ("业绩: 没有被淘汰", "出单 ： 没被淘汰", "业绩/无需 劝退")),
        *((text, False) for text in ("回老家；无淘汰", "自愿离职， 无需劝退", "自愿。无淘汰")),
        *(
            (text, True)
            for text in ("出单没有被淘汰", "出单没有 被淘汰", "业绩：没有，淘汰", "业绩无淘汰")
        ),
        *(
            (text, True)
            for text in ("未出单被淘汰", "没有出单，淘汰", "什么都不想 被辞退", "无单 淘汰")
        ),
        *(
            (text, False)
            for text in ("未曾被淘汰", "没有遭到淘汰", "也没淘汰", "无需劝退", "never fired")
        ),
    ],
)
def test_a_reason_reads_like_an_elimination_by_its_words_unless_it_says_that_it_was_none(
    reason: str, *, is_one: bool
) -> None:
    assert spellings.reads_eliminated(reason) is is_one
