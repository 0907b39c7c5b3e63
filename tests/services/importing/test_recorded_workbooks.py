"""Workbooks by chance: what is recorded of them is what they mean, and all else is told."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from domain.kernel.values import name_key
from infra.bootstrap import App
from services.importing.report import Outcome, RowReport
from services.importing.run import import_file
from services.importing.sheets.kind import StayRecord
from services.importing.sheets.people import is_eliminated
from services.importing.workbook import Cell, Workbook
from services.trainees.whose import name_on
from tests.carrying import new_partner
from tests.examples import examples
from tests.services.importing.sheets import book, sheet
from tests.services.importing.test_filled import everybody, exported
from tests.services.importing.test_workbooks import as_workbook
from tests.services.importing.workbooks import REFUSED, ZERO, workbook

Stays = Mapping[str, StayRecord]

ELIMINATIONS = ("被淘汰", "考核不合格")


async def stays_of(app: App, partner: Any) -> Stays:
    """Everybody's stays, by their ids."""
    return {one.stay.id: one for one in await everybody(app, partner)}


@settings(
    max_examples=examples(10),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking would take minutes here
)
@given(seed=st.integers(min_value=0, max_value=2**40))
async def test_what_a_workbook_means_is_recorded_or_told_and_comes_back_from_what_is_exported(
    app: App, seed: int
) -> None:
    first, second = await new_partner(app), await new_partner(app)
    meant = workbook(seed)
    sent = as_workbook(meant.content)
    planned = await import_file(app.context(first), sent, dry_run=True)
    report = await import_file(app.context(first), sent)
    assert planned.rows == report.rows
    assert (await import_file(app.context(first), sent)).events == 0
    stays = await stays_of(app, first)
    for row in report.rows:
        if row.outcome in (Outcome.CREATE, Outcome.PART):
            require_recorded(row, meant.rows[row.place.row or 0], stays)
    assert (await import_file(app.context(first), orders_of(stays))).refused == []
    sheets = await exported(app, first, "zh-CN", "xlsx")
    again = await import_file(app.context(first), sheets)
    assert (again.refused, again.events) == ([], 0)
    assert (await import_file(app.context(second), sheets)).refused == []
    assert sorted(map(said_of, (await stays_of(app, second)).values())) == sorted(
        map(said_of, stays.values())
    )


def orders_of(stays: Stays) -> Workbook:
    """An order of each stay that went live, which names the seller as then."""
    headings: list[Cell] = ["订单号", "工号", "姓名", "出单日期"]
    live = [one for one in stays.values() if one.stay.placement.live_on]
    rows = [
        [f"A{number}", *said_of(one)[:2], str(one.stay.placement.live_on)]
        for number, one in enumerate(live)
    ]
    return book(sheet(headings, *rows))


def said_of(record: StayRecord) -> tuple[str, str, date, date, bool]:
    """Who it is, from when to when, and whether they were eliminated."""
    who = record.stay.employment
    its = who.enrolled
    until = who.left_on or date.max
    return its.employee_no, record.name, its.entered_on, until, is_eliminated(record.stay)


def require_recorded(row: RowReport, said: Mapping[str, Any], stays: Stays) -> None:
    """Requires that the stay of a row is as the row means it, and that its notes say the rest."""
    name, since, until = said["name"], said["entered_on"], said.get("left_on")
    key = (said["employee_no"], since)
    [found] = [one for one in stays.values() if (said_of(one)[0], said_of(one)[2]) == key]
    stay = found.stay
    who, codes = stay.employment, [note.code for note in row.notes]
    assert name_on(found.person, since) == name
    manager = found.names.get(who.manager_on(since) or "")
    assert name_key(manager or "") == name_key(said.get("manager") or "")
    before = stays.get(who.enrolled.rejoins or "")
    is_renamed = before is not None and before.name != name
    assert ("rejoined_renamed" in codes) is is_renamed
    is_left = who.left_on is not None
    assert is_left or until in (None, REFUSED, ZERO) or row.outcome is Outcome.PART
    assert not is_left or (who.left_on, is_eliminated(stay)) == (until, False)
    reads_eliminated = is_left and said.get("leave_reason") in ELIMINATIONS
    assert ("leaving_reads_eliminated" in codes) is reads_eliminated
