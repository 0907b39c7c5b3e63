"""Whatever happens in whatever order: the product and the oracle answer the same.

A history that disagrees is shown with what it takes to run it again, here among REMEMBERED.
100,000 of them: `python -m tests.random_histories.long_run`.
"""

import pytest

from domain.kpi.scheme.versions import Parameters
from infra.bootstrap import App
from services.scheme.scheme import PublishScheme
from tests.random_histories.bundle import Counted, prove_alone
from tests.random_histories.driving import TOGETHER, drive
from tests.random_histories.steps import KINDS, History

HISTORIES = 2_000

SEED = 20_261_124
"""The same ones every time, so that a change is to blame for what it breaks; the long run goes
where nobody has been."""

LIVE, ORDER, REASSIGN, CORRECT_ORDER, LEAVE, CORRECT_LEAVING, TRANSFER, MANAGER = map(
    KINDS.index,
    (
        "live",
        "order",
        "reassign",
        "correct_order",
        "leave",
        "correct_leaving",
        "transfer",
        "manager",
    ),
)

REMEMBERED: dict[str, tuple[History, list[PublishScheme]]] = {
    "an order corrected after it was handed on": (
        History(
            2, [(LIVE, 0, 0, 5), (ORDER, 0, 0, 0), (REASSIGN, 1, 0, 0), (CORRECT_ORDER, 0, 15, 0)]
        ),
        [],
    ),
    "an order closed after the last day worked, where leavers count": (
        History(
            2,
            [
                (ORDER, 0, 1, 7),
                (CORRECT_LEAVING, 5, 4, 5),
                (LIVE, 2, 1, 1),
                (ORDER, 4, 8, 0),
                (TRANSFER, 3, 0, 0),
                (MANAGER, 5, 4, 4),
                (LEAVE, 2, 15, 7),
            ],
        ),
        [PublishScheme("2025-01", Parameters(window_days=60, leaver_rule="counted"))],
    ),
}
"""Histories that once disagreed."""


@pytest.mark.no_cover  # It would take three times as long to count its lines.
async def test_random_histories_of_many_partners_read_as_the_oracle_reads_them(app: App) -> None:
    counted = Counted()
    await drive(app, SEED, HISTORIES // TOGETHER, counted)
    assert counted.histories == HISTORIES
    assert counted.accepted > 15 * HISTORIES, f"too little happens: {counted}"
    assert counted.figures > 50 * HISTORIES, f"too little is compared: {counted}"


@pytest.mark.parametrize("what", REMEMBERED)
async def test_a_history_that_once_disagreed(app: App, what: str) -> None:
    await prove_alone(app, *REMEMBERED[what])
