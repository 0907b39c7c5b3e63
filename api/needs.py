"""What a handler asks of whoever comes: said beside it, and asked before it runs.

Where nothing is said, nobody is let in.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from services.kernel.context import Principal
from services.kernel.permissions import Permission

NEEDS: Final = "needs"
"""The handlers' option."""


class Requirement(msgspec.Struct, frozen=True):
    """The permissions that are asked for. everything: each has to reach everything.

    of_named: besides, the handler itself asks for that of what the address names.
    """

    permissions: tuple[Permission, ...] = ()
    everything: bool = False
    of_named: bool = False

    def ask(self, principal: Principal) -> None:
        """Refuses `permission_refused`, `everything_needed`."""
        if self.everything:
            principal.require_everything(*self.permissions)
        else:
            principal.require(*self.permissions)


def needs(*permissions: Permission, everything: bool = False) -> dict[str, Any]:
    """The option of a handler that takes these permissions; of whom it takes none, it is for
    everybody of a partner."""
    return {NEEDS: Requirement(permissions, everything)}


OF_NAMED: Final[dict[str, Any]] = {NEEDS: Requirement(of_named=True)}
"""The option of a handler of several commands or lists, which the address names."""


def ask_needs(principal: Principal, options: Mapping[str, Any]) -> None:
    """Asks what a handler needs, by its options. Refuses `permission_refused`,
    `everything_needed`."""
    found: Requirement | None = options.get(NEEDS)
    if found is None:
        raise principal.refused("nobody")
    found.ask(principal)
