"""Pages of a list that is at hand: where each begins, and what an address may ask."""

import pytest

from api.web.kit.slices import slice_of, start_of

ROWS = list(range(120))


@pytest.mark.parametrize(
    ("start", "rows", "before", "after"),
    [
        (0, range(0, 50), None, 50),
        (50, range(50, 100), 0, 100),
        (100, range(100, 120), 50, None),
        (30, range(30, 80), 0, 80),
        (9_999, range(100, 120), 50, None),
    ],
    ids=["first", "second", "last", "between", "beyond the end"],
)
def test_a_page_says_where_its_neighbours_begin(
    start: int, rows: range, before: int | None, after: int | None
) -> None:
    page = slice_of(ROWS, start)
    assert list(page.rows) == list(rows)
    assert (page.before, page.after, page.total) == (before, after, 120)


def test_a_list_of_nothing_is_one_page() -> None:
    page = slice_of([])
    assert (page.rows, page.before, page.after) == ([], None, None)


@pytest.mark.parametrize(
    ("text", "start"),
    [("50", 50), ("", 0), ("-1", 0), ("x", 0), ("٣", 0), ("1_0", 0), ("9" * 20, 0)],
)
def test_what_no_page_can_begin_with_is_the_first(text: str, start: int) -> None:
    assert start_of({"from": text}) == start
