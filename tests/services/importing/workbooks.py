"""Workbooks as people make them, by chance, beside what they were meant to say.

Every cell is spelt in one of the ways in which people spell it; some ways cannot be understood, and
the row says then that it is to be refused.
"""

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from random import Random
from typing import Any

import msgspec
import xlsxwriter

from services.importing.spellings import PASS_MARK

HEADINGS = {
    "employee_no": ("工号", "员工编号 ", "工\n号", "Employee No"),
    "name": ("姓名", "姓 名", "员工姓名"),
    "cohort": ("批次", "批次*", "期次"),
    "entered_on": ("入职日期", "入训日期", "入职日期（必填）"),
    "manager": ("直属主管", "主管"),
    "written_exam": ("笔试成绩", "笔试（分）"),
    "live_on": ("上岗日期", "上岗日期(年月日)"),
    "left_on": ("离职日期", "最后工作日"),
    "leave_reason": ("离职原因", "离职原因："),
    "rejoined": ("重新入职", "是否重新入职"),
}
OPTIONAL = ("manager", "written_exam", "live_on", "left_on", "leave_reason", "rejoined")
SECOND = ("Staff code", "(必填)", "Begun", "按合同", "（下拉选择）")
"""What a second row of headings says in words that nobody knows; of days it says that it heads."""
SECOND_OF_DAYS = ("(必填)", "（选填）", "YYYY-MM-DD", "请按格式")
DAYS = ("entered_on", "live_on", "left_on")
UNKNOWN, PRIVATE = ("备注", "离岗日期", "籍贯", ""), ("身份证号", "银行卡号", "家庭住址")
NOT_READ = ("别的内容", "别的内容", "手机号", "状态", "离职原因", "演练成绩")
"""What cells hold that nobody reads: also words that are headings elsewhere."""
EPOCH = date(1899, 12, 30)

Write = Callable[[Any, int, int, dict[str, Any]], None]
Spelt = tuple[Write, Any]
"""What writes a cell, and what is read from it: REFUSED where nobody can know, ZERO for a day 0."""

REFUSED, ZERO = object(), object()


class Meant(msgspec.Struct):
    """What a workbook means: per row its fields (REFUSED where one cannot be read), and per code of
    a note how often and how much of it is to be said."""

    content: bytes
    rows: dict[int, dict[str, Any]]
    notes: dict[str, list[int]]
    other_sheets: set[str]


def text(value: str, meant: Any) -> Spelt:
    return (lambda sheet, row, column, _: sheet.write_string(row, column, value), meant)


def number(value: float, meant: Any, style: str | None = None) -> Spelt:
    def write(sheet: Any, row: int, column: int, styles: dict[str, Any]) -> None:
        sheet.write_number(row, column, value, styles[style] if style else None)

    return (write, meant)


def formula(result: Any, meant: Any, style: str | None = None) -> Spelt:
    def write(sheet: Any, row: int, column: int, styles: dict[str, Any]) -> None:
        sheet.write_formula(row, column, "=Z99", styles[style] if style else None, result)

    return (write, meant)


def spell_number(value: str, chance: Random) -> Spelt:
    wide = "".join(chr(ord(one) + 0xFEE0) if one.isascii() else one for one in value)
    choices = [
        *(text(value, value) for _ in range(4)),
        *(text(mark + value, value) for mark in ("'", "`", "\u200b", "\ufeff", "\t", "\u00a0")),
        text(f'="{value}"', value),
        text(wide, value),
    ]
    if value.isdecimal():
        cut = int(value) >= 10**15
        choices += [number(int(value), REFUSED if cut else value.lstrip("0"))] * (value[0] != "0")
        choices += [number(int(value), REFUSED if cut else value, "zeros8")] * (len(value) == 8)
        choices += [text(f"{int(value):.5E}", REFUSED)] * cut
    return chance.choice(choices)


def spell_day(day: date, chance: Random) -> Spelt:
    serial = (day - EPOCH).days
    spelt = [
        f"{day:%Y-%m-%d}",
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y%m%d}",
        f"{day:%Y-%m-%d} 00:00:00",
        str(serial),
    ]
    is_clear = day.day > 12 or day.day == day.month
    return chance.choice(
        [
            *(number(serial, day, "day") for _ in range(4)),
            number(serial, day),
            formula(serial, day, "day"),
            formula(0, REFUSED, "day"),
            formula("#N/A", REFUSED, "day"),
            *(text(one, day) for one in spelt),
            text(f"{day:%d/%m/%Y}", day if is_clear else REFUSED),
            text(f"{day:%m/%d/%Y}", day if is_clear else REFUSED),
            text(f"{day.month}月{day.day}日", REFUSED),
        ]
    )


def spell_score(points: int, chance: Random) -> Spelt:
    return chance.choice(
        [
            number(points, points),
            text(str(points), points),
            text(f"{points}分", points),
            text(f"{points}%", points),
            number(points / 100, points, "percent"),
            formula(points, points or REFUSED),
            number(points / 100, REFUSED) if 0 < points <= 100 else number(points, points),
        ]
    )


def spell_text(value: str, chance: Random) -> Spelt:
    return text(chance.choice([value, f" {value}", f"{value}\u00a0", f"{value}\n"]), value)


def blank(chance: Random, *, is_day: bool) -> Spelt:
    choices = [text(sign, None) for sign in ("", "-", "无", " ")]
    return chance.choice(choices + [number(0, ZERO, "day")] * is_day)


def spell(field: str, value: Any, chance: Random) -> Spelt:
    if value is None:
        return blank(chance, is_day=field in DAYS)
    if field in DAYS:
        return spell_day(value, chance)
    if field == "written_exam":
        return spell_score(value, chance)
    if field == "rejoined":
        return text(chance.choice(["是", " 是", "√", "Yes"]), value)
    return (spell_number if field == "employee_no" else spell_text)(value, chance)


def person(chance: Random, place: int) -> dict[str, Any]:
    """Somebody who was meant; fields that are not known are None."""
    entered = date(2026, 1, 1) + timedelta(days=chance.randrange(150))
    numbers = (
        f"{place}{chance.randrange(999):03}",
        f"{place:08}",
        f"{chance.randrange(9)}HZ{place}",
    )
    return {
        "employee_no": chance.choice([*numbers, f"20260601{place:010}"]),
        "name": chance.choice(["王小明", "买买提·艾力", "Ann Lee", "贠乜", "𠮷野"]) + str(place),
        "cohort": chance.choice(["2026-06", "六月一期", "B01"]),
        "entered_on": entered,
        "manager": chance.choice([None, "周主管", "李·四", "Anna Li", "anna li"]),
        "written_exam": chance.choice([None, 0, 60, 88, 100, chance.randrange(2, 100)]),
        "live_on": chance.choice([None, entered + timedelta(days=chance.randrange(20))]),
        "left_on": chance.choice([None, entered + timedelta(days=chance.randrange(20, 60))]),
        "leave_reason": chance.choice([None, "被淘汰", "个人原因", "考核不合格"]),
        "rejoined": None,
    }


def rejoined(one: dict[str, Any], chance: Random) -> dict[str, Any]:
    """Somebody of these who came back, perhaps under another name."""
    entered = one["entered_on"] + timedelta(days=100)
    name = chance.choice([one["name"], f"改{one['name']}"])
    days = {"entered_on": entered, "live_on": None, "left_on": None}
    return one | days | {"name": name, "leave_reason": None, "rejoined": True}


class _Roster:
    """Writes one roster by chance, and keeps what it means."""

    def __init__(self, sheet: Any, styles: dict[str, Any], chance: Random, meant: Meant) -> None:
        self._kept: dict[str, Spelt] = {}
        self._is_in_blocks = False
        self._sheet, self._styles, self._chance, self._meant = sheet, styles, chance, meant
        self._row = 0
        self._fields = [*HEADINGS]
        for field in OPTIONAL:
            if chance.random() < 0.3:
                self._fields.remove(field)
        chance.shuffle(self._fields)
        self._columns = {field: n for n, field in enumerate(self._fields, chance.randrange(3))}
        self._extra: dict[int, str] = {}
        for heading in chance.sample([*UNKNOWN, *PRIVATE, "序号"], chance.randrange(3)):
            self._extra[max([*self._columns.values(), *self._extra]) + 1] = heading
        self._held: dict[int, int] = dict.fromkeys(self._extra, 0)

    def write(self) -> None:
        self._titles()
        self._headings()
        people = [person(self._chance, n) for n in range(1, self._chance.randrange(2, 7))]
        if "rejoined" in self._fields and self._chance.random() < 0.4:
            people.append(rejoined(self._chance.choice(people), self._chance))
        merged = self._merge(people)
        for place, one in enumerate(people):
            if not self._is_in_blocks and self._chance.random() < 0.15:
                self._between()
            self._person(one, {field for field, places in merged.items() if place in places[1:]})
            for field, places in merged.items():
                if place == places[-1]:
                    self._merge_above(field, len(places))
        self._below()
        self._say_columns()
        for field in DAYS:
            if zeros := sum(said.get(field) is ZERO for said in self._meant.rows.values()):
                self._note("days_zero", zeros)
        scores = [said.get("written_exam") for said in self._meant.rows.values()]
        judged = [points for points in scores if isinstance(points, int)]
        if any(points < PASS_MARK for points in judged):
            self._note("scores_judged", len(judged))

    def _merge(self, people: list[dict[str, Any]]) -> dict[str, range]:
        """Lets a value hold for several rows in a block; those rows stand together."""
        if len(people) < 2 or self._chance.random() < 0.5:
            return {}
        self._is_in_blocks = True
        fields = [one for one in ("cohort", "manager", "live_on") if one in self._columns]
        places = range(self._chance.randrange(len(people) - 1), len(people))
        chosen = self._chance.sample(fields, self._chance.randrange(1, len(fields) + 1))
        for field in chosen:
            value = people[places[0]][field]
            for place in places:
                people[place][field] = value
        return {field: places for field in chosen if people[places[0]][field] is not None}

    def _merge_above(self, field: str, height: int) -> None:
        column, last = self._columns[field], self._row - 1
        first = last - height + 1
        self._sheet.merge_range(first, column, last, column, "")
        write, meant = self._kept[field]
        write(self._sheet, first, column, self._styles)
        for row in range(first, last + 1):
            self._meant.rows[row + 1][field] = meant

    def _person(self, one: dict[str, Any], in_block: set[str]) -> None:
        said: dict[str, Any] = {}
        for field, column in self._columns.items():
            if field in in_block:
                continue
            write, said[field] = self._kept[field] = spell(field, one[field], self._chance)
            write(self._sheet, self._row, column, self._styles)
        for column in self._extra:
            if self._chance.random() < 0.7:
                self._sheet.write_string(self._row, column, self._chance.choice(NOT_READ))
                self._held[column] += 1
        self._meant.rows[self._row + 1] = said
        if self._chance.random() < 0.1:
            self._sheet.set_row(self._row, None, None, {"hidden": True})
            self._note("rows_hidden", 1)
        self._row += 1

    def _titles(self) -> None:
        self._row += self._chance.randrange(3)
        if self._chance.random() < 0.4:
            self._sheet.merge_range(self._row, 0, self._row, 5, "2026年6月花名册")
            self._note("rows_above_headings", 1)
            self._row += 1 + self._chance.randrange(2)

    def _headings(self) -> None:
        spelled = {self._columns[one]: self._chance.choice(HEADINGS[one]) for one in self._columns}
        spelled |= self._extra
        if self._chance.random() < 0.3:
            is_one = False
            for column, heading in spelled.items():
                if not heading:
                    continue
                if self._chance.random() < 0.5:
                    is_one = True
                    self._sheet.merge_range(self._row, column, self._row + 1, column, heading)
                else:
                    self._sheet.write_string(self._row, column, "基本信息")
                    self._sheet.write_string(self._row + 1, column, heading)
            if not is_one:
                self._note("rows_above_headings", 1)
            self._row += 1
        else:
            for column, heading in spelled.items():
                self._sheet.write_string(self._row, column, heading)
            if self._chance.random() < 0.15:
                self._row += 1
                for field, column in self._columns.items():
                    words = SECOND_OF_DAYS if field in DAYS else SECOND
                    self._sheet.write_string(self._row, column, self._chance.choice(words))
                self._note("rows_second_headings", 1)
        self._spelled = spelled
        self._row += 1

    def _between(self) -> None:
        """A blank row, the headings once more, or a subtotal."""
        which = self._chance.randrange(3)
        if which == 1:
            for column, heading in self._spelled.items():
                self._sheet.write_string(self._row, column, heading)
            self._note("rows_repeat_headings", 1)
        elif which == 2:
            first = min(self._columns.values())
            self._sheet.write_string(self._row, first, self._chance.choice(["小计", "本页小计"]))
            self._note("rows_total", 1)
        self._row += 1

    def _below(self) -> None:
        first = min(self._columns.values())
        if self._chance.random() < 0.3:
            self._sheet.write_string(self._row, first, self._chance.choice(["合计", "总 计：3人"]))
            self._note("rows_total", 1)
            self._row += 1
        if self._chance.random() < 0.3:
            self._sheet.write_string(self._row, first, "制表人：王经理")
            self._note("rows_signature", 1)
            self._row += 1

    def _say_columns(self) -> None:
        for column, heading in self._extra.items():
            if self._held[column] and heading != "序号":
                code = "column_private" if heading in PRIVATE else "column_not_read"
                self._note(code if heading else "column_without_heading", self._held[column])

    def _note(self, code: str, count: int) -> None:
        said = self._meant.notes.setdefault(code, [])
        if code.startswith("rows_") and said:
            said[0] += count
        else:
            said.append(count)


def workbook(seed: int) -> Meant:
    """A workbook by chance; the same seed makes the same one."""
    chance, content = Random(seed), BytesIO()
    meant = Meant(b"", {}, {}, set())
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        styles = {
            "day": book.add_format({"num_format": chance.choice(["yyyy-mm-dd", "yyyy/m/d"])}),
            "percent": book.add_format({"num_format": chance.choice(["0%", "0.00%"])}),
            "zeros8": book.add_format({"num_format": "00000000"}),
        }
        others = [name for name in ("通讯录", "说明", "旧表") if chance.random() < 0.3]
        for name in chance.sample([*others, "花名册"], len(others) + 1):
            sheet = book.add_worksheet(name)
            if name == "花名册":
                _Roster(sheet, styles, chance, meant).write()
                continue
            meant.other_sheets.add(name)
            lines = {"通讯录": [("姓名", "工号", "手机"), ("甲", "1", "13800000001")]}
            for row, line in enumerate(lines.get(name, [("填表说明",), ("请按月上报",)])):
                sheet.write_row(row, 0, line)
            if name == "旧表":
                sheet.hide()
    return msgspec.structs.replace(meant, content=content.getvalue())
