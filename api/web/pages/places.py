"""The pages of the menu in their order, and which filters each takes over from the page before."""

from api.web.kit.menu import GROUPS, TIMES, MenuPlace
from api.web.pages.resources import RESOURCES
from services.kernel.permissions import Permission

PLACES = (
    MenuPlace("/head-office", "nav.head_office", Permission.MANAGE_PARTNERS, everything=True),
    MenuPlace("/", "nav.board", Permission.READ_FIGURES, GROUPS | TIMES),
    *(
        MenuPlace(
            one.path, f"nav.{one.listing.name}", one.permission, TIMES, one.listing, one.usual
        )
        for one in RESOURCES.all
    ),
    MenuPlace("/figures/all", "nav.figures", Permission.READ_FIGURES, GROUPS | TIMES),
    MenuPlace("/scorecard", "nav.scorecard", Permission.READ_FIGURES, GROUPS | TIMES),
    MenuPlace("/scheme", "nav.scheme", Permission.READ_FIGURES, TIMES),
    MenuPlace("/submissions", "nav.submissions", Permission.READ_FIGURES),
    MenuPlace("/what-if", "nav.what_if", Permission.READ_FIGURES, GROUPS | TIMES),
    MenuPlace("/import", "nav.import", Permission.IMPORT_FILES, everything=True),
    MenuPlace("/tokens", "nav.tokens", Permission.MANAGE_ACCESS, everything=True),
    MenuPlace("/figures/members", None, Permission.READ_FIGURES, GROUPS | TIMES),
)
"""An opened figure, the last, is below the board, and with its filters."""
