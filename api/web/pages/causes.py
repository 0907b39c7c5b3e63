"""What restated a submitted figure, as people read it: of whom, what was recorded and why."""

from collections.abc import Collection, Sequence

from msgspec import Struct

from api.web.kit.page import PageContext
from api.web.kit.timeline import TimelineLine, read_records
from api.web.pages.trainees import TRAINEES
from domain.kpi.proof.restatement import Cause
from projections.figures.schemes import SchemeRow
from services.kernel.permissions import Permission


class ToldCauses(Struct, frozen=True):
    """What is told of some causes. people: what a trainee is called, by id, also of an enrolment
    that was withdrawn; empty where the person may not see them. lines, published: the records and
    the versions of the scheme, by their positions."""

    people: dict[str, str]
    lines: dict[int, TimelineLine]
    published: dict[int, SchemeRow]


async def told_causes(
    page: PageContext, causes: Collection[Cause], versions: Sequence[SchemeRow]
) -> ToldCauses:
    """What the page tells of these causes. versions: all that there are of the scheme."""
    positions = sorted({cause.position for cause in causes if cause.trainee_id})
    may_see = page.may(Permission.READ_TRAINEES)
    records = [*(await page.lists().records(positions)).values()] if may_see else []
    return ToldCauses(
        people=await _people(page, {cause.trainee_id for cause in causes if cause.trainee_id}),
        lines={line.row.position: line for line in await read_records(page, records)},
        published={one.position: one for one in versions},
    )


async def _people(page: PageContext, trainee_ids: Collection[str]) -> dict[str, str]:
    if not page.may(Permission.READ_TRAINEES):
        return {}
    rows = await page.lists().by_id(TRAINEES.listing, sorted(trainee_ids))
    people = {trainee_id: TRAINEES.called(row) for trainee_id, row in rows.items()}
    if await page.lists().reads_everything(TRAINEES.listing):
        for gone in trainee_ids - people.keys():
            people[gone] = await TRAINEES.once_called(page, gone)
    return people
