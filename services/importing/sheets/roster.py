"""The roster (花名册): who entered which batch when, and how far each one came."""

from collections.abc import Mapping, Sequence
from datetime import date

from domain.kernel.values import number_key
from services.importing.facts import Entry, RosterFacts
from services.importing.rows import ImportRosterRow
from services.importing.sheets.kind import EMPLOYEE_NO, Field, SheetKind, day, plain, score
from services.importing.spellings import (
    read_number,
    read_phone,
    read_post,
    read_text,
    read_verdict,
)

PERSON = "person"
"""Rows about one person are carried out in their order."""

_FIELDS = (
    Field(
        "employee_no",
        plain(read_number),
        (*EMPLOYEE_NO, "职工号", "人员编号", "staff id"),
    ),
    Field(
        "name",
        plain(read_text),
        (
            *("姓名", "员工姓名", "新人姓名", "学员姓名", "学员", "名字"),
            *("name", "full name", "employee name", "trainee", "trainee name"),
        ),
    ),
    Field(
        "cohort",
        plain(read_text),
        (
            *("批次", "培训批次", "期次", "班次", "班级", "期数"),
            *("cohort", "batch", "class", "training class"),
        ),
    ),
    Field(
        "entered_on",
        day,
        (
            *("入职日期", "入职时间", "入职日", "入训日期", "参训日期", "报到日期"),
            *("entered on", "entry date", "hire date", "start date", "joined on", "date joined"),
        ),
    ),
    Field(
        "post",
        plain(read_post),
        ("岗位", "职位", "post", "position", "job title"),
    ),
    Field(
        "phone",
        plain(read_phone),
        (
            *("手机号", "手机", "手机号码", "电话", "联系电话", "联系方式"),
            *("phone", "mobile", "phone number", "mobile number"),
        ),
    ),
    Field(
        "mail",
        plain(read_text),
        ("邮箱", "电子邮箱", "邮件", "mail", "email", "e-mail"),
    ),
    Field(
        "manager",
        plain(read_text),
        (
            *("直属主管", "主管", "直接主管", "直属上级", "上级", "带教主管"),
            *("manager", "supervisor", "line manager"),
        ),
    ),
    Field(
        "trial_verdict",
        plain(read_verdict),
        (
            *("试岗结果", "试岗", "试岗结论", "试岗是否通过"),
            *("trial", "trial result", "trial verdict"),
        ),
    ),
    Field(
        "trial_feedback",
        plain(read_text),
        (
            *("试岗书面反馈", "试岗反馈", "书面反馈"),
            *("trial feedback", "written feedback", "feedback"),
        ),
    ),
    Field(
        "written_exam",
        score,
        (
            *("笔试成绩", "笔试", "笔试分数", "考试成绩", "理论成绩"),
            *("written exam", "exam", "exam score", "written score", "written exam score"),
        ),
    ),
    Field(
        "drill",
        score,
        (
            *("演练成绩", "演练", "演练结果", "实操成绩", "话术演练", "演练考核"),
            *("drill", "drill result", "drill score", "role play"),
        ),
    ),
    Field(
        "live_on",
        day,
        (
            *("上岗日期", "上岗时间", "上岗日", "正式上岗日期", "正式上岗"),
            *("live on", "went live on", "go-live", "go live", "go-live date", "go live date"),
        ),
    ),
    Field(
        "left_on",
        day,
        (
            *("离职日期", "离职时间", "离职日", "最后工作日"),
            *("left on", "leaving date", "last day", "termination date"),
        ),
    ),
    Field(
        "leave_reason",
        plain(read_text),
        (
            *("离职原因"),
            *("leaving reason", "reason for leaving", "leave reason"),
        ),
    ),
)


def _opening_days(entries: Sequence[Entry]) -> dict[str, date]:
    """By batch: it opened when the first of its people entered."""
    days: dict[str, date] = {}
    for entry in entries:
        if isinstance(entry.facts, RosterFacts):
            key, entered_on = number_key(entry.facts.cohort), entry.facts.entered_on
            days[key] = min(days.get(key, entered_on), entered_on)
    return days


def _command(entry: Entry, opening_days: Mapping[str, date]) -> ImportRosterRow:
    row = entry.facts
    assert isinstance(row, RosterFacts)  # noqa: S101 - a row without facts is no command
    return ImportRosterRow(row, cohort_opened_on=opening_days[number_key(row.cohort)])


ROSTER = SheetKind(
    slug="roster",
    fields=_FIELDS,
    required=("employee_no", "name", "cohort", "entered_on"),
    telling="name",
    facts=RosterFacts,
    command=_command,
    keys=lambda row: [(PERSON, number_key(row.employee_no))],
    prepare=_opening_days,
)
