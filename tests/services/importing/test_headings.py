"""Where a table begins, what its columns are, and where it ends."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.kernel.errors import Refusal
from domain.kernel.values import heading_key
from services.importing.headings import FEWEST_HEADINGS, HeadingReader
from services.importing.mapping import SheetMap
from services.importing.notes import columns_not_read
from services.importing.sheets import KINDS
from services.importing.sheets.kind import SheetKind
from services.importing.spellings import WORDS
from services.importing.tables import read_tables
from services.importing.vocabulary import Vocabulary
from services.importing.workbook import Cell
from tests.examples import examples
from tests.services.importing.sheets import ROSTER_HEADINGS, sheet


def test_below_titles_with_stray_spaces_line_breaks_and_units() -> None:
    found = HeadingReader().find(
        sheet(
            ["6月花名册"],
            [],
            ["制表:杜", None, "单位:人"],
            ["序号", "姓 名 ", "工号*", "批次:", "入职\n日期", "上岗日期(年月日)", "Go-Live Date?"],
        )
    )
    assert found is not None
    assert (found.kind.slug, found.row) == ("roster", 4)
    assert {field: column.letter for field, column in found.columns.items()} == {
        "name": "B",
        "employee_no": "C",
        "cohort": "D",
        "entered_on": "E",
        "live_on": "F",
    }


def test_english_headings_in_any_spelling_are_known() -> None:
    found = HeadingReader().find(sheet(["Order No", "Employee_No", "Close Date", "Amount (CNY)"]))
    assert found is not None
    assert found.kind.slug == "orders"
    assert set(found.columns) == {"order_no", "employee_no", "closed_on", "amount"}


@st.composite
def one_row_of_headings(draw: st.DrawFn) -> list[list[Cell]]:
    """A sheet with columns that nobody reads, some of whose cells are words of headings."""
    kind = draw(st.sampled_from([*KINDS.values()]))
    words = st.sampled_from([one for its in kind.headings.values() for one in its])
    read = dict.fromkeys((*kind.required, *kind.telling, *kind.columns))
    fields: list[str | None] = [*read][: max(FEWEST_HEADINGS, len(kind.required) + 1)]
    fields = draw(st.permutations([*fields, *[None] * draw(st.integers(1, 6))]))
    heads: list[Cell] = [
        kind.headings[one][0] if one else f"别的{place}" for place, one in enumerate(fields)
    ]
    row = st.tuples(*(st.just("L1") if one else st.none() | words for one in fields))
    return [heads, *map(list, draw(st.lists(row, min_size=1, max_size=3)))]


@settings(max_examples=examples(300), deadline=None)
@given(one_row_of_headings())
def test_below_one_row_of_headings_words_of_headings_make_no_row_another_one(
    rows: list[list[Cell]],
) -> None:
    tables = read_tables(sheet(*rows), HeadingReader())
    read = [row.number for table in tables for row in table.rows]
    assert read == [*range(2, len(rows) + 1)]


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        (["工号", "姓名", "批次", "入职", "来源"], [None, None, None, "时间", "手机号"]),
        (
            ["工号", "姓名", "批次", "入职日期", "来源"],
            ["员工编号", "(必填)", None, None, "手机号"],
        ),
    ],
)
def test_two_rows_of_headings_are_one_where_nothing_but_headings_stands_below_headings(
    upper: list[Cell], lower: list[Cell]
) -> None:
    found = HeadingReader().find(sheet(upper, lower, ["L1", "陆一", "T", "2026-01-05", "138"]))
    assert found is not None and (found.top, found.row) == (1, 2)
    assert found.columns["phone"].letter == "E"


def test_a_second_row_of_headings_may_say_some_of_them_in_words_that_nobody_knows() -> None:
    upper: list[Cell] = ["工号", "姓名", "批次", "入职日期", "考核", None]
    lower: list[Cell] = ["Staff code", "Full name", "Cohort", "Joined", "笔试", "演练"]
    person: list[Cell] = ["L1", "陆一", "T", "2026-01-05", "合格", "合格"]
    both = msgspec.structs.replace(sheet(upper, lower, person), merged=[(1, 5, 1, 6)])
    found = HeadingReader().find(both)
    assert found is not None and (found.top, found.row) == (1, 2)
    letters = {field: column.letter for field, column in found.columns.items()}
    fields = ("employee_no", "name", "cohort", "entered_on", "written_exam", "drill")
    assert letters == dict(zip(fields, "ABCDEF", strict=True))


GROUPED = [
    (kind, field, heading, word)
    for kind in KINDS.values()
    for field, headings in kind.headings.items()
    for heading in headings
    for words in WORDS.below
    for word in words
    if heading.endswith(word) and heading != word
]


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_a_heading_half_above_and_half_below_is_that_of_one_row(kind: SheetKind) -> None:
    needed = dict.fromkeys((*kind.required, *kind.telling, *kind.columns))
    for its, field, heading, word in GROUPED:
        if its is not kind:
            continue
        others = [one for one in needed if one != field][: max(FEWEST_HEADINGS, len(kind.required))]
        heads = [kind.headings[one][0] for one in others]
        above = heading.removesuffix(word).strip()
        upper: list[Cell] = [*heads, above, None]
        lower: list[Cell] = [*heads, word, "别的"]
        merged = [(1, n, 2, n) for n in range(1, len(heads) + 1)]
        merged.append((1, len(heads) + 1, 1, len(heads) + 2))
        found = HeadingReader().find(
            msgspec.structs.replace(sheet(upper, lower, ["L1"] * len(heads)), merged=merged)
        )
        assert found is not None and (found.kind, found.row) == (kind, 2), heading
        assert found.columns[field].index == len(heads), heading
        assert found.heads[-1].heading == f"{above} / 别的"


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
@pytest.mark.parametrize("over", ["", "员工资料"])
def test_a_heading_below_one_that_says_of_whom_else_it_is_stands_for_nothing_alone(
    kind: SheetKind, over: str
) -> None:
    needed = dict.fromkeys((*kind.required, *kind.telling, *kind.columns))
    fields = [*needed][: max(FEWEST_HEADINGS, len(kind.required) + 1)]
    heads: list[Cell] = [kind.headings[one][0] for one in fields]
    for heading in (one for its in kind.headings.values() for one in its):
        upper: list[Cell] = [over, *[None] * (len(heads) - 1)] if over else heads
        rows: list[list[Cell]] = [[*upper, "别人", None], [*heads, heading, "别的"], ["L1"] * 4]
        several = (1, len(heads) + 1, 1, len(heads) + 2)
        whole = [(1, n, 2, n) for n in range(1, len(heads) + 1)]
        merged = [*([(1, 1, 1, len(heads))] if over else whole), several]
        found = HeadingReader().find(msgspec.structs.replace(sheet(*rows), merged=merged))
        assert found is not None and (found.kind, found.row) == (kind, 2), heading
        assert [found.columns[one].index for one in fields] == [*range(len(fields))], heading
        assert found.columns.keys() == {*fields}, heading
        assert found.heads[-2].heading == f"别人 / {heading}"


def test_a_result_is_not_of_the_day_of_another_one() -> None:
    upper: list[Cell] = ["姓名", "工号", "笔试成绩", "复试", None]
    rows: list[list[Cell]] = [upper, [*upper[:3], "结果", "日期"], ["陆一", "L1", "80"]]
    merged = [(1, 1, 2, 1), (1, 2, 2, 2), (1, 3, 2, 3), (1, 4, 1, 5)]
    with pytest.raises(Refusal) as refused:
        HeadingReader().find(msgspec.structs.replace(sheet(*rows), merged=merged))
    assert refused.value.code == "headings_missing"
    assert refused.value.params["unknown"] == ["复试 / 结果", "复试 / 日期"]


def test_a_title_over_some_of_the_columns_says_nothing_of_them() -> None:
    heads: list[Cell] = ["手机号", "邮箱", *ROSTER_HEADINGS]
    titled = msgspec.structs.replace(sheet(["6月花名册"], heads), merged=[(1, 1, 1, 2)])
    found = HeadingReader().find(titled)
    assert found is not None and {"phone", "mail"} < found.columns.keys()


def test_of_results_in_groups_each_has_its_day_and_unknown_ones_of_one_name_are_told_apart() -> (
    None
):
    upper: list[Cell] = [*ROSTER_HEADINGS, "笔试", None, "演练", None, "上岗", "复试", None]
    lower: list[Cell] = [*ROSTER_HEADINGS, "成绩", "时间", "结果", "日期", "日期", "结果", "日期"]
    person: list[Cell] = ["陆一", "L1", "T", "2026-01-05", "80", *["2026-01-09"] * 6]
    merged = [*((1, n, 2, n) for n in range(1, 5)), (1, 5, 1, 6), (1, 7, 1, 8), (1, 10, 1, 11)]
    grouped = msgspec.structs.replace(sheet(upper, lower, person), merged=merged)
    [table] = read_tables(grouped, HeadingReader())
    letters = {field: column.letter for field, column in table.headings.columns.items()}
    fields = ("written_exam", "written_exam_on", "drill", "drill_on", "live_on")
    assert [letters[one] for one in fields] == [*"EFGHI"]
    read = {column.index for column in table.headings.columns.values()}
    unread = [one.place.heading for one in columns_not_read(grouped, table, read)]
    assert unread == ["复试 / 结果", "复试 / 日期"]
    own = Vocabulary({"roster": {heading_key("复试 / 日期"): "trial_on"}})
    [table] = read_tables(grouped, HeadingReader(own))
    assert table.headings.columns["trial_on"].letter == "K"


@pytest.mark.parametrize(
    "row",
    [
        ["L1", "陆一", "T", "2026-01-05", "手机号"],
        ["L1", "姓名", "Cohort", "2026-01-05", "手机号"],
        ["甲", "陆一", "T", None, "手机号"],
    ],
)
def test_a_row_of_values_is_somebody_whatever_words_of_headings_stand_in_it(
    row: list[Cell],
) -> None:
    found = HeadingReader().find(sheet(["工号", "姓名", "批次", "入职日期", "来源"], row))
    assert found is not None and (found.top, found.row) == (1, 1)


@pytest.mark.parametrize(
    ("second", "is_row"),
    [
        (["Staff code", "Given", "Group", "Joined", None], False),
        (["(必填)", None, "（必填）", "yyyy/mm/dd", "来源渠道"], False),
        ([None, None, None, "Joined", None], False),
        (["Staff code", "Given", "Group", None, "From"], True),
        (["甲", "陆一", "T", "-", None], True),
        (["L1", "陆一", "T", "待定", None], True),
        (["甲", "陆", "T", "待定", None], True),
        (["甲", "陆", "T", "无日期", None], True),
        (["甲", "陆一", "T", 46027.0, None], True),
    ],
)
def test_a_second_row_of_headings_says_of_days_how_they_are_called_or_written_and_is_nobody(
    second: list[Cell], *, is_row: bool
) -> None:
    heads: list[Cell] = [*ROSTER_HEADINGS, "来源"]
    person: list[Cell] = ["王一", "K1", "一期", "2026-01-05", None]
    again: list[Cell] = ["张", "李", "一期", "待定", None]
    roster = sheet(heads, second, person, again)
    [table] = read_tables(roster, HeadingReader())
    assert [row.number for row in table.rows] == [*[2] * is_row, 3, 4]
    assert table.left_out == ({} if is_row else {"rows_second_headings": [2]})


def test_a_sheet_of_something_else_is_left_alone() -> None:
    assert HeadingReader().find(sheet(["产品", "系列", "价格"], ["诚信通", "A", 6688.0])) is None


def test_refuses_when_a_needed_column_is_missing() -> None:
    with pytest.raises(Refusal) as refused:
        HeadingReader().find(sheet(["姓名", "手机号", "批次", "入职日期"]))
    assert refused.value.code == "headings_missing"
    assert refused.value.params["missing"] == ["employee_no"]


def test_refuses_two_columns_for_one_thing() -> None:
    with pytest.raises(Refusal) as refused:
        HeadingReader().find(sheet([*ROSTER_HEADINGS, "员工编号"]))
    assert refused.value.code == "heading_twice"


@pytest.mark.parametrize(
    ("beside", "field", "letter"),
    [
        (["试岗结果", "试岗日期", "试岗结束日期"], "trial_on", "G"),
        (["试岗结果", "试岗结束日期", "试岗日期"], "trial_on", "F"),
        (["笔试成绩", "考试日期", "笔试日期"], "written_exam_on", "G"),
        (["试岗结果", "职务", "岗位"], "post", "G"),
    ],
)
def test_of_two_days_of_one_result_and_of_two_posts_the_better_known_is_read_and_the_other_named(
    beside: list[Cell], field: str, letter: str
) -> None:
    cells: list[Cell] = ["王一", "K1", "一期", "2026-05-18", "合格", "2026-05-20", "2026-05-30"]
    roster = sheet([*ROSTER_HEADINGS, *beside], cells)
    [table] = read_tables(roster, HeadingReader())
    read = {column.index for column in table.headings.columns.values()}
    assert table.headings.columns[field].letter == letter
    [named] = columns_not_read(roster, table, read)
    assert (named.code, named.place.column) == ("column_not_read", "FG".strip(letter))


@pytest.mark.parametrize("only", ["入职日期", "上岗日期", "离职日期"])
def test_a_sheet_with_a_column_that_only_rosters_have_is_no_results_sheet(only: str) -> None:
    headings: list[Cell] = ["姓名", "工号", "期", "笔试成绩", "考试日期", "演练成绩"]
    found = HeadingReader().find(sheet(headings))
    assert found is not None and found.kind.slug == "results"
    with pytest.raises(Refusal) as refused:
        HeadingReader().find(sheet([*headings, only]))
    assert refused.value.params["kind"] == "roster"
    assert refused.value.params["unknown"] == ["期"]


def test_totals_notes_and_repeated_headings_are_no_rows_and_people_below_them_are() -> None:
    roster = sheet(
        ROSTER_HEADINGS,
        ["王", "1", "一", "2026-05-18"],
        ["小计", 1.0],
        ["李", "2", "一", "2026-05-18"],
        ROSTER_HEADINGS,
        [None, None, None, None],
        ["合 计", 2.0],
        ["制表人:杜"],
        ["张", "3", "一", "2026-05-18"],
    )
    [table] = read_tables(roster, HeadingReader())
    assert [row.number for row in table.rows] == [2, 4, 9]
    assert table.left_out == {
        "rows_total": [3, 7],
        "rows_repeat_headings": [5],
        "rows_signature": [8],
    }


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_every_spelling_means_one_field(kind: SheetKind) -> None:
    spelled = [heading_key(one) for its in kind.headings.values() for one in its]
    assert len(spelled) == len(set(spelled))
    assert {*kind.required, *kind.telling} <= set(kind.columns) == set(kind.headings)


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_every_setting_of_a_kind_is_a_field_of_its_rows_and_of_a_mapping(kind: SheetKind) -> None:
    assert set(kind.settings) <= set(kind.command.__struct_fields__) - set(kind.columns)
    assert set(kind.settings) <= set(SheetMap.__struct_fields__)


def test_a_field_with_a_single_chinese_heading_is_found_by_the_whole_word() -> None:
    found = HeadingReader().find(sheet([*ROSTER_HEADINGS, "离", "离职原因"]))
    assert found is not None
    assert found.columns["leave_reason"].letter == "F"
