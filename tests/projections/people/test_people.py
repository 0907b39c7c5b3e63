"""Who is of a partner and in which department, by now and on earlier days."""

from datetime import date
from typing import Any

import pytest

from projections.people import departments, people
from projections.people.departments import DEPARTMENTS
from projections.people.people import PEOPLE
from tests.gwt import given, row
from tests.situation import march
from tests.staff import (
    assigned,
    came_back,
    departed,
    department_changed,
    department_closed,
    department_fact_withdrawn,
    department_opened,
    joined,
    parted,
    person_fact_withdrawn,
    registered,
    registration_corrected,
    renamed,
)

BEGINNING = (
    registered("M1", name="钱主管"),
    registered("M2", name="孙经理", post="training_manager"),
    department_opened("xs", head="M2"),
)


def of(number: str, *steps: Any) -> Any:
    return given(PEOPLE, *BEGINNING, *steps).of(number=number)


@pytest.mark.parametrize(
    ("day", "name", "post"), [(march(4), "钱主管", None), (march(5), "钱大海", "lecturer")]
)
def test_is_on_a_day_what_held_then(day: date, name: str, post: str | None) -> None:
    rows = of(
        "M1",
        renamed("M1", to="钱大海", on=march(5)),
        assigned("M1", on=march(5), department="xs", manager="M2"),
    ).rows
    then = people.as_of(rows[0], day)
    assert then is not None
    assert (then.name, then.post, then.department_id is not None) == (name, post, post is not None)
    assert name in then.search
    assert people.as_of(rows[0], date(2025, 2, 28)) is None
    assert people.named_as_of(rows[0], date(2025, 2, 28)).name == "钱主管"


def test_what_was_said_at_first_is_as_it_was_corrected() -> None:
    of("M1", registration_corrected("M1", name="钱大海", since=march(2))).then(
        row(name="钱大海", since=march(2))
    )
    of(
        "M1",
        renamed("M1", to="钱大山", on=march(5)),
        registration_corrected("M1", name="钱大海"),
        person_fact_withdrawn("M1", 2),
    ).then(row(name="钱大海"))


def test_is_gone_from_the_last_day_on_until_the_return() -> None:
    gone = departed("M1", on=march(5))
    of("M1", gone).then(row(status="gone", left_on=march(5)))
    back = of("M1", gone, came_back("M1", on=march(9)))
    back.then(row(status="here", left_on=None))
    then = people.as_of(back.rows[0], march(8))
    assert then is not None
    assert (then.status, then.left_on) == ("gone", march(5))


def test_one_that_is_another_says_so_as_long_as_that_stands() -> None:
    of("M1", joined("M1", into="M2")).then(row(status="joined"))
    of("M1", joined("M1", into="M2"), parted("M1")).then(row(status="here", joined_into=None))


def test_what_was_recorded_by_mistake_never_was() -> None:
    of("M1", person_fact_withdrawn("M1", 1)).then()
    given(DEPARTMENTS, department_opened("yf"), department_fact_withdrawn("yf", 1)).then()


def test_a_department_has_on_a_day_the_head_and_the_place_of_then() -> None:
    found = given(
        DEPARTMENTS,
        *BEGINNING,
        department_opened("zb"),
        department_changed("xs", on=march(5), head="M1", whole="zb"),
        department_closed("xs", on=march(9)),
    ).of(code="xs")
    found.then(row(status="dissolved", closed_on=march(9)))
    before, after = (departments.as_of(found.rows[0], march(day)) for day in (4, 5))
    assert before is not None
    assert after is not None
    assert before.head_id != after.head_id
    assert (before.part_of_id is None, after.part_of_id is None) == (True, False)
    assert (after.status, after.closed_on) == ("existing", None)
