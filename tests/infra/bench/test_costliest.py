"""No role is left out of what the costliest documents are measured of."""

from infra.bench.costliest import BY_PERMISSION
from services.kernel.permissions import TO_COME, Permission
from services.kernel.roles import ROLES
from services.reading.purviews import PERMISSIONS


def test_whatever_a_role_may_read_has_documents() -> None:
    of_roles = frozenset[Permission]().union(*ROLES.values())
    read = {one for one in of_roles - TO_COME if one.startswith("read_")}
    assert {*PERMISSIONS.values()} <= read == BY_PERMISSION.keys()
