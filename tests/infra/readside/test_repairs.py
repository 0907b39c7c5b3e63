"""A parked projection is let out by somebody who says why: it is tried again, or passes over."""

from dataclasses import dataclass
from uuid import UUID

import msgspec
import pytest
from uuid_utils.compat import uuid7

from domain.kernel.aggregate import Recorded
from domain.kernel.errors import Refusal
from domain.kpi.catalog import kpi_by_slug
from infra.bootstrap import App, Skip, examine
from infra.readside.checkpoints import Parked
from infra.readside.incomplete_models import IncompleteModels
from infra.readside.projector import Projector
from infra.readside.repairs import Repair, repair
from projections.figures.evidence import SOURCES
from projections.figures.newcomers import NEWCOMERS, NewcomerRow
from projections.kernel.projection import Projection
from services.kernel.context import Principal
from services.reading.budget import Budget
from services.reading.moment import Question
from tests.carrying import carry_out, new_partner
from tests.read_models import checkpoint, folded, head, stored
from tests.situation import BEGINNING, enrolled, march

ASKED = Question(march(20), march(20))
ENTERED = kpi_by_slug("entered")
EVENTS = 2
"""Of the command that enrols somebody: the registration, and the enrolment, which is what parks."""

REASON = "订单号有误，已另行更正"


@dataclass
class Failing:
    """A projection that cannot digest one stream's events as long as it is not mended."""

    app: App
    principal: Principal
    projection: Projection[NewcomerRow] = NEWCOMERS
    broken: int | None = None

    def __post_init__(self) -> None:
        self.projection = msgspec.structs.replace(NEWCOMERS, evolve=self._evolve)

    def _evolve(self, row: NewcomerRow | None, recorded: Recorded) -> NewcomerRow | None:
        if recorded.position == self.broken:
            raise ArithmeticError
        return NEWCOMERS.evolve(row, recorded)

    async def parked(self) -> Parked:
        (parked,) = await self.app.list_parked(self.principal.tenant)
        return parked

    async def repair(self, way: str, position: int, reason: str = REASON) -> Parked | None:
        chosen = Repair(way, position, reason, "运维")  # type: ignore[arg-type]
        return await repair(self.app, self.principal.tenant, self.projection, chosen)

    async def recorded(self) -> list[tuple[object, ...]]:
        async with self.app.db.tenant(self.principal.tenant) as connection:
            rows = await connection.plain.fetch(
                "select way, position, until, error, reason, actor from repairs order by repair_id"
            )
        return [tuple(row) for row in rows]


def command_of(parked: Parked) -> tuple[int, int]:
    """The first and the last position of the command that parked."""
    return parked.position - EVENTS + 1, parked.position


@pytest.fixture
async def failing(app: App) -> Failing:
    """Parked before an enrolment, behind which there is another."""
    principal = await new_partner(app)
    await carry_out(app, principal, BEGINNING)
    failing = Failing(app, principal)
    failing.broken = await head(app, principal.tenant) + EVENTS
    await carry_out(app, principal, [enrolled(who) for who in ("E3", "E4")])
    await Projector(app.db, app.log, [failing.projection]).catch_up(principal.tenant)
    return failing


async def test_what_was_mended_is_tried_again_and_goes_on(app: App, failing: Failing) -> None:
    tenant, parked = failing.principal.tenant, await failing.parked()
    assert await failing.repair("retry", parked.position) == await failing.parked()
    failing.broken = None
    assert await failing.repair("retry", parked.position) is None
    assert await stored(app, tenant, NEWCOMERS) == await folded(app, tenant, NEWCOMERS)
    error = "ArithmeticError (trainee.enrolled)"
    told = ("retry", *command_of(parked), error, REASON, "运维")
    assert await failing.recorded() == [told, told]


async def test_what_cannot_be_mended_is_passed_over_wherever_it_is_folded(
    app: App, failing: Failing
) -> None:
    tenant, parked = failing.principal.tenant, await failing.parked()
    whole = await folded(app, tenant, NEWCOMERS)
    assert await failing.repair("skip", parked.position) is None
    assert (await checkpoint(app, tenant, NEWCOMERS))["position"] == await head(app, tenant)
    rows = await stored(app, tenant, NEWCOMERS)
    assert rows and rows != whole
    assert rows == await folded(app, tenant, failing.projection)
    verified = await app.verifier.verify(tenant, failing.projection)
    assert (verified.findings, verified.error, verified.parked) == ((), None, None)
    rebuilt = await app.rebuilder.rebuild_tenant(tenant, failing.projection)
    assert rebuilt.error is None
    assert await stored(app, tenant, NEWCOMERS) == rows
    ((way, first, last, *_),) = await failing.recorded()
    assert (way, first, last) == ("skip", *command_of(parked))


async def told(app: App, tenant: UUID) -> tuple[list[str], list[Skip], int]:
    """What is said of the tenant: as a warning, in the list, and by what verifies it."""
    warning = await IncompleteModels(app.db).warning(tenant)
    verified = await app.verifier.verify(tenant, NEWCOMERS)
    assert verified.is_incomplete == bool(verified.skips)
    models = warning.params["models"] if warning else []
    return models, await app.list_skips(tenant), verified.skips


async def test_what_was_passed_over_is_taken_back_once_the_program_is_mended(
    app: App, failing: Failing
) -> None:
    tenant, parked = failing.principal.tenant, await failing.parked()
    assert await failing.repair("skip", parked.position) is None
    passed_over = await stored(app, tenant, NEWCOMERS)
    models, (skip,), count = await told(app, tenant)
    assert (models, count) == (["read_model.newcomers"], 1)
    assert (skip.position, skip.until, skip.reason, skip.actor) == (
        *command_of(parked),
        REASON,
        "运维",
    )
    (problem,) = [one.problem for one in await examine(app.settings) if one.check == "read_models"]
    assert problem and NEWCOMERS.checkpoint in problem.params["models"]
    with pytest.raises(Refusal, match="read_model_still_skips") as refused:
        await failing.repair("retry", parked.position)
    assert refused.value.params["error"] == "ArithmeticError"
    assert await stored(app, tenant, NEWCOMERS) == passed_over
    assert await app.list_skips(tenant) == [skip]

    failing.broken = None
    assert await failing.repair("retry", parked.position) is None
    assert await stored(app, tenant, NEWCOMERS) == await folded(app, tenant, NEWCOMERS)
    assert await stored(app, tenant, NEWCOMERS) != passed_over
    assert await told(app, tenant) == ([], [], 0)
    assert [way for way, *_ in await failing.recorded()] == ["skip", "retry"]
    rebuilt = await app.rebuilder.rebuild_tenant(tenant, failing.projection)
    assert rebuilt.error is None
    assert await stored(app, tenant, NEWCOMERS) != passed_over


async def test_what_was_passed_over_is_taken_back_while_another_event_parks(
    app: App, failing: Failing
) -> None:
    tenant, parked = failing.principal.tenant, await failing.parked()
    assert await failing.repair("skip", parked.position) is None
    passed_over = await stored(app, tenant, NEWCOMERS)
    failing.broken = await head(app, tenant) + EVENTS
    await carry_out(app, failing.principal, [enrolled("E5")])
    await Projector(app.db, app.log, [failing.projection]).catch_up(tenant)
    elsewhere = await failing.parked()
    assert elsewhere.position == failing.broken
    still = await failing.repair("retry", parked.position)
    assert still and (still.position, still.error) == (elsewhere.position, elsewhere.error)
    assert await app.list_skips(tenant) == []
    assert len(await stored(app, tenant, NEWCOMERS)) == len(passed_over) + 1
    failing.broken = None
    assert await failing.repair("retry", elsewhere.position) is None
    assert await stored(app, tenant, NEWCOMERS) == await folded(app, tenant, NEWCOMERS)


async def test_figures_asked_for_before_are_counted_anew_once_the_rows_were_made_anew(
    app: App, failing: Failing
) -> None:
    tenant, parked = failing.principal.tenant, await failing.parked()
    await failing.repair("skip", parked.position)
    others = [source for source in SOURCES if source is not NEWCOMERS]
    await Projector(app.db, app.log, [failing.projection, *others]).catch_up(tenant)

    async def entered() -> tuple[int, int, float]:
        figures = app.figures.within(Budget())
        basis = await figures.basis(failing.principal, ASKED)
        answer = await figures.answer(failing.principal, ASKED, [ENTERED])
        numerator = answer.whole[ENTERED.slug].ratio.numerator
        return len(basis.evidence.newcomers), basis.position, numerator

    people, position, counted = await entered()
    failing.broken = None
    await failing.repair("retry", parked.position)
    assert await entered() == (people + 1, position, counted + 1)


async def pass_over(app: App, tenant_id: UUID, way: str) -> None:
    """Records a thousand skips of a tenant, or that they were taken back."""
    async with app.db.tenant(tenant_id) as tenant:
        await tenant.execute(
            "insert into repairs"
            " (tenant_id, repair_id, projection, way, position, until, error, reason, actor)"
            " select $1, ($2::uuid[])[at], $3, $4, at, at, '', '', ''"
            " from generate_series(1, 1000) at",
            [uuid7() for _ in range(1000)],
            NEWCOMERS.checkpoint,
            way,
        )


async def test_what_a_partner_lacks_is_told_although_another_passes_over_a_thousand_commands(
    app: App, failing: Failing
) -> None:
    tenant, parked, other = failing.principal.tenant, await failing.parked(), uuid7()
    await pass_over(app, other, "skip")
    try:
        await failing.repair("skip", parked.position)
        (skip,) = await app.list_skips(tenant)
        assert (skip.tenant_id, skip.position, skip.until) == (tenant, *command_of(parked))
    finally:
        await pass_over(app, other, "retry")
    assert await app.list_skips(other) == []


@pytest.mark.parametrize(
    ("ahead", "reason", "code"),
    [(1, REASON, "read_model_not_parked"), (0, " ", "field_missing"), (0, "a\0", "text_invalid")],
    ids=["another position", "no reason", "a reason that cannot be stored"],
)
async def test_nobody_is_let_out_otherwise(
    failing: Failing, ahead: int, reason: str, code: str
) -> None:
    parked = await failing.parked()
    with pytest.raises(Refusal, match=code):
        await failing.repair("skip", parked.position + ahead, reason)
    assert await failing.parked() == parked
    assert await failing.recorded() == []
