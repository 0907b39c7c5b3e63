"""Whatever happens in whatever order: the product and the oracle answer the same.

A history that disagrees is shown with what it takes to run it again, here among REMEMBERED.
100,000 of them: `python -m tests.random_histories.long_run`.
"""

from datetime import date
from random import randrange

import pytest

from domain.kpi.scheme.versions import Parameters
from infra.bootstrap import App
from services.scheme.scheme import PublishScheme
from tests.examples import IS_EXPLORING, examples
from tests.random_histories.bundle import Counted, prove_alone
from tests.random_histories.driving import COMING_BACK, TOGETHER, drive
from tests.situation import (
    batch_opened,
    enrolled,
    judged,
    leaving_corrected,
    left,
    manager_changed,
    order_corrected,
    order_reassigned,
    ordered,
    passed_gate,
    transferred,
    went_live,
)
from tests.steps import Step

HISTORIES = examples(640)
OF_THOSE_WHO_COME_BACK = examples(240)

SEED = randrange(1 << 30) if IS_EXPLORING else 20_261_124
"""The same ones every time, so that a change is to blame for what it breaks; `make explore` and the
long run go where nobody has been."""

TWO_PEOPLE = [
    batch_opened("A1", training_manager="陈经理"),
    batch_opened("B2", trial_required=True),
    enrolled("E0", on=date(2025, 2, 25), manager="王主管"),
    enrolled("E1", on=date(2025, 2, 28), manager="赵主管", cohort="B2"),
]

REMEMBERED: dict[str, tuple[list[Step], list[PublishScheme]]] = {
    "an order corrected after it was handed on": (
        [
            *TWO_PEOPLE,
            passed_gate("E0", on=date(2025, 3, 9)),
            went_live("E0", on=date(2025, 3, 11)),
            ordered("E0", "N0", on=date(2025, 3, 16)),
            order_reassigned("N0", to="E1", on=date(2025, 3, 21)),
            order_corrected("N0", on=date(2025, 3, 6)),
        ],
        [],
    ),
    "an order closed after the last day worked, where leavers count": (
        [
            *TWO_PEOPLE,
            ordered("E0", "N0", on=date(2025, 3, 11)),
            leaving_corrected("E1", on=date(2025, 3, 18)),
            passed_gate("E0", on=date(2025, 3, 20)),
            judged("E0", passed=True, on=date(2025, 3, 20)),
            went_live("E0", on=date(2025, 3, 21)),
            ordered("E0", "N1", on=date(2025, 3, 22)),
            transferred("E1", to="A1", on=date(2025, 3, 31)),
            manager_changed("E1", to="赵主管", on=date(2025, 4, 7)),
            left("E0", on=date(2025, 3, 21)),
        ],
        [PublishScheme("2025-01", Parameters(window_days=60, leaver_rule="counted"))],
    ),
}
"""Histories that once disagreed."""


@pytest.mark.hypothesis
@pytest.mark.no_cover  # It would take three times as long to count its lines.
async def test_random_histories_of_many_partners_read_as_the_oracle_reads_them(app: App) -> None:
    counted = Counted()
    await drive(app, SEED, HISTORIES // TOGETHER, counted)
    assert counted.histories == HISTORIES
    assert counted.accepted > 15 * HISTORIES, f"too little happens: {counted}"
    assert counted.figures > 50 * HISTORIES, f"too little is compared: {counted}"


@pytest.mark.hypothesis
@pytest.mark.no_cover
async def test_histories_of_people_with_several_stays_read_as_the_oracle_reads_them(
    app: App,
) -> None:
    counted = Counted()
    await drive(app, SEED, OF_THOSE_WHO_COME_BACK // TOGETHER, counted, COMING_BACK)
    assert counted.histories == OF_THOSE_WHO_COME_BACK


@pytest.mark.parametrize("what", REMEMBERED)
async def test_a_history_that_once_disagreed(app: App, what: str) -> None:
    await prove_alone(app, *REMEMBERED[what])
