"""Every page as a person's browser asks for it, of a partner with 4,000 trainees, one at a time.

Twice: again and again of one state, and each time after a change, when nothing is remembered of the
state and what the page shows has to be read and counted anew.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from itertools import count

from infra.bench.measure import Figure, milliseconds, percentile, timed
from infra.bench.place import Bench
from infra.bench.projecting import living_partner
from infra.bench.serving import CHUDAN, answer, request, served
from infra.readside.projector import Projector
from projections import PROJECTIONS
from projections.kernel.paging import Paging
from projections.trainees.cohort_roster import TRAINEE_LIST
from services.execute import execute
from services.kernel.context import Principal
from services.teaching.cohort import OpenCohort
from services.trainees.trainee import EnrolTrainee

PAGES = (
    "/",
    "/figures/all",
    "/scorecard",
    "/what-if?window_days=45",
    "/figures/members?kpi=order_rate",
    "/figures/members?kpi=days_to_first_order",
    "/submissions",
    "/scheme",
    "/scheme/new",
    "/trainees",
    "/trainees?sort=-live_on",
    "/trainees?on={before}",
    "/trainees/{trainee}",
    "/trainees/{trainee}/record-order",
    "/cohorts",
    "/cohorts/{cohort}",
    "/cohorts/{cohort}?on={before}",
    "/sessions",
    "/orders",
    "/orders?sort=-amount&status=valid",
    "/orders?on={before}",
    "/follow-ups",
    "/import",
)
"""By their addresses; of a figure with newcomers and of one that is a mean, of a list in the order
of a column and of an earlier day."""

MOST_MILLISECONDS = 150.0
PEOPLE, BATCH = 4_000, 30
EMAIL = "bench@chudan.example"


async def run(bench: Bench) -> list[Figure]:
    """Milliseconds until the whole page is there."""
    today = bench.app.clock().date()
    principal = await living_partner(bench, PEOPLE, today - timedelta(days=21))
    work = _Work(bench, principal, today)
    header = (
        f"cookie: chudan_session={await _session(bench, principal)}\r\n"
        "accept: text/html\r\naccept-encoding: br\r\n"
    )
    first = await bench.app.lists(principal).page(TRAINEE_LIST, Paging(1))
    named = {
        "before": today - timedelta(days=7),
        "cohort": await work.open_cohort("TRAINED", BATCH, today - timedelta(days=21)),
        "trainee": first.rows[0].trainee_id,
    }
    times = bench.size(100, 20)
    figures: list[Figure] = []
    async with served(bench, CHUDAN, {"CHUDAN_LOG": "json"}) as port:
        for address in PAGES:
            asked = request("GET", address.format(**named), header=header)
            for state, before in (("", None), ("after a change", work.change)):
                # The first warms up.
                _, *took = [await _loaded(port, asked, before) for _ in range(times + 1)]
                part = f"pages of {PEOPLE:,} trainees: {address}"
                figures += [
                    milliseconds(part, f"{state} p50".strip(), percentile(took, 0.5)),
                    milliseconds(
                        part, f"{state} p95".strip(), percentile(took, 0.95), MOST_MILLISECONDS
                    ),
                ]
    return figures


class _Work:
    """Changes of the partner, each of which the read models show."""

    def __init__(self, bench: Bench, principal: Principal, today: date) -> None:
        self._bench, self._principal, self._today = bench, principal, today
        self._projector = Projector(bench.app.db, bench.app.log, PROJECTIONS)
        self._numbers = count(1)

    async def change(self) -> None:
        await self.open_cohort(f"NEW-{next(self._numbers)}", 0, self._today)

    async def open_cohort(self, code: str, people: int, day: date) -> str:
        """A cohort with so many people, that read models show; its id."""
        context = self._bench.app.context(self._principal)
        opened = await execute(context, OpenCohort(code, code, day))
        for number in range(people):
            await execute(context, EnrolTrainee(code, f"{code}-{number}", "新人", day))
        await self._projector.catch_up(self._principal.tenant)
        return opened.stream_id


async def _session(bench: Bench, principal: Principal) -> str:
    """The secret of a log-in."""
    accounts, password = bench.app.accounts, secrets.token_urlsafe()
    partner = await accounts.organisation_of(principal.tenant)
    await accounts.create_user(
        email=EMAIL, name="bench", role=principal.roles[0], password=password, partner=partner.code
    )
    return (await accounts.log_in(EMAIL, password)).secret


async def _loaded(port: int, asked: bytes, before: Callable[[], Awaitable[None]] | None) -> float:
    """Milliseconds of one page. Raises RuntimeError for another status than 200."""
    if before is not None:
        await before()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(asked)
    answering = asyncio.ensure_future(answer(reader))
    took = await timed(answering)
    writer.close()
    status, body = answering.result()
    if status != 200:
        raise RuntimeError(f"{status} for {asked.split()[1]!r}: {body[:500]!r}")
    return took
