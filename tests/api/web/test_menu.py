"""What the menu takes along from one page to the next."""

import pytest
from uuid_utils.compat import uuid7

from api.web.kit.menu import menu
from api.web.pages.places import PLACES
from services.kernel.context import Role
from services.kernel.permissions import Permission
from services.kernel.roles import in_role
from services.reading.purviews import may_find


def addresses(path: str, query: dict[str, str]) -> dict[str, str]:
    """The links of somebody who may do everything, by the page's name."""
    return {link.words: link.address for link in menu(PLACES, lambda _: True, path, query)}


def test_filters_and_both_times_go_to_every_page_of_figures() -> None:
    query = {"month": "2026-06", "on": "2026-07-01", "known": "120"}
    found = addresses("/scorecard", query)
    for name in ("nav.board", "nav.figures", "nav.what_if"):
        assert found[name].endswith("?month=2026-06&on=2026-07-01&known=120")


def test_a_page_without_filters_is_given_none() -> None:
    assert addresses("/", {"month": "2026-06", "on": "2026-07-01"})["nav.import"] == "/import"


def test_what_a_page_alone_understands_is_left_behind() -> None:
    query = {"month": "2026-06", "window_days": "60", "kpi": "order_rate", "empty": ""}
    assert addresses("/what-if", query)["nav.board"] == "/?month=2026-06"
    assert addresses("/figures/members", query)["nav.board"] == "/?month=2026-06"


def test_a_page_that_is_no_page_of_figures_keeps_the_two_times_alone() -> None:
    query = {"cohort": "cohort-1", "on": "2026-07-01"}
    assert addresses("/trainees", query)["nav.board"] == "/?on=2026-07-01"


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/", "nav.board"),
        ("/figures/all", "nav.figures"),
        ("/import/1", "nav.import"),
        ("/x", None),
    ],
)
def test_the_page_that_one_is_on_is_marked(path: str, current: str | None) -> None:
    marked = [link.words for link in menu(PLACES, lambda _: True, path) if link.is_current]
    assert marked == ([current] if current else [])


def test_a_page_that_somebody_may_not_see_is_not_offered() -> None:
    found = menu(PLACES, lambda place: place.permission is Permission.IMPORT_FILES)
    assert [link.words for link in found] == ["nav.import"]


@pytest.mark.parametrize(
    ("role", "lists"),
    [(Role.TRAINEE, ["trainees", "orders"]), (Role.LECTURER, ["trainees", "cohorts", "sessions"])],
)
def test_a_list_that_can_have_nothing_of_ones_own_is_not_offered(
    role: Role, lists: list[str]
) -> None:
    somebody = in_role(uuid7(), "user-1", role)
    found = menu(PLACES, lambda place: bool(place.listing and may_find(somebody, place.listing)))
    assert [link.words for link in found] == [f"nav.{one}" for one in lists]
