"""One partner's story for the browser, told by commands: the source's own batch, moved in time.

18 of 20 went live on the first day of a month three months back, 12 of them have an order and are
there still; so that month's windows are closed whenever the tests run.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from domain.kernel.values import Month
from domain.kpi.subjects.newcomer import Newcomer
from infra.bootstrap import App
from services.kernel.context import Principal, Role
from services.kernel.roles import in_role
from tests.carrying import record
from tests.situation import batch_opened, enrolled, judged, left, ordered, passed_gate, went_live
from tests.source_batch import WENT_LIVE_ON, batch
from tests.steps import Step

PASSWORD = "a-long-password"
COHORT = "B-01"
WITHOUT_AN_ORDER = "T13"
"""Employed, live, and without an order: one more and the order rate is 13/18."""


@dataclass(frozen=True)
class Told:
    """A partner with an account, and what its people know."""

    app: App
    principal: Principal
    name: str
    email: str
    live_on: date

    @property
    def month(self) -> Month:
        return Month.of(self.live_on)

    async def does(self, *steps: Step) -> int:
        """Carries out the steps; answers the tenant's position after them."""
        return (await record(self.app, self.principal, *steps)).position

    def day(self, then: date) -> date:
        """A day of the source's batch, as it is here."""
        return self.live_on + (then - WENT_LIVE_ON)


async def join(app: App, code: str, name: str = "汇合渠道") -> Told:
    """A partner without newcomers, and its training manager's account."""
    partner = await app.accounts.create_partner(code, name)
    email = f"{code.lower()}@partner.example"
    role = Role.TRAINING_MANAGER
    user = await app.accounts.create_user(
        email=email, name="杜玉璇", role=role, password=PASSWORD, partner=code
    )
    principal = in_role(partner.tenant_id, f"user-{user}", role)
    return Told(app, principal, name, email, _three_months_back(datetime.now(UTC).date()))


async def tell(app: App, code: str) -> Told:
    """A partner with the batch."""
    told = await join(app, code)
    newcomers = batch()
    opened_on = told.day(newcomers[0].entered_on)
    await told.does(batch_opened(COHORT, name="第一期", on=opened_on))
    for number, newcomer in enumerate(newcomers):
        await _live_through(told, newcomer, manager="M01" if number % 2 else "M02")
    return told


async def _live_through(told: Told, newcomer: Newcomer, manager: str) -> None:
    no, day = newcomer.employee_no, told.day
    name, entered_on = f"<b>新人</b>{no}", day(newcomer.entered_on)
    await told.does(enrolled(no, cohort=COHORT, name=name, on=entered_on, manager=manager))
    for trial in newcomer.trials:
        await told.does(judged(no, passed=trial.passed, on=day(trial.on)))
    for live in newcomer.lives:
        await told.does(passed_gate(no, on=day(live.on) - timedelta(days=1)))
        await told.does(went_live(no, on=day(live.on)))
    for order in newcomer.orders:
        await told.does(ordered(no, order.no, on=day(order.closed_on)))
    if newcomer.left_on:
        await told.does(left(no, on=day(newcomer.left_on)))


def _three_months_back(today: date) -> date:
    year, month = divmod(today.year * 12 + today.month - 1 - 3, 12)
    return date(year, month + 1, 1)
