"""The page of orders (出单): what was sold, by whom, and what it amounts to.

An order is told on the page of the seller whose it is, with all that happened to it.
"""

from collections.abc import Sequence
from urllib.parse import urlencode

from api.web.kit.addresses import list_address, thing_address
from api.web.kit.page import PageContext
from api.web.kit.resource import FoundOtherwise, Resource
from api.web.pages.trainees import TRAINEES
from domain.trainees.trainee import Trainee
from projections.figures.held_orders import HeldOrder
from projections.kernel.paging import Paging
from projections.trainees.cohort_roster import TRAINEE_LIST
from projections.trainees.orders import ORDER_LIST
from services.reading.moment import Moment
from services.trainees.selling import RecordOrder

OF_SELLER = "trainee"
MOST_SELLERS = 10
"""Of one name, whose orders are offered; more of a name is to be typed for others."""


def _home(row: HeldOrder) -> str:
    """Its line among those of the seller."""
    seller = thing_address(TRAINEE_LIST.kind, row.trainee_id)
    query = urlencode({"order": row.order_no, "at": row.position})
    return f"{seller}?{query}#p{row.position}"


async def _found_by_seller(
    page: PageContext, text: str, moment: Moment | None
) -> Sequence[FoundOtherwise]:
    """The orders of each of the people whom a name, or part of it, may mean."""
    reader, paging = page.lists(moment), Paging(MOST_SELLERS)
    found = await reader.page(TRAINEE_LIST, paging, search=text)
    return [
        FoundOtherwise(
            list_address(ORDER_LIST.kind, **{OF_SELLER: row.trainee_id}),
            TRAINEES.told(row, page.wording),
            OF_SELLER,
        )
        for row in found.rows
    ]


ORDERS = Resource(
    listing=ORDER_LIST,
    aggregate=Trainee,
    named_in="order_no",
    named_by="order_no",
    title="order_no",
    opening=RecordOrder,
    commands=(),
    apart=("name", "employee_no"),
    sheet="orders",
    is_offered=False,
    repeated=frozenset({"closed_on", "product"}),
    suggested=frozenset({"product"}),
    found_otherwise=_found_by_seller,
    home=_home,
)
