"""The kinds of sheets that can be imported, one file each, and this list of them."""

from services.importing.sheets.kind import SheetKind
from services.importing.sheets.leavings import LEAVINGS
from services.importing.sheets.orders import ORDERS
from services.importing.sheets.results import RESULTS
from services.importing.sheets.roster import ROSTER

KINDS: dict[str, SheetKind] = {kind.slug: kind for kind in (ROSTER, RESULTS, ORDERS, LEAVINGS)}
"""By slug, in the order in which the sheets of one import are read: people before their results and
orders, and these before the leaving that ends them."""
