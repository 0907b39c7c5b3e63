"""The board's view: which groups, which headline, from newcomers alone."""

from datetime import date

from msgspec.structs import replace

from api.web.board_view import Choice, View, look
from domain.kpi.example import AS_OF, WENT_LIVE_ON, batch
from domain.kpi.groups import members
from domain.kpi.scheme import Scheme
from domain.values import Month, Ratio

JUNE = Month(2026, 6)
JULY_5 = date(2026, 7, 5)


def seen(choice: Choice | None = None, today: date = JULY_5) -> View:
    return look(batch(), choice or Choice(), today, Scheme())


def test_headline_is_last_month() -> None:
    head = seen().headline
    assert head is not None
    assert (head.month, head.figures.order_rate) == (JUNE, Ratio(12, 18))
    assert head.became_final.order_rate == Ratio(12, 18)


def test_headline_is_the_latest_month_when_last_month_had_nobody() -> None:
    head = seen(today=date(2026, 12, 24)).headline
    assert head is not None
    assert head.month == JUNE


def test_headline_is_the_running_month_when_nothing_came_before() -> None:
    head = seen(today=date(2026, 6, 10)).headline
    assert head is not None
    assert (head.month, head.figures.is_final) == (JUNE, False)
    assert head.became_final.went_live == 0


def test_lines_are_the_groups_asked_for() -> None:
    assert [line.key for line in seen().lines] == ["2026-06"]
    assert [line.key for line in seen(Choice(by="cohort")).lines] == ["2026-05"]
    assert seen(Choice(by="manager")).lines == ()


def test_filters_offer_everything_whatever_is_chosen() -> None:
    view = seen(Choice(month="2026-01"))
    assert view.lines == ()
    assert view.months == ("2026-06",)
    assert view.cohorts == ("2026-05",)
    assert not view.is_empty


def test_nobody_has_come_before_the_first_day() -> None:
    assert seen(Choice(on=date(2026, 1, 1))).is_empty


def test_an_earlier_day_is_looked_at_as_it_was() -> None:
    head = seen(Choice(on=WENT_LIVE_ON)).headline
    assert head is not None
    assert head.figures.order_rate == Ratio(0, 18)


def test_opened_choice_finds_the_members_that_the_line_counts() -> None:
    for by in ("month", "cohort"):
        (line,) = seen(Choice(by=by, on=AS_OF)).lines
        group = members(batch(), AS_OF, Scheme(), line.opened.group(batch()))
        assert sum(bool(member.lives) for member in group) == line.figures.went_live


def test_address_names_no_manager() -> None:
    people = [replace(member, manager="钱主管") for member in batch()]
    (line,) = look(people, Choice(by="manager", on=AS_OF), JULY_5, Scheme()).lines
    assert line.key == "钱主管"
    assert line.opened.group(people).manager == "钱主管"
    assert "%" not in line.opened.query


def test_address_holds_only_what_was_chosen() -> None:
    assert Choice().query == "by=month"
    choice = Choice(by="cohort", manager="M 1&2", on=AS_OF)
    assert choice.query == "by=cohort&manager=M+1%262&on=2026-06-30"
