"""Head office's what-if over all partners: asked for, followed, cancelled; figures and nobody."""

import strawberry
from strawberry.scalars import JSON

from api.graphql.engine.arguments import paged, taking
from api.graphql.engine.connections import Connection
from api.graphql.engine.context import Info
from api.graphql.engine.enums import JOB_STATE
from api.graphql.engine.outputs import View, showing
from api.graphql.engine.relay import global_id, own_uuid
from projections.kernel.paging import LARGEST_PAGE, Paging
from services.scheme import head_office as office

KIND = "WhatIfForAll"


@showing(office.PartnerAnswer, "code name done error months", months=JSON | None)
class PartnerWhatIf(View):
    """What a draft makes of one partner's figures."""

    state: str = strawberry.field(graphql_type=JOB_STATE)


@showing(
    office.WhatIfForAll,
    "happened_by requested_at actor partners answered done total is_cancelled is_over "
    "months=asked.months kpis=asked.kpis",
)
class WhatIfForAll(View):
    """A draft over all partners; done of total are their months."""

    @property
    def id(self) -> strawberry.ID:
        return global_id(KIND, str(self.row.id))

    @taking(paged(LARGEST_PAGE))
    async def answers(self, info: Info, paging: Paging) -> Connection[PartnerWhatIf]:
        context, found = info.context, self.row
        start, stop = paging.window(found.begun)
        answers = await context.system.head_office.what_if_answers(
            context.principal, found.id, first=stop - start, after=start
        )
        nodes = [
            PartnerWhatIf(row=one, state=one.state(is_cancelled=found.is_cancelled))
            for one in answers
        ]
        return Connection.numbered(nodes, start, found.begun)


async def what_if_for_all(info: Info, id: strawberry.ID) -> WhatIfForAll:
    """A what-if of head office, by its global id."""
    context = info.context
    found = await context.system.head_office.what_if(context.principal, own_uuid(id, KIND))
    return WhatIfForAll(row=found)
