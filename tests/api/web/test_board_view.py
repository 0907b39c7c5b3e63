"""The board's view: which groups, which headline, from newcomers alone."""

from datetime import date

from msgspec.structs import replace

from api.web.kit.figures_view import filter_fields, groups, of_one_month
from api.web.kit.filters import Filters
from api.web.kit.wording import Wording
from api.web.pages.board_view import BoardView, GroupLine, board_of
from domain.kernel.values import Month, Ratio
from domain.kpi.catalog import NEWCOMER_FIGURES
from domain.kpi.evidence import Evidence
from domain.kpi.group import Group
from domain.kpi.scheme.versions import Scheme
from domain.kpi.subjects.teaching import Handover
from services.words.texts import read_texts
from tests.api.web.visiting import view_of
from tests.domain.kpi.counted import members
from tests.source_batch import AS_OF, WENT_LIVE_ON, batch

JUNE = Month(2026, 6)
JULY_5 = date(2026, 7, 5)


def seen(
    choice: Filters | None = None, today: date = JULY_5, evidence: Evidence | None = None
) -> BoardView:
    view = view_of(evidence or Evidence(batch()), choice or Filters(), today)
    return board_of(view, groups(view, NEWCOMER_FIGURES))


def opened(line: GroupLine, evidence: Evidence) -> Group:
    """The group that a line leads to."""
    return view_of(evidence, line.filters, JULY_5).basis.group


def test_headline_is_last_month() -> None:
    head = seen().headline
    assert head is not None
    assert (head.month, head.figures["order_rate"].ratio) == (JUNE, Ratio(12, 18))
    assert head.became_final["order_rate"].ratio == Ratio(12, 18)


def test_headline_is_the_latest_month_when_last_month_had_nobody() -> None:
    head = seen(today=date(2026, 12, 24)).headline
    assert head is not None
    assert head.month == JUNE


def test_people_are_live_though_none_of_the_headline_or_of_who_is_chosen_is() -> None:
    in_training = [one for one in batch() if not one.lives]
    alone = [
        replace(one, cohort_code="alone", trainee_id=f"{n}") for n, one in enumerate(in_training)
    ]
    evidence = Evidence([*batch(), *alone])
    assert not seen(evidence=evidence).nobody_live
    assert not seen(Filters(cohort="alone"), evidence=evidence).nobody_live
    assert seen(evidence=Evidence(alone)).nobody_live


def test_headline_is_the_running_month_when_nothing_came_before() -> None:
    head = seen(today=date(2026, 6, 10)).headline
    assert head is not None
    assert (head.month, head.figures["order_rate"].is_final) == (JUNE, False)
    assert head.became_final["went_live"].ratio.numerator == 0


def test_who_became_final_in_a_month_is_shown_though_that_month_is_chosen() -> None:
    live = next(one for one in batch() if one.lives)
    went_live = (replace(live.lives[0], on=date(2026, 5, 20)),)
    in_may = replace(live, trainee_id="in May", cohort_code="2026-04", lives=went_live)
    evidence = Evidence([*batch(), in_may])
    for month in (None, str(JUNE)):
        head = seen(Filters(month=month), evidence=evidence).headline
        assert head is not None
        assert (head.month, head.became_final["went_live"].ratio.numerator) == (JUNE, 19)


def test_a_batch_is_opened_on_the_newest_month_that_holds_somebody_of_it() -> None:
    live = next(one for one in batch() if one.lives)
    went_live = (replace(live.lives[0], on=date(2026, 5, 20)),)
    in_may = replace(live, trainee_id="in May", cohort_code="2026-04", lives=went_live)
    evidence = Evidence([*batch(), in_may])
    months = {"2026-04": "2026-05", "2026-05": "2026-06", "unknown": "2026-06"}
    for cohort, month in months.items():
        view = view_of(evidence, Filters(cohort=cohort), JULY_5)
        assert of_one_month(view, groups(view)).filters.month == month


def test_lines_are_the_groups_asked_for() -> None:
    assert [line.key for line in seen().lines] == ["2026-06"]
    assert [line.key for line in seen(Filters(by="cohort")).lines] == ["2026-05"]
    assert seen(Filters(by="manager")).lines == ()


def test_a_training_manager_has_the_lines_of_the_batches_answered_for() -> None:
    handovers = {"2026-05": [Handover(WENT_LIVE_ON, "孟令仪", 1)]}
    evidence = Evidence(batch(), handovers=handovers)
    (line,) = seen(Filters(by="training_manager", on=AS_OF), evidence=evidence).lines
    assert line.key == "孟令仪"
    assert line.figures["order_rate"].ratio == Ratio(12, 18)
    assert opened(line, evidence).training_manager == "孟令仪"


def test_a_final_month_needs_no_forecast_and_one_batch_gives_none() -> None:
    for today in (JULY_5, date(2026, 6, 10)):
        head = seen(today=today).headline
        assert head is not None
        assert head.forecast is None


def test_filters_offer_everything_and_what_is_chosen() -> None:
    wording = Wording(read_texts("en"), "Asia/Shanghai")
    view = view_of(Evidence(batch()), Filters(month="2026-01", cohort="X"), JULY_5)
    offered = {
        one.name: one for one in filter_fields(view, groups(view, NEWCOMER_FIGURES), wording)
    }
    assert [value for value, _ in offered["month"].options] == ["2026-01", "2026-06"]
    assert [value for value, _ in offered["cohort"].options] == ["X", "2026-05"]
    assert (offered["month"].chosen, offered["cohort"].chosen) == ("2026-01", "X")
    assert offered["manager"].chosen is None


def test_nobody_has_come_before_the_first_day() -> None:
    before = seen(Filters(on=date(2026, 1, 1)))
    assert (before.headline, before.lines) == (None, ())


def test_an_earlier_day_is_looked_at_as_it_was() -> None:
    head = seen(Filters(on=WENT_LIVE_ON)).headline
    assert head is not None
    assert head.figures["order_rate"].ratio == Ratio(0, 18)


def test_opened_choice_finds_the_members_that_the_line_counts() -> None:
    for by in ("month", "cohort"):
        (line,) = seen(Filters(by=by, on=AS_OF)).lines
        group = members(batch(), AS_OF, Scheme(), opened(line, Evidence(batch())))
        assert (
            sum(bool(member.lives) for member in group) == line.figures["went_live"].ratio.numerator
        )


def test_address_names_no_manager() -> None:
    people = Evidence([replace(member, manager_id="M1") for member in batch()])
    (line,) = seen(Filters(by="manager", on=AS_OF), evidence=people).lines
    assert (line.key, line.label) == ("M1", "钱M1")
    assert opened(line, people).manager == "M1"
    assert opened(replace(line, filters=Filters(manager="钱M1")), people).manager == "M1"
    assert "%" not in f"{line.filters.query}{line.address}"
